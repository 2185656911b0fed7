// SPDX-License-Identifier: Apache-2.0
// The element types of binary files, and how they become doubles and integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace eie::tb {

/// A real type as NumPy has them: float of 2, 4 or 8 bytes, integers of 1 to 8, bool; and bfloat16, the upper half of a float32.
struct NumberType {
  char kind = 'f';  // 'f', 'i', 'u', 'b' (bool) or 'B' (bfloat16)
  unsigned bytes = 4;
  bool swapped = false;  // big endian

  bool is_float() const { return kind == 'f' || kind == 'B'; }
  /// "float32", "uint8", "bool"
  std::string name() const;
};

/// `count` elements in a row, to doubles. 64-bit integers beyond 2^53 are rounded to the nearest.
void to_doubles(const unsigned char* from, std::size_t count, const NumberType& type, double* to);

/// `count` elements of an integer type, exactly, but for uint64 beyond int64: these become negative.
void to_integers(const unsigned char* from, std::size_t count, const NumberType& type, std::int64_t* to);

}  // namespace eie::tb
