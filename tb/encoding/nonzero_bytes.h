// SPDX-License-Identifier: Apache-2.0
// The bytes of an array that are not 0, eight at a time: columns of codes are mostly zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace eie::tb {

/// Calls visit(index, byte) for each non-zero byte, in ascending order. A visit may change its own byte.
template <class Visit>
void for_each_nonzero(const std::uint8_t* bytes, std::size_t count, Visit&& visit) {
  constexpr std::uint64_t kLow7 = 0x7F7F7F7F7F7F7F7Fu;
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is the lowest");
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, bytes + i, 8);
    for (std::uint64_t marks = (((eight & kLow7) + kLow7) | eight) & ~kLow7; marks != 0; marks &= marks - 1) {
      const std::size_t at = i + static_cast<std::size_t>(__builtin_ctzll(marks)) / 8;
      visit(at, bytes[at]);
    }
  }
  for (; i < count; ++i) {
    if (bytes[i] != 0) visit(i, bytes[i]);
  }
}

}  // namespace eie::tb
