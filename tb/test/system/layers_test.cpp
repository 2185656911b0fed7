// SPDX-License-Identifier: Apache-2.0
// The hw engine against the golden model: random layers on the shipped configurations, every way to load them.
#include <gtest/gtest.h>

#include "tb/engines/engines.h"
#include "tb/test/support/kept_device.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {
namespace {

/// A random shape: sizes that are multiples of nothing, densities from empty to dense.
LayerShape random_shape(Random& random, const HwConfig& config, std::size_t most_rows, std::size_t most_columns) {
  LayerShape shape;
  shape.rows = 1 + random.below(most_rows);
  shape.columns = 1 + random.below(most_columns);
  const double densities[] = {0, 0.02, 0.1, 0.3, 1};
  shape.weight_density = densities[random.below(5)];
  shape.activation_density = densities[random.below(5)];
  shape.shift = static_cast<int>(random.below(2 * config.data_width - 1));
  shape.bias = random.below(2) != 0;
  shape.relu = random.below(2) != 0;
  const std::int32_t limits[] = {3, 300, 32767};
  shape.weight_limit = limits[random.below(3)];
  shape.activation_limit = limits[random.below(3)];
  return shape;
}

void run_random_layers(const char* name, unsigned count, std::size_t most_rows, std::size_t most_columns) {
  const HwConfig config = shipped_config(name);
  Random random(test_seed(1));
  const auto device = make_kept_engine("hw", config);
  Driver driver(*device, config, LoadMode::kBackdoor);
  for (unsigned k = 0; k < count && !testing::Test::HasFailure(); ++k) {
    const LayerShape shape = random_shape(random, config, most_rows, most_columns);
    SCOPED_TRACE("layer " + std::to_string(k) + ": " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns));
    const LayerCase layer = make_layer(shape, config, random.bits());
    run_and_check(driver, layer, make_activations(shape, random.bits()), config);
  }
}

TEST(Layers, RandomOnEie4) { run_random_layers("eie4", 60, 300, 300); }
TEST(Layers, RandomOnEie16) { run_random_layers("eie16", 40, 600, 400); }
TEST(Layers, RandomOnEie64) { run_random_layers("eie64", 20, 1500, 500); }
TEST(Layers, RandomOnEie256) { run_random_layers("eie256", 6, 3000, 300); }

TEST(Layers, SeveralRowBlocksAndBatches) {
  // 4 PEs with 64 registers: 256 rows a launch, 256 columns a batch.
  const HwConfig config = shipped_config("eie4");
  const auto device = make_kept_engine("hw", config);
  Driver driver(*device, config, LoadMode::kBackdoor);
  LayerShape shape;
  shape.rows = 1003;
  shape.columns = 801;
  shape.bias = true;
  shape.relu = true;
  const LayerCase layer = make_layer(shape, config, 7);
  const LayerResult result = run_and_check(driver, layer, make_activations(shape, 8), config);
  EXPECT_EQ(result.counters.launches, 4u);
  EXPECT_EQ(result.counters.batches, 16u);
}

TEST(Layers, SumsCarryOverColumnLaunches) {
  // More columns than the activation SRAM holds take a second launch, whose sums go on from the first.
  const HwConfig config = shipped_config("eie4");
  const auto device = make_kept_engine("hw", config);
  Driver driver(*device, config, LoadMode::kBackdoor);
  LayerShape shape;
  shape.rows = 9;
  // 256 activation words of 4 lanes hold 1,024 local inputs: 4,096 columns at most in a launch.
  shape.columns = 4300;
  shape.weight_density = 0.9;
  shape.activation_density = 1;
  shape.bias = true;
  const LayerCase layer = make_layer(shape, config, 3);
  ASSERT_GT(layer.plan.launches.size(), 1u);
  run_and_check(driver, layer, make_activations(shape, 4), config);
}

TEST(Layers, PortAndBackDoorAreTheSame) {
  const HwConfig config = shipped_config("eie4");
  LayerShape shape;
  shape.rows = 150;
  shape.columns = 333;
  shape.bias = true;
  const LayerCase layer = make_layer(shape, config, 11);
  const std::vector<std::int32_t> inputs = make_activations(shape, 12);
  const auto device = make_kept_engine("hw", config);
  Driver by_backdoor(*device, config, LoadMode::kBackdoor);
  const LayerResult a = run_and_check(by_backdoor, layer, inputs, config);
  std::vector<std::uint64_t> image;
  for (unsigned p = 0; p < config.n_pe; ++p) {
    for (std::uint64_t w = 0; w < 64; ++w) image.push_back(device->backdoor_read(config.window_base(p) + 8 * w));
  }
  // Overwrite, then load the same through the port.
  for (unsigned p = 0; p < config.n_pe; ++p) {
    for (std::uint64_t w = 0; w < 64; ++w) device->backdoor_write(config.window_base(p) + 8 * w, ~std::uint64_t{0});
  }
  Driver by_port(*device, config, LoadMode::kPort);
  const LayerResult b = run_and_check(by_port, layer, inputs, config);
  std::size_t k = 0;
  for (unsigned p = 0; p < config.n_pe; ++p) {
    for (std::uint64_t w = 0; w < 64; ++w) {
      ASSERT_EQ(device->read(config.window_base(p) + 8 * w), image[k++]) << "PE " << p << " word " << w;
    }
  }
  EXPECT_EQ(a.outputs, b.outputs);
  EXPECT_EQ(a.counters.cycles, b.counters.cycles);
  EXPECT_GT(b.counters.io_beats, a.counters.io_beats);
  ASSERT_EQ(a.counters.pe.size(), b.counters.pe.size());
  for (std::size_t p = 0; p < a.counters.pe.size(); ++p) {
    EXPECT_EQ(a.counters.pe[p].spmat_reads, b.counters.pe[p].spmat_reads);
    EXPECT_EQ(a.counters.pe[p].ptr_reads, b.counters.pe[p].ptr_reads);
  }
}

TEST(Layers, ChainStaysOnTheDevice) {
  const HwConfig config = shipped_config("eie16");
  const auto device = make_kept_engine("hw", config);
  Driver driver(*device, config, LoadMode::kBackdoor);
  const std::size_t sizes[] = {333, 1100, 77, 500, 10};  // the first step takes two row blocks
  std::vector<LayerCase> layers;
  for (unsigned l = 0; l + 1 < 5; ++l) {
    LayerShape shape;
    shape.columns = sizes[l];
    shape.rows = sizes[l + 1];
    shape.bias = l % 2 == 0;
    shape.relu = l != 3;
    shape.shift = 11;
    layers.push_back(make_layer(shape, config, 100 + l));
  }
  std::vector<DeviceLayer> chain;
  for (const LayerCase& layer : layers) chain.push_back(layer.device_layer("layer"));
  driver.load(chain);
  for (std::uint64_t sample = 0; sample < 3; ++sample) {
    std::vector<std::int32_t> vector = make_activations(layers[0].shape, 50 + sample);
    const std::vector<LayerResult> results = driver.run(vector);
    for (std::size_t l = 0; l < layers.size(); ++l) {
      vector = golden_of(layers[l], vector, config).outputs;
      ASSERT_EQ(first_difference(vector, results[l].outputs), "") << "sample " << sample << " layer " << l;
    }
  }
}

TEST(Layers, FillAndDrainTakeAtMost24Cycles) {
  // One entry in one column: what is left of the cycles is the way through the machine and back.
  const HwConfig config = shipped_config("eie64");
  const auto device = make_kept_engine("hw", config);
  Driver driver(*device, config, LoadMode::kBackdoor);
  LayerShape shape;
  shape.rows = 64;
  shape.columns = 1;
  shape.weight_density = 1;
  shape.activation_density = 1;
  const LayerCase layer = make_layer(shape, config, 5);
  const LayerResult result = run_and_check(driver, layer, {3}, config);
  const std::uint64_t overhead = result.counters.cycles - result.counters.act_transfer_cycles - 1;
  std::printf("fill and drain: %llu cycles\n", static_cast<unsigned long long>(overhead));
  RecordProperty("fill_and_drain", static_cast<int>(overhead));
  EXPECT_LE(overhead, 24u);
}

TEST(Layers, TwoDevicesInOneSimulation) {
  const HwConfig small = shipped_config("eie4");
  const HwConfig large = shipped_config("eie16");
  const auto device_a = make_kept_engine("hw", small);
  const auto device_b = make_kept_engine("hw", large);
  const auto device_c = make_kept_engine("hw", small);
  Driver a(*device_a, small, LoadMode::kBackdoor);
  Driver b(*device_b, large, LoadMode::kPort);
  Driver c(*device_c, small, LoadMode::kBackdoor);
  LayerShape shape;
  shape.rows = 99;
  shape.columns = 120;
  const LayerCase layer_a = make_layer(shape, small, 21);
  const LayerCase layer_b = make_layer(shape, large, 22);
  const LayerCase layer_c = make_layer(shape, small, 23);
  for (std::uint64_t k = 0; k < 3; ++k) {
    run_and_check(a, layer_a, make_activations(shape, k), small);
    run_and_check(b, layer_b, make_activations(shape, k), large);
    run_and_check(c, layer_c, make_activations(shape, k), small);
  }
}

}  // namespace
}  // namespace eie::tb
