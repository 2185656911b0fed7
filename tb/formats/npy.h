// SPDX-License-Identifier: Apache-2.0
// Writes NumPy's .npy files. Any file of numbers, .npy among them, is read by tb/formats/matrix_file.h.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace eie::tb {

/// Writes `.npy` version 1.0 through a temporary file. `element` is NumPy's type code ("<f4", "|u1", ...),
/// the data are the product of `shape` elements in C order. Throws UserError when the file cannot be written.
void write_npy_bytes(const std::string& path, const char* element, const void* data, std::size_t item_bytes,
                     const std::vector<std::size_t>& shape);

/// What stands in front of the data: `.npy` version 1.0. A shape without sides is a single element.
std::string npy_header(const char* element, const std::vector<std::size_t>& shape);

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
