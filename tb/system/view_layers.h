// The stimulus of the logs that view_test compares: a few random layers through the port of a device whose
// host stalls.
#pragma once

#include "layer_case.h"

namespace eie::tb {

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
  return 0;
}

}  // namespace eie::tb
