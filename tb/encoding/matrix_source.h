// SPDX-License-Identifier: Apache-2.0
// Where a layer's weights come from: columns of codes, one at a time, so that no caller needs the dense
// matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eie::tb {

/// A rows x columns matrix of weight codes. Code 0 is no entry.
class ColumnSource {
 public:
  ColumnSource() = default;
  ColumnSource(const ColumnSource&) = delete;
  ColumnSource& operator=(const ColumnSource&) = delete;
  virtual ~ColumnSource() = default;

  virtual std::size_t rows() const = 0;
  virtual std::size_t columns() const = 0;

  /// Integer value of every code; entry 0 is 0.
  virtual const std::vector<std::int32_t>& codebook() const = 0;

  /// Column j (below columns()) as one code a row. `codes` is resized to rows(). The same j gives the same
  /// column. Several threads may ask at a time.
  virtual void column(std::size_t j, std::vector<std::uint8_t>& codes) const = 0;
};

}  // namespace eie::tb
