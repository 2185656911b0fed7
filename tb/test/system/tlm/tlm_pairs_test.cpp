// SPDX-License-Identifier: Apache-2.0
// hw == tlm: the same layers on both engines, over the small configurations, eie64, eie64-lookahead and eie64-plus. Outputs,
// cycles and all counters are equal; the golden model judges the outputs as well.
#include <gtest/gtest.h>

#include "tb/engines/tlm_engine.h"
#include "tb/test/support/kept_device.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/paper_case.h"
#include "tb/test/system/rtl/same_engines.h"

namespace eie::tb {
namespace {

constexpr unsigned kLayersAConfig = 40;

class TlmPairs : public testing::TestWithParam<std::string> {};

TEST_P(TlmPairs, RandomLayers) {
  const HwConfig config = test_config(GetParam());
  Random random(test_seed(3) ^ hash_text(GetParam()));
  const auto hw = make_test_device(config);
  TlmEngine tlm("tlm", config);
  Driver on_hw(*hw, config, LoadMode::kBackdoor);
  Driver on_tlm(tlm, config, LoadMode::kBackdoor);
  unsigned pairs = 0;
  Counters sum;
  while (pairs < kLayersAConfig && !testing::Test::HasFailure()) {
    const LayerShape shape = random_shape(random, config);
    SCOPED_TRACE("pair " + std::to_string(pairs) + ": " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns));
    LayerCase layer;
    try {
      layer = make_layer(shape, config, random.bits());
    } catch (const UserError&) {
      continue;  // not even one batch of it fits the small memories
    }
    const auto inputs = make_activations(shape, random.bits());
    on_hw.load({layer.device_layer("test")});
    on_tlm.load({layer.device_layer("test")});
    const LayerResult expected = on_hw.run(inputs).front();
    const LayerResult seen = on_tlm.run(inputs).front();
    expect_same(expected, seen);
    const GoldenResult golden = golden_of(layer, inputs, config);
    EXPECT_EQ(first_difference(golden.outputs, seen.outputs), "");
    EXPECT_EQ(golden.saturated, seen.saturated);
    sum.add(seen.counters);
    ++pairs;
  }
  std::printf("%u pairs, %llu launches, %llu batches, %llu cycles, %llu of them with a full queue\n", pairs,
              static_cast<unsigned long long>(sum.launches), static_cast<unsigned long long>(sum.batches),
              static_cast<unsigned long long>(sum.cycles), static_cast<unsigned long long>(sum.queue_full_cycles));
}

INSTANTIATE_TEST_SUITE_P(All, TlmPairs, testing::ValuesIn(small_configs()), [](const auto& p) { return p.param; });

/// The paper's nine layers on a shipped configuration.
void compare_paper_layers(const char* name) {
  const HwConfig config = shipped_config(name);
  const auto hw = make_kept_engine("hw", config);
  const auto tlm = make_kept_engine("tlm", config);
  for (const LayerSpec& spec : paper_workload().layers) {
    SCOPED_TRACE(spec.name);
    const SyntheticLayer layer(spec, 1, config);
    Driver on_hw(*hw, config, LoadMode::kBackdoor);
    Driver on_tlm(*tlm, config, LoadMode::kBackdoor);
    on_hw.load({layer.device_layer()});
    on_tlm.load({layer.device_layer()});
    const LayerResult expected = on_hw.run(layer.activations).front();
    const LayerResult seen = on_tlm.run(layer.activations).front();
    expect_same(expected, seen);
    std::printf("%-8s %llu cycles on both\n", spec.name.c_str(), static_cast<unsigned long long>(seen.counters.cycles));
  }
}
TEST(TlmPaper, NineLayersOnEie64) { compare_paper_layers("eie64"); }
TEST(TlmPaper, NineLayersOnEie64LookAhead) { compare_paper_layers("eie64-lookahead"); }
TEST(TlmPaper, NineLayersOnEie64Plus) { compare_paper_layers("eie64-plus"); }

TEST(TlmPairsList, ThereAreAtLeastFiveHundredPairs) { EXPECT_GE(small_configs().size() * kLayersAConfig, 500u); }

}  // namespace
}  // namespace eie::tb
