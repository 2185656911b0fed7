// SPDX-License-Identifier: Apache-2.0
// Prints the C header of the register maps: every constant of hw/register_map.h as EIE_<NAME> and of tlm/dma/dma_registers.h
// as EIE_DMA_<NAME>. regs_test.cpp checks that none is missing.
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <string>

#include "hw/register_map.h"
#include "tlm/config/register_list.h"
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

#define EIE_REG(name) define("EIE_", upper_snake(#name), eie::reg::name)
#define EIE_DMA_REG(name) define("EIE_DMA_", upper_snake(#name), eie::dma::name)

int main() {
  std::puts("/* Generated from hw/register_map.h and tlm/dma/dma_registers.h, which describe each constant. */");
  std::puts("#ifndef EIE_REGS_H\n#define EIE_REGS_H\n#include <stdint.h>\n");
  for (const eie::RegisterInfo& info : eie::kRegisterList) define("EIE_", info.name, info.offset);
  EIE_REG(kCtrlStart);
  EIE_REG(kCtrlSoftReset);
  EIE_REG(kStatusBusy);
  EIE_REG(kStatusDone);
  EIE_REG(kStatusError);
  EIE_REG(kStatusSaturated);
  EIE_REG(kStatusUncorrected);
  EIE_REG(kIrqDone);
  EIE_REG(kIrqUncorrected);
  EIE_REG(kShiftLsb);
  EIE_REG(kShiftMask);
  EIE_REG(kLayerRelu);
  EIE_REG(kLayerBias);
  EIE_REG(kLayerFirst);
  EIE_REG(kLayerLast);
  EIE_REG(kLayerSrcResident);
  EIE_REG(kLayerCtrlMask);
  EIE_REG(kCodebook);
  EIE_REG(kRegisterSpace);
  EIE_REG(kWindowBase);
  EIE_REG(kPeEntries);
  EIE_REG(kPePadding);
  EIE_REG(kPeStarved);
  EIE_REG(kPeSpmatReads);
  EIE_REG(kPePtrReads);
  EIE_REG(kPeActReads);
  EIE_REG(kPePaddingSkipped);
  EIE_REG(kPeCounters);
  EIE_REG(kCounterBytes);
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
