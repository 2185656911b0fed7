// SPDX-License-Identifier: Apache-2.0
// eie_regs_gen: prints the C header of the register maps, every constant of hw/register_map.h as EIE_<NAME> and of
// tlm/dma/dma_registers.h as EIE_DMA_<NAME>. tb/examples/virtual_platform/regs_test.cpp checks that none is missing.
// eie_regs_gen --tables: the tables of docs/registers.md (scripts/register_tables).
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "tb/registers/description.h"
#include "tlm/dma/dma_registers.h"

namespace {

/// kIrqStatus -> IRQ_STATUS
std::string upper_snake(const std::string& name) {
  std::string text;
  for (std::size_t k = 1; k < name.size(); ++k) {
    const auto c = static_cast<unsigned char>(name[k]);
    if (k > 1 && std::isupper(c) != 0) text += '_';
    text += static_cast<char>(std::toupper(c));
  }
  return text;
}

void define(const char* prefix, const std::string& name, std::uint64_t value) {
  std::printf("#define %s%s UINT64_C(0x%llx)\n", prefix, name.c_str(), static_cast<unsigned long long>(value));
}

}  // namespace

#define EIE_DMA_REG(name) define("EIE_DMA_", upper_snake(#name), eie::dma::name)

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--tables") {
    std::fputs(eie::tb::markdown_tables().c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (argc != 1) {
    std::fputs("usage: eie_regs_gen [--tables]\n", stderr);
    return 2;
  }
  std::puts("/* Generated from hw/register_map.h and tlm/dma/dma_registers.h, which describe each constant. */");
  std::puts("#ifndef EIE_REGS_H\n#define EIE_REGS_H\n#include <stdint.h>\n");
  std::fputs(eie::tb::c_constants().c_str(), stdout);
  std::puts("");
  EIE_DMA_REG(kId);
  EIE_DMA_REG(kVersion);
  EIE_DMA_REG(kCap);
  EIE_DMA_REG(kHead);
  EIE_DMA_REG(kCtrl);
  EIE_DMA_REG(kStatus);
  EIE_DMA_REG(kIrqStatus);
  EIE_DMA_REG(kIrqEnable);
  EIE_DMA_REG(kCurrent);
  EIE_DMA_REG(kErrorAddress);
  EIE_DMA_REG(kBeats);
  EIE_DMA_REG(kBusyCycles);
  EIE_DMA_REG(kDescriptors);
  EIE_DMA_REG(kRegisterSpace);
  EIE_DMA_REG(kIdValue);
  EIE_DMA_REG(kVersionValue);
  EIE_DMA_REG(kCtrlStart);
  EIE_DMA_REG(kCtrlStop);
  EIE_DMA_REG(kStatusBusy);
  EIE_DMA_REG(kStatusDone);
  EIE_DMA_REG(kStatusError);
  EIE_DMA_REG(kStatusStopped);
  EIE_DMA_REG(kCauseLsb);
  EIE_DMA_REG(kCauseMask);
  EIE_DMA_REG(kCauseNone);
  EIE_DMA_REG(kCauseDescriptor);
  EIE_DMA_REG(kCauseAlignment);
  EIE_DMA_REG(kCauseSource);
  EIE_DMA_REG(kCauseDestination);
  EIE_DMA_REG(kIrqDone);
  EIE_DMA_REG(kIrqError);
  EIE_DMA_REG(kIrqDescriptor);
  EIE_DMA_REG(kDescSource);
  EIE_DMA_REG(kDescDestination);
  EIE_DMA_REG(kDescSize);
  EIE_DMA_REG(kDescFlags);
  EIE_DMA_REG(kDescNext);
  EIE_DMA_REG(kDescSourceStride);
  EIE_DMA_REG(kDescDestinationStride);
  EIE_DMA_REG(kDescWords);
  EIE_DMA_REG(kDescBytes);
  EIE_DMA_REG(kFlagLast);
  EIE_DMA_REG(kFlagInterrupt);
  std::puts("\n#endif");
  return std::fflush(stdout) == 0 ? 0 : 1;
}
