// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/quantise.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "tb/support/error.h"

namespace eie::tb {
namespace {

double largest(unsigned width) { return std::ldexp(1.0, static_cast<int>(width) - 1) - 1; }

double scaled(double x, int frac) { return std::nearbyint(std::ldexp(x, frac)); }

}  // namespace

void ValueRange::add(double x) {
  low = std::min(low, x);
  high = std::max(high, x);
}

void ValueRange::add(const std::vector<double>& values) {
  for (const double x : values) add(x);
}

std::int32_t quantise(double x, int frac, unsigned width) {
  const double limit = largest(width);
  return static_cast<std::int32_t>(std::clamp(scaled(x, frac), -limit - 1, limit));
}

std::vector<std::int32_t> quantise(const std::vector<double>& values, int frac, unsigned width) {
  std::vector<std::int32_t> result;
  result.reserve(values.size());
  for (const double x : values) result.push_back(quantise(x, frac, width));
  return result;
}

bool holds(const ValueRange& range, int frac, unsigned width) {
  return scaled(range.high, frac) <= largest(width) && scaled(range.low, frac) >= -largest(width) - 1;
}

int largest_frac(const ValueRange& range, unsigned width) {
  if (range.low == 0 && range.high == 0) return static_cast<int>(width) - 1;
  int frac = kHighestFrac;
  while (frac > kLowestFrac && !holds(range, frac, width)) --frac;
  return frac;
}

int requested_frac(const std::optional<int>& frac, const char* name, int automatic) {
  if (!frac) return automatic;
  if (*frac < kLowestFrac || *frac > kHighestFrac) {
    throw UserError(std::string(name) + " is " + std::to_string(*frac) + ": expected " + std::to_string(kLowestFrac) + " to " +
                    std::to_string(kHighestFrac));
  }
  return *frac;
}

int weight_format(const ValueRange& weights, unsigned width, const std::optional<int>& request) {
  return requested_frac(request, "weight-frac", largest_frac(weights, width));
}

Formats settle(Formats f, unsigned width, const FormatRequest& request) {
  const int max_shift = 2 * static_cast<int>(width) - 2;
  f.shift = f.weight_frac + f.act_frac - f.out_frac;
  if (f.shift < 0 && !request.out_frac) f.out_frac = std::max(f.weight_frac + f.act_frac, kLowestFrac);
  f.shift = f.weight_frac + f.act_frac - f.out_frac;
  if (f.shift < 0 && !request.out_frac && !request.weight_frac) {  // out_frac is the lowest there is: weights clamp
    f.weight_frac = std::min(f.out_frac - f.act_frac, kHighestFrac);
  }
  const int excess = f.weight_frac + f.act_frac - f.out_frac - max_shift;
  if (excess > 0 && !request.weight_frac) {
    f.weight_frac = std::max(f.weight_frac - excess, kLowestFrac);
  } else if (excess > 0 && !request.act_frac) {
    f.act_frac = std::max(f.act_frac - excess, kLowestFrac);
  }
  f.shift = f.weight_frac + f.act_frac - f.out_frac;
  if (f.shift < 0 || f.shift > max_shift) {
    throw UserError("weight-frac " + std::to_string(f.weight_frac) + " + act-frac " + std::to_string(f.act_frac) +
                    " - out-frac " + std::to_string(f.out_frac) + " gives a shift of " + std::to_string(f.shift) +
                    ": expected 0 to " + std::to_string(max_shift) + " (out-frac " +
                    std::to_string(f.weight_frac + f.act_frac - max_shift) + " to " + std::to_string(f.weight_frac + f.act_frac) +
                    " beside the other two)");
  }
  return f;
}

Formats choose_formats(const ValueRange& weights, const ValueRange& activations, const ValueRange& held, unsigned width,
                       const FormatRequest& request) {
  Formats f;
  f.act_frac = requested_frac(request.act_frac, "act-frac", largest_frac(activations, width));
  f.weight_frac = weight_format(weights, width, request.weight_frac);
  f.out_frac = requested_frac(request.out_frac, "out-frac", largest_frac(held, width));
  return settle(f, width, request);
}

}  // namespace eie::tb
