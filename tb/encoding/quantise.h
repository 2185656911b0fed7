// SPDX-License-Identifier: Apache-2.0
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

/// Every format lies between these.
constexpr int kLowestFrac = -64;
constexpr int kHighestFrac = 64;

/// True when nothing in the range clamps in `width` bits (1 to 63) with `frac` fraction bits.
bool holds(const ValueRange& range, int frac, unsigned width);

/// The largest frac in [kLowestFrac, kHighestFrac] at which nothing in the range clamps; width - 1 if all is
/// zero. A range that clamps even at kLowestFrac gives that.
int largest_frac(const ValueRange& range, unsigned width);

/// `request`, or `automatic` without one. Throws UserError, naming the format, when the request is outside
/// [kLowestFrac, kHighestFrac].
int requested_frac(const std::optional<int>& request, const char* name, int automatic);

/// weight_frac on its own: the requested one, else the largest that clamps nothing. Throws UserError when a
/// requested value is outside [kLowestFrac, kHighestFrac].
int weight_format(const ValueRange& weights, unsigned width, const std::optional<int>& request);

/// What a format is chosen for when it is the last to be chosen: largest_frac() of `held`, unless requested. Then a
/// shift over 2 * width - 2 lowers weight_frac (act_frac, if weight_frac is requested), a negative one lowers
/// out_frac. Requested values stay. Throws UserError when a requested value is outside [kLowestFrac, kHighestFrac]
/// or the requested values leave no legal shift.
Formats choose_formats(const ValueRange& weights, const ValueRange& activations, const ValueRange& held, unsigned width,
                       const FormatRequest& request);

/// A legal shift for formats of which those in `request` are fixed, by the rules above. Throws UserError.
Formats settle(Formats formats, unsigned width, const FormatRequest& request);

}  // namespace eie::tb
