// SPDX-License-Identifier: Apache-2.0
// Bits of the memories that flip in the middle of a launch: what each read of Spmat and Ptr sees then.
//
// A flip at the beginning of cycle c is seen by what the SRAM is asked for in cycle c and later. The pointers of a column are
// asked for in the cycle in which the pointer unit accepts it, a row of Spmat in the cycle of the address of its first entry,
// unless the row is at the SRAM output already; it stays there as it was read. When that is follows from the recurrence
// (recurrence.h), walked here column by column, since a pointer that flips moves what comes behind it.
#pragma once

#include <cstdint>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/model/memories.h"

namespace eie::model {

/// A bit of a 64-bit word of a PE's memory, at the beginning of a cycle of the launch.
struct MemoryFlip {
  enum class Memory { kSpmat, kPtr, kAct };
  std::uint64_t cycle = 0;
  unsigned pe = 0;
  Memory memory = Memory::kSpmat;
  std::uint64_t word = 0;
  unsigned bit = 0;  // with ECC from 64 on: of the check bits of its code words, those of the first one lowest
};

/// A memory's word as it is read in a cycle.
std::uint64_t word_with_flips(std::uint64_t word, const std::vector<MemoryFlip>& flips, MemoryFlip::Memory memory, unsigned pe,
                              std::uint64_t address, std::uint64_t cycle);

/// A column in one PE as it was read.
struct SeenColumn {
  std::uint32_t begin = 0;  // pointers
  std::uint32_t end = 0;
  bool listed = false;  // the entries are here; else as they are in the memory
  std::vector<std::uint32_t> entries;
};

/// The columns of a batch, those of broadcast i and PE p at [i * n_pe + p].
struct SeenBatch {
  std::vector<std::uint32_t> columns;  // of the launch
  std::vector<SeenColumn> seen;
};

class EccReplay;

class FlipReplay {
 public:
  /// All must outlive the launch. The memories are as they are when it starts. `ecc`: with ECC, what the reads see (ecc.h).
  FlipReplay(const DeviceConfig& config, const Memories& memories, const std::vector<MemoryFlip>& flips,
             EccReplay* ecc = nullptr);

  /// One batch whose state `compute` begins in cycle `start`; batches come in order.
  SeenBatch batch(std::uint32_t pointer_base, const std::vector<std::uint32_t>& columns, std::uint64_t start);

 private:
  struct Output {  // of a PE's Spmat
    bool held = false;
    std::uint32_t row = 0;
    std::uint64_t cycle = 0;  // in which it was asked for
  };
  std::uint32_t pointer(unsigned pe, std::uint32_t index, std::uint64_t cycle);
  std::uint32_t list_entries(unsigned pe, std::uint64_t first_cycle, SeenColumn& column);

  const DeviceConfig& config_;
  const Memories& memories_;
  const std::vector<MemoryFlip>& flips_;
  EccReplay* ecc_;
  std::vector<bool> listed_;  // PEs whose Spmat flips
  std::vector<Output> output_;
};

}  // namespace eie::model

// In use outside the model, under names that say what they are.
namespace eie {
using model::MemoryFlip;
}  // namespace eie
