// SPDX-License-Identifier: Apache-2.0
// A dense matrix of codes in memory, and how one is made from a file of float weights.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tb/encoding/codebook.h"
#include "tb/encoding/matrix_source.h"
#include "tb/formats/container/sparse_codes.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// One byte a weight, stored column after column; or, of a matrix from a sparse file, five bytes a non-zero.
class CodeMatrix : public ColumnSource {
 public:
  using Sparse = SparseCodes;

  /// All codes zero.
  CodeMatrix(std::size_t rows, std::size_t columns);
  CodeMatrix(std::size_t rows, std::size_t columns, Sparse codes);

  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return columns_; }
  const std::vector<std::int32_t>& codebook() const override { return codebook_; }
  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override;

  /// Not of a sparse one.
  std::uint8_t& at(std::size_t i, std::size_t j) { return codes_[j * rows_ + i]; }
  std::uint8_t at(std::size_t i, std::size_t j) const { return codes_[j * rows_ + i]; }

  /// The integers depend on the format, which is chosen after the codes.
  void set_codebook(std::vector<std::int32_t> codebook);

  /// Codes in C order (row after row), as a .npy file wants them.
  std::vector<std::uint8_t> row_major() const;

 private:
  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::uint8_t> codes_;
  std::optional<Sparse> sparse_;
  std::vector<std::int32_t> codebook_;
};

/// The non-zero codes of a matrix, column after column, rows ascending.
CodeMatrix::Sparse sparse_codes(const ColumnSource& matrix);

/// A weight file turned into codes.
struct SharedWeights {
  std::unique_ptr<CodeMatrix> codes;
  Codebook codebook;
  std::string note;  // what was assumed in reading the file; mostly empty
};

/// Reads a rows x columns matrix of any format (tb/formats/matrix_file.h) twice, row by row: for the codebook, then
/// for the codes. Throws UserError on a bad file.
SharedWeights load_shared_weights(const std::string& path, unsigned code_width);
/// The same of a matrix that is open, or in memory.
SharedWeights share_weights(const MatrixFile& file, unsigned code_width);

}  // namespace eie::tb
