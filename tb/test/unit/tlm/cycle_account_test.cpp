// SPDX-License-Identifier: Apache-2.0
// Which reason a PE's cycle has, by hand, and that every cycle has one.
#include "tlm/model/timing/cycle_account.h"

#include <array>
#include <gtest/gtest.h>
#include <map>

#include "tb/cli/report/report.h"
#include "tb/host/pe_account.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

struct Told {
  AccountedBatch batch;
  std::vector<CycleSpan> spans;
  std::vector<std::string> cycles;  // per PE, a letter a cycle
};

/// `entries[i][p]`. Fails where two spans meet in a cycle of a PE, or none.
Told told(const HwConfig& config, const std::vector<std::vector<int>>& entries) {
  Told t;
  t.batch = account_batch(
      config, entries.size(), [&](std::size_t i, unsigned p) { return entries[i][p]; },
      [&](const CycleSpan& span) { t.spans.push_back(span); });
  t.cycles.assign(config.n_pe, std::string(t.batch.cycles, '?'));
  for (const CycleSpan& span : t.spans) {
    for (std::int64_t x = span.first; x < span.last; ++x) {
      char& at = t.cycles[span.pe].at(static_cast<std::size_t>(x));
      EXPECT_EQ(at, '?') << "PE " << span.pe << ", cycle " << x << " has two reasons";
      at = "WPEHNFDT"[static_cast<unsigned>(span.reason)];
    }
  }
  for (const std::string& pe : t.cycles) EXPECT_EQ(pe.find('?'), std::string::npos) << pe;
  return t;
}

HwConfig config_of(unsigned n_pe, unsigned queue_depth, unsigned look_ahead) {
  HwConfig c = small_config(n_pe);
  c.queue_depth = queue_depth;
  c.look_ahead = look_ahead;
  return c;
}

TEST(CycleAccount, OnePeByHand) {
  // Broadcasts in cycles 1, 3 and 6: the queue has one entry, which leaves in 2, 5 and 7.
  const Told t = told(config_of(1, 1, 0), {{3}, {0}, {2}});
  EXPECT_EQ(t.cycles[0], "FFFFWWWEHWWDDD");
  EXPECT_EQ(t.batch.queue_full_cycles, 3u);
}

TEST(CycleAccount, TheHolderIsTheLastToMakeRoom) {
  // PE 1 of two has most of the work; a queue of two entries lets PE 0 run two columns ahead.
  const Told t = told(config_of(2, 2, 0), {{1, 5}, {1, 5}, {1, 5}, {1, 5}, {1, 5}});
  bool held = false;
  for (const CycleSpan& span : t.spans) {
    if (span.reason != CycleReason::kHeld) continue;
    held = true;
    EXPECT_EQ(span.pe, 0u);
    EXPECT_EQ(span.held_by, 1u);
  }
  EXPECT_TRUE(held);
  EXPECT_EQ(t.cycles[1], "FFFFF" + std::string(25, 'W') + "DDD");
}

TEST(CycleAccount, LookAheadHidesEmptyColumns) {
  const std::vector<std::vector<int>> entries = {{4}, {0}, {0}, {4}};
  EXPECT_EQ(told(config_of(1, 8, 0), entries).cycles[0], "FFFFWWWWEEWWWWDDD");
  EXPECT_EQ(told(config_of(1, 8, 4), entries).cycles[0], "FFFFWWWWWWWWDDD");
  EXPECT_EQ(told(config_of(1, 8, 4), {{0}, {0}, {2}}).cycles[0], "FFFFEEWWDDD");
}

TEST(CycleAccount, NothingBroadcast) {
  const Told t = told(config_of(4, 8, 0), {});
  for (const std::string& pe : t.cycles) EXPECT_EQ(pe, "FFDDDD");
}

TEST(CycleAccount, WhatBoundsALayer) {
  Counters c;
  c.cycles = 150;
  c.broadcasts = 40;
  c.pe = {{110, 10, 40, 0, 0, 0}, {90, 0, 60, 0, 0, 0}};
  EXPECT_EQ(floors_of(c).nonzeros, 95);
  EXPECT_EQ(floors_of(c).broadcasts, 40u);
  EXPECT_NEAR(*floors_of(c).distance, 150 / 95.0 - 1, 1e-12);
  PeCycles account;
  account[CycleReason::kWork] = 190;
  account[CycleReason::kHeld] = 80;
  account[CycleReason::kPadding] = 10;
  account[CycleReason::kTransfer] = 20;
  EXPECT_EQ(bound_text(c, account),
            "non-zero weights, spread evenly over the PEs: 95 cycles at least, 57.9 % more were taken; most PE cycles "
            "without work: waiting for a broadcast that another PE's full queue holds back, 26.7 %");
  c.broadcasts = 100;
  EXPECT_EQ(bound_text(c, account).rfind("broadcasts, one a cycle: 100 cycles at least, 50.0 % more", 0), 0u);
  EXPECT_FALSE(floors_of(Counters{}).distance.has_value());
}

}  // namespace
}  // namespace eie::tb
