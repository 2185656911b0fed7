// SPDX-License-Identifier: Apache-2.0
// A layer in fixed point: its formats chosen (docs/numerics.md), what they lose counted, and said where a cycle count
// or a result cannot be trusted because of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/fixed_point/quantisation.h"
#include "tb/encoding/quantise.h"

namespace eie::tb {

/// A layer as real numbers. The encoded entries do not depend on formats.
struct RealLayer {
  const EncodedLayer& image;
  std::vector<double> weights;                   // value of each code, entry 0 is 0
  std::vector<double> bias;                      // one a row, or none
  std::vector<std::vector<double>> activations;  // one vector a sample
  bool relu = false;
  std::function<void()> before_sample = {};  // called before the sums of a sample are added up; what it throws ends fix_layer()
};

/// The same as the device gets it.
struct FixedLayer {
  Formats formats;
  std::vector<std::int32_t> codebook;
  std::vector<std::int32_t> bias;
  std::vector<std::vector<std::int32_t>> activations;
  std::vector<std::vector<std::int32_t>> outputs;  // what the arithmetic gives, sample after sample
  Quantisation quantisation;
  std::vector<std::string> warnings;
};

/// Chooses what `request` leaves open: the finest formats at which nothing clamps, of all samples. Throws UserError
/// when the requested formats are out of range or leave no legal shift.
FixedLayer fix_layer(const RealLayer& layer, const FormatRequest& request, const HwConfig& config);

/// Warnings of weights alone (`eie encode`), and what they lose.
struct FixedWeights {
  int weight_frac = 0;
  QuantityLoss loss;
  std::vector<std::string> warnings;
};
FixedWeights fix_weights(const EncodedLayer& image, const std::vector<double>& weights, const std::optional<int>& request,
                         unsigned width);

}  // namespace eie::tb
