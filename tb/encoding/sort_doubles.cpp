// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/sort_doubles.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace eie::tb {
namespace {

constexpr std::size_t kLong = 4096;
constexpr unsigned kDigitBits = 11;
constexpr std::size_t kDigits = 6;  // 6 * 11 bits are the 64 and two more
constexpr std::size_t kRadix = std::size_t{1} << kDigitBits;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

std::size_t digit(std::uint64_t key, std::size_t d) { return key >> (d * kDigitBits) & (kRadix - 1); }

}  // namespace

void sort_doubles(std::vector<double>& values) {
  const std::size_t n = values.size();
  if (n < kLong) return std::sort(values.begin(), values.end());
  // The order of doubles is that of their bits with the sign turned over, and of negative ones with all turned over.
  std::vector<std::uint64_t> keys(n);
  std::vector<std::array<std::size_t, kRadix>> counts(kDigits);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t bits;
    std::memcpy(&bits, &values[i], sizeof bits);
    keys[i] = bits ^ ((bits & kSign) != 0 ? ~std::uint64_t{0} : kSign);
    for (std::size_t d = 0; d < kDigits; ++d) ++counts[d][digit(keys[i], d)];
  }
  std::vector<std::uint64_t> sorted(n);
  for (std::size_t d = 0; d < kDigits; ++d) {
    std::array<std::size_t, kRadix>& at = counts[d];
    if (at[digit(keys.front(), d)] == n) continue;  // all the same: the low bits of a float32
    std::size_t first = 0;
    for (std::size_t& count : at) {
      const std::size_t here = count;
      count = first;
      first += here;
    }
    for (const std::uint64_t key : keys) sorted[at[digit(key, d)]++] = key;
    keys.swap(sorted);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bits = keys[i] ^ ((keys[i] & kSign) != 0 ? kSign : ~std::uint64_t{0});
    std::memcpy(&values[i], &bits, sizeof bits);
  }
}

}  // namespace eie::tb
