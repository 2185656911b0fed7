// SPDX-License-Identifier: Apache-2.0
// The golden sparse matrix-vector product: what every engine must give, bit for bit (docs/numerics.md).
//
// Written on its own: it shares no arithmetic with the encoder, the quantiser or the hardware.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "tb/encoding/matrix_source.h"

namespace eie::tb {

/// Accumulates columns in ascending order; no dense matrix is kept.
class Golden {
 public:
  /// `rows` sums of acc_width bits, each starting from its bias (empty: zero). data_width <= acc_width <= 48,
  /// 0 <= shift <= 2 * data_width - 2.
  Golden(std::size_t rows, unsigned data_width, unsigned acc_width, int shift, const std::vector<std::int32_t>& bias);

  /// Adds column j: `rows` integer weights times one activation. Columns come in ascending order; those left
  /// out count as multiplied by zero. Throws std::logic_error otherwise.
  void column(std::size_t j, const std::vector<std::int32_t>& weights, std::int32_t activation);

  /// The outputs: ReLU if asked for, then clamped to data_width bits.
  std::vector<std::int32_t> finish(bool relu) const;

  /// True once a sum has been clamped to acc_width bits.
  bool saturated() const { return saturated_; }

 private:
  std::vector<std::int64_t> sum_;
  std::int64_t sum_low_, sum_high_;
  std::int64_t data_low_, data_high_;
  std::int64_t half_;
  int shift_;
  std::size_t next_column_ = 0;
  bool saturated_ = false;
};

struct GoldenResult {
  std::vector<std::int32_t> outputs;
  bool saturated = false;
};

/// Is shown the columns that a layer uses, in order: number, codes.
using ColumnVisitor = std::function<void(std::size_t j, const std::vector<std::uint8_t>& codes)>;

/// A whole layer: the columns of `source` with a non-zero activation, through its codebook. `also` sees the same columns,
/// for whoever needs them too where making a column takes long.
GoldenResult golden_layer(const ColumnSource& source, const std::vector<std::int32_t>& activations,
                          const std::vector<std::int32_t>& bias, int shift, bool relu, unsigned data_width, unsigned acc_width,
                          const ColumnVisitor& also = {});

}  // namespace eie::tb
