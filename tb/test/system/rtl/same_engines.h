// SPDX-License-Identifier: Apache-2.0
// The same host on two engines: outputs, cycles and every counter have to be equal.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "tb/host/driver.h"

namespace eie::tb {

/// First counter that differs, as text, or an empty string.
inline std::string first_counter_difference(const Counters& expected, const Counters& seen) {
  std::string difference;
  auto compare = [&](const std::string& name, std::uint64_t x, std::uint64_t y) {
    if (!difference.empty() || x == y) return;
    difference = name + ": expected " + std::to_string(x) + ", seen " + std::to_string(y);
  };
  compare("launches", expected.launches, seen.launches);
  compare("batches", expected.batches, seen.batches);
  compare("cycles", expected.cycles, seen.cycles);
  compare("broadcasts", expected.broadcasts, seen.broadcasts);
  compare("queue_full_cycles", expected.queue_full_cycles, seen.queue_full_cycles);
  compare("act_transfer_cycles", expected.act_transfer_cycles, seen.act_transfer_cycles);
  compare("PEs", expected.pe.size(), seen.pe.size());
  for (std::size_t p = 0; p < expected.pe.size() && difference.empty(); ++p) {
    const PeCounts& x = expected.pe[p];
    const PeCounts& y = seen.pe[p];
    const std::string pe = "PE " + std::to_string(p) + " ";
    compare(pe + "entries", x.entries, y.entries);
    compare(pe + "padding", x.padding, y.padding);
    compare(pe + "padding_skipped", x.padding_skipped, y.padding_skipped);
    compare(pe + "starved", x.starved, y.starved);
    compare(pe + "spmat_reads", x.spmat_reads, y.spmat_reads);
    compare(pe + "ptr_reads", x.ptr_reads, y.ptr_reads);
    compare(pe + "act_reads", x.act_reads, y.act_reads);
  }
  return difference;
}

inline void expect_same(const LayerResult& expected, const LayerResult& seen) {
  EXPECT_EQ(first_counter_difference(expected.counters, seen.counters), "");
  EXPECT_EQ(expected.outputs, seen.outputs);
  EXPECT_EQ(expected.saturated, seen.saturated);
}

}  // namespace eie::tb
