// SPDX-License-Identifier: Apache-2.0
// A matrix with its rows and columns in another order: what the device holds of it, for encoder and golden model alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "tb/compress/balance/layer_order.h"
#include "tb/encoding/matrix_source.h"
#include "tb/encoding/nonzero_bytes.h"

namespace eie::tb {

/// Row p of it is row order.rows[p] of the source, column p column order.columns[p]. The source must outlive it.
class PermutedSource final : public ColumnSource {
 public:
  /// Throws std::logic_error for orders of another length.
  PermutedSource(const ColumnSource& source, const LayerOrder& order)
      : source_(source), columns_(order.columns), place_(places_of(order.rows)) {
    if ((!place_.empty() && place_.size() != source.rows()) || (!columns_.empty() && columns_.size() != source.columns())) {
      throw std::logic_error("permuted source: an order of another length than the matrix");
    }
  }

  std::size_t rows() const override { return source_.rows(); }
  std::size_t columns() const override { return source_.columns(); }
  const std::vector<std::int32_t>& codebook() const override { return source_.codebook(); }

  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override {
    const auto at = static_cast<std::size_t>(at_place(columns_, j));
    if (place_.empty()) return source_.column(at, codes);
    std::vector<std::uint8_t> column;
    source_.column(at, column);
    codes.assign(column.size(), 0);
    for_each_nonzero(column.data(), column.size(), [&](std::size_t i, std::uint8_t code) { codes[place_[i]] = code; });
  }

 private:
  const ColumnSource& source_;
  const Order columns_;
  const Order place_;  // of each row
};

}  // namespace eie::tb
