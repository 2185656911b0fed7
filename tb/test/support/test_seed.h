// SPDX-License-Identifier: Apache-2.0
// The seed of a random test.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace eie::tb {

/// EIE_SEED of the environment, else `fallback`.
inline std::uint64_t seed_or(std::uint64_t fallback) {
  const char* text = std::getenv("EIE_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
}

/// The same, printed, so that a failure can be repeated.
inline std::uint64_t test_seed(std::uint64_t fallback = 1) {
  const std::uint64_t seed = seed_or(fallback);
  std::printf("EIE_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);  // before what is printed by std::cout, and before an abort
  return seed;
}

}  // namespace eie::tb
