// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same everywhere: mt19937_64 (fixed by the C++ standard) with our own mapping to
// uniform, normal and shuffled values, because the standard library's distributions differ between
// implementations.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>

namespace eie::tb {

/// One step of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a bijective mix of 64 bits.
constexpr std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// FNV-1a, 64 bits.
inline std::uint64_t hash_text(const std::string& text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

/// A stream of random numbers. Streams of different (seed, stream, index) are independent.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) : Random(seed_of(seed, stream, index)) {}

  /// The engine's seed for a stream.
  static std::uint64_t seed_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    return splitmix64(splitmix64(splitmix64(seed) ^ stream) ^ index);
  }

  std::uint64_t bits() { return engine_(); }

  /// Uniform in [0, 1): the top 53 bits.
  double uniform() { return std::ldexp(static_cast<double>(engine_() >> 11), -53); }

  /// Uniform in 0 .. n-1, n >= 1: the remainder, draws over the last whole multiple of n rejected.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    std::uint64_t x = engine_();
    while (x >= limit) x = engine_();
    return x % n;
  }

  /// Normal with mean 0 and deviation 1: Marsaglia's polar method, first value of the pair.
  double normal() {
    for (;;) {
      const double u = 2 * uniform() - 1;
      const double v = 2 * uniform() - 1;
      const double s = u * u + v * v;
      if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace eie::tb
