// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/code_matrix.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "tb/support/parallel.h"

namespace eie::tb {

CodeMatrix::CodeMatrix(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), codes_(rows * columns, 0) {}

CodeMatrix::CodeMatrix(std::size_t rows, std::size_t columns, Sparse codes)
    : rows_(rows), columns_(columns), sparse_(std::move(codes)) {}

void CodeMatrix::column(std::size_t j, std::vector<std::uint8_t>& codes) const {
  if (sparse_) {
    codes.assign(rows_, 0);
    for (std::size_t e = sparse_->offset[j]; e < sparse_->offset[j + 1]; ++e) codes[sparse_->row[e]] = sparse_->code[e];
    return;
  }
  const auto first = codes_.begin() + static_cast<std::ptrdiff_t>(j * rows_);
  codes.assign(first, first + static_cast<std::ptrdiff_t>(rows_));
}

void CodeMatrix::set_codebook(std::vector<std::int32_t> codebook) { codebook_ = std::move(codebook); }

std::vector<std::uint8_t> CodeMatrix::row_major() const {
  std::vector<std::uint8_t> result(rows_ * columns_);
  if (sparse_) {
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t e = sparse_->offset[j]; e < sparse_->offset[j + 1]; ++e) {
        result[sparse_->row[e] * columns_ + j] = sparse_->code[e];
      }
    }
    return result;
  }
  constexpr std::size_t kTile = 64;  // both arrays stay in the cache
  for (std::size_t i0 = 0; i0 < rows_; i0 += kTile) {
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t i = i0; i < std::min(rows_, i0 + kTile); ++i) result[i * columns_ + j] = at(i, j);
    }
  }
  return result;
}

CodeMatrix::Sparse sparse_codes(const ColumnSource& matrix) {
  CodeMatrix::Sparse codes;
  codes.offset.push_back(0);
  std::vector<std::uint8_t> column;
  for (std::size_t j = 0; j < matrix.columns(); ++j) {
    matrix.column(j, column);
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (column[i] == 0) continue;
      codes.row.push_back(static_cast<std::uint32_t>(i));
      codes.code.push_back(column[i]);
    }
    codes.offset.push_back(codes.row.size());
  }
  return codes;
}

namespace {

constexpr std::size_t kTile = 64;  // rows at a time, so that the column-wise writes hit whole cache lines

void check_magnitude(const MatrixFile& file, std::size_t i, std::size_t j, double x) {
  if (std::abs(x) <= kLargestMagnitude) return;
  std::ostringstream found;
  found << file.place(i, j) << " is " << x;
  file.fail(found.str(), "a magnitude up to 1e150");
}

SharedWeights share_sparse(const MatrixFile& file, unsigned code_width) {
  const SparseRows& elements = *file.sparse();
  const std::size_t rows = file.rows();
  const std::size_t columns = file.columns();
  CodeMatrix::Sparse codes;
  codes.offset.assign(columns + 1, 0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t e = elements.offset[i]; e < elements.offset[i + 1]; ++e) {
      check_magnitude(file, i, elements.column[e], elements.value[e]);
      ++codes.offset[elements.column[e] + 1];
    }
  }
  for (std::size_t j = 0; j < columns; ++j) codes.offset[j + 1] += codes.offset[j];
  SharedWeights result;
  result.codebook = make_codebook(elements.value, code_width);
  const CodeFinder finder(result.codebook);
  codes.row.resize(elements.value.size());
  codes.code.resize(elements.value.size());
  std::vector<std::size_t> at(codes.offset.begin(), codes.offset.end() - 1);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t e = elements.offset[i]; e < elements.offset[i + 1]; ++e) {
      const std::size_t k = at[elements.column[e]]++;
      codes.row[k] = static_cast<std::uint32_t>(i);
      codes.code[k] = finder.code(elements.value[e]);
    }
  }
  result.codes = std::make_unique<CodeMatrix>(rows, columns, std::move(codes));
  return result;
}

/// Calls visit(row, column, weight) for the non-zero weights of rows first .. last - 1, row by row.
template <class Visit>
void for_each_weight(const MatrixFile& file, std::size_t first, std::size_t last, Visit&& visit) {
  const std::size_t columns = file.columns();
  std::vector<double> tile(std::min(kTile, last - first) * columns);
  std::vector<std::uint32_t> present(columns);  // found without a branch, which sparse rows would often take wrong
  for (std::size_t i0 = first; i0 < last; i0 += kTile) {
    const std::size_t count = std::min(kTile, last - i0);
    file.read_rows(i0, count, tile.data());
    for (std::size_t i = 0; i < count; ++i) {
      const double* const row = tile.data() + i * columns;
      std::size_t n = 0;
      for (std::size_t j = 0; j < columns; ++j) {
        present[n] = static_cast<std::uint32_t>(j);
        n += row[j] != 0 ? 1 : 0;
      }
      for (std::size_t k = 0; k < n; ++k) visit(i0 + i, present[k], row[present[k]]);
    }
  }
}

SharedWeights share_dense(const MatrixFile& file, unsigned code_width) {
  const std::size_t rows = file.rows();
  const std::size_t columns = file.columns();
  // Each thread has whole tiles: no two write to one cache line of codes, but at its ends.
  const std::size_t tiles = (rows + kTile - 1) / kTile;
  const std::size_t threads = std::min(tiles, threads_for(rows * columns, std::size_t{1} << 20));
  auto first_row = [&](std::size_t part) { return std::min(rows, tiles * part / threads * kTile); };

  SharedWeights result;
  {
    std::vector<std::vector<double>> parts(threads);
    in_parallel(threads, [&](std::size_t part) {
      std::vector<double>& weights = parts[part];
      for_each_weight(file, first_row(part), first_row(part + 1), [&](std::size_t i, std::size_t j, double w) {
        check_magnitude(file, i, j, w);
        weights.push_back(w);
      });
    });
    std::vector<double> weights = std::move(parts.front());
    for (std::size_t part = 1; part < threads; ++part) {
      weights.insert(weights.end(), parts[part].begin(), parts[part].end());
      parts[part] = {};
    }
    result.codebook = make_codebook(std::move(weights), code_width);
  }
  result.codes = std::make_unique<CodeMatrix>(rows, columns);
  const CodeFinder finder(result.codebook);
  in_parallel(threads, [&](std::size_t part) {
    for_each_weight(file, first_row(part), first_row(part + 1),
                    [&](std::size_t i, std::size_t j, double w) { result.codes->at(i, j) = finder.code(w); });
  });
  return result;
}

}  // namespace

SharedWeights load_shared_weights(const std::string& path, unsigned code_width) {
  return share_weights(*open_matrix(path), code_width);
}

SharedWeights share_weights(const MatrixFile& file, unsigned code_width) {
  if (file.shape().size() != 2) {
    file.fail("has shape " + file.shape_text(), "a matrix, rows x columns (numpy: W.reshape(ROWS, COLUMNS))");
  }
  SharedWeights result = file.sparse() != nullptr ? share_sparse(file, code_width) : share_dense(file, code_width);
  if (!file.note().empty()) result.note = file.name() + " " + file.note();
  return result;
}

}  // namespace eie::tb
