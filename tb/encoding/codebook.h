// SPDX-License-Identifier: Apache-2.0
// Weight sharing: a matrix as codes into a small table of values (Deep Compression, section 3; EIE, section
// III-A).
//
// Code 0 is the value 0. At most 2^code_width - 1 distinct non-zero weights are kept exactly; more are
// clustered (tb/encoding/cluster.h): the optimum where it is quick to find, else the best of k-means from several starts.
//
// A non-zero weight keeps a non-zero code even when its integer value is 0 at the chosen format, or equal to
// that of another code: it stays an entry of the matrix that adds nothing, so that structure and cycle counts
// do not depend on the number format. Unused codes repeat the largest value, so the table is ascending.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/encoding/cluster.h"
#include "tb/encoding/quantise.h"

namespace eie::tb {

/// The largest magnitude of a weight and of a product: sums of squares stay within a double.
constexpr double kLargestMagnitude = 1e150;

/// Codebook::start where every weight is kept as it is.
constexpr const char* kExactStart = "exact";

/// The table and how well it fits.
struct Codebook {
  std::vector<double> values;  // 2^code_width, values[0] = 0, the rest ascending
  std::size_t used = 0;        // non-zero codes that occur
  std::size_t distinct = 0;    // distinct non-zero weights in the matrix
  double max_error = 0;        // of a weight, through clustering
  double rms_error = 0;        // over the non-zero weights
  std::string start;           // where the clusters come from (tb/encoding/cluster.h), or kExactStart
  bool clustered() const { return distinct > used; }

  /// Range of the values, for the choice of weight_frac.
  ValueRange range() const;

  /// Code of a weight: 0 for zero, else that of the nearest value (the lower one at a tie).
  std::uint8_t code(double weight) const;

  /// Integer table of 2^code_width values q(value, frac): entry 0 is 0, the rest ascending (not strictly).
  std::vector<std::int32_t> integers(int frac, unsigned width) const;
};

/// Codebook::code() of many weights: a table of where the next code begins, and no branches.
class CodeFinder {
 public:
  explicit CodeFinder(const Codebook& codebook);
  std::uint8_t code(double weight) const {
    if (weight == 0 || !any_) return 0;
    std::size_t below = 0;  // limits below the weight
    for (std::size_t step = (limits_.size() + 1) / 2; step != 0; step /= 2) {
      below += weight > limits_[below + step - 1] ? step : 0;
    }
    return static_cast<std::uint8_t>(below + 1);
  }

 private:
  bool any_;
  std::vector<double> limits_;  // of codes 1, 2, ...: their largest weights; infinite from the last used one on
};

/// Makes the codebook of the weights given (zeros are ignored, order does not matter). `weights` is consumed.
Codebook make_codebook(std::vector<double> weights, unsigned code_width);

/// The same of weights that are counted already, with the clusters' start.
Codebook make_codebook(const Histogram& histogram, unsigned code_width, const ClusterStart& start = {});

}  // namespace eie::tb
