// SPDX-License-Identifier: Apache-2.0
// Skipped padding: what Spmat read consumes in each cycle, and which columns pointer read lets wait for it. Each block alone,
// against what its header says, with random columns, contents and stalls.
#include <algorithm>
#include <deque>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/ptr_read_bench.h"
#include "tb/test/unit/hw/bench/spmat_read_bench.h"

namespace eie::tb {
namespace {

// --- Spmat read --------------------------------------------------------------------------------------------

template <class Cfg>
struct SkippingBench : SpmatReadBench<Cfg> {
  using Base = SpmatReadBench<Cfg>;
  using Base::below;
  using Base::busy;
  using Base::chance;
  using Base::column_ready;
  using Base::entry;
  using Base::entry_address;
  using Base::fetches;
  using Base::kEntries;
  using Base::kPe;
  using Base::kPerRow;
  using Base::random;
  using Base::settle;
  using Base::signed_value;
  using Base::step;
  using Base::stored;
  using Base::where;
  using typename Base::P;
  static constexpr unsigned kPadding = ((1u << Cfg::kRunWidth) - 1) << Cfg::kCodeWidth;

  std::deque<Entry<Cfg>> expected;  // of the column at work, a cycle each
  std::int64_t row_at_output = -1;
  // What the columns met
  unsigned chains = 0;     // more than one padding entry skipped at once
  unsigned over_rows = 0;  // padding of the row before among them
  unsigned paid = 0;       // padding that took a cycle

  void fill(double padding_share) {
    for (unsigned& word : stored) word = chance(padding_share) ? kPadding : below(std::uint64_t{1} << P::kEntryWidth);
    this->poke_all();
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
    EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, kPe, reg::kPeSpmatReads), fetches);
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
  b.poke_all();
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
struct ColumnsBench : PtrReadBench<Cfg> {
  using Base = PtrReadBench<Cfg>;
  using Base::activation;
  using Base::below;
  using Base::busy;
  using Base::chance;
  using Base::column_ready;
  using Base::columns;
  using Base::drain;
  using Base::drained;
  using Base::drained_now;
  using Base::entry_address;
  using Base::error;
  using Base::error_next;
  using Base::error_now;
  using Base::head;
  using Base::head_ready;
  using Base::kColumns;
  using Base::kPe;
  using Base::no_activation;
  using Base::pointers;
  using Base::random;
  using Base::settle;
  using Base::step;
  using Base::where;

  std::deque<EntryAddress<Cfg>> waiting;  // accepted, with entries, not taken
  std::size_t most_waiting = 0;

  /// Some columns have no entries, some pointers run backwards.
  ColumnsBench() {
    const std::uint64_t limit = (std::uint64_t{1} << Cfg::kPointerWidth) - 1;
    std::uint64_t at = 20;
    for (std::uint64_t& pointer : pointers) {
      pointer = at;
      if (chance(0.6)) at = std::min(limit, at + below(6));
      if (chance(0.1)) at -= std::min<std::uint64_t>(at, below(6));
    }
    this->load();
  }

  /// One cycle; true if the head was accepted.
  bool cycle_with(const Activation<Cfg>& in, bool ready, bool draining) {
    head.write(in);
    column_ready.write(ready);
    drain.write(draining);
    settle();
    EXPECT_EQ(entry_address.read().valid, !waiting.empty()) << where();
    if (!waiting.empty()) {
      EXPECT_EQ(entry_address.read(), waiting.front()) << where();
    }
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
    for (unsigned k = 0; k < count; ++k) source.add(activation(below(kColumns)));
    while (!source.empty() && !testing::Test::HasFailure()) {
      if (cycle_with(source.offer() ? source.item() : no_activation(), ready.go(), false)) source.take();
    }
    unsigned waited = 0;
    while (!drained.read() && ++waited < 1000) cycle_with(no_activation(), ready.go(), true);
    EXPECT_LT(waited, 1000u) << "never drained, " << where();
    cycle_with(no_activation(), true, false);
    busy.write(false);
    cycle_with(no_activation(), true, false);
    EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, kPe, reg::kPePtrReads), 2 * columns);
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
    for (unsigned c = b.below(40); c > 0; --c) b.cycle_with(b.activation(b.below(b.kColumns)), b.chance(0.3), false);
    b.head.write(b.no_activation());
    b.reset();
    b.waiting.clear();
    b.error_next = b.error_now = b.drained_now = false;
    b.cycle_with(b.no_activation(), true, false);
  }
  b.run(100);
}

}  // namespace
}  // namespace eie::tb
