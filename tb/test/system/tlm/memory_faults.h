// SPDX-License-Identifier: Apache-2.0
// Bits that flip in four neighbouring words of a memory with ECC, drawn at random.
#pragma once

#include <vector>

#include "hw/secded.h"
#include "tb/support/random.h"
#include "tlm/config/device_config.h"
#include "tlm/model/flip_replay.h"

namespace eie::tb {

struct MemoryFaults {
  MemoryFaults(Random& random, const DeviceConfig& c) {
    MemoryFlip flip;
    flip.pe = static_cast<unsigned>(random.below(c.n_pe));
    const unsigned kind = static_cast<unsigned>(random.below(3));
    flip.memory = kind == 0 ? MemoryFlip::Memory::kSpmat : kind == 1 ? MemoryFlip::Memory::kPtr : MemoryFlip::Memory::kAct;
    const std::uint64_t words[] = {std::uint64_t{c.spmat_depth} * c.spmat_width / 64, c.pointer_depth / 2, c.act_depth};
    const std::uint64_t offsets[] = {0, c.window().ptr_offset, c.window().act_offset};
    const unsigned checks[] = {2 * secded_check_bits(32), 2 * secded_check_bits(c.pointer_width),
                               c.lanes() * secded_check_bits(c.data_width)};
    const std::uint64_t first = random.below(2) == 0 ? random.below(8) : random.below(words[kind] - 8);
    address = c.window_base(flip.pe) + offsets[kind] + 8 * first;
    for (std::uint64_t n = 1 + random.below(6); n > 0; --n) {
      flip.word = first + random.below(4);
      flip.bit = static_cast<unsigned>(random.below(64 + checks[kind]));
      flips.push_back(flip);
    }
  }
  std::vector<MemoryFlip> flips;
  std::uint64_t address = 0;  // of the first of the four words
};

}  // namespace eie::tb
