// A dense matrix of codes in memory, and how one is made from a file of float weights.
#pragma once

#include <memory>
#include <string>

#include "codebook.h"
#include "matrix_source.h"

namespace eie::tb {

/// One byte a weight, stored column after column.
class CodeMatrix : public ColumnSource {
 public:
  /// All codes zero.
  CodeMatrix(std::size_t rows, std::size_t columns);

  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return columns_; }
  const std::vector<std::int32_t>& codebook() const override { return codebook_; }
  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override;

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
  std::vector<std::int32_t> codebook_;
};

/// A weight file turned into codes.
struct SharedWeights {
  std::unique_ptr<CodeMatrix> codes;
  Codebook codebook;
};

/// Reads a rows x columns float matrix (.npy, float32 or float64) twice, row by row: for the codebook, then
/// for the codes. Throws UserError on a bad file.
SharedWeights load_shared_weights(const std::string& path, unsigned code_width);

}  // namespace eie::tb
