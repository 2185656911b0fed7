// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/memory/memory_matrix.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "tb/formats/readers.h"

namespace eie::tb {
namespace {

class StridedMatrix final : public MatrixFile {
 public:
  StridedMatrix(const std::string& name, StridedElements elements) : MatrixFile(name, "memory"), elements_(std::move(elements)) {
    shape_ = elements_.shape;
    type_ = elements_.type.name();
    along_ = elements_.strides.back();
    down_ = elements_.strides.size() == 2 ? elements_.strides.front() : 0;
  }

  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<StridedMatrix>(*this); }

  void read_integers(std::size_t first, std::size_t count, std::int64_t* values) const override {
    const NumberType& type = elements_.type;
    if (type.is_float()) fail("holds " + this->type(), "integers");
    read(first, count, values,
         [&](const unsigned char* from, std::size_t n, std::int64_t* to) { to_integers(from, n, type, to); });
    if (type.kind != 'u') return;
    for (std::size_t k = 0; k < count * columns(); ++k) {
      if (values[k] < 0) fail(place(first + k / columns(), k % columns()) + " is over 2^63", "int64 values");
    }
  }

 private:
  void convert(std::size_t first, std::size_t count, double* values) const override {
    read(first, count, values,
         [&](const unsigned char* from, std::size_t n, double* to) { to_doubles(from, n, elements_.type, to); });
  }

  const unsigned char* at(std::size_t row, std::size_t column) const {
    return elements_.data + static_cast<std::ptrdiff_t>(row) * down_ + static_cast<std::ptrdiff_t>(column) * along_;
  }

  /// Runs of elements that are neighbours in memory are converted at once: rows, columns, or single elements.
  template <class T, class Convert>
  void read(std::size_t first, std::size_t count, T* values, Convert convert_run) const {
    const auto step = static_cast<std::ptrdiff_t>(elements_.type.bytes);
    const std::size_t n = columns();
    if (along_ == step) {
      for (std::size_t i = 0; i < count; ++i) convert_run(at(first + i, 0), n, values + i * n);
    } else if (down_ == step) {
      std::vector<T> part(count);  // a column's share of these rows
      for (std::size_t j = 0; j < n; ++j) {
        convert_run(at(first, j), count, part.data());
        for (std::size_t i = 0; i < count; ++i) values[i * n + j] = part[i];
      }
    } else {
      std::vector<unsigned char> row(n * elements_.type.bytes);
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          std::memcpy(row.data() + j * elements_.type.bytes, at(first + i, j), elements_.type.bytes);
        }
        convert_run(row.data(), n, values + i * n);
      }
    }
  }

  StridedElements elements_;
  std::ptrdiff_t down_ = 0;   // bytes to the next row
  std::ptrdiff_t along_ = 0;  // bytes to the next column
};

/// Indices, each below `end`.
std::vector<std::uint32_t> indices_of(const std::string& name, const MatrixFile& file, const char* what, std::size_t end) {
  std::vector<std::int64_t> wide(file.columns());
  file.read_integers(0, 1, wide.data());
  std::vector<std::uint32_t> indices(wide.size());
  for (std::size_t k = 0; k < wide.size(); ++k) {
    if (wide[k] < 0 || static_cast<std::uint64_t>(wide[k]) >= end) {
      fail_file(name, "its element " + std::to_string(k) + " is in " + what + " " + std::to_string(wide[k]),
                std::string(what) + "s from 0 to " + std::to_string(end - 1));
    }
    indices[k] = static_cast<std::uint32_t>(wide[k]);
  }
  return indices;
}

}  // namespace

std::unique_ptr<MatrixFile> strided_matrix(const std::string& name, const StridedElements& elements) {
  if (elements.shape.empty() || elements.shape.size() > 2) {
    fail_file(name, "has shape " + shape_text(elements.shape), "one or two dimensions");
  }
  for (const std::size_t size : elements.shape) {
    if (size == 0) fail_file(name, "has no elements: shape " + shape_text(elements.shape), "at least one");
  }
  return std::make_unique<StridedMatrix>(name, elements);
}

std::unique_ptr<MatrixFile> coordinate_matrix(const std::string& name, std::size_t rows, std::size_t columns,
                                              const MatrixFile& row, const MatrixFile& column, const MatrixFile& value) {
  check_sparse_size(name, rows, columns);
  if (row.shape() != value.shape() || column.shape() != value.shape() || value.shape().size() != 1) {
    fail_file(name,
              "has rows of shape " + row.shape_text() + ", columns of shape " + column.shape_text() + " and values of shape " +
                  value.shape_text(),
              "three vectors of one length");
  }
  Triplets elements;
  elements.row = indices_of(name, row, "row", rows);
  elements.column = indices_of(name, column, "column", columns);
  elements.value.resize(value.columns());
  value.read_rows(0, 1, elements.value.data());
  return std::make_unique<SparseFile>(name, "memory", value.type(), std::vector<std::size_t>{rows, columns}, elements);
}

std::unique_ptr<MatrixFile> empty_matrix(const std::string& name, std::size_t rows, std::size_t columns,
                                         const std::string& type) {
  check_sparse_size(name, rows, columns);
  return std::make_unique<SparseFile>(name, "memory", type, std::vector<std::size_t>{rows, columns}, Triplets());
}

}  // namespace eie::tb
