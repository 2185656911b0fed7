// SPDX-License-Identifier: Apache-2.0
// How large the weights of a layer are: the first pass over them, from which thresholds are found.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "tb/compress/weights/pass.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// The bits of a magnitude: in the order of the numbers.
inline std::uint64_t magnitude_bits(double weight) {
  std::uint64_t bits;
  std::memcpy(&bits, &weight, sizeof bits);
  return bits & ~(std::uint64_t{1} << 63);
}
inline double magnitude_of_bits(std::uint64_t bits) {
  double magnitude;
  std::memcpy(&magnitude, &bits, sizeof magnitude);
  return magnitude;
}

/// Magnitudes by their upper 16 bits: exponent and five bits of the mantissa, bins of 3 % at most.
struct Magnitudes {
  static constexpr unsigned kShift = 47;
  std::vector<std::uint64_t> count;  // 65,536
  std::uint64_t size = 0;            // weights, zeros included
  std::uint64_t nonzeros = 0;
  double largest = 0;
  double deviation = 0;  // standard deviation from 0, over all weights: root of the mean square

  /// Weights of a magnitude of at least `threshold`, interpolated within a bin: for planning, not for the selection.
  double above(double threshold) const;
};

/// Throws UserError for a weight that is not finite or beyond kLargestMagnitude.
Magnitudes measure_magnitudes(const MatrixFile& file, const CompressProgress& progress);

/// A magnitude and how many weights of exactly this are kept with all that are larger.
struct Threshold {
  double magnitude = 0;
  std::uint64_t ties = 0;      // to keep
  std::uint64_t all_ties = 0;  // there are
};

/// The threshold at which exactly `keep` (at most the non-zeros) weights remain. One pass or a few more over the file; memory
/// does not depend on its size.
Threshold find_threshold(const MatrixFile& file, const Magnitudes& magnitudes, std::uint64_t keep,
                         const CompressProgress& progress);

/// The same of some magnitudes in memory, which are put into another order.
Threshold find_threshold(std::vector<double>& magnitudes, std::uint64_t keep);

}  // namespace eie::tb
