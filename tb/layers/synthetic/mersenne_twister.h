// SPDX-License-Identifier: Apache-2.0
// The sequence of std::mt19937_64 (ISO C++, [rand.predef]), a block at a time: all draws of a block at once are vector
// operations, where one at a time they are not. The synthetic layers of the bench are made of nothing else.
#pragma once

#include <cstddef>
#include <cstdint>

namespace eie::tb {

class MersenneTwister64 {
 public:
  explicit MersenneTwister64(std::uint64_t seed);

  /// The next `count` numbers of the sequence.
  void draw(std::uint64_t* out, std::size_t count);

 private:
  static constexpr std::size_t kWords = 312;

  void next_block();

  std::uint64_t state_[kWords];
  std::uint64_t block_[kWords];  // tempered
  std::size_t taken_ = kWords;   // of the block
};

}  // namespace eie::tb
