// SPDX-License-Identifier: Apache-2.0
// Host port: AXI4-Lite under random stalls, one beat a cycle, the register map, errors, interrupt, soft reset.
#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/host_port_bench.h"

namespace eie::tb {
namespace {

constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

/// Descriptor registers and the bits that they hold.
template <class Cfg>
std::vector<std::pair<std::uint32_t, std::uint64_t>> descriptor() {
  using P = Params<Cfg>;
  const auto bits = [](unsigned width) { return (std::uint64_t{1} << width) - 1; };
  return {{reg::kInLength, bits(P::kLengthWidth)},
          {reg::kOutLength, bits(P::kColumnWidth + 1)},
          {reg::kPointerBase, bits(P::kPtrAddressWidth)},
          {reg::kInAddress, bits(P::kActAddressWidth)},
          {reg::kOutAddress, bits(P::kActAddressWidth + P::kLog2Lanes)},
          {reg::kBiasAddress, bits(P::kActAddressWidth)},
          {reg::kLayerCtrl, reg::kLayerCtrlMask}};
}

/// A random address in a memory that can be written, 8-byte aligned; the codebook too.
template <class Cfg>
std::uint64_t memory_address(HostPortBench<Cfg>& b) {
  const reg::WindowLayout w = b.window();
  const unsigned pe = b.below(Cfg::kPes);
  switch (b.below(4)) {
    case 0:
      return b.window_of(pe) + 8 * b.below(Cfg::kSpmatDepth * Cfg::kSpmatWidth / 64);
    case 1:
      return b.window_of(pe) + w.ptr_offset + 8 * b.below(Cfg::kPointerDepth / 2);
    case 2:
      return b.window_of(pe) + w.act_offset + 8 * b.below(Cfg::kActDepth);
    default:
      return reg::kCodebook + 8 * b.below(1u << Cfg::kCodeWidth);
  }
}

template <class Cfg>
class HostPortTest : public testing::Test {};
TYPED_TEST_SUITE(HostPortTest, AllCfgs, CfgName);

TYPED_TEST(HostPortTest, IdentificationAndCapabilities) {
  HostPortBench<TypeParam> b;
  using C = TypeParam;
  b.expect_read(reg::kId, 0x31454945);  // "EIE1" in memory order
  b.expect_read(reg::kVersion, 0x10000);
  b.expect_read(reg::kCap0, std::uint64_t{C::kRegisters} << 48 | C::kQueueDepth << 16 | C::kPes);
  b.expect_read(reg::kCap1, std::uint64_t{C::kSpmatWidth} << 40 | std::uint64_t{C::kPointerWidth} << 32 | C::kRunWidth << 24 |
                                C::kCodeWidth << 16 | C::kAccWidth << 8 | C::kDataWidth);
  b.expect_read(reg::kCap2, std::uint64_t{C::kPointerDepth} << 32 | C::kSpmatDepth);
  std::uint64_t log2_stride = 0;
  while ((std::uint64_t{1} << log2_stride) < b.window().stride) ++log2_stride;
  b.expect_read(reg::kCap3, log2_stride << 48 | std::uint64_t{1} << 42 | std::uint64_t{C::kLnzdFanIn} << 32 | C::kActDepth);
}

// The descriptor: what is written comes back, masked, and goes to the CCU.
TYPED_TEST(HostPortTest, Descriptor) {
  HostPortBench<TypeParam> b;
  for (unsigned round = 0; round < 10; ++round) {
    std::map<std::uint32_t, std::uint64_t> v;
    for (const auto& [address, mask] : descriptor<TypeParam>()) {
      const std::uint64_t data = round == 0 ? kAllOnes : b.random.bits();
      b.expect_write(address, data);
      v[address] = data & mask;
    }
    for (const auto& [address, mask] : descriptor<TypeParam>()) b.expect_read(address, v[address]);
    const auto l = b.layer.read();
    EXPECT_EQ(l.in_length.to_uint(), v[reg::kInLength]);
    EXPECT_EQ(l.out_length.to_uint(), v[reg::kOutLength]);
    EXPECT_EQ(b.out_length.read().to_uint(), v[reg::kOutLength]);
    EXPECT_EQ(l.pointer_base.to_uint(), v[reg::kPointerBase]);
    EXPECT_EQ(l.in_address.to_uint(), v[reg::kInAddress]);
    EXPECT_EQ(l.out_address.to_uint(), v[reg::kOutAddress]);
    EXPECT_EQ(l.bias_address.to_uint(), v[reg::kBiasAddress]);
    const std::uint64_t flags = v[reg::kLayerCtrl];
    EXPECT_EQ(l.shift.to_uint(), flags & reg::kShiftMask);
    EXPECT_EQ(b.shift.read().to_uint(), flags & reg::kShiftMask);
    EXPECT_EQ(l.relu, (flags & reg::kLayerRelu) != 0);
    EXPECT_EQ(l.bias, (flags & reg::kLayerBias) != 0);
    EXPECT_EQ(l.first, (flags & reg::kLayerFirst) != 0);
    EXPECT_EQ(l.last, (flags & reg::kLayerLast) != 0);
    EXPECT_EQ(l.src_resident, (flags & reg::kLayerSrcResident) != 0);
  }
}

TYPED_TEST(HostPortTest, CountersComeFromTheCcu) {
  HostPortBench<TypeParam> b;
  const std::uint64_t big = (std::uint64_t{1} << 40) - 1;
  b.cycles.write(big);
  b.broadcasts.write(2);
  b.queue_full_cycles.write(3);
  b.act_transfer_cycles.write(4);
  b.batches.write(5);
  b.expect_read(reg::kCycles, big);
  b.expect_read(reg::kBroadcasts, 2);
  b.expect_read(reg::kQueueFullCycles, 3);
  b.expect_read(reg::kActTransferCycles, 4);
  b.expect_read(reg::kBatches, 5);
  b.expect_read(reg::kCycles + 4, big);  // a 32-bit read of the high half: the beat carries both
}

// Without stalls: a write in every cycle, a response in every cycle, an access on the bus in every cycle.
TYPED_TEST(HostPortTest, OneWriteACycle) {
  HostPortBench<TypeParam> b;
  b.no_stalls();
  const unsigned count = 200;
  for (unsigned k = 0; k < count; ++k) b.add_write(memory_address(b), k, 0xFF, kOkay);
  const std::uint64_t start = b.cycle();
  b.flush();
  for (unsigned k = 1; k < count; ++k) EXPECT_EQ(b.b_cycles[k], b.b_cycles[0] + k) << "response " << k;
  EXPECT_LE(b.b_cycles[0] - start, 4u);
  EXPECT_EQ(b.bus_accesses, count);
}

TYPED_TEST(HostPortTest, OneReadACycle) {
  HostPortBench<TypeParam> b;
  b.no_stalls();
  const unsigned count = 200;
  for (unsigned k = 0; k < count; ++k) {
    const bool memory = k % 3 != 0;
    b.add_read(memory ? memory_address(b) : reg::kId, kOkay, memory ? 0 : 0x31454945);
  }
  const std::uint64_t start = b.cycle();
  b.flush();
  for (unsigned k = 1; k < count; ++k) EXPECT_EQ(b.r_cycles[k], b.r_cycles[0] + k) << "response " << k;
  EXPECT_LE(b.r_cycles[0] - start, 8u);
}

// Together they share the bus by turns: neither waits for the other's end.
TYPED_TEST(HostPortTest, ReadsAndWritesTakeTurns) {
  HostPortBench<TypeParam> b;
  b.no_stalls();
  const unsigned count = 100;
  for (unsigned k = 0; k < count; ++k) {
    b.add_write(reg::kCodebook + 8, k, 0xFF, kOkay);
    b.add_read(reg::kVersion, kOkay, 0x10000);
  }
  const std::uint64_t start = b.cycle();
  b.flush();
  for (unsigned k = 0; k < count; ++k) {
    EXPECT_LE(b.b_cycles[k] - start, 2 * k + 10) << "write response " << k;
    EXPECT_LE(b.r_cycles[k] - start, 2 * k + 10) << "read response " << k;
  }
}

// Reads of one half of the addresses while the other half is written, all channels stalling.
TYPED_TEST(HostPortTest, RandomTrafficWithStalls) {
  HostPortBench<TypeParam> b;
  std::map<std::uint64_t, std::uint64_t> expected;
  for (unsigned phase = 0; phase < 12; ++phase) {
    std::map<std::uint64_t, std::uint64_t> written = expected;
    for (unsigned k = 0; k < 60; ++k) {
      const std::uint64_t address = memory_address(b);
      if (address / 8 % 2 == phase % 2) {
        const unsigned half = b.below(3);  // low, high, both
        const std::uint64_t data = b.random.bits();
        const std::uint64_t mask = half == 0 ? 0xFFFFFFFFu : half == 1 ? kAllOnes << 32 : kAllOnes;
        b.add_write(address + (half == 1 ? 4 : 0), data, half == 0 ? 0x0F : half == 1 ? 0xF0 : 0xFF, kOkay);
        written[address] = (written[address] & ~mask) | (data & mask);
      } else {
        b.add_read(address + 4 * b.below(2), kOkay, expected[address]);
      }
      if (b.chance(0.1)) b.add_read(reg::kCtrl, kSlvErr, 0);
      if (b.chance(0.1)) b.add_write(reg::kId, 1, 0xFF, kSlvErr);
      if (b.chance(0.1)) b.add_read(reg::kId, kOkay, 0x31454945);
    }
    b.flush();
    expected = written;
  }
}

// Whatever is not a register, a memory, or a register's half: SLVERR, and nothing on the bus.
TYPED_TEST(HostPortTest, BadAccessesChangeNothing) {
  HostPortBench<TypeParam> b;
  const reg::WindowLayout w = b.window();
  for (const std::uint32_t at : {reg::kId, reg::kVersion, reg::kCap0, reg::kCap3, reg::kCycles, reg::kBatches}) {
    b.expect_write(at, 1, kSlvErr);  // read only
  }
  b.expect_read(reg::kCtrl, 0, kSlvErr);  // write only
  const std::uint64_t end = b.window_of(TypeParam::kPes);
  const std::uint64_t codebook_end = reg::kCodebook + (8u << TypeParam::kCodeWidth);
  const std::uint64_t counter_end = reg::kWindowBase + w.counter_offset + 8 * reg::kPeCounters;
  std::vector<std::uint64_t> nowhere = {
      0x30,        0x38, 0x60,       0xB8, 0x128, 0xFF8, codebook_end, reg::kRegisterSpace, reg::kWindowBase - 8,
      counter_end, end,  0xFFFFFFF8u};
  if (w.stride >= w.counter_offset + 2 * reg::kCounterBytes) nowhere.push_back(reg::kWindowBase + w.stride - 8);
  for (const std::uint64_t at : nowhere) {
    b.expect_write(at, 1, kSlvErr);
    b.expect_read(at, 0, kSlvErr);
  }
  for (unsigned offset = 0; offset < 8; ++offset) {
    for (unsigned strobe = 1; strobe < 255; ++strobe) {
      if (strobe == kLowHalf || strobe == kHighHalf) continue;
      b.add_write(reg::kInLength + offset, kAllOnes, strobe, kSlvErr);
      b.add_write(reg::kCodebook + 8 + offset, kAllOnes, strobe, kSlvErr);
      b.add_write(reg::kWindowBase + w.counter_offset + offset, kAllOnes, strobe, kSlvErr);
    }
    if (offset % 4 != 0) {
      b.add_read(reg::kId + offset, kSlvErr, 0);
      b.add_read(reg::kCodebook + offset, kSlvErr, 0);
    }
  }
  b.flush();
  b.expect_write(reg::kWindowBase + w.counter_offset, 0, kSlvErr);  // read only
  EXPECT_EQ(b.bus_accesses, 0u);
  b.expect_read(reg::kInLength, 0);
  b.expect_read(reg::kStatus, 0);
  b.expect_read(end - w.stride + w.counter_offset + 8 * (reg::kPeCounters - 1), 0);
  EXPECT_EQ(b.bus_accesses, 1u);
}

// A memory takes every pattern of bytes, wherever in its word the address points, and gives the whole word.
TYPED_TEST(HostPortTest, EveryStrobeOnMemories) {
  HostPortBench<TypeParam> b;
  const reg::WindowLayout w = b.window();
  for (const std::uint64_t memory : {std::uint64_t{0}, w.ptr_offset, w.act_offset}) {
    const std::uint64_t at = b.window_of(TypeParam::kPes - 1) + memory;
    b.expect_write(at, 0);
    std::uint64_t expected = 0;
    for (unsigned strobe = 0; strobe < 256; ++strobe) {
      const std::uint64_t data = b.random.bits();
      b.expect_write(at + b.below(8), data, kOkay, strobe);
      expected = merge_bytes(expected, data, strobe);
      b.expect_read(at + b.below(8), expected);
    }
  }
}

// A 32-bit store to an odd word: with the address of the word or of its half, with the strobe of the half.
TYPED_TEST(HostPortTest, TheStrobeNamesTheHalfNotTheAddress) {
  HostPortBench<TypeParam> b;
  for (unsigned offset = 0; offset < 8; ++offset) {
    b.expect_write(reg::kIrqEnable + offset, 1, kOkay, kLowHalf);
    b.expect_read(reg::kIrqEnable, 1);
    b.expect_write(reg::kIrqEnable + offset, 0, kOkay, kHighHalf);
    b.expect_read(reg::kIrqEnable, 1);
    b.expect_write(reg::kIrqEnable + offset, 0, kOkay, kWholeWord);
    b.expect_read(reg::kIrqEnable, 0);
  }
}

// A write of no bytes is legal, is answered, and does nothing: on registers, memories, holes, and while a launch runs.
TYPED_TEST(HostPortTest, NoStrobeDoesNothing) {
  HostPortBench<TypeParam> b;
  const reg::WindowLayout w = b.window();
  const std::uint64_t window = reg::kWindowBase;
  for (const bool busy : {false, true}) {
    if (busy) b.start();
    for (const std::uint64_t at : {std::uint64_t{reg::kCtrl}, std::uint64_t{reg::kInLength}, std::uint64_t{reg::kIrqEnable},
                                   std::uint64_t{reg::kId}, std::uint64_t{reg::kCodebook} + 8, window, window + w.ptr_offset,
                                   window + w.act_offset, window + w.counter_offset, std::uint64_t{0x300}}) {
      b.expect_write(at, kAllOnes, kOkay, 0);
    }
    EXPECT_EQ(b.busy.read(), busy);
  }
  EXPECT_EQ(b.bus_accesses, 0u);
  b.expect_read(reg::kInLength, 0);
  b.expect_read(reg::kIrqEnable, 0);
}

TYPED_TEST(HostPortTest, HighHalvesOfRegistersAreEmpty) {
  HostPortBench<TypeParam> b;
  b.expect_write(reg::kInLength, 5);
  b.expect_write(reg::kInLength + 4, kAllOnes, kOkay, 0xF0);
  b.expect_read(reg::kInLength, 5);
  b.expect_write(reg::kInLength, 6 | kAllOnes << 32, kOkay, 0x0F);
  b.expect_read(reg::kInLength, 6);
  b.expect_write(reg::kIrqEnable, 1, kOkay, 0x0F);
  b.expect_write(reg::kIrqEnable + 4, 0, kOkay, 0xF0);
  b.expect_read(reg::kIrqEnable, 1);
  b.expect_write(reg::kCtrl + 4, kAllOnes, kOkay, 0xF0);
  EXPECT_FALSE(b.busy.read());
}

TYPED_TEST(HostPortTest, StartFinishAndInterrupt) {
  HostPortBench<TypeParam> b;
  for (unsigned launch = 0; launch < 5; ++launch) {
    const bool enabled = launch % 2 == 0;
    b.expect_write(reg::kIrqEnable, enabled);
    b.start();
    b.expect_read(reg::kStatus, reg::kStatusBusy);
    for (unsigned k = b.below(10); k > 0; --k) b.cycle_step();
    EXPECT_TRUE(b.busy.read());
    EXPECT_FALSE(b.irq.read());
    b.pulse(b.finish);
    EXPECT_FALSE(b.busy.read()) << "busy ends with the cycle of finish";
    EXPECT_EQ(b.irq.read(), enabled);
    b.expect_read(reg::kStatus, reg::kStatusDone);
    b.expect_read(reg::kIrqStatus, reg::kIrqDone);
    b.expect_write(reg::kIrqStatus, 0);
    b.expect_read(reg::kIrqStatus, reg::kIrqDone);
    b.expect_write(reg::kIrqEnable, 1);
    EXPECT_TRUE(b.irq.read());
    b.expect_write(reg::kIrqStatus, reg::kIrqDone);
    EXPECT_FALSE(b.irq.read());
    b.expect_read(reg::kIrqStatus, 0);
    b.expect_read(reg::kStatus, reg::kStatusDone);
    b.expect_write(reg::kStatus, kAllOnes);  // done is not cleared by a write
    b.expect_read(reg::kStatus, reg::kStatusDone);
  }
}

TYPED_TEST(HostPortTest, StickyBitsAreWriteOneToClear) {
  HostPortBench<TypeParam> b;
  b.pulse(b.any_error);
  b.expect_read(reg::kStatus, reg::kStatusError);
  b.pulse(b.any_saturated);
  b.expect_read(reg::kStatus, reg::kStatusError | reg::kStatusSaturated);
  b.expect_write(reg::kStatus, 0);
  b.expect_read(reg::kStatus, reg::kStatusError | reg::kStatusSaturated);
  b.expect_write(reg::kStatus, reg::kStatusError);
  b.expect_read(reg::kStatus, reg::kStatusSaturated);
  b.pulse(b.any_error);
  b.expect_write(reg::kStatus, reg::kStatusSaturated);
  b.expect_read(reg::kStatus, reg::kStatusError);
  b.start();
  b.expect_read(reg::kStatus, reg::kStatusBusy | reg::kStatusError);
  b.expect_write(reg::kStatus, reg::kStatusError);  // also while busy
  b.expect_read(reg::kStatus, reg::kStatusBusy);
}

// While busy: no memory access, no change of the descriptor, no second start.
TYPED_TEST(HostPortTest, BusyProtectsMemoryAndDescriptor) {
  HostPortBench<TypeParam> b;
  for (const auto& [address, mask] : descriptor<TypeParam>()) b.expect_write(address, 1 & mask);
  const auto before = b.layer.read();
  b.start();
  for (unsigned k = 0; k < 100; ++k) {
    const std::uint64_t address = memory_address(b);
    b.add_write(address, b.random.bits(), 0xFF, kSlvErr);
    b.add_read(address, kSlvErr, 0);
  }
  for (const auto& [address, mask] : descriptor<TypeParam>()) {
    b.add_write(address, kAllOnes, 0xFF, kSlvErr);
    b.add_read(address, kOkay, 1 & mask);
  }
  b.add_read(reg::kWindowBase + b.window().counter_offset, kSlvErr, 0);
  b.add_write(reg::kCtrl, reg::kCtrlStart, 0xFF, kSlvErr);
  b.flush();
  EXPECT_EQ(b.bus_accesses, 0u);
  EXPECT_EQ(b.layer.read(), before);
  b.pulse(b.finish);
  b.expect_write(reg::kInLength, 2);
  b.expect_read(reg::kInLength, 2);
  b.expect_write(reg::kWindowBase, 77);
  b.expect_read(reg::kWindowBase, 77);
}

// One cycle of reset for the core; all registers as after power-up; also in the middle of a launch.
TYPED_TEST(HostPortTest, SoftReset) {
  HostPortBench<TypeParam> b;
  for (unsigned round = 0; round < 6; ++round) {
    for (const auto& [address, mask] : descriptor<TypeParam>()) b.expect_write(address, mask);
    b.expect_write(reg::kIrqEnable, 1);
    b.start();
    b.pulse(b.any_error);
    b.pulse(b.any_saturated);
    if (round % 2 == 0) b.pulse(b.finish);
    const bool with_start = round % 3 == 0;  // reset wins
    b.add_write(reg::kCtrl, reg::kCtrlSoftReset | (with_start ? reg::kCtrlStart : 0), 0xFF, kOkay);
    unsigned resets = 0;
    for (unsigned k = 0; k < 1000 && (!b.expected_b.empty() || resets == 0); ++k) {
      b.cycle_step();
      if (!b.core_rst_n.read()) {
        ++resets;
        EXPECT_FALSE(b.busy.read());
        EXPECT_FALSE(b.irq.read());
      }
    }
    for (unsigned k = 0; k < 3; ++k) {
      b.cycle_step();
      EXPECT_TRUE(b.core_rst_n.read());
    }
    EXPECT_EQ(resets, 1u);
    b.expect_read(reg::kStatus, 0);
    b.expect_read(reg::kIrqStatus, 0);
    b.expect_read(reg::kIrqEnable, 0);
    for (const auto& [address, mask] : descriptor<TypeParam>()) b.expect_read(address, 0 & mask);
    EXPECT_EQ(b.layer.read(), LayerDescriptor<TypeParam>());
  }
}

// Behind a reset the core works for one more cycle; what it raises then belongs to a launch that is no more.
TYPED_TEST(HostPortTest, FlagsOfTheCycleBehindAResetDoNotCount) {
  HostPortBench<TypeParam> b;
  for (const bool soft : {false, true}) {
    b.start();
    b.any_error.write(true);
    b.any_saturated.write(true);
    b.cycle_step();
    b.expect_read(reg::kStatus, reg::kStatusBusy | reg::kStatusError | reg::kStatusSaturated);
    if (soft) {
      b.add_write(reg::kCtrl, reg::kCtrlSoftReset, 0xFF, kOkay);
      for (unsigned k = 0; k < 1000 && b.core_rst_n.read(); ++k) b.cycle_step();
    } else {
      b.reset();
    }
    ASSERT_FALSE(b.core_rst_n.read());
    b.cycle_step();
    b.any_error.write(false);
    b.any_saturated.write(false);
    b.flush();
    b.expect_read(reg::kStatus, 0);
  }
}

// The core cannot answer a read that was put to it in the cycle before a soft reset. It gets an error, not a zero.
TYPED_TEST(HostPortTest, AReadThatASoftResetOvertakesIsRefused) {
  HostPortBench<TypeParam> b;
  b.no_stalls();
  b.expect_write(reg::kWindowBase, 0x1234);
  unsigned overtaken = 0;
  for (unsigned distance = 0; distance < 8; ++distance) {
    b.add_any_read(reg::kWindowBase);
    for (unsigned k = 0; k < distance; ++k) b.cycle_step();
    b.add_write(reg::kCtrl, reg::kCtrlSoftReset, 0xFF, kOkay);
    bool on_the_bus = false;  // in the cycle before; the core of the bench is not reset and answers all
    bool expect_refused = false;
    while (!b.expected_b.empty() || !b.expected_r.empty()) {
      b.cycle_step();
      expect_refused = expect_refused || (on_the_bus && !b.core_rst_n.read());
      on_the_bus = b.host.read().valid && !b.host.read().write;
    }
    EXPECT_EQ(b.last_read.code, expect_refused ? kSlvErr : kOkay) << "distance " << distance;
    overtaken += expect_refused ? 1u : 0u;
  }
  EXPECT_GE(overtaken, 1u);
}

}  // namespace
}  // namespace eie::tb
