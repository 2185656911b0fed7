// SPDX-License-Identifier: Apache-2.0
// Skipped padding: what Spmat read consumes in each cycle, and which columns pointer read lets wait for it. Each block alone,
// against what its header says, with random columns, contents and stalls.
#include <deque>
#include <vector>

#include "hw/ptr_read.h"
#include "hw/spmat_read.h"
#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

// --- Spmat read --------------------------------------------------------------------------------------------

template <class Cfg>
struct SkippingBench : Bench {
  using P = Params<Cfg>;
  using Block = SpmatRead<Cfg>;
  static constexpr unsigned kPerRow = P::kEntriesPerRow;
  static constexpr unsigned kPerBeat = 64 / P::kEntryWidth;
  static constexpr unsigned kEntries = smaller(Cfg::kSpmatDepth * kPerRow, (1u << Cfg::kPointerWidth) - 1);
  static constexpr unsigned kPadding = ((1u << Cfg::kRunWidth) - 1) << Cfg::kCodeWidth;
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::entry_address)> entry_address{"entry_address"};
  Wire<decltype(Block::column_ready)> column_ready{"column_ready"};
  Wire<decltype(Block::entry)> entry{"entry"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"spmat_read"};

  std::vector<unsigned> stored = std::vector<unsigned>(Cfg::kSpmatDepth * kPerRow);
  std::deque<Entry<Cfg>> expected;  // of the column at work, a cycle each
  std::int64_t row_at_output = -1;
  std::uint64_t fetches = 0;
  // What the columns met
  unsigned chains = 0;     // more than one padding entry skipped at once
  unsigned over_rows = 0;  // padding of the row before among them
  unsigned paid = 0;       // padding that took a cycle

  SkippingBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.entry_address(entry_address);
    block.column_ready(column_ready);
    block.entry(entry);
    block.host(host);
    block.host_q(host_q);
    pe.write(0);
    reset();
  }

  void fill(double padding_share) {
    for (unsigned& word : stored) word = chance(padding_share) ? kPadding : below(std::uint64_t{1} << P::kEntryWidth);
    for (std::size_t beat = 0; beat < stored.size() / kPerBeat; ++beat) {
      std::uint64_t value = 0;
      for (unsigned k = 0; k < kPerBeat; ++k) value |= std::uint64_t{stored[beat * kPerBeat + k]} << (k * P::kEntryWidth);
      block.poke(beat, value);
    }
  }

  /// The header's words: a cycle goes to the next weight of the row, or to the last entry of column or row; padding behind
  /// the row's last weight goes with it, if the column goes on.
  void expect_column(const EntryAddress<Cfg>& column) {
    const unsigned begin = column.address.to_uint();
    const unsigned end = begin + column.length.to_uint();
    unsigned pending = 0;
    for (unsigned at = begin; at < end;) {
      const unsigned row_end = (at / kPerRow + 1) * kPerRow;
      if (row_at_output != static_cast<std::int64_t>(at / kPerRow)) ++fetches;
      row_at_output = at / kPerRow;
      const unsigned last = std::min(end, row_end) - 1;
      unsigned place = at;
      while (place < last && stored[place] == kPadding) ++place;
      Entry<Cfg> e;
      e.valid = true;
      e.first = expected.empty();
      e.skipped = place - at + pending;
      e.code = stored[place] & (P::kCodes - 1);
      e.run = stored[place] >> Cfg::kCodeWidth;
      e.value = column.value;
      expected.push_back(e);
      chains += place - at + pending > 1 ? 1 : 0;
      over_rows += pending != 0 ? 1 : 0;
      paid += stored[place] == kPadding ? 1 : 0;
      pending = 0;
      at = place + 1;
      if (stored[place] != kPadding && row_end < end) {
        unsigned behind = at;
        while (behind < row_end && stored[behind] == kPadding) ++behind;
        if (behind == row_end) {
          pending = row_end - at;
          at = row_end;
        }
      }
    }
  }

  EntryAddress<Cfg> any_column(unsigned longest) {
    EntryAddress<Cfg> c;
    c.valid = true;
    c.first = true;
    const unsigned length = 1 + below(longest);
    c.length = length;
    c.address = below(kEntries - length + 1);
    c.value = signed_value(Cfg::kDataWidth);
    return c;
  }

  /// One cycle with a column at the address, or with the fields of one; true if it was taken.
  bool cycle_with(const EntryAddress<Cfg>& column) {
    entry_address.write(column);
    settle();
    EXPECT_EQ(entry.read().valid, !expected.empty()) << where();
    if (!expected.empty()) {
      EXPECT_EQ(entry.read(), expected.front()) << where();
      expected.pop_front();
    }
    EXPECT_EQ(column_ready.read(), expected.empty()) << where();
    const bool taken = column.valid && expected.empty();
    if (taken) expect_column(column);
    step();
    return taken;
  }

  void run(unsigned columns, unsigned longest, bool gaps) {
    busy.write(true);
    EntryAddress<Cfg> none = any_column(longest);
    none.valid = false;
    cycle_with(none);
    row_at_output = -1;
    fetches = 0;
    Stalls stalls(gaps ? &random : nullptr);
    Source<EntryAddress<Cfg>> source(stalls);
    for (unsigned k = 0; k < columns; ++k) source.add(any_column(longest));
    while (!source.empty()) {
      if (cycle_with(source.offer() ? source.item() : none)) source.take();
      if (testing::Test::HasFailure()) return;
    }
    while (!expected.empty()) cycle_with(none);
    cycle_with(none);
    busy.write(false);
    cycle_with(none);
    EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, 0, reg::kPeSpmatReads), fetches);
  }
};

template <class Cfg>
class SkippedPadding : public testing::Test {};
TYPED_TEST_SUITE(SkippedPadding, SkipCfgs, CfgName);

TYPED_TEST(SkippedPadding, EveryEntryOnceInOrder) {
  SkippingBench<TypeParam> b;
  for (const double share : {0.0, 0.3, 0.6, 0.9, 1.0}) {
    b.fill(share);
    const unsigned longest = std::min(3 * b.kPerRow, b.kEntries / 2);
    b.run(200, longest, false);
    b.run(100, longest, true);
    b.run(100, 3, true);
  }
  EXPECT_GT(b.chains, 0u);
  EXPECT_GT(b.over_rows, 0u);
  EXPECT_GT(b.paid, 0u);
}

// The header's diagram, and a row end: weight, padding | padding, weight takes two cycles, padding alone before it three.
TYPED_TEST(SkippedPadding, TakesTheCyclesOfTheDiagram) {
  using B = SkippingBench<TypeParam>;
  B b;
  b.fill(0.0);
  for (unsigned& word : b.stored) word = 1;
  const unsigned n = b.kPerRow;
  b.stored[1] = b.stored[n - 1] = b.stored[n] = B::kPadding;
  for (std::size_t beat = 0; beat < b.stored.size() / b.kPerBeat; ++beat) {
    std::uint64_t value = 0;
    for (unsigned k = 0; k < b.kPerBeat; ++k) {
      value |= std::uint64_t{b.stored[beat * b.kPerBeat + k]} << (k * Params<TypeParam>::kEntryWidth);
    }
    b.block.poke(beat, value);
  }
  const auto cycles_of = [&b](unsigned address, unsigned length) {
    EntryAddress<TypeParam> c;
    c.valid = c.first = true;
    c.address = address;
    c.length = length;
    EXPECT_TRUE(b.cycle_with(c));
    const unsigned cycles = static_cast<unsigned>(b.expected.size());
    c.valid = false;
    for (unsigned k = 0; k < cycles; ++k) {
      EXPECT_EQ(b.column_ready.read(), k + 1 == cycles) << "cycle " << k;
      b.cycle_with(c);
    }
    return cycles;
  };
  EXPECT_EQ(cycles_of(0, 3), 2u);      // weight, padding, weight
  EXPECT_EQ(cycles_of(n - 2, 4), 2u);  // weight, padding | padding, weight
  EXPECT_EQ(cycles_of(n - 1, 3), 2u);  // padding | padding, weight: the first one takes a cycle
  EXPECT_EQ(cycles_of(n - 1, 1), 1u);  // padding that ends a column
}

// Reset in the middle of a column ends it.
TYPED_TEST(SkippedPadding, ResetEndsTheColumn) {
  SkippingBench<TypeParam> b;
  b.fill(0.5);
  for (unsigned round = 0; round < 20; ++round) {
    for (unsigned c = b.below(30); c > 0; --c) b.cycle_with(b.any_column(std::min(2 * b.kPerRow, b.kEntries / 2)));
    b.entry_address.write(EntryAddress<TypeParam>());
    b.reset();
    b.expected.clear();
    b.row_at_output = -1;
    EXPECT_FALSE(b.entry.read().valid);
    EXPECT_TRUE(b.column_ready.read());
  }
}

// --- Pointer read ------------------------------------------------------------------------------------------

template <class Cfg>
struct ColumnsBench : Bench {
  using Block = PtrRead<Cfg>;
  static constexpr unsigned kColumns = Cfg::kPointerDepth - 1;
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::drain)> drain{"drain"};
  Wire<decltype(Block::head)> head{"head"};
  Wire<decltype(Block::head_ready)> head_ready{"head_ready"};
  Wire<decltype(Block::entry_address)> entry_address{"entry_address"};
  Wire<decltype(Block::column_ready)> column_ready{"column_ready"};
  Wire<decltype(Block::drained)> drained{"drained"};
  Wire<decltype(Block::error)> error{"error"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"ptr_read"};
  std::vector<std::uint64_t> pointers = std::vector<std::uint64_t>(Cfg::kPointerDepth);
  std::deque<EntryAddress<Cfg>> waiting;  // accepted, with entries, not taken
  std::size_t most_waiting = 0;
  std::uint64_t columns = 0;
  bool error_next = false;
  bool error_now = false;
  bool drained_now = false;

  ColumnsBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.drain(drain);
    block.head(head);
    block.head_ready(head_ready);
    block.entry_address(entry_address);
    block.column_ready(column_ready);
    block.drained(drained);
    block.error(error);
    block.host(host);
    block.host_q(host_q);
    pe.write(0);
    reset();
    // Some columns have no entries, some pointers run backwards.
    const std::uint64_t limit = (std::uint64_t{1} << Cfg::kPointerWidth) - 1;
    std::uint64_t at = 20;
    for (unsigned k = 0; k < Cfg::kPointerDepth; ++k) {
      (k % 2 == 0 ? block.even : block.odd).poke(k / 2, at);
      pointers[k] = at;
      if (chance(0.6)) at = std::min(limit, at + below(6));
      if (chance(0.1)) at -= std::min<std::uint64_t>(at, below(6));
    }
  }

  Activation<Cfg> activation(bool valid) {
    Activation<Cfg> a;
    a.valid = valid;
    a.column = below(kColumns);
    a.value = signed_value(Cfg::kDataWidth);
    return a;
  }

  /// One cycle; true if the head was accepted.
  bool cycle_with(const Activation<Cfg>& in, bool ready, bool draining) {
    head.write(in);
    column_ready.write(ready);
    drain.write(draining);
    settle();
    EXPECT_EQ(entry_address.read().valid, !waiting.empty()) << where();
    if (!waiting.empty()) EXPECT_EQ(entry_address.read(), waiting.front()) << where();
    EXPECT_EQ(error.read(), error_now) << where();
    EXPECT_EQ(drained.read(), drained_now) << where();
    drained_now = draining && !in.valid && waiting.empty() && ready;
    if (ready && !waiting.empty()) waiting.pop_front();
    // The SRAM outputs and kLookAhead descriptors hold a column each; the outputs must be free for the next one.
    const bool room = waiting.size() <= Cfg::kLookAhead;
    EXPECT_EQ(head_ready.read() || ready, room) << waiting.size() << " wait, " << where();
    const bool accepted = in.valid && room;
    step();
    error_now = error_next;
    error_next = false;
    if (accepted) {
      ++columns;
      EntryAddress<Cfg> c;
      const std::uint64_t begin = pointers[in.column.to_uint()];
      const std::uint64_t end = pointers[in.column.to_uint() + 1];
      error_next = end < begin;
      if (begin < end) {
        c.valid = c.first = true;
        c.address = begin;
        c.length = end - begin;
        c.value = in.value;
        waiting.push_back(c);
        most_waiting = std::max(most_waiting, waiting.size());
      }
    }
    return accepted;
  }

  void run(unsigned count) {
    busy.write(true);
    columns = 0;
    Stalls gaps(&random);
    Stalls ready(&random);
    Source<Activation<Cfg>> source(gaps);
    for (unsigned k = 0; k < count; ++k) source.add(activation(true));
    while (!source.empty() && !testing::Test::HasFailure()) {
      if (cycle_with(source.offer() ? source.item() : activation(false), ready.go(), false)) source.take();
    }
    unsigned waited = 0;
    while (!drained.read() && ++waited < 1000) cycle_with(activation(false), ready.go(), true);
    EXPECT_LT(waited, 1000u) << "never drained, " << where();
    cycle_with(activation(false), true, false);
    busy.write(false);
    cycle_with(activation(false), true, false);
    EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, 0, reg::kPePtrReads), 2 * columns);
  }
};

TYPED_TEST(SkippedPadding, ColumnsWaitInOrder) {
  ColumnsBench<TypeParam> b;
  for (unsigned round = 0; round < 10; ++round) b.run(200);
  EXPECT_EQ(b.most_waiting, TypeParam::kLookAhead + 1) << "all places were in use";
}

TYPED_TEST(SkippedPadding, ResetForgetsTheColumns) {
  ColumnsBench<TypeParam> b;
  for (unsigned round = 0; round < 20; ++round) {
    for (unsigned c = b.below(40); c > 0; --c) b.cycle_with(b.activation(true), b.chance(0.3), false);
    b.head.write(b.activation(false));
    b.reset();
    b.waiting.clear();
    b.error_next = b.error_now = b.drained_now = false;
    b.cycle_with(b.activation(false), true, false);
  }
  b.run(100);
}

}  // namespace
}  // namespace eie::tb
