// SPDX-License-Identifier: Apache-2.0
// Counters of one PE, as its window shows them (reg::kPeEntries ...).
#pragma once

#include <cstdint>

namespace eie::model {

struct PeCounts {
  std::uint64_t entries = 0;
  std::uint64_t padding = 0;
  std::uint64_t padding_skipped = 0;  // of these: without a cycle of their own
  std::uint64_t starved = 0;
  std::uint64_t spmat_reads = 0;
  std::uint64_t ptr_reads = 0;
  std::uint64_t act_reads = 0;
};

}  // namespace eie::model
