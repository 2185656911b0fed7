// SPDX-License-Identifier: Apache-2.0
// Random layers on small configurations that cross the parameters: PE counts, queue depths, look-ahead, widths of data,
// accumulators, rows, codes and pointers, both LNZD fan-ins. The host stalls at random.
#include <gtest/gtest.h>

#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {
namespace {

class SmallConfigs : public testing::TestWithParam<std::string> {};

TEST_P(SmallConfigs, RandomLayers) {
  const HwConfig config = test_config(GetParam());
  Random random(test_seed(1) ^ hash_text(GetParam()));
  const auto device = make_test_device(config);
  Driver backdoor(*device, config, LoadMode::kBackdoor);
  unsigned several_launches = 0;
  unsigned several_batches = 0;
  for (unsigned k = 0; k < 30 && !testing::Test::HasFailure(); ++k) {
    const LayerShape shape = random_shape(random, config);
    SCOPED_TRACE("layer " + std::to_string(k) + ": " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns));
    const auto stalls = static_cast<unsigned>(30 * random.below(3));
    device->set_host_stalls(stalls, random.bits());
    LayerCase layer;
    try {
      layer = make_layer(shape, config, random.bits());
    } catch (const UserError&) {
      continue;  // not even one batch of it fits the small memories
    }
    const LayerResult result = run_and_check(backdoor, layer, make_activations(shape, random.bits()), config, stalls);
    several_launches += result.counters.launches > 1 ? 1 : 0;
    several_batches += result.counters.batches > result.counters.launches ? 1 : 0;
  }
  std::printf("%u layers took several launches, %u several batches in one\n", several_launches, several_batches);
}

TEST_P(SmallConfigs, LoadedThroughThePort) {
  const HwConfig config = test_config(GetParam());
  Random random(test_seed(2) ^ hash_text(GetParam()));
  const auto device = make_test_device(config);
  Driver port(*device, config, LoadMode::kPort);
  for (unsigned k = 0; k < 4; ++k) {
    LayerShape shape = random_shape(random, config);
    shape.rows = 1 + shape.rows % 80;
    shape.columns = 1 + shape.columns % 60;
    device->set_host_stalls(20 * k, random.bits());
    const LayerCase layer = make_layer(shape, config, random.bits());
    run_and_check(port, layer, make_activations(shape, random.bits()), config, 20 * k);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SmallConfigs, testing::ValuesIn(small_configs()), [](const auto& p) { return p.param; });

TEST(SmallConfigsList, ThereAreAtLeastTwelve) { EXPECT_GE(small_configs().size(), 12u); }

}  // namespace
}  // namespace eie::tb
