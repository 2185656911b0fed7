// SPDX-License-Identifier: Apache-2.0
// Multiplication in two stages: a factor becomes radix-4 Booth digits, then as many partial products as it has digits are
// added (A. D. Booth, A Signed Binary Multiplication Technique, 1951; O. L. MacSorley, High-Speed Arithmetic in Binary Computers,
// Proc. IRE 49(1), 1961). Against `*` of two registers the recoding is out of the multiplier's path and half of its partial
// products are gone (docs/synthesis.md has the figures).
//
// A D-bit factor is the sum of digits -2, -1, 0, 1, 2 times 4^k, k from 0 to D/2 - 1. Bit 2k of each of the three words below is
// about digit k; odd bits are 0:
//
//   one, two   its magnitude; neither: 0
//   negative   it is below 0
#pragma once

#include "ints.h"

namespace eie {

template <unsigned D>
struct Booth {
  static_assert(D % 2 == 0 && D <= 32, "whole digits, and a product of 64 bits at most");
  using Bits = UInt<D>;
  using Factor = Int<D>;
  using Product = Int<2 * D>;
  using ProductBits = UInt<2 * D>;
  using Row = UInt<D + 1>;

  static constexpr std::uint64_t kEven = 0x5555555555555555u & (~std::uint64_t{0} >> (64 - D));

  static Bits one(const Bits& bits) {
    const Bits low = bits << 1;
    return Bits((bits ^ low) & kEven);
  }
  static Bits two(const Bits& bits) {
    const Bits low = bits << 1;
    const Bits high = bits >> 1;
    return Bits((high ^ bits) & ~(bits ^ low) & kEven);
  }
  static Bits negative(const Bits& bits) {
    const Bits low = bits << 1;
    const Bits high = bits >> 1;
    return Bits(high & ~(bits & low) & kEven);
  }

  /// Digits times value, as hardware does it. The top bit of each row is inverted in place of an extension of its sign; what that
  /// adds, 2^D at each digit, is taken off in one constant. A negative row is its complement, and 1 more: bit 2k of `negative`.
  static Product product(const Bits& one, const Bits& two, const Bits& negative, const Factor& value) {
    const Int<D + 1> wide = value;
    const Row plain = bits_of<D + 1>(wide);
    const Row twice = plain << 1;
    ProductBits sum = kTakenOff;
    sum = sum + negative;
    for (unsigned k = 0; k < D / 2; ++k) {
      Row row = kSign;
      if (one[2 * k]) {
        row = row ^ plain;
      }
      if (two[2 * k]) {
        row = row ^ twice;
      }
      if (negative[2 * k]) {
        row = row ^ kAll;
      }
      sum = sum + (ProductBits(row) << (2 * k));
    }
    Product result;
    result = sum;
    return result;
  }

  /// The factor that digits stand for.
  static Factor factor(const Bits& one, const Bits& two, const Bits& negative) {
    const std::uint64_t magnitude = one | (two << 1);
    const std::uint64_t below = negative | (negative << 1);
    return Factor(static_cast<std::int64_t>(magnitude & ~below) - static_cast<std::int64_t>(magnitude & below));
  }

 private:
  static constexpr std::uint64_t kSign = std::uint64_t{1} << D;
  static constexpr std::uint64_t kAll = (kSign << 1) - 1;
  static constexpr std::uint64_t kTakenOff = (std::uint64_t{0} - kSign * kEven) & (~std::uint64_t{0} >> (64 - 2 * D));
};

}  // namespace eie
