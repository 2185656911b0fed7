// SPDX-License-Identifier: Apache-2.0
// One of the workload's layers, made and encoded for a configuration.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/host/placement.h"
#include "tb/layers/workload.h"

namespace eie::tb {

/// Everything of a layer that a driver refers to: it must outlive the runs.
struct SyntheticLayer {
  std::string name;
  SyntheticMatrix matrix;
  std::vector<std::int32_t> activations;
  EncodedLayer image;
  Plan plan;
  int shift;

  /// Throws UserError when the layer does not fit the configuration's memories.
  SyntheticLayer(const LayerSpec& spec, std::uint64_t seed, const HwConfig& config)
      : name(spec.name),
        matrix(spec, seed, config.code_width, config.data_width),
        activations(synthetic_activations(spec, seed, config.data_width)),
        image(encode(matrix, config, split_rows(matrix.rows(), config))),
        plan(plan_launches(image, config, false, spec.name)),
        shift(synthetic_formats(config.data_width).shift) {}

  SyntheticLayer(const SyntheticLayer&) = delete;
  SyntheticLayer& operator=(const SyntheticLayer&) = delete;

  /// With ReLU, as the paper's layers have it, and without bias.
  DeviceLayer device_layer() const {
    DeviceLayer layer;
    layer.name = name;
    layer.image = &image;
    layer.plan = &plan;
    layer.codebook = matrix.codebook();
    layer.shift = shift;
    layer.relu = true;
    return layer;
  }
};

}  // namespace eie::tb
