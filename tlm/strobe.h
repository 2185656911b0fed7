// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite write strobes: which bytes of a 64-bit word a beat touches, a bit a byte, the low byte first.
#pragma once

#include <cstdint>

namespace eie {

constexpr unsigned kWholeWord = 0xFF;
constexpr unsigned kLowHalf = 0x0F;
constexpr unsigned kHighHalf = 0xF0;

/// The bits of the bytes that a strobe names.
constexpr std::uint64_t strobe_bits(unsigned strobe) {
  std::uint64_t bits = 0;
  for (unsigned byte = 0; byte < 8; ++byte) {
    if ((strobe >> byte & 1) != 0) bits |= std::uint64_t{0xFF} << 8 * byte;
  }
  return bits;
}

/// `old` with the bytes of `data` that the strobe names.
constexpr std::uint64_t merge_bytes(std::uint64_t old, std::uint64_t data, unsigned strobe) {
  const std::uint64_t bits = strobe_bits(strobe);
  return (old & ~bits) | (data & bits);
}

/// Registers are written by whole 32-bit halves.
constexpr bool is_whole_halves(unsigned strobe) { return strobe == kWholeWord || strobe == kLowHalf || strobe == kHighHalf; }

}  // namespace eie
