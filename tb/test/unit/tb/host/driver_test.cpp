// SPDX-License-Identifier: Apache-2.0
#include "tb/host/driver.h"

#include <gtest/gtest.h>
#include <memory>

#include "tb/golden/golden.h"
#include "tb/test/support/fake_device.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

// A chain of random layers, its images and its golden results.
struct Chain {
  HwConfig config;
  std::vector<std::unique_ptr<CodeMatrix>> matrices;
  std::vector<std::unique_ptr<EncodedLayer>> images;
  std::vector<std::unique_ptr<Plan>> plans;
  std::vector<DeviceLayer> layers;

  Chain(const HwConfig& c, const std::vector<std::size_t>& sizes, double density, bool bias, std::uint64_t seed) : config(c) {
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
      matrices.push_back(std::make_unique<CodeMatrix>(sizes[l + 1], sizes[l]));
      CodeMatrix& m = *matrices.back();
      fill_random(m, density, c.code_width, seed + l);
      m.set_codebook(test_codebook(c.code_width, 100));
      images.push_back(std::make_unique<EncodedLayer>(encode(m, c, split_rows(m.rows(), c))));
      plans.push_back(std::make_unique<Plan>(plan_launches(*images.back(), c, bias, "layer")));
      DeviceLayer layer;
      layer.name = "l" + std::to_string(l);
      layer.image = images.back().get();
      layer.plan = plans.back().get();
      layer.codebook = m.codebook();
      if (bias) layer.bias = random_vector(m.rows(), -50, 50, 1, seed + 100 + l);
      layer.shift = 5;
      layer.relu = l % 2 == 0;
      layers.push_back(layer);
    }
  }

  void expect_golden(Driver& driver, std::uint64_t seed) {
    std::vector<std::int32_t> x = random_vector(matrices.front()->columns(), -100, 100, 0.5, seed);
    const std::vector<LayerResult> results = driver.run(x);
    ASSERT_EQ(results.size(), layers.size());
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const GoldenResult golden =
          golden_layer(*matrices[l], x, layers[l].bias, layers[l].shift, layers[l].relu, config.data_width, config.acc_width);
      EXPECT_EQ(results[l].outputs, golden.outputs) << "layer " << l;
      EXPECT_EQ(results[l].saturated, golden.saturated) << "layer " << l;
      const Work work = count_work(*images[l], x);
      const Counters& c = results[l].counters;
      EXPECT_EQ(c.launches, plans[l]->launches.size());
      std::uint64_t padding = 0;
      for (unsigned k = 0; k < config.n_pe; ++k) {
        EXPECT_EQ(c.pe[k].entries, work.entries[k]);
        EXPECT_EQ(c.pe[k].entries + c.pe[k].starved, c.cycles);
        padding += c.pe[k].padding;
      }
      EXPECT_EQ(padding, work.padding);
      x = golden.outputs;
    }
  }
};

TEST(Driver, OneLayerBothWaysOfLoading) {
  for (const LoadMode mode : {LoadMode::kBackdoor, LoadMode::kPort}) {
    Chain chain(small_config(4), {50, 37}, 0.4, true, 1);
    FakeDevice device(chain.config);
    Driver driver(device, chain.config, mode);
    driver.load(chain.layers);
    chain.expect_golden(driver, 5);
    chain.expect_golden(driver, 6);
  }
}

TEST(Driver, CountsTheBeatsOfAPortLoad) {
  Chain chain(small_config(4), {8, 4}, 1.0, false, 1);  // per PE: 8 entries, 9 pointers, 2 inputs
  FakeDevice device(chain.config);
  Driver port(device, chain.config, LoadMode::kPort);
  port.load(chain.layers);
  const std::vector<std::int32_t> x(8, 1);
  EXPECT_EQ(port.run(x)[0].counters.io_beats, 4u * (1 + 5 + 1) + 15);
  EXPECT_EQ(port.run(x)[0].counters.io_beats, 4u);  // only the inputs again
  Driver back(device, chain.config, LoadMode::kBackdoor);
  back.load(chain.layers);
  EXPECT_EQ(back.run(x)[0].counters.io_beats, 0u);
}

TEST(Driver, SplitsRowsAndColumns) {
  HwConfig c = small_config(4);
  c.pointer_depth = 256;
  c.spmat_depth = 128;
  Chain chain(c, {500, 300}, 0.2, true, 2);
  ASSERT_GT(chain.plans[0]->launches.size(), chain.images[0]->blocks.size());
  FakeDevice device(c);
  Driver driver(device, c, LoadMode::kBackdoor);
  driver.load(chain.layers);
  EXPECT_FALSE(driver.placement().images_resident);
  chain.expect_golden(driver, 5);
  chain.expect_golden(driver, 6);
}

TEST(Driver, ActivationsThatDoNotFitGoThroughTheHost) {
  HwConfig c = small_config(4);
  c.act_depth = 16;
  Chain chain(c, {300, 170, 20}, 0.2, true, 3);
  EXPECT_FALSE(chain.plans[0]->act_resident);
  FakeDevice device(c);
  Driver driver(device, c, LoadMode::kPort);
  driver.load(chain.layers);
  chain.expect_golden(driver, 5);
}

TEST(Driver, ChainsStayOnTheDevice) {
  Chain chain(small_config(4), {60, 64, 30, 50, 10}, 0.3, true, 4);
  FakeDevice device(chain.config);
  Driver driver(device, chain.config, LoadMode::kBackdoor);
  driver.load(chain.layers);
  EXPECT_TRUE(driver.placement().images_resident);
  EXPECT_TRUE(driver.placement().biases_resident);
  chain.expect_golden(driver, 5);
  EXPECT_EQ(device.resident_launches, 3u);

  device.act_writes = 0;
  device.spmat_writes = 0;
  chain.expect_golden(driver, 6);
  EXPECT_EQ(device.spmat_writes, 0u);
  EXPECT_EQ(device.act_writes, 4u * 4);  // the 60 inputs: 15 local activations a PE
}

TEST(Driver, ChainsWithSplitLayersAndTightMemory) {
  HwConfig c = small_config(4);
  c.act_depth = 32;
  Chain chain(c, {200, 150, 100, 20}, 0.15, true, 5);
  FakeDevice device(c);
  Driver driver(device, c, LoadMode::kBackdoor);
  driver.load(chain.layers);
  chain.expect_golden(driver, 5);
  chain.expect_golden(driver, 7);
}

TEST(Driver, RandomShapesAndConfigurations) {
  std::mt19937_64 random(31337);
  const unsigned widths[][2] = {{4, 4}, {2, 2}, {8, 8}, {5, 3}};
  for (int round = 0; round < 40; ++round) {
    HwConfig c = small_config(1u << random() % 6);
    c.code_width = widths[round % 4][0];
    c.run_width = widths[round % 4][1];
    c.data_width = 8u << random() % 3;
    c.acc_width = std::min(48u, c.data_width + static_cast<unsigned>(random() % 9));
    c.registers = 8u << random() % 3;
    c.spmat_width = 32u << random() % 5;
    c.act_depth = 64u << random() % 3;
    c.spmat_depth = 2048;
    const std::vector<std::size_t> sizes = {1 + random() % 200, 1 + random() % 200, 1 + random() % 100};
    SCOPED_TRACE("round " + std::to_string(round));
    Chain chain(c, sizes, 0.2, random() % 2 == 0, random());
    FakeDevice device(c);
    Driver driver(device, c, random() % 2 ? LoadMode::kPort : LoadMode::kBackdoor);
    driver.load(chain.layers);
    chain.expect_golden(driver, random());
  }
}

TEST(Driver, SaturationIsPerLayerAndPerRun) {
  Chain chain(small_config(4), {50, 20, 10}, 0.5, false, 6);
  chain.layers[0].shift = 0;
  FakeDevice device(chain.config);
  Driver driver(device, chain.config, LoadMode::kBackdoor);
  driver.load(chain.layers);
  std::vector<std::int32_t> huge(50, 30000);
  EXPECT_TRUE(driver.run(huge)[0].saturated);
  EXPECT_FALSE(driver.run(std::vector<std::int32_t>(50, 0))[0].saturated);
}

TEST(Driver, RefusesAnotherDevice) {
  HwConfig c = small_config(4);
  FakeDevice device(c);
  c.queue_depth = 8;
  try {
    Driver driver(device, c, LoadMode::kBackdoor);
    FAIL() << "expected a DeviceError";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("queue_depth is 7: expected 8"), std::string::npos) << error.what();
  }
}

TEST(Driver, RefusesLayersThatDoNotChain) {
  Chain a(small_config(4), {10, 20}, 0.5, false, 6);
  Chain b(small_config(4), {21, 20}, 0.5, false, 6);
  FakeDevice device(a.config);
  Driver driver(device, a.config, LoadMode::kBackdoor);
  EXPECT_THROW(driver.load({a.layers[0], b.layers[0]}), std::logic_error);
  driver.load(a.layers);
  EXPECT_THROW(driver.run(std::vector<std::int32_t>(9, 0)), std::logic_error);
}

}  // namespace
}  // namespace eie::tb
