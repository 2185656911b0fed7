// SPDX-License-Identifier: Apache-2.0
// SECDED: single error corrected, double error detected. The code of a word of 1 to 64 data bits, and what a decoder
// makes of a word with errors (docs/ecc.md).
//
// An odd-weight-column code (M. Y. Hsiao, "A Class of Optimal Minimum Odd-weight-column SEC-DED Codes", IBM J. Res.
// Dev. 14, 1970): the column of each data bit in the parity check matrix is an odd number, at least three, of check bits,
// that of a check bit is the bit itself. So the sum of two different columns is never a column and never 0: two errors are
// never taken for one. Columns are taken by ascending weight, and of one weight so that the check bits cover equally many
// data bits: the shallowest trees of XOR.
//
// Plain C++17 without SystemC: SRAM wrappers simulate with it and write their Verilog from it (sram_ecc.h), and the models of
// tlm/ follow errors with it.
#pragma once

#include <cstdint>

namespace eie {

/// Check bits for this many data bits: the least number r with 2^(r-1) - r columns of odd weight from three on.
constexpr unsigned secded_check_bits(unsigned data_bits) {
  unsigned r = 4;
  while ((1u << (r - 1)) - r < data_bits) ++r;
  return r;
}

constexpr bool odd_parity(std::uint64_t bits) {
  bool odd = false;
  for (; bits != 0; bits &= bits - 1) odd = !odd;
  return odd;
}

/// Bits that are wrong in a word that was read, or that a decoder inverts.
struct SecdedBits {
  std::uint64_t data = 0;
  unsigned check = 0;
};

struct SecdedCode {
  static constexpr unsigned kMaxData = 64;
  static constexpr unsigned kMaxCheck = 8;

  unsigned data_bits = 0;
  unsigned check_bits = 0;
  std::uint8_t column[kMaxData] = {};  // check bits that a data bit is in
  std::uint64_t row[kMaxCheck] = {};   // data bits that a check bit is the parity of

  constexpr unsigned check_of(std::uint64_t data) const {
    unsigned check = 0;
    for (unsigned r = 0; r < check_bits; ++r) {
#if defined(__GNUC__)
      check |= static_cast<unsigned>(__builtin_parityll(data & row[r])) << r;
#else
      check |= (odd_parity(data & row[r]) ? 1u : 0u) << r;
#endif
    }
    return check;
  }

  /// What a decoder inverts where the syndrome is this one: one bit, or none.
  constexpr SecdedBits correction(unsigned syndrome) const {
    SecdedBits bits;
    for (unsigned k = 0; k < data_bits; ++k) {
      if (column[k] == syndrome) bits.data = std::uint64_t{1} << k;
    }
    for (unsigned r = 0; r < check_bits; ++r) {
      if (1u << r == syndrome) bits.check = 1u << r;
    }
    return bits;
  }
};

namespace detail {
constexpr unsigned weight_of(unsigned bits) {
  unsigned weight = 0;
  for (; bits != 0; bits &= bits - 1) ++weight;
  return weight;
}
}  // namespace detail

constexpr SecdedCode make_secded(unsigned data_bits) {
  SecdedCode code;
  code.data_bits = data_bits;
  code.check_bits = secded_check_bits(data_bits);
  bool taken[1u << SecdedCode::kMaxCheck] = {};
  unsigned load[SecdedCode::kMaxCheck] = {};  // data bits of each check bit so far
  unsigned weight = 3;
  for (unsigned k = 0; k < data_bits; ++k) {
    unsigned best = 0;
    unsigned least = 0;
    while (best == 0) {
      for (unsigned column = 1; column < 1u << code.check_bits; ++column) {
        if (taken[column] || detail::weight_of(column) != weight) continue;
        // The sum of squares is least where the loads are equal.
        unsigned cost = 0;
        for (unsigned r = 0; r < code.check_bits; ++r) {
          const unsigned with = load[r] + (column >> r & 1);
          cost += with * with;
        }
        if (best == 0 || cost < least) {
          best = column;
          least = cost;
        }
      }
      if (best == 0) weight += 2;  // all of this weight are taken
    }
    taken[best] = true;
    code.column[k] = static_cast<std::uint8_t>(best);
    for (unsigned r = 0; r < code.check_bits; ++r) {
      load[r] += best >> r & 1;
      if ((best >> r & 1) != 0) code.row[r] |= std::uint64_t{1} << k;
    }
  }
  return code;
}

template <unsigned kDataBits>
inline constexpr SecdedCode kSecdedCode = make_secded(kDataBits);

/// What becomes of a word that is read.
struct SecdedOutcome {
  bool corrected = false;  // one bit was wrong, and is right on the way out
  bool detected = false;   // more were: the word goes out as it is
  SecdedBits left;         // errors in what goes out, and in what is written back
};

/// The code is linear: what a decoder does depends on the errors alone, not on the data.
constexpr SecdedOutcome secded_outcome(const SecdedCode& code, const SecdedBits& errors) {
  SecdedOutcome outcome;
  outcome.left = errors;
  const unsigned syndrome = code.check_of(errors.data) ^ errors.check;
  if (syndrome == 0) return outcome;
  const SecdedBits inverted = code.correction(syndrome);
  outcome.corrected = inverted.data != 0 || inverted.check != 0;
  outcome.detected = !outcome.corrected;
  outcome.left.data ^= inverted.data;
  outcome.left.check ^= inverted.check;
  return outcome;
}

}  // namespace eie
