// SPDX-License-Identifier: Apache-2.0
// The RISC-V core on the platform, with a program that checks it (sw/riscv/core_check.c); and what the loader refuses.
#include "tb/examples/virtual_platform/riscv/riscv_core.h"

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <systemc>
#include <tlm>

#include "tb/config/config.h"
#include "tb/examples/virtual_platform/platform.h"
#include "tb/examples/virtual_platform/riscv/elf_image.h"
#include "tb/examples/virtual_platform/simulate.h"
#include "tb/support/error.h"
#include "tb/test/support/test_seed.h"
#include "tb/test/support/test_support.h"
#include "tlm/eie_tlm.h"

namespace eie::platform {
namespace {

const sc_core::sc_time kPeriod(1250, sc_core::SC_PS);

ElfImage read(const std::string& file) { return read_elf(file, kFirmware.base, kFirmware.base + kFirmware.bytes); }

/// Takes the core's direct pointer away, again and again.
class Invalidator : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Invalidator);
  Invalidator(const sc_core::sc_module_name& name, Memory& memory, unsigned cycles)
      : sc_module(name), memory_(memory), pause_(cycles * kPeriod) {
    SC_THREAD(run);
  }
  unsigned times() const { return times_; }

 private:
  void run() {
    for (;; ++times_) {
      wait(pause_);
      memory_.socket->invalidate_direct_mem_ptr(0, kMemory.bytes - 1);
    }
  }
  Memory& memory_;
  const sc_core::sc_time pause_;
  unsigned times_ = 0;
};

/// Runs the program; the cycles that it took.
std::uint64_t check_core(const sc_core::sc_time& quantum, unsigned invalidate_each = 0) {
  DmaConfig dma;
  dma.clock_period = kPeriod;
  tlm::tlm_global_quantum::instance().set(quantum);
  Platform<EieTlm, RiscvCore> platform("platform", dma, tb::load_config(EIE_SOURCE_DIR "/configs/eie4.yaml"));
  ElfImage image = read(EIE_CORE_CHECK);
  for (ElfSegment& segment : image.segments) {
    debug(platform, tlm::TLM_WRITE_COMMAND, segment.address, segment.bytes.data(), segment.bytes.size());
  }
  platform.cpu.set_program(image.entry, 2 * platform.kResetCycles * kPeriod);
  std::unique_ptr<Invalidator> invalidator;
  if (invalidate_each != 0) invalidator = std::make_unique<Invalidator>("invalidator", platform.memory, invalidate_each);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_MS));
  EXPECT_TRUE(platform.cpu.ended());
  EXPECT_EQ(platform.cpu.status(), 0) << "the check of this number in core_check.c";
  EXPECT_GT(platform.cpu.instructions(), 200000U);
  if (invalidator) {
    EXPECT_GT(invalidator->times(), 100U);
  }
  return sc_core::sc_time_stamp().value() / kPeriod.value();
}

TEST(RiscvCore, ChecksItself) { check_core(sc_core::sc_time(1, sc_core::SC_US)); }
TEST(RiscvCore, ChecksItselfInQuantaOfACycle) { check_core(kPeriod); }
TEST(RiscvCore, ChecksItselfInQuantaOfAMillisecond) { check_core(sc_core::sc_time(1, sc_core::SC_MS)); }
TEST(RiscvCore, ChecksItselfWhileItsMemoryIsTakenAway) { check_core(sc_core::sc_time(100, sc_core::SC_NS), 997); }

class Elf : public testing::Test {
 protected:
  static std::string refusal(const std::string& file) {
    try {
      read(file);
    } catch (const tb::UserError& error) {
      return error.what();
    }
    return "";
  }
  tb::TempFolder folder_;
};

TEST_F(Elf, OnlyExecutablesForRiscV) {
  const std::string expected = ": expected a 64-bit executable for RISC-V";
  EXPECT_NE(refusal(folder_.file("none")).find("cannot be read" + expected), std::string::npos);
  EXPECT_NE(refusal("/").find("cannot be read" + expected), std::string::npos);
  EXPECT_NE(refusal(folder_.write("empty", "")).find("is no ELF file" + expected), std::string::npos);
  EXPECT_NE(refusal(folder_.write("text", "firmware")).find("is no ELF file" + expected), std::string::npos);
  EXPECT_NE(refusal("/proc/self/exe").find("is made for another machine"), std::string::npos);
}

TEST_F(Elf, OfTruncatedFilesNoneIsTakenForWhole) {
  const std::string whole = tb::read_text(EIE_CORE_CHECK);
  ASSERT_GT(whole.size(), 1000U);
  const ElfImage image = read(EIE_CORE_CHECK);
  std::size_t segment_end = 0;  // behind it lie symbols and what a debugger reads
  for (const ElfSegment& segment : image.segments) segment_end += segment.bytes.size();
  for (std::size_t size = 0; size < std::min<std::size_t>(whole.size(), segment_end); size += 61) {
    EXPECT_NE(refusal(folder_.write("cut", whole.substr(0, size))), "") << size;
  }
}

TEST_F(Elf, WrongBytesAreRefusedOrReadAndNeverMore) {
  const std::string whole = tb::read_text(EIE_CORE_CHECK);
  std::mt19937_64 random(tb::test_seed());
  for (int k = 0; k < 400; ++k) {
    std::string changed = whole;
    changed[random() % (k % 2 == 0 ? 256 : changed.size())] = static_cast<char>(random());
    try {
      for (const ElfSegment& segment : read(folder_.write("changed", changed)).segments) {
        EXPECT_GE(segment.address, kFirmware.base);
        EXPECT_LE(segment.bytes.size(), kFirmware.base + kFirmware.bytes - segment.address);
      }
    } catch (const tb::UserError&) {
    }
  }
}

TEST_F(Elf, ObjectsHaveTheirSize) {
  ElfImage image;
  image.objects["result"] = {0x100, 8};
  EXPECT_EQ(image.object("f", "result", 8), 0x100U);
  EXPECT_THROW(image.object("f", "result", 16), tb::UserError);
  EXPECT_THROW(image.object("f", "other", 8), tb::UserError);
}

}  // namespace
}  // namespace eie::platform
