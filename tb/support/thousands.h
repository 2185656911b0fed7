// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace eie::tb {

/// "1,234" of "1234".
inline std::string grouped(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

/// 1234567 as 1,234,567.
inline std::string thousands(std::uint64_t value) { return grouped(std::to_string(value)); }

/// "1 launch", "1,234 launches".
inline std::string counted(std::uint64_t count, const std::string& one, const std::string& several) {
  return thousands(count) + " " + (count == 1 ? one : several);
}
/// The same with an s for several.
inline std::string counted(std::uint64_t count, const std::string& one) { return counted(count, one, one + "s"); }

}  // namespace eie::tb
