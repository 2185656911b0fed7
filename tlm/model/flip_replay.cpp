// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/flip_replay.h"

#include <algorithm>

#include "hw/config.h"

namespace eie::model {

std::uint64_t word_with_flips(std::uint64_t word, const std::vector<MemoryFlip>& flips, MemoryFlip::Memory memory, unsigned pe,
                              std::uint64_t address, std::uint64_t cycle) {
  for (const MemoryFlip& flip : flips) {
    if (flip.memory == memory && flip.pe == pe && flip.word == address && flip.cycle <= cycle)
      word ^= std::uint64_t{1} << flip.bit;
  }
  return word;
}

FlipReplay::FlipReplay(const DeviceConfig& config, const Memories& memories, const std::vector<MemoryFlip>& flips)
    : config_(config), memories_(memories), flips_(flips), listed_(config.n_pe, false), output_(config.n_pe) {
  for (const MemoryFlip& flip : flips) {
    if (flip.memory == MemoryFlip::Memory::kSpmat) listed_[flip.pe] = true;
  }
}

std::uint32_t FlipReplay::pointer(unsigned pe, std::uint32_t index, std::uint64_t cycle) const {
  const std::uint32_t at = index & (config_.pointer_depth - 1);
  const std::uint64_t word = word_with_flips(memories_.ptr(pe)[at / 2], flips_, MemoryFlip::Memory::kPtr, pe, at / 2, cycle);
  return static_cast<std::uint32_t>(memories_.stored_pointers(word) >> (at % 2 * 32));
}

/// The entries of a column whose first address is out in `first_cycle`, one a cycle.
void FlipReplay::list_entries(unsigned pe, std::uint64_t first_cycle, SeenColumn& column) {
  const unsigned log2_row = log2_ceil(config_.entries_per_row());
  const unsigned log2_bits = log2_ceil(config_.entry_bits());
  const unsigned log2_per_word = 6 - log2_bits;
  const std::uint64_t entry_mask = (std::uint64_t{1} << config_.entry_bits()) - 1;
  Output& output = output_[pe];
  column.listed = true;
  for (std::uint32_t at = column.begin; at < column.end; ++at) {
    const std::uint32_t row = at >> log2_row & (config_.spmat_depth - 1);
    if (!output.held || output.row != row) output = {true, row, first_cycle + (at - column.begin)};
    const std::uint64_t beat = (at >> log2_per_word) & (memories_.spmat_beats() - 1);
    const std::uint64_t word =
        word_with_flips(memories_.spmat(pe)[beat], flips_, MemoryFlip::Memory::kSpmat, pe, beat, output.cycle);
    const unsigned place = (at & ((1u << log2_per_word) - 1)) << log2_bits;
    column.entries.push_back(static_cast<std::uint32_t>(word >> place & entry_mask));
  }
}

SeenBatch FlipReplay::batch(std::uint32_t pointer_base, const std::vector<std::uint32_t>& columns, std::uint64_t start) {
  struct Pe {
    std::int64_t accepted = 0;
    std::int64_t ready = 0;            // paper: the pointer unit can take the next
    std::int64_t end = 0;              // cycle after the address of the last entry
    std::vector<std::int64_t> window;  // look-ahead: starts of the last columns with entries, oldest first
  };
  const unsigned n = config_.n_pe;
  const unsigned depth = config_.look_ahead;
  SeenBatch batch;
  batch.columns = columns;
  batch.seen.resize(columns.size() * n);
  std::vector<Pe> pes(n);
  for (Pe& pe : pes) pe.window.assign(depth, 0);
  std::vector<std::int64_t> latest(config_.queue_depth, 0);  // when all PEs have taken the last broadcasts
  std::int64_t broadcast = (log2_ceil(n) + log2_ceil(config_.lnzd_fan_in) - 1) / log2_ceil(config_.lnzd_fan_in);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::int64_t& taken = latest[i % config_.queue_depth];
    broadcast = std::max(broadcast + 1, taken + 1);
    taken = 0;
    for (unsigned p = 0; p < n; ++p) {
      Pe& pe = pes[p];
      pe.accepted =
          depth == 0 ? std::max(broadcast + 1, pe.ready) : std::max({broadcast + 1, pe.accepted + 1, pe.window.front() - 1});
      taken = std::max(taken, pe.accepted);
      SeenColumn& column = batch.seen[i * n + p];
      const std::uint64_t asked = start + static_cast<std::uint64_t>(pe.accepted);
      column.begin = pointer(p, pointer_base + columns[i], asked);
      column.end = pointer(p, pointer_base + columns[i] + 1, asked);
      const std::int64_t k = column.end > column.begin ? column.end - column.begin : 0;
      const std::int64_t first = depth == 0 ? pe.accepted + 1 : std::max(pe.accepted + 1, pe.end);
      pe.ready = pe.accepted + std::max<std::int64_t>(k, 1);
      if (k == 0) continue;
      pe.end = first + k;
      if (depth != 0) {
        pe.window.erase(pe.window.begin());
        pe.window.push_back(first);
      }
      if (listed_[p]) list_entries(p, start + static_cast<std::uint64_t>(first), column);
    }
  }
  return batch;
}

}  // namespace eie::model
