// Fixed point: quantisation and the choice of formats (docs/numerics.md).
//
// A value x in a format of f fraction bits is the integer q(x, f) = clamp_D(rint(x * 2^f)), ties to even.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace eie::tb {

/// Fraction bits of a layer's numbers; shift = weight_frac + act_frac - out_frac takes a product to an
/// output.
struct Formats {
  int weight_frac = 0;
  int act_frac = 0;
  int out_frac = 0;
  int shift = 0;
};

/// What the user fixed; the rest is chosen.
struct FormatRequest {
  std::optional<int> weight_frac;
  std::optional<int> act_frac;
  std::optional<int> out_frac;
};

/// Smallest and largest of some numbers, zero included.
struct ValueRange {
  double low = 0;
  double high = 0;
  void add(double x);
  void add(const std::vector<double>& values);
  double magnitude() const { return high > -low ? high : -low; }
};

/// q(x, frac) in `width` bits (8, 16 or 32).
std::int32_t quantise(double x, int frac, unsigned width);
std::vector<std::int32_t> quantise(const std::vector<double>& values, int frac, unsigned width);

/// The largest frac in [-width, 2 * width] at which nothing in the range clamps; width - 1 if all is zero. A
/// range that clamps even at -width gives -width.
int largest_frac(const ValueRange& range, unsigned width);

/// weight_frac on its own: the requested one, else the largest that clamps nothing. Throws UserError when a
/// requested value is outside [-width, 2 * width].
int weight_format(const ValueRange& weights, unsigned width, const std::optional<int>& request);

/// The automatic rules: act_frac and weight_frac are the largest that clamp nothing; out_frac is one less
/// than the largest that holds `out_magnitude` = max |float y| before ReLU; then a shift over 2 * width - 2
/// lowers weight_frac, a negative one lowers out_frac. Requested values stay. Throws UserError when a
/// requested value is outside
/// [-width, 2 * width] or the requested values leave no legal shift.
Formats choose_formats(const ValueRange& weights, const ValueRange& activations, double out_magnitude,
                       unsigned width, const FormatRequest& request);

}  // namespace eie::tb
