// SPDX-License-Identifier: Apache-2.0
// A target size of a whole network, distributed over its layers (docs/compression.md).
#pragma once

#include <cstdint>
#include <vector>

#include "tb/compress/rate/calibration.h"
#include "tb/compress/weights/magnitudes.h"

namespace eie::tb {

/// Bytes that a layer is expected to take with its non-zeros at random places: entries with their padding, a code of
/// `code_bits` and a Huffman code of the run each, and `fixed_bytes`.
double expected_bytes(double density, double size, double code_bits, unsigned index_bits, double fixed_bytes);

struct RateLayer {
  const Magnitudes* magnitudes = nullptr;
  Sensitivity sensitivity;  // empty: none was measured
};

struct RateModel {
  double code_bits = 4;  // of an entry
  unsigned index_bits = 4;
  double fixed_bytes = 0;  // codebook and tables of a layer
};

/// Densities at which the layers together are expected to take `bytes`, or the fewest there are.
/// With sensitivities: the least sum of the layers' errors; the last byte saves as much error in each layer. Without: the
/// threshold of each layer is the same multiple of its weights' deviation (Deep Compression's quality parameter).
std::vector<double> distribute(const std::vector<RateLayer>& layers, const RateModel& model, double bytes);

}  // namespace eie::tb
