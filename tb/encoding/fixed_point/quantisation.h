// SPDX-License-Identifier: Apache-2.0
// What fixed point does to numbers, counted: values that become 0, values that clamp, and how far the rest is off.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tb/encoding/quantise.h"

namespace eie::tb {

/// One kind of number. Only values that are not zero count.
struct QuantityLoss {
  std::uint64_t values = 0;
  std::uint64_t zeroed = 0;   // became 0
  std::uint64_t clamped = 0;  // were limited to the format's range
  double max_relative_error = 0;
  void add(const QuantityLoss& other);
  /// `count` values `exact` that became `rounded`.
  void add(double exact, double rounded, std::uint64_t count);
};

/// Of a layer, or of several added up. `sums`: values are the final sums before ReLU; clamped counts additions and
/// outputs.
struct Quantisation {
  std::optional<QuantityLoss> weights;
  std::optional<QuantityLoss> biases;
  std::optional<QuantityLoss> activations;
  std::optional<QuantityLoss> sums;
  void add(const Quantisation& other);
};

/// Numbers of one kind: their range, zero included, and the smallest magnitude that is not zero.
struct Spread {
  ValueRange range;
  double smallest = 0;  // 0: nothing but zeros
  void add(double x);
};

/// Counts values as they are quantised.
QuantityLoss quantisation_loss(const std::vector<double>& values, int frac, unsigned width);
void add_quantised(QuantityLoss& loss, double value, std::uint64_t count, int frac, unsigned width);

/// The fewest bits, at least `width`, of a fixed point that clamps nothing and makes nothing 0; nothing where no legal
/// format does.
std::optional<unsigned> bits_that_hold(const Spread& spread, unsigned width);

}  // namespace eie::tb
