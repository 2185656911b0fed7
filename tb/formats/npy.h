// SPDX-License-Identifier: Apache-2.0
// NumPy .npy files. Any file of numbers, .npy among them, is read by tb/formats/matrix_file.h; here are a reader that
// goes row by row through .npy alone, and the writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// An open .npy file, read row by row.
class NpyReader {
 public:
  /// Opens the file and checks header and size. Throws UserError.
  explicit NpyReader(const std::string& path);

  /// Dimensions as stored: one or two, each at least 1.
  const std::vector<std::size_t>& shape() const { return file_->shape(); }
  std::size_t rows() const { return file_->rows(); }  // a vector is one row
  std::size_t columns() const { return file_->columns(); }

  /// "float32", "uint8", ...
  std::string type() const { return file_->type(); }
  bool is_float() const { return file_->type().rfind("float", 0) == 0; }
  /// "(3, 4)"
  std::string shape_text() const { return file_->shape_text(); }

  /// Reads the next row. Throws UserError on NaN and infinity, and where integers are asked for when the file holds
  /// floats or a value beyond int64.
  void read_row(std::vector<double>& row);
  void read_row(std::vector<std::int64_t>& row);

  /// Throws the UserError `path: <found>: expected <expected>`.
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const { file_->fail(found, expected); }

 private:
  std::unique_ptr<MatrixFile> file_;
  std::size_t row_ = 0;  // next row
};

/// A vector of numbers of `length` elements (0: any length), from a file of any format. Throws UserError.
std::vector<double> load_float_vector(const std::string& path, std::size_t length);

/// The same of integers.
std::vector<std::int64_t> load_integer_vector(const std::string& path, std::size_t length);

/// Writes `.npy` version 1.0 through a temporary file. `element` is NumPy's type code ("<f4", "|u1", ...),
/// the data are the product of `shape` elements in C order. Throws UserError when the file cannot be written.
void write_npy_bytes(const std::string& path, const char* element, const void* data, std::size_t item_bytes,
                     const std::vector<std::size_t>& shape);

/// NumPy's code for a C++ element type.
template <class T>
constexpr const char* npy_type() {
  static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>, "a number");
  if constexpr (std::is_floating_point_v<T>) {
    return sizeof(T) == 4 ? "<f4" : "<f8";
  } else if constexpr (std::is_signed_v<T>) {
    return sizeof(T) == 1 ? "|i1" : sizeof(T) == 2 ? "<i2" : sizeof(T) == 4 ? "<i4" : "<i8";
  } else {
    return sizeof(T) == 1 ? "|u1" : sizeof(T) == 2 ? "<u2" : sizeof(T) == 4 ? "<u4" : "<u8";
  }
}

/// Writes a vector, or a matrix whose last dimension runs fastest. Throws UserError.
template <class T>
void write_npy(const std::string& path, const std::vector<T>& data, const std::vector<std::size_t>& shape) {
  write_npy_bytes(path, npy_type<T>(), data.data(), sizeof(T), shape);
}
template <class T>
void write_npy(const std::string& path, const std::vector<T>& data) {
  write_npy(path, data, {data.size()});
}

}  // namespace eie::tb
