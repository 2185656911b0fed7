// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/synthetic/mersenne_twister.h"

#include <algorithm>
#include <cstring>

#include "tlm/model/inner_loops.h"

namespace eie::tb {
namespace {

// The parameters of mt19937_64.
constexpr std::size_t kWords = 312;
constexpr std::size_t kMiddle = 156;
constexpr std::uint64_t kUpper = 0xFFFFFFFF80000000u;
constexpr std::uint64_t kLower = 0x7FFFFFFFu;
constexpr std::uint64_t kTwist = 0xB5026F5AA96619E9u;

std::uint64_t twisted(std::uint64_t here, std::uint64_t next, std::uint64_t middle) {
  const std::uint64_t y = (here & kUpper) | (next & kLower);
  return middle ^ (y >> 1) ^ ((std::uint64_t{0} - (y & 1)) & kTwist);
}

/// Word k of the new state needs words k and k + 1 of the old one, and k + 156 of the old or k - 156 of the new one: the
/// halves of the loop depend on nothing that they write.
EIE_VECTOR_CLONES
void advance(std::uint64_t* __restrict state, std::uint64_t* __restrict block) {
  for (std::size_t k = 0; k < kMiddle; ++k) state[k] = twisted(state[k], state[k + 1], state[k + kMiddle]);
  const std::uint64_t* const first = state;
  std::uint64_t* const second = state + kMiddle;
#pragma GCC ivdep
  for (std::size_t k = 0; k + 1 < kMiddle; ++k) second[k] = twisted(second[k], second[k + 1], first[k]);
  second[kMiddle - 1] = twisted(second[kMiddle - 1], first[0], first[kMiddle - 1]);
  for (std::size_t k = 0; k < kWords; ++k) {
    std::uint64_t z = state[k];
    z ^= (z >> 29) & 0x5555555555555555u;
    z ^= (z << 17) & 0x71D67FFFEDA60000u;
    z ^= (z << 37) & 0xFFF7EEE000000000u;
    block[k] = z ^ (z >> 43);
  }
}

}  // namespace

MersenneTwister64::MersenneTwister64(std::uint64_t seed) {
  state_[0] = seed;
  for (std::size_t k = 1; k < kWords; ++k) {
    state_[k] = 6364136223846793005u * (state_[k - 1] ^ (state_[k - 1] >> 62)) + k;
  }
}

void MersenneTwister64::next_block() {
  advance(state_, block_);
  taken_ = 0;
}

void MersenneTwister64::draw(std::uint64_t* out, std::size_t count) {
  while (count != 0) {
    if (taken_ == kWords) next_block();
    const std::size_t part = std::min(count, kWords - taken_);
    std::memcpy(out, block_ + taken_, part * sizeof *out);
    taken_ += part;
    out += part;
    count -= part;
  }
}

}  // namespace eie::tb
