#include "quantise.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "error.h"

namespace eie::tb {
namespace {

double largest(unsigned width) { return std::ldexp(1.0, static_cast<int>(width) - 1) - 1; }

double scaled(double x, int frac) { return std::nearbyint(std::ldexp(x, frac)); }

bool holds(const ValueRange& range, int frac, unsigned width) {
  return scaled(range.high, frac) <= largest(width) && scaled(range.low, frac) >= -largest(width) - 1;
}

int requested(const std::optional<int>& frac, const char* name, unsigned width, int automatic) {
  if (!frac) return automatic;
  const int d = static_cast<int>(width);
  if (*frac < -d || *frac > 2 * d) {
    throw UserError(std::string(name) + " is " + std::to_string(*frac) + ": expected " + std::to_string(-d) +
                    " to " + std::to_string(2 * d));
  }
  return *frac;
}

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

int largest_frac(const ValueRange& range, unsigned width) {
  const int d = static_cast<int>(width);
  if (range.low == 0 && range.high == 0) return d - 1;
  int frac = 2 * d;
  while (frac > -d && !holds(range, frac, width)) --frac;
  return frac;
}

int weight_format(const ValueRange& weights, unsigned width, const std::optional<int>& request) {
  return requested(request, "weight-frac", width, largest_frac(weights, width));
}

Formats choose_formats(const ValueRange& weights, const ValueRange& activations, double out_magnitude,
                       unsigned width, const FormatRequest& request) {
  ValueRange out;
  out.add(out_magnitude);
  const int max_shift = 2 * static_cast<int>(width) - 2;
  Formats f;
  f.act_frac = requested(request.act_frac, "act-frac", width, largest_frac(activations, width));
  f.weight_frac = weight_format(weights, width, request.weight_frac);
  f.out_frac = requested(request.out_frac, "out-frac", width,
                         std::max(-static_cast<int>(width), largest_frac(out, width) - 1));
  f.shift = f.weight_frac + f.act_frac - f.out_frac;
  if (f.shift > max_shift && !request.weight_frac) {
    f.weight_frac -= f.shift - max_shift;
    f.shift = max_shift;
  }
  if (f.shift < 0 && !request.out_frac) {
    f.out_frac += f.shift;
    f.shift = 0;
  }
  if (f.shift < 0 || f.shift > max_shift) {
    throw UserError("weight-frac " + std::to_string(f.weight_frac) + " + act-frac " +
                    std::to_string(f.act_frac) + " - out-frac " + std::to_string(f.out_frac) +
                    " gives a shift of " + std::to_string(f.shift) + ": expected 0 to " +
                    std::to_string(max_shift));
  }
  return f;
}

}  // namespace eie::tb
