// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/fixed_point/quantisation.h"

#include <algorithm>
#include <cmath>

namespace eie::tb {
namespace {

void add_optional(std::optional<QuantityLoss>& to, const std::optional<QuantityLoss>& from) {
  if (!from) return;
  if (!to) to = QuantityLoss{};
  to->add(*from);
}

}  // namespace

void QuantityLoss::add(const QuantityLoss& other) {
  values += other.values;
  zeroed += other.zeroed;
  clamped += other.clamped;
  max_relative_error = std::max(max_relative_error, other.max_relative_error);
}

void QuantityLoss::add(double exact, double rounded, std::uint64_t count) {
  if (exact == 0 || count == 0) return;
  values += count;
  if (rounded == 0) zeroed += count;
  max_relative_error = std::max(max_relative_error, std::abs(rounded - exact) / std::abs(exact));
}

void Quantisation::add(const Quantisation& other) {
  add_optional(weights, other.weights);
  add_optional(biases, other.biases);
  add_optional(activations, other.activations);
  add_optional(sums, other.sums);
}

void Spread::add(double x) {
  range.add(x);
  if (x != 0 && (smallest == 0 || std::abs(x) < smallest)) smallest = std::abs(x);
}

void add_quantised(QuantityLoss& loss, double value, std::uint64_t count, int frac, unsigned width) {
  loss.add(value, std::ldexp(quantise(value, frac, width), -frac), count);
  ValueRange range;
  range.add(value);
  if (!holds(range, frac, width)) loss.clamped += count;
}

QuantityLoss quantisation_loss(const std::vector<double>& values, int frac, unsigned width) {
  QuantityLoss loss;
  for (const double x : values) {
    if (x != 0) add_quantised(loss, x, 1, frac, width);
  }
  return loss;
}

std::optional<unsigned> bits_that_hold(const Spread& spread, unsigned width) {
  constexpr unsigned kWidest = 1024;  // more than the range of a double
  if (spread.smallest == 0) return width;
  for (unsigned bits = width; bits <= kWidest; ++bits) {
    const int frac = largest_frac(spread.range, bits);
    if (holds(spread.range, frac, bits) && std::nearbyint(std::ldexp(spread.smallest, frac)) != 0) return bits;
  }
  return std::nullopt;
}

}  // namespace eie::tb
