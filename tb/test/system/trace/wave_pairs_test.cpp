// SPDX-License-Identifier: Apache-2.0
// The waves of engines hw and rtl, signal by signal.
#include <gtest/gtest.h>

#include "tb/engines/engines.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"
#include "tb/test/system/layer_case.h"
#include "tb/trace/dump/dump_file.h"
#include "tb/trace/wave_diff.h"

namespace eie::tb {
namespace {

void run_layers(const std::string& engine, const std::string& file) {
  const HwConfig config = shipped_config("eie4");
  TraceOptions trace;
  trace.file = file;
  const auto device = make_engine(engine, config, trace);
  Driver driver(*device, config, LoadMode::kBackdoor);
  Random random(test_seed(71));
  for (unsigned k = 0; k < 20; ++k) {
    LayerShape shape;
    shape.rows = 1 + random.below(120);
    shape.columns = 1 + random.below(300);
    shape.weight_density = k % 5 == 0 ? 0.6 : 0.15;
    shape.activation_density = 0.5;
    shape.bias = k % 2 != 0;
    shape.relu = k % 3 == 0;
    const LayerCase layer = make_layer(shape, config, random.bits());
    run_and_check(driver, layer, make_activations(shape, random.bits()), config);
  }
  device->finish();
}

TEST(WavePairs, HwAndRtlHaveNoDifferenceInTwentyLayers) {
  const TempFolder folder;
  const HwConfig config = shipped_config("eie4");
  run_layers("hw", folder.file("hw.fst"));
  run_layers("rtl", folder.file("rtl.fst"));
  const auto hw = open_dump(folder.file("hw.fst"));
  const auto rtl = open_dump(folder.file("rtl.fst"));
  const WaveDifference d = compare_waves(*hw, "hw", *rtl, "rtl");
  EXPECT_EQ(d.only_b, 0u) << "signals of the RTL that hw lacks";
  EXPECT_GT(d.compared, 1800u);
  EXPECT_LE(d.only_a, 2 * config.registers * config.n_pe + 6 * config.n_pe)
      << "the register files, and what the RTL compiler left out";
  EXPECT_GT(d.to, 2000);
  for (std::size_t k = 0; k < d.signals.size() && k < 20; ++k) {
    const SignalDifference& s = d.signals[k];
    ADD_FAILURE() << s.path() << " in cycle " << s.cycle << ": hw " << s.a << ", rtl " << s.b << " (" << s.cycles << " cycles)";
  }
}

}  // namespace
}  // namespace eie::tb
