// SPDX-License-Identifier: Apache-2.0
// Matrices that somebody else holds in memory: a NumPy array, a SciPy matrix.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"
#include "tb/formats/number_type.h"

namespace eie::tb {

/// Elements at data + i * strides[0] + j * strides[1] bytes, of which there may be any: negative ones, 0, those of a
/// transposed matrix. Nothing is copied; `owner` keeps the elements.
struct StridedElements {
  const unsigned char* data = nullptr;
  NumberType type;
  std::vector<std::size_t> shape;  // one or two dimensions
  std::vector<std::ptrdiff_t> strides;
  std::shared_ptr<const void> owner;
};

/// A matrix (or a vector) of them. Throws UserError for another number of dimensions and for a dimension of 0.
std::unique_ptr<MatrixFile> strided_matrix(const std::string& name, const StridedElements& elements);

/// A sparse matrix of `rows` x `columns`: element k, value[k], is at (row[k], column[k]), in any order; elements at the same
/// place are added. They are copied. Throws UserError for a place outside the matrix, sizes over those of files, vectors
/// of different lengths, and NaN and infinity.
std::unique_ptr<MatrixFile> coordinate_matrix(const std::string& name, std::size_t rows, std::size_t columns,
                                              const MatrixFile& row, const MatrixFile& column, const MatrixFile& value);
/// The same without an element.
std::unique_ptr<MatrixFile> empty_matrix(const std::string& name, std::size_t rows, std::size_t columns, const std::string& type);

}  // namespace eie::tb
