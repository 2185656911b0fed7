// SPDX-License-Identifier: Apache-2.0
// One of the paper's layers on a device: made, encoded, run and judged.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tb/engines/engines.h"
#include "tb/layers/synthetic_layer.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {

inline Workload paper_workload() { return load_workload(std::string(EIE_SOURCE_DIR) + "/configs/workloads/paper.yaml"); }

struct PaperRun {
  std::uint64_t cycles = 0;
  double load_balance = 0;
};

/// Runs layer `spec` of this seed on `device`; the golden model must agree.
inline PaperRun run_paper_layer(Device& device, const HwConfig& config, const LayerSpec& spec, std::uint64_t seed) {
  const SyntheticLayer made(spec, seed, config);
  const DeviceLayer layer = made.device_layer();
  Driver driver(device, config, LoadMode::kBackdoor);
  driver.load({layer});
  const LayerResult result = driver.run(made.activations).front();
  const GoldenResult golden =
      golden_layer(made.matrix, made.activations, {}, layer.shift, layer.relu, config.data_width, config.acc_width);
  EXPECT_EQ(first_difference(golden.outputs, result.outputs), "") << spec.name << " seed " << seed;
  EXPECT_EQ(golden.saturated, result.saturated);
  record_tested(config, layer, made.activations, result, 0);
  std::uint64_t entries = 0;
  for (const PeCounts& pe : result.counters.pe) {
    EXPECT_EQ(pe.entries - pe.padding_skipped + pe.starved, result.counters.cycles);
    entries += pe.entries;
  }
  PaperRun run;
  run.cycles = result.counters.cycles;
  run.load_balance = static_cast<double>(entries) / (config.n_pe * static_cast<double>(run.cycles));
  return run;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace eie::tb
