// SPDX-License-Identifier: Apache-2.0
// Random layers for system tests: made from a seed, run on a device, judged by the golden model.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tb/encoding/code_matrix.h"
#include "tb/golden/golden.h"
#include "tb/host/driver.h"
#include "tb/host/pe_account.h"
#include "tb/support/random.h"
#include "tb/test/support/test_seed.h"
#include "tb/test/support/tested.h"

namespace eie::tb {

/// What a random layer looks like.
struct LayerShape {
  std::size_t rows = 0;
  std::size_t columns = 0;
  double weight_density = 0.1;
  double activation_density = 0.4;
  int shift = 8;
  bool bias = false;
  bool relu = false;
  std::int32_t weight_limit = 2000;      // codebook values lie in -limit .. limit
  std::int32_t activation_limit = 2000;  // activations too, negative ones included
  double empty_rows = 0;                 // part of the rows without an entry
  double empty_columns = 0;
};

/// A shape for this configuration, often with several launches or batches.
inline LayerShape random_shape(Random& random, const HwConfig& config) {
  LayerShape shape;
  // Up to a few row blocks and batches, often a multiple of nothing.
  shape.rows = 1 + random.below(2 * config.batch_columns() + 10);
  shape.columns = 1 + random.below(2 * config.batch_columns() + 10);
  shape.rows = std::min<std::size_t>(shape.rows, 600);
  shape.columns = std::min<std::size_t>(shape.columns, 400);
  const double densities[] = {0, 0.01, 0.05, 0.2, 0.6, 1};
  shape.weight_density = densities[random.below(6)];
  shape.activation_density = densities[random.below(6)];
  shape.shift = static_cast<int>(random.below(2 * config.data_width - 1));
  shape.bias = random.below(2) != 0;
  shape.relu = random.below(2) != 0;
  const std::int32_t largest = config.data_width == 32 ? INT32_MAX : (1 << (config.data_width - 1)) - 1;
  const std::int32_t limits[] = {3, largest / 40 + 1, largest};
  shape.weight_limit = limits[random.below(3)];
  shape.activation_limit = limits[random.below(3)];
  return shape;
}

/// A layer with everything that the driver wants; must stay alive while the driver runs it.
struct LayerCase {
  LayerShape shape;
  std::unique_ptr<CodeMatrix> matrix;
  std::vector<std::int32_t> bias;
  EncodedLayer image;
  Plan plan;

  DeviceLayer device_layer(const std::string& name) const {
    DeviceLayer layer;
    layer.name = name;
    layer.image = &image;
    layer.plan = &plan;
    layer.codebook = matrix->codebook();
    layer.bias = bias;
    layer.shift = shape.shift;
    layer.relu = shape.relu;
    return layer;
  }
};

inline std::int32_t random_value(Random& random, std::int32_t limit) {
  const auto span = static_cast<std::uint64_t>(2 * std::int64_t{limit} + 1);
  return static_cast<std::int32_t>(static_cast<std::int64_t>(random.below(span)) - limit);
}

inline LayerCase make_layer(const LayerShape& shape, const HwConfig& config, std::uint64_t seed) {
  Random random(seed);
  LayerCase layer;
  layer.shape = shape;
  layer.matrix = std::make_unique<CodeMatrix>(shape.rows, shape.columns);
  std::vector<std::int32_t> codebook(config.codes(), 0);
  for (std::size_t c = 1; c < codebook.size(); ++c) codebook[c] = random_value(random, shape.weight_limit);
  std::sort(codebook.begin() + 1, codebook.end());
  layer.matrix->set_codebook(codebook);
  std::vector<bool> empty_row(shape.rows, false);
  std::vector<bool> empty_column(shape.columns, false);
  if (shape.empty_rows > 0) {
    for (std::size_t i = 0; i < shape.rows; ++i) empty_row[i] = random.uniform() < shape.empty_rows;
  }
  if (shape.empty_columns > 0) {
    for (std::size_t j = 0; j < shape.columns; ++j) empty_column[j] = random.uniform() < shape.empty_columns;
  }
  for (std::size_t i = 0; i < shape.rows; ++i) {
    for (std::size_t j = 0; j < shape.columns; ++j) {
      if (random.uniform() < shape.weight_density && !empty_row[i] && !empty_column[j]) {
        layer.matrix->at(i, j) = static_cast<std::uint8_t>(1 + random.below(config.codes() - 1));
      }
    }
  }
  if (shape.bias) {
    for (std::size_t i = 0; i < shape.rows; ++i) layer.bias.push_back(random_value(random, shape.activation_limit));
  }
  layer.image = encode(*layer.matrix, config, split_rows(shape.rows, config));
  layer.plan = plan_launches(layer.image, config, shape.bias, "test");
  return layer;
}

inline std::vector<std::int32_t> make_activations(const LayerShape& shape, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int32_t> activations(shape.columns, 0);
  for (std::int32_t& a : activations) {
    if (random.uniform() < shape.activation_density) a = random_value(random, shape.activation_limit);
  }
  return activations;
}

inline GoldenResult golden_of(const LayerCase& layer, const std::vector<std::int32_t>& inputs, const HwConfig& config) {
  return golden_layer(*layer.matrix, inputs, layer.bias, layer.shape.shift, layer.shape.relu, config.data_width,
                      config.acc_width);
}

/// First difference in words, or an empty string.
inline std::string first_difference(const std::vector<std::int32_t>& expected, const std::vector<std::int32_t>& seen) {
  if (expected.size() != seen.size()) return "lengths differ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != seen[i]) {
      return "row " + std::to_string(i) + ": expected " + std::to_string(expected[i]) + ", seen " + std::to_string(seen[i]);
    }
  }
  return "";
}

/// What must hold in every report: each busy cycle of a PE is an entry or starved, and the device took the work that
/// the encoder counts. The first fault, or an empty string.
inline std::string counter_fault(const LayerResult& result, const LayerCase& layer, const std::vector<std::int32_t>& inputs,
                                 const HwConfig& config) {
  const Work work = count_work(layer.image, inputs);
  const std::size_t counting = config.pe_counters ? config.n_pe : 0;
  if (result.counters.pe.size() != counting) {
    return "PEs with counters: expected " + std::to_string(counting) + ", seen " + std::to_string(result.counters.pe.size());
  }
  if (counting == 0) return "";
  for (unsigned p = 0; p < config.n_pe; ++p) {
    const PeCounts& pe = result.counters.pe[p];
    const std::string where = "PE " + std::to_string(p) + ": ";
    if (pe.entries - pe.padding_skipped + pe.starved != result.counters.cycles) {
      return where + "entries " + std::to_string(pe.entries) + " - padding skipped " + std::to_string(pe.padding_skipped) +
             " + starved " + std::to_string(pe.starved) + ": expected cycles, " + std::to_string(result.counters.cycles);
    }
    if (pe.entries != work.entries[p]) {
      return where + "entries: expected " + std::to_string(work.entries[p]) + ", seen " + std::to_string(pe.entries);
    }
  }
  const std::optional<PeCycles> account = account_cycles(layer.device_layer("test"), inputs, result, config);
  if (!account) return "the account of PE cycles differs from the counters";
  if (account->total() != config.n_pe * result.counters.cycles) {
    return "PE cycles by reason: expected " + std::to_string(config.n_pe * result.counters.cycles) + " together, seen " +
           std::to_string(account->total());
  }
  return "";
}

/// What differs from the golden model (outputs, saturation) or breaks a rule of the counters, or an empty string. Also
/// records the layer (tested.h); `stalls`: of the host, percent.
inline std::string layer_fault(const LayerResult& result, const LayerCase& layer, const std::vector<std::int32_t>& inputs,
                               const HwConfig& config, unsigned stalls = 0) {
  record_tested(config, layer.device_layer("test"), inputs, result, stalls);
  const GoldenResult golden = golden_of(layer, inputs, config);
  const std::string difference = first_difference(golden.outputs, result.outputs);
  if (!difference.empty()) return difference;
  if (golden.saturated != result.saturated) {
    return std::string("saturated: expected ") + (golden.saturated ? "true" : "false");
  }
  return counter_fault(result, layer, inputs, config);
}

/// Runs one layer and compares outputs, saturation and counters.
inline LayerResult run_and_check(Driver& driver, const LayerCase& layer, const std::vector<std::int32_t>& inputs,
                                 const HwConfig& config, unsigned stalls = 0) {
  driver.load({layer.device_layer("test")});
  const LayerResult result = driver.run(inputs).front();
  EXPECT_EQ(layer_fault(result, layer, inputs, config, stalls), "");
  return result;
}

inline HwConfig shipped_config(const std::string& name) {
  return load_config(std::string(EIE_SOURCE_DIR) + "/configs/" + name + ".yaml");
}

}  // namespace eie::tb
