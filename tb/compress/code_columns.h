// SPDX-License-Identifier: Apache-2.0
// The codes of a compressed layer as the encoder takes them, where they lie.
#pragma once

#include "tb/compress/compressed_network.h"
#include "tb/encoding/matrix_source.h"

namespace eie::tb {

class CodeColumns : public ColumnSource {
 public:
  /// The layer must outlive this.
  explicit CodeColumns(const CompressedLayer& layer) : layer_(layer) {}
  std::size_t rows() const override { return layer_.rows; }
  std::size_t columns() const override { return layer_.columns; }
  const std::vector<std::int32_t>& codebook() const override { return none_; }
  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override {
    codes.assign(layer_.rows, 0);
    const SparseCodes& sparse = layer_.codes;
    for (std::size_t e = sparse.offset[j]; e < sparse.offset[j + 1]; ++e) codes[sparse.row[e]] = sparse.code[e];
  }

 private:
  const CompressedLayer& layer_;
  std::vector<std::int32_t> none_;
};

}  // namespace eie::tb
