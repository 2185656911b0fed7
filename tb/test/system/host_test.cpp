// SPDX-License-Identifier: Apache-2.0
// The device as a host sees it: identification, refused accesses, interrupt, reset in the middle of a layer, watchdog.
#include <functional>
#include <gtest/gtest.h>

#include "tb/engines/engines.h"
#include "tb/test/support/kept_device.h"
#include "tb/test/system/layer_case.h"
#include "tlm/strobe.h"

namespace eie::tb {
namespace {

struct Fixture {
  HwConfig config = shipped_config("eie4");
  std::unique_ptr<Device> device = make_kept_engine("hw", config);
  std::uint64_t window = config.window_base(0);

  void expect_refused(const std::function<void()>& access, const char* what) { EXPECT_THROW(access(), DeviceError) << what; }
  void describe_layer() {
    device->write(reg::kInLength, 4);
    device->write(reg::kOutLength, 4);
    device->write(reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast);
  }
};

/// A shape whose inputs are all non-zero.
LayerShape all_active(std::size_t rows, std::size_t columns, double weight_density) {
  LayerShape shape;
  shape.rows = rows;
  shape.columns = columns;
  shape.weight_density = weight_density;
  shape.activation_density = 1;
  return shape;
}

TEST(Host, Identification) {
  Fixture f;
  EXPECT_EQ(f.device->read(reg::kId), 0x31454945u);
  EXPECT_EQ(f.device->read(reg::kCap0) & 0xFFFF, 4u);
  EXPECT_EQ(f.device->read(reg::kCap3) >> 48 & 0xFF, 18u);  // 256 KiB
  EXPECT_EQ(f.device->read(reg::kStatus), 0u);
}

// Without counters in the PEs: CAP says so, their addresses are refused like a hole, and a layer runs as ever. hw is left out
// of a build without it; rtl: RtlEqualsHw.
TEST(Host, NoCountersInThePes) {
  const HwConfig config = shipped_config("eie4-lean");
  const LayerShape shape = all_active(50, 60, 0.3);
  const LayerCase layer = make_layer(shape, config, 7);
  const std::vector<std::int32_t> inputs = make_activations(shape, 8);
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(make_kept_engine("tlm", config));
  try {
    devices.push_back(make_kept_engine("hw", config));
  } catch (const NotCompiled&) {
  }
  std::vector<std::uint64_t> cycles;
  for (const auto& device : devices) {
    SCOPED_TRACE(device->engine());
    EXPECT_EQ(device->read(reg::kCap3) >> 42 & 1, 0u);
    for (unsigned counter = 0; counter < reg::kPeCounters; ++counter) {
      EXPECT_THROW(device->read(config.window_base(1) + config.window().counter_offset + 8 * counter), DeviceError);
    }
    Driver driver(*device, config, LoadMode::kBackdoor);
    const LayerResult result = run_and_check(driver, layer, inputs, config);
    EXPECT_TRUE(result.counters.pe.empty());
    EXPECT_GT(result.counters.cycles, 60u);
    cycles.push_back(result.counters.cycles);
  }
  EXPECT_EQ(cycles.front(), cycles.back());
}

TEST(Host, RegistersKeepTheirFields) {
  Fixture f;
  f.device->write(reg::kInLength, 1234);
  EXPECT_EQ(f.device->read(reg::kInLength), 1234u);
  f.device->write(reg::kOutLength, 77, 4);
  EXPECT_EQ(f.device->read(reg::kOutLength, 4), 77u);
  f.device->write(reg::kOutLength + 4, 99, 4);  // the upper half holds nothing
  EXPECT_EQ(f.device->read(reg::kOutLength), 77u);
  f.device->write(reg::kLayerCtrl, ~std::uint64_t{0});
  EXPECT_EQ(f.device->read(reg::kLayerCtrl), reg::kLayerCtrlMask);
  f.device->write(reg::kCodebook + 8 * 3, static_cast<std::uint64_t>(-5));
  EXPECT_EQ(f.device->read(reg::kCodebook + 8 * 3), static_cast<std::uint64_t>(-5));
  f.device->write(reg::kCodebook + 8 * 3 + 4, 7, 4);  // the upper half is sign
  EXPECT_EQ(f.device->read(reg::kCodebook + 8 * 3), static_cast<std::uint64_t>(-5));
  f.device->write(reg::kCodebook + 8 * 3, 6, 4);
  EXPECT_EQ(f.device->read(reg::kCodebook + 8 * 3), 6u);
  f.device->write(reg::kCodebook, 9);  // entry 0 is fixed
  EXPECT_EQ(f.device->read(reg::kCodebook), 0u);
}

TEST(Host, MemoryWindows) {
  Fixture f;
  const reg::WindowLayout w = f.config.window();
  const std::uint64_t last = f.config.window_base(3);
  for (const std::uint64_t base : {f.window, last}) {
    f.device->write(base, 0x0123456789ABCDEFu);
    f.device->write(base + 4, 0xFEDCBA98u, 4);
    EXPECT_EQ(f.device->read(base), 0xFEDCBA9889ABCDEFu);
    f.device->write(base + w.ptr_offset + 8, 0x0000BEEF0000CAFEu);
    EXPECT_EQ(f.device->read(base + w.ptr_offset + 8), 0x0000BEEF0000CAFEu);
    EXPECT_EQ(f.device->read(base + w.ptr_offset + 12, 4), 0xBEEFu);
    f.device->write(base + w.act_offset + 16, 0x1111222233334444u);
    f.device->write(base + w.act_offset + 16, 0x55556666u, 4);
    EXPECT_EQ(f.device->read(base + w.act_offset + 16), 0x1111222255556666u);
  }
}

TEST(Host, IllegalAccessesGetSlvErrAndChangeNothing) {
  Fixture f;
  const reg::WindowLayout w = f.config.window();
  f.device->write(f.window, 42);
  f.expect_refused([&] { f.device->write(reg::kId, 1); }, "read-only register");
  f.expect_refused([&] { f.device->write(reg::kCycles, 1); }, "counter");
  f.expect_refused([&] { f.device->read(reg::kCtrl); }, "write-only register");
  f.expect_refused([&] { f.device->read(0x300); }, "hole between registers");
  f.expect_refused([&] { f.device->read(reg::kCodebook + 8 * 16); }, "past the codebook");
  f.expect_refused([&] { f.device->read(0x08000000); }, "hole below the windows");
  f.expect_refused([&] { f.device->write(f.config.window_base(4), 1); }, "PE that is not there");
  f.expect_refused([&] { f.device->write(f.window + w.counter_offset, 1); }, "counter of a PE");
  f.expect_refused([&] { f.device->read(f.window + w.act_offset + w.act_bytes + 0x7000); }, "hole in a window");
  for (const unsigned strobe : {0x01u, 0x3Cu, 0x80u, 0x7Fu}) {
    f.expect_refused(
        [&] {
          f.device->write_stream({{reg::kInLength, 7, static_cast<std::uint8_t>(strobe)}});
        },
        "bytes of a register");
  }
  EXPECT_EQ(f.device->read(f.window), 42u);
  EXPECT_EQ(f.device->read(reg::kInLength), 0u);
}

// All patterns of bytes into the memories, by way of the SRAMs' masks.
TEST(Host, EveryStrobeReachesTheMemories) {
  Fixture f;
  const reg::WindowLayout w = f.config.window();
  const std::uint64_t pointer_bits = ((std::uint64_t{1} << f.config.pointer_width) - 1) * 0x1'0000'0001u;
  std::uint64_t data = 0x0123456789ABCDEFu;
  for (const std::uint64_t memory : {std::uint64_t{0}, w.ptr_offset, w.act_offset}) {
    const std::uint64_t at = f.config.window_base(1) + memory + 8;
    const std::uint64_t stored = memory == w.ptr_offset ? pointer_bits : ~std::uint64_t{0};
    std::uint64_t expected = 0;
    f.device->write(at, 0);
    for (unsigned strobe = 0; strobe < 256; ++strobe) {
      data = data * 0x9E3779B97F4A7C15u + 1;
      f.device->write_stream({{at + strobe % 8, data, static_cast<std::uint8_t>(strobe)}});
      expected = merge_bytes(expected, data, strobe) & stored;
      ASSERT_EQ(f.device->read(at), expected) << "strobe " << strobe;
    }
  }
}

TEST(Host, StreamsTakeOneBeatACycle) {
  Fixture f;
  std::vector<Device::Beat> beats;
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t k = 0; k < 1000; ++k) {
    beats.push_back({f.config.window_base(static_cast<unsigned>(k % 4)) + 8 * k, k * 0x9E3779B97F4A7C15u});
    addresses.push_back(beats.back().address);
  }
  f.device->read(reg::kStatus);
  std::uint64_t before = f.device->now_cycles();
  f.device->write_stream(beats);
  EXPECT_LE(f.device->now_cycles() - before, 1000u + 10u);
  before = f.device->now_cycles();
  const std::vector<std::uint64_t> data = f.device->read_stream(addresses);
  EXPECT_LE(f.device->now_cycles() - before, 1000u + 12u);
  for (std::size_t k = 0; k < beats.size(); ++k) ASSERT_EQ(data[k], beats[k].data) << "beat " << k;
}

TEST(Host, MemoryIsClosedWhileBusy) {
  Fixture f;
  const LayerShape shape = all_active(200, 250, 0.5);
  const LayerCase layer = make_layer(shape, f.config, 31);
  Driver driver(*f.device, f.config, LoadMode::kBackdoor);
  const std::vector<std::int32_t> inputs = make_activations(shape, 32);
  const LayerResult before = run_and_check(driver, layer, inputs, f.config);
  // The descriptor and the image are still there: the same launch again, by hand.
  f.device->write(reg::kCtrl, reg::kCtrlStart);
  EXPECT_EQ(f.device->read(reg::kStatus) & reg::kStatusBusy, reg::kStatusBusy);
  f.expect_refused([&] { f.device->write(f.window, 1); }, "Spmat while busy");
  f.expect_refused([&] { f.device->read(f.window); }, "Spmat read while busy");
  f.expect_refused([&] { f.device->write(reg::kCodebook + 8, 1); }, "codebook while busy");
  f.expect_refused([&] { f.device->write(reg::kInLength, 1); }, "descriptor while busy");
  f.expect_refused([&] { f.device->write(reg::kCtrl, reg::kCtrlStart); }, "start while busy");
  f.device->wait_interrupt(100000);
  EXPECT_EQ(f.device->read(reg::kStatus) & (reg::kStatusBusy | reg::kStatusDone), reg::kStatusDone);
  EXPECT_EQ(f.device->read(reg::kCycles), before.counters.cycles);
}

TEST(Host, InterruptIsMaskedAndClearedByWritingOne) {
  Fixture f;
  f.describe_layer();
  f.device->write(reg::kIrqEnable, 0);
  f.device->write(reg::kCtrl, reg::kCtrlStart);
  EXPECT_THROW(f.device->wait_interrupt(500), DeviceError);
  EXPECT_EQ(f.device->read(reg::kIrqStatus), 1u);
  f.device->write(reg::kIrqEnable, 1);
  f.device->wait_interrupt(10);
  f.device->write(reg::kIrqStatus, 0);
  EXPECT_EQ(f.device->read(reg::kIrqStatus), 1u);
  f.device->write(reg::kIrqStatus, 1);
  EXPECT_EQ(f.device->read(reg::kIrqStatus), 0u);
}

// Whatever cycle of a launch a second start or a write-one-to-clear falls in: a start is refused or begins a whole launch,
// and no interrupt is lost.
TEST(Host, StartAndClearInEveryCycleOfALaunch) {
  Fixture f;
  const LayerShape shape = all_active(4, 3, 1);
  const LayerCase layer = make_layer(shape, f.config, 71);
  Driver driver(*f.device, f.config, LoadMode::kBackdoor);
  const LayerResult once = run_and_check(driver, layer, make_activations(shape, 72), f.config);
  const std::uint64_t cycles = once.counters.cycles;
  const std::uint64_t counters = f.window + f.config.window().counter_offset;
  unsigned refused = 0;
  for (std::uint64_t wait = 0; wait < cycles + 10; ++wait) {
    // A start, `wait` harmless beats, then a clear of the interrupt and a second start, back to back.
    std::vector<Device::Beat> beats = {{reg::kCtrl, reg::kCtrlStart}};
    for (std::uint64_t k = 0; k < wait; ++k) beats.push_back({reg::kStatus, 0});
    beats.push_back({reg::kIrqStatus, reg::kIrqDone});
    beats.push_back({reg::kCtrl, reg::kCtrlStart});
    bool second = true;
    try {
      f.device->write_stream(beats);
    } catch (const DeviceError&) {
      second = false;
      ++refused;
    }
    // The launch (the second one, if it was taken) must end with an interrupt, unless the clear came after it.
    for (unsigned k = 0; k < 40 && (f.device->read(reg::kStatus) & reg::kStatusBusy) != 0; ++k) {
    }
    ASSERT_EQ(f.device->read(reg::kStatus) & reg::kStatusBusy, 0u) << "start after " << wait << " beats: hangs";
    if (second) {
      ASSERT_EQ(f.device->read(reg::kIrqStatus), 1u) << "lost interrupt, second start after " << wait << " beats";
    }
    ASSERT_EQ(f.device->read(reg::kCycles), cycles) << "start after " << wait << " beats";
    ASSERT_EQ(f.device->read(counters + 8 * reg::kPeEntries) + f.device->read(counters + 8 * reg::kPeStarved), cycles);
    f.device->write(reg::kIrqStatus, reg::kIrqDone);
  }
  EXPECT_GT(refused, 5u);
  EXPECT_LT(refused, cycles + 5);
}

TEST(Host, SoftResetInTheMiddleOfALayer) {
  Fixture f;
  const LayerShape shape = all_active(200, 250, 0.5);
  const LayerCase layer = make_layer(shape, f.config, 41);
  const std::vector<std::int32_t> inputs = make_activations(shape, 42);
  Driver driver(*f.device, f.config, LoadMode::kBackdoor);
  run_and_check(driver, layer, inputs, f.config);
  const std::uint64_t entry = f.device->read(f.window + 64);
  const std::uint64_t pointer = f.device->read(f.window + f.config.window().ptr_offset + 64);
  f.device->write(reg::kCtrl, reg::kCtrlStart);
  for (int k = 0; k < 20; ++k) f.device->read(reg::kStatus);  // let it compute for a while
  f.device->write(reg::kCtrl, reg::kCtrlSoftReset);
  EXPECT_EQ(f.device->read(reg::kStatus), 0u);
  EXPECT_EQ(f.device->read(reg::kInLength), 0u);
  EXPECT_EQ(f.device->read(f.window + 64), entry);
  EXPECT_EQ(f.device->read(f.window + f.config.window().ptr_offset + 64), pointer);
  // And it works again, from scratch.
  Driver again(*f.device, f.config, LoadMode::kBackdoor);
  run_and_check(again, layer, inputs, f.config);
}

TEST(Host, BadImageSetsTheErrorBit) {
  Fixture f;
  const LayerShape shape = all_active(20, 6, 1);
  const LayerCase layer = make_layer(shape, f.config, 51);
  Driver driver(*f.device, f.config, LoadMode::kBackdoor);
  const std::vector<std::int32_t> inputs = make_activations(shape, 52);
  run_and_check(driver, layer, inputs, f.config);
  EXPECT_EQ(f.device->read(reg::kStatus) & reg::kStatusError, 0u);
  const std::uint64_t ptr = f.window + f.config.window().ptr_offset;

  f.device->write(ptr + 8, f.device->read(ptr) & 0xFFFF, 4);  // p2 := p0, behind p1: column 1 runs backwards
  f.device->write(reg::kCtrl, reg::kCtrlStart);
  f.device->wait_interrupt(10000);
  EXPECT_EQ(f.device->read(reg::kStatus) & reg::kStatusError, reg::kStatusError);
  f.device->write(reg::kIrqStatus, 1);
  f.device->write(reg::kStatus, reg::kStatusError);
  EXPECT_EQ(f.device->read(reg::kStatus) & reg::kStatusError, 0u);

  f.device->write(ptr + 8, 10, 4);
  f.device->write(f.window, 0xF1F1F1F1F1F1F1F1u);  // code 1 after a run of 15: rows past the end
  f.device->write(reg::kCtrl, reg::kCtrlStart);
  f.device->wait_interrupt(10000);
  EXPECT_EQ(f.device->read(reg::kStatus) & reg::kStatusError, reg::kStatusError);
}

}  // namespace
}  // namespace eie::tb
