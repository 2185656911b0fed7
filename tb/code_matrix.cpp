#include "code_matrix.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "npy.h"

namespace eie::tb {

CodeMatrix::CodeMatrix(std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), codes_(rows * columns, 0) {}

void CodeMatrix::column(std::size_t j, std::vector<std::uint8_t>& codes) const {
  const auto first = codes_.begin() + static_cast<std::ptrdiff_t>(j * rows_);
  codes.assign(first, first + static_cast<std::ptrdiff_t>(rows_));
}

void CodeMatrix::set_codebook(std::vector<std::int32_t> codebook) { codebook_ = std::move(codebook); }

std::vector<std::uint8_t> CodeMatrix::row_major() const {
  std::vector<std::uint8_t> result(codes_.size());
  constexpr std::size_t kTile = 64;  // both arrays stay in the cache
  for (std::size_t i0 = 0; i0 < rows_; i0 += kTile) {
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t i = i0; i < std::min(rows_, i0 + kTile); ++i) result[i * columns_ + j] = at(i, j);
    }
  }
  return result;
}

SharedWeights load_shared_weights(const std::string& path, unsigned code_width) {
  NpyReader file(path);
  if (file.shape().size() != 2) file.fail("has shape " + file.shape_text(), "a matrix, rows x columns");
  const std::size_t rows = file.rows();
  const std::size_t columns = file.columns();

  SharedWeights result;
  std::vector<double> row;
  {
    std::vector<double> weights;
    for (std::size_t i = 0; i < rows; ++i) {
      file.read_row(row);
      for (std::size_t j = 0; j < columns; ++j) {
        if (std::abs(row[j]) > kLargestMagnitude) {
          std::ostringstream found;
          found << "element [" << i << ", " << j << "] is " << row[j];
          file.fail(found.str(), "a magnitude up to 1e150");
        }
      }
      std::copy_if(row.begin(), row.end(), std::back_inserter(weights), [](double w) { return w != 0; });
    }
    result.codebook = make_codebook(std::move(weights), code_width);
  }

  result.codes = std::make_unique<CodeMatrix>(rows, columns);
  file.rewind();
  constexpr std::size_t kTile = 64;  // rows at a time, so that the column-wise writes hit whole cache lines
  std::vector<std::vector<double>> tile(std::min(kTile, rows));
  for (std::size_t i0 = 0; i0 < rows; i0 += kTile) {
    const std::size_t count = std::min(kTile, rows - i0);
    for (std::size_t i = 0; i < count; ++i) file.read_row(tile[i]);
    for (std::size_t j = 0; j < columns; ++j) {
      for (std::size_t i = 0; i < count; ++i) {
        if (tile[i][j] != 0) result.codes->at(i0 + i, j) = result.codebook.code(tile[i][j]);
      }
    }
  }
  return result;
}

}  // namespace eie::tb
