// SPDX-License-Identifier: Apache-2.0
// Random layers on whole devices with every protocol checker attached (tb/checkers/): no rule is broken, and none is
// never put to the test.
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "compiled/eie16.h"
#include "compiled/eie4.h"

#include "tb/checkers/device_checkers.h"
#include "tb/engines/hw_engine.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct CheckedDevice {
  HwConfig config = shipped_config(Cfg::kName);
  HwEngine<Cfg> engine{"eie", TraceOptions()};
  // A violation ends the simulation: it says more than what comes of it.
  Violations violations{Violations::Action::kReport};
  DeviceCheckers<Cfg> checkers{"checkers", engine.dut(), violations};

  /// Rules that never applied so far.
  std::set<std::string> idle_rules() const {
    std::set<std::string> idle;
    for (const auto& [rule, count] : checkers.applied()) {
      if (count == 0) idle.insert(rule);
    }
    return idle;
  }
};

/// Shapes from a few columns to several batches and launches; dense ones fill the queues.
LayerShape crowded_shape(Random& random, const HwConfig& config) {
  static constexpr double kWeights[] = {0.02, 0.1, 0.3, 1.0};
  static constexpr double kActivations[] = {0.0, 0.1, 0.5, 1.0};
  LayerShape shape;
  shape.rows = 1 + random.below(2 * config.registers * config.n_pe);
  shape.columns = 1 + random.below(config.n_pe == 4 ? 700 : 300);
  shape.weight_density = kWeights[random.below(4)];
  shape.activation_density = kActivations[random.below(4)];
  shape.shift = static_cast<int>(random.below(31));
  shape.bias = random.below(2) != 0;
  shape.relu = random.below(2) != 0;
  shape.weight_limit = 32767;
  shape.activation_limit = 32767;
  return shape;
}

/// Random layers through the port, the host stalling between never and four cycles in five.
template <class Cfg>
void run_layers(CheckedDevice<Cfg>& device, std::uint64_t seed, unsigned layers) {
  Random random(seed);
  for (unsigned k = 0; k < layers; ++k) {
    const auto stalls = static_cast<unsigned>(20 * random.below(5));
    device.engine.set_host_stalls(stalls, random.bits());
    Driver driver(device.engine, device.config, k % 3 == 2 ? LoadMode::kBackdoor : LoadMode::kPort);
    const LayerShape shape = crowded_shape(random, device.config);
    const LayerCase layer = make_layer(shape, device.config, random.bits());
    run_and_check(driver, layer, make_activations(shape, random.bits()), device.config, stalls);
  }
}

/// A bad image ends with STATUS.error, and the device keeps to its protocols all the same.
template <class Cfg>
void run_bad_images(CheckedDevice<Cfg>& device, std::uint64_t seed) {
  LayerShape shape;
  shape.rows = 100;
  shape.columns = 20;
  shape.weight_density = 0.5;
  shape.activation_density = 1;
  const LayerCase layer = make_layer(shape, device.config, seed);
  Driver driver(device.engine, device.config, LoadMode::kPort);
  run_and_check(driver, layer, make_activations(shape, seed + 1), device.config);
  const std::uint64_t window = device.config.window_base(1);
  const std::uint64_t ptr = window + device.config.window().ptr_offset;
  device.engine.write(ptr + 8, device.engine.read(ptr, 8) & 0xFFFF, 4);  // p2 := p0: column 1 runs backwards
  device.engine.write(window, 0xF1F1F1F1F1F1F1F1u, 8);                   // weights past the last row
  device.engine.write(reg::kCtrl, reg::kCtrlStart, 8);
  device.engine.wait_interrupt(10000);
  EXPECT_EQ(device.engine.read(reg::kStatus, 8) & reg::kStatusError, reg::kStatusError);
}

/// A soft reset in the middle of a launch.
template <class Cfg>
void run_soft_reset(CheckedDevice<Cfg>& device, std::uint64_t seed) {
  LayerShape shape;
  shape.rows = 200;
  shape.columns = 200;
  shape.weight_density = 0.5;
  shape.activation_density = 1;
  const LayerCase layer = make_layer(shape, device.config, seed);
  const std::vector<std::int32_t> inputs = make_activations(shape, seed + 1);
  Driver driver(device.engine, device.config, LoadMode::kPort);
  run_and_check(driver, layer, inputs, device.config);
  for (unsigned reads = 2; reads < 12; ++reads) {
    device.engine.write(reg::kCtrl, reg::kCtrlStart, 8);
    for (unsigned k = 0; k < reads; ++k) device.engine.read(reg::kStatus, 8);
    device.engine.write(reg::kCtrl, reg::kCtrlSoftReset, 8);
  }
  Driver again(device.engine, device.config, LoadMode::kPort);
  run_and_check(again, layer, inputs, device.config);
}

TEST(CheckedLayers, Eie4) {
  CheckedDevice<cfg::eie4> device;
  run_layers(device, test_seed(1), 12);
  EXPECT_TRUE(device.violations.empty()) << device.violations.summary();
}

TEST(CheckedLayers, Eie16) {
  CheckedDevice<cfg::eie16> device;
  run_layers(device, test_seed(2), 8);
  EXPECT_TRUE(device.violations.empty()) << device.violations.summary();
}

TEST(CheckedLayers, EveryRuleIsPutToTheTest) {
  CheckedDevice<cfg::eie4> device;
  const std::uint64_t seed = test_seed(3);
  run_layers(device, seed, 8);
  run_bad_images(device, seed + 100);
  run_soft_reset(device, seed + 200);
  EXPECT_TRUE(device.violations.empty()) << device.violations.summary();
  EXPECT_EQ(device.idle_rules(), std::set<std::string>());
}

}  // namespace
}  // namespace eie::tb
