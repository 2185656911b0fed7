// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/flip_replay.h"

#include <algorithm>

#include "hw/config.h"
#include "tlm/model/ecc/ecc.h"
#include "tlm/model/timing/pe_timing.h"
#include "tlm/model/timing/slots.h"

namespace eie::model {

std::uint64_t word_with_flips(std::uint64_t word, const std::vector<MemoryFlip>& flips, MemoryFlip::Memory memory, unsigned pe,
                              std::uint64_t address, std::uint64_t cycle) {
  for (const MemoryFlip& flip : flips) {
    if (flip.memory == memory && flip.pe == pe && flip.word == address && flip.cycle <= cycle)
      word ^= std::uint64_t{1} << flip.bit;
  }
  return word;
}

FlipReplay::FlipReplay(const DeviceConfig& config, const Memories& memories, const std::vector<MemoryFlip>& flips, EccReplay* ecc)
    : config_(config), memories_(memories), flips_(flips), ecc_(ecc), listed_(config.n_pe, false), output_(config.n_pe) {
  for (unsigned p = 0; ecc != nullptr && p < config.n_pe; ++p) listed_[p] = ecc->follows(p, SramKind::kSpmat);
  for (const MemoryFlip& flip : flips) {
    if (flip.memory == MemoryFlip::Memory::kSpmat) listed_[flip.pe] = true;
  }
}

std::uint32_t FlipReplay::pointer(unsigned pe, std::uint32_t index, std::uint64_t cycle) {
  const std::uint32_t at = index & (config_.pointer_depth - 1);
  if (ecc_ != nullptr) return ecc_->pointer(pe, at, cycle);
  const std::uint64_t word = word_with_flips(memories_.ptr(pe)[at / 2], flips_, MemoryFlip::Memory::kPtr, pe, at / 2, cycle);
  return static_cast<std::uint32_t>(memories_.stored_pointers(word) >> (at % 2 * 32));
}

/// The entries of a column whose first address is out in `first_cycle`. Returns the cycles that it takes.
std::uint32_t FlipReplay::list_entries(unsigned pe, std::uint64_t first_cycle, SeenColumn& column) {
  const unsigned log2_row = log2_ceil(config_.entries_per_row());
  const unsigned log2_bits = log2_ceil(config_.entry_bits());
  const unsigned log2_per_word = 6 - log2_bits;
  const std::uint64_t entry_mask = (std::uint64_t{1} << config_.entry_bits()) - 1;
  Output& output = output_[pe];
  SlotWalk walk(config_);
  std::uint32_t slot = 0;
  column.listed = listed_[pe];
  // Of a PE that is not listed the cycles alone are asked for: its memory is as it was written.
  EccReplay* const ecc = column.listed ? ecc_ : nullptr;
  for (std::uint32_t at = column.begin; at < column.end; ++at) {
    const std::uint32_t row = at >> log2_row & (config_.spmat_depth - 1);
    if (!output.held || output.row != row) {
      output = {true, row, first_cycle + slot};
      if (ecc != nullptr) ecc->fetch(pe, row, output.cycle);
    }
    const std::uint64_t beat = (at >> log2_per_word) & (memories_.spmat_beats() - 1);
    const std::uint64_t word =
        ecc != nullptr ? ecc->fetched(pe, beat)
                       : word_with_flips(memories_.spmat(pe)[beat], flips_, MemoryFlip::Memory::kSpmat, pe, beat, output.cycle);
    const unsigned place = (at & ((1u << log2_per_word) - 1)) << log2_bits;
    const auto entry = static_cast<std::uint32_t>(word >> place & entry_mask);
    slot += walk.takes_slot(at, entry, at + 1 == column.end) ? 1 : 0;
    if (column.listed) column.entries.push_back(entry);
  }
  return slot;
}

SeenBatch FlipReplay::batch(std::uint32_t pointer_base, const std::vector<std::uint32_t>& columns, std::uint64_t start) {
  const unsigned n = config_.n_pe;
  SeenBatch batch;
  batch.columns = columns;
  batch.seen.resize(columns.size() * n);
  std::vector<PeTiming> pes(n, PeTiming(config_));
  std::vector<std::int64_t> latest(config_.queue_depth, 0);  // when all PEs have taken the last broadcasts
  std::int64_t broadcast = (log2_ceil(n) + log2_ceil(config_.lnzd_fan_in) - 1) / log2_ceil(config_.lnzd_fan_in);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::int64_t& taken = latest[i % config_.queue_depth];
    broadcast = std::max(broadcast + 1, taken + 1);
    taken = 0;
    for (unsigned p = 0; p < n; ++p) {
      PeTiming& pe = pes[p];
      const std::int64_t accepted = pe.accept(broadcast);
      taken = std::max(taken, accepted);
      SeenColumn& column = batch.seen[i * n + p];
      const std::uint64_t asked = start + static_cast<std::uint64_t>(accepted);
      column.begin = pointer(p, pointer_base + columns[i], asked);
      column.end = pointer(p, pointer_base + columns[i] + 1, asked);
      std::int64_t slots = column.end > column.begin ? column.end - column.begin : 0;
      if (slots != 0 && (listed_[p] || config_.skip_padding)) {
        slots = list_entries(p, start + static_cast<std::uint64_t>(pe.start()), column);
      }
      pe.take(slots);
    }
  }
  return batch;
}

}  // namespace eie::model
