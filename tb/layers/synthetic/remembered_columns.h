// SPDX-License-Identifier: Apache-2.0
// A source that keeps the columns that will be asked for again: drawing a synthetic column takes longer than all else that is
// done with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tb/encoding/matrix_source.h"
#include "tb/encoding/nonzero_bytes.h"

namespace eie::tb {

/// Keeps the non-zero codes of the columns with a non-zero activation when they are asked for first. Several threads may ask
/// at a time for different columns, or for columns that are kept already.
class RememberedColumns : public ColumnSource {
 public:
  /// Both must outlive the source.
  RememberedColumns(const ColumnSource& source, const std::vector<std::int32_t>& activations)
      : source_(source), activations_(activations), kept_(source.columns()) {}

  std::size_t rows() const override { return source_.rows(); }
  std::size_t columns() const override { return source_.columns(); }
  const std::vector<std::int32_t>& codebook() const override { return source_.codebook(); }

  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override {
    Kept& kept = kept_[j];
    if (!kept.known) {
      source_.column(j, codes);
      if (activations_[j] == 0) return;
      for_each_nonzero(codes.data(), codes.size(), [&](std::size_t i, std::uint8_t code) {
        kept.elements.push_back({static_cast<std::uint32_t>(i), code});
      });
      kept.known = true;
      return;
    }
    codes.assign(rows(), 0);
    for (const Element& element : kept.elements) codes[element.row] = element.code;
  }

 private:
  struct Element {
    std::uint32_t row;
    std::uint8_t code;
  };
  struct Kept {
    bool known = false;
    std::vector<Element> elements;
  };

  const ColumnSource& source_;
  const std::vector<std::int32_t>& activations_;
  mutable std::vector<Kept> kept_;
};

}  // namespace eie::tb
