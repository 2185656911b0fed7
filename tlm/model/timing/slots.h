// SPDX-License-Identifier: Apache-2.0
// Cycles that a PE's column takes behind its pointers: one an entry, or less where padding is skipped (`skip_padding`).
//
// Padding is an entry with code 0 and the largest run, as an encoder writes it. It takes no cycle of its own when the entry
// behind it is in the same Spmat row and column: both are read together. At the end of a row there is nothing to read it with:
// it goes with the entry before it, if the row has one of the column that is no padding; else it takes a cycle, in which the
// next row is fetched (docs/architecture.md, "Padding skipped"). A code 0 with a smaller run, which only a bad image has,
// takes a cycle.
#pragma once

#include <cstdint>

#include "hw/config.h"
#include "tlm/config/device_config.h"

namespace eie::model {

/// Walks through a PE's columns entry by entry.
class SlotWalk {
 public:
  explicit SlotWalk(const DeviceConfig& config)
      : skips_(config.skip_padding),
        row_mask_(config.entries_per_row() - 1),
        entry_mask_((std::uint32_t{1} << config.entry_bits()) - 1),
        padding_(((std::uint32_t{1} << config.run_width) - 1) << config.code_width) {}

  /// Bits of an entry.
  std::uint32_t entry_mask() const { return entry_mask_; }

  void begin_column() { weight_ = false; }

  /// The column's next entry, at address `at` in Spmat: whether it takes a cycle. `last`: it is the column's last.
  bool takes_slot(std::uint32_t at, std::uint32_t entry, bool last) {
    if (!skips_) return true;
    const bool row_ends = (at & row_mask_) == row_mask_;
    const bool takes = entry != padding_ || last || (row_ends && !weight_);
    weight_ = !row_ends && (weight_ || entry != padding_);
    return takes;
  }

 private:
  bool skips_;
  std::uint32_t row_mask_;
  std::uint32_t entry_mask_;
  std::uint32_t padding_;
  bool weight_ = false;  // the row has an entry of the column that is no padding
};

}  // namespace eie::model
