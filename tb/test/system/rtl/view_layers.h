// SPDX-License-Identifier: Apache-2.0
// The stimulus of the logs that view_test compares: a few random layers through the port of a device whose
// host stalls, and launches that a soft reset ends, one cycle later each time.
#pragma once

#include "tb/test/system/layer_case.h"

namespace eie::tb {

/// A launch with biases, columns and stores, and a soft reset so many cycles behind its start.
inline void run_into_reset(Device& device, const HwConfig& config, unsigned cycles) {
  device.write(reg::kInLength, 2 * config.n_pe);
  device.write(reg::kOutLength, config.batch_columns() - 1);
  device.write(reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast | reg::kLayerBias);
  for (unsigned code = 1; code < config.codes(); ++code) device.write(reg::kCodebook + 8 * code, 5 * code);
  device.write(reg::kCtrl, reg::kCtrlStart);
  device.read_stream(std::vector<std::uint64_t>(cycles + 1, reg::kStatus));
  device.write(reg::kCtrl, reg::kCtrlSoftReset);
  for (unsigned p = 0; p < config.n_pe; ++p) device.read(config.window_base(p) + config.window().act_offset);
}

/// Exit status: 0 if every result was right.
inline int run_view_layers(Device& device, const HwConfig& config, std::uint64_t seed) {
  Driver driver(device, config, LoadMode::kPort);
  Random random(seed);
  for (unsigned k = 0; k < 4; ++k) {
    LayerShape shape;
    shape.rows = 1 + random.below(120);
    shape.columns = 1 + random.below(60);
    shape.weight_density = k == 0 ? 1 : 0.2;
    shape.activation_density = 0.6;
    shape.shift = static_cast<int>(3 * k);
    shape.bias = k % 2 != 0;
    shape.relu = k % 2 == 0;
    shape.weight_limit = config.data_width == 8 ? 127 : 32767;
    shape.activation_limit = config.data_width == 8 ? 127 : 2000;
    const LayerCase layer = make_layer(shape, config, random.bits());
    driver.load({layer.device_layer("layer")});
    const std::vector<std::int32_t> inputs = make_activations(shape, random.bits());
    const LayerResult result = driver.run(inputs).front();
    if (result.outputs != golden_of(layer, inputs, config).outputs) return 1;
  }
  for (unsigned cycles = 0; cycles < 60; ++cycles) run_into_reset(device, config, cycles);
  return 0;
}

}  // namespace eie::tb
