// SPDX-License-Identifier: Apache-2.0
// The paper's Figure 2 as a layer case: 16 x 8, inputs in kFigure2Input.
#pragma once

#include "tb/layers/figure2.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {

inline LayerCase figure2_layer(const HwConfig& config) {
  LayerCase layer;
  layer.shape.rows = 16;
  layer.shape.columns = 8;
  layer.shape.shift = 0;
  layer.shape.relu = true;
  layer.matrix = figure2_matrix();
  layer.image = encode(*layer.matrix, config, split_rows(16, config));
  layer.plan = plan_launches(layer.image, config, false, "figure 2");
  return layer;
}

}  // namespace eie::tb
