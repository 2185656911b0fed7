// SPDX-License-Identifier: Apache-2.0
// Pointer read: every entry address of every column in its cycle, the counter, and images that are wrong.
#include <algorithm>
#include <deque>
#include <vector>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/ptr_read_bench.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct PtrBench : PtrReadBench<Cfg> {
  using Base = PtrReadBench<Cfg>;
  using Base::activation;
  using Base::below;
  using Base::busy;
  using Base::chance;
  using Base::columns;
  using Base::drain;
  using Base::drained;
  using Base::drained_now;
  using Base::edge;
  using Base::entry_address;
  using Base::error;
  using Base::error_next;
  using Base::error_now;
  using Base::head;
  using Base::head_ready;
  using Base::kColumns;
  using Base::kPe;
  using Base::load;
  using Base::no_activation;
  using Base::pointers;
  using Base::random;
  using Base::settle;
  using Base::where;

  // The model: the columns with entries, each with those that are not out yet, the first one in progress.
  std::deque<std::deque<EntryAddress<Cfg>>> waiting;
  std::size_t most_waiting = 0;  // behind the one in progress

  /// Ascending pointers; a column has up to `most` entries.
  void random_image(unsigned most) {
    const std::uint64_t limit = (std::uint64_t{1} << Cfg::kPointerWidth) - 1;
    std::uint64_t at = below(limit / 2);
    for (std::uint64_t& p : pointers) {
      p = at;
      if (chance(0.7)) at += below(most + 1);
      if (at > limit) at = limit;
    }
    load();
  }
  /// A column is accepted when, after this cycle, none is in progress (the paper), or a descriptor is free
  /// (look-ahead).
  bool ready() const {
    const bool ends = !waiting.empty() && waiting.front().size() == 1;
    const std::size_t after = waiting.size() - (ends ? 1 : 0);
    return Cfg::kLookAhead == 0 ? after == 0 : after <= Cfg::kLookAhead;
  }

  /// One cycle with `in` at the head of the queue; true if it was accepted.
  bool cycle_with(const Activation<Cfg>& in, bool draining = false) {
    head.write(in);
    drain.write(draining);
    settle();
    compare();
    const bool accepted = in.valid && ready();
    edge();
    drained_now = draining && !in.valid && waiting.empty();
    error_now = error_next;
    error_next = false;
    if (!waiting.empty()) {
      waiting.front().pop_front();
      if (waiting.front().empty()) waiting.pop_front();
    }
    if (accepted) {
      ++columns;
      const std::uint64_t begin = pointers[in.column.to_uint()];
      const std::uint64_t end = pointers[in.column.to_uint() + 1];
      error_next = end < begin;
      std::deque<EntryAddress<Cfg>> column;
      for (std::uint64_t at = begin; at < end; ++at) {
        EntryAddress<Cfg> e;
        e.valid = true;
        e.first = at == begin;
        e.address = at;
        e.value = in.value;
        column.push_back(e);
      }
      if (!column.empty()) waiting.push_back(column);
      most_waiting = std::max(most_waiting, waiting.empty() ? 0 : waiting.size() - 1);
    }
    compare();
    return accepted;
  }

  void compare() {
    EXPECT_EQ(head_ready.read(), ready()) << waiting.size() << " columns, " << where();
    EXPECT_EQ(entry_address.read().valid, !waiting.empty()) << where();
    if (!waiting.empty()) {
      EXPECT_EQ(entry_address.read(), waiting.front().front()) << where();
    }
    EXPECT_EQ(error.read(), error_now) << where();
    EXPECT_EQ(drained.read(), drained_now) << where();
  }

  /// Feeds random columns with random gaps, then drains.
  void run(unsigned count, bool gaps) {
    busy.write(true);
    columns = 0;
    Stalls stalls(gaps ? &random : nullptr);
    Source<Activation<Cfg>> source(stalls);
    for (unsigned k = 0; k < count; ++k) source.add(activation(below(kColumns)));
    while (!source.empty()) {
      if (cycle_with(source.offer() ? source.item() : no_activation())) source.take();
    }
    unsigned waited = 0;
    while (!drained.read() && ++waited < 1000) cycle_with(no_activation(), true);
    EXPECT_LT(waited, 1000u) << "never drained, " << where();
    cycle_with(no_activation());
    busy.write(false);
    cycle_with(no_activation());
    EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, kPe, reg::kPePtrReads), 2 * columns);
  }
};

template <class Cfg>
class PtrReadTest : public testing::Test {};
TYPED_TEST_SUITE(PtrReadTest, LookAheadCfgs, CfgName);

// The header's diagram: three entries, none, one; accepted in cycles 0, 3 and 4. With look-ahead they are
// accepted one a cycle, and the column without entries costs none.
TYPED_TEST(PtrReadTest, ColumnsTakeMaxOneAndTheirEntries) {
  PtrBench<TypeParam> b;
  b.pointers = std::vector<std::uint64_t>(TypeParam::kPointerDepth, 9);
  b.pointers[0] = 5;
  b.pointers[1] = b.pointers[2] = 8;
  b.load();
  const Activation<TypeParam> in[] = {b.activation(0), b.activation(1), b.activation(2)};
  constexpr bool kAhead = TypeParam::kLookAhead != 0;
  const bool ready[] = {true, kAhead, kAhead, true, true, true, true};
  const unsigned head[] = {0, 1, kAhead ? 2u : 1u, kAhead ? 3u : 1u, kAhead ? 3u : 2u, 3, 3};
  const unsigned address[] = {0, 5, 6, 7, kAhead ? 8u : 0u, kAhead ? 0u : 8u, 0};  // 0: no entry
  const unsigned last = kAhead ? 4 : 5;
  for (unsigned t = 0; t < 7; ++t) {
    b.head.write(head[t] < 3 ? in[head[t]] : b.no_activation());
    b.settle();
    EXPECT_EQ(b.head_ready.read(), ready[t]) << b.where();
    EXPECT_EQ(b.entry_address.read().valid, address[t] != 0) << b.where();
    if (address[t] != 0) {
      EXPECT_EQ(b.entry_address.read().address, address[t]) << b.where();
      EXPECT_EQ(b.entry_address.read().first, t == 1 || t == last) << b.where();
      EXPECT_EQ(b.entry_address.read().value, in[t == last ? 2 : 0].value) << b.where();
    }
    b.edge();
  }
}

// With work always queued, n columns take the sum of max(1, entries) cycles. With look-ahead the first
// entries wait at most for the columns without entries before them.
TYPED_TEST(PtrReadTest, NoBubblesWhileWorkIsQueued) {
  PtrBench<TypeParam> b;
  b.random_image(5);
  std::uint64_t expected = 0;
  std::uint64_t entries = 0;
  for (unsigned k = 0; k < 200; ++k) {
    const unsigned column = b.below(b.kColumns);
    const Activation<TypeParam> in = b.activation(column);
    while (!b.cycle_with(in)) {
    }
    if (k < 199) entries += b.pointers[column + 1] - b.pointers[column];
    if (k < 199) expected += std::max<std::uint64_t>(1, b.pointers[column + 1] - b.pointers[column]);
  }
  if (TypeParam::kLookAhead == 0) {
    EXPECT_EQ(b.cycle(), expected + 1);
  } else {
    // Accepted, not yet out: at most the descriptors and the column in progress, of at most five entries
    // each.
    EXPECT_LT(b.cycle(), expected + 1) << "columns without entries cost as much as without look-ahead";
    EXPECT_GE(b.cycle() + 5 * (TypeParam::kLookAhead + 1), entries);
  }
}

TYPED_TEST(PtrReadTest, RandomColumnsWithStalls) {
  PtrBench<TypeParam> b;
  for (unsigned round = 0; round < 10; ++round) {
    b.random_image(round < 5 ? 3 : 40);
    b.run(300, round % 2 == 1);
  }
  EXPECT_EQ(b.most_waiting, TypeParam::kLookAhead) << "descriptors in use";
}

// The last entry that a pointer can name.
TYPED_TEST(PtrReadTest, ReachesTheLastAddress) {
  PtrBench<TypeParam> b;
  const std::uint64_t limit = (std::uint64_t{1} << TypeParam::kPointerWidth) - 1;
  b.pointers = std::vector<std::uint64_t>(TypeParam::kPointerDepth, limit);
  b.pointers[0] = limit - 2;
  b.load();
  b.run(20, false);
  b.cycle_with(b.activation(0));
  b.cycle_with(b.no_activation());
  EXPECT_EQ(b.entry_address.read().address, limit - 1);
}

// Pointers that run backwards: the column is dropped in one cycle, with one pulse of `error`; the others are
// not hurt.
TYPED_TEST(PtrReadTest, BackwardPointersDropTheColumn) {
  PtrBench<TypeParam> b;
  for (unsigned round = 0; round < 5; ++round) {
    b.random_image(4);
    for (unsigned k = 0; k < 6; ++k) {
      const unsigned at = 1 + b.below(b.kColumns);
      b.pointers[at] = b.pointers[at - 1] < 5 ? 0 : b.pointers[at - 1] - 1 - b.below(4);
    }
    b.load();
    b.run(300, round % 2 == 1);
  }
}

// `drained` needs drain, an empty queue and the end of the last column.
TYPED_TEST(PtrReadTest, DrainedOnlyAfterTheLastEntry) {
  PtrBench<TypeParam> b;
  b.pointers.assign(TypeParam::kPointerDepth, 6);
  b.pointers[0] = 0;
  b.load();
  b.cycle_with(b.activation(0));
  unsigned cycles = 0;
  while (!b.drained.read() && cycles < 20) {
    b.cycle_with(b.no_activation(), true);
    ++cycles;
  }
  EXPECT_EQ(cycles, 7u) << "six entries, then drained";
  b.cycle_with(b.no_activation(), false);
  EXPECT_FALSE(b.drained.read());
}

TYPED_TEST(PtrReadTest, HostWindow) {
  PtrBench<TypeParam> b;
  const std::uint64_t mask = (std::uint64_t{1} << TypeParam::kPointerWidth) - 1;
  for (unsigned k = 0; k < 300; ++k) {
    const unsigned word = b.below(TypeParam::kPointerDepth / 2);
    const unsigned strobe = b.below(256);
    const std::uint64_t data = b.random.bits();
    const bool mine = TypeParam::kPes == 1 || b.chance(0.7);
    const bool region = b.chance(0.8);
    host_write<TypeParam>(b, region ? reg::Region::kPtr : reg::Region::kSpmat, mine ? b.kPe : 0, word, data, strobe);
    if (mine && region) {
      const std::uint64_t pair = merge_bytes(b.pointers[2 * word] | b.pointers[2 * word + 1] << 32, data, strobe);
      b.pointers[2 * word] = pair & mask;
      b.pointers[2 * word + 1] = pair >> 32 & mask;
    }
    const unsigned look = b.below(TypeParam::kPointerDepth / 2);
    const std::uint64_t expected = b.pointers[2 * look] | b.pointers[2 * look + 1] << 32;
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kPtr, b.kPe, look), expected) << "word " << look;
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kAct, b.kPe, look), 0u);
    if (TypeParam::kPes > 1) {
      EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kPtr, 0, look), 0u);
    }
  }
  for (unsigned k = 0; k < TypeParam::kPointerDepth; ++k) {
    EXPECT_EQ((k % 2 == 0 ? b.block.even : b.block.odd).peek(k / 2), b.pointers[k]) << "pointer " << k;
  }
}

// One host access a cycle, answers in order.
TYPED_TEST(PtrReadTest, HostReadsStream) {
  PtrBench<TypeParam> b;
  b.random_image(3);
  const unsigned words = TypeParam::kPointerDepth / 2;
  for (unsigned t = 0; t < words + 2; ++t) {
    if (t >= 2) {
      EXPECT_EQ(b.host_q.read().to_uint64(), b.pointers[2 * (t - 2)] | b.pointers[2 * (t - 2) + 1] << 32) << "word " << t - 2;
    }
    b.host.write(t < words ? host_access<TypeParam>(false, reg::Region::kPtr, b.kPe, t) : HostAccess<TypeParam>());
    b.step();
  }
}

// Reset in the middle of a column stops it; the pointers stay.
TYPED_TEST(PtrReadTest, ResetKeepsThePointers) {
  PtrBench<TypeParam> b;
  b.random_image(30);
  for (unsigned round = 0; round < 20; ++round) {
    const unsigned cycles = b.below(60);
    for (unsigned c = 0; c < cycles; ++c) b.cycle_with(b.activation(b.below(b.kColumns)));
    b.head.write(b.no_activation());
    b.reset();
    b.waiting.clear();
    b.error_next = b.error_now = b.drained_now = false;
    b.compare();
  }
  b.run(100, true);
}

}  // namespace
}  // namespace eie::tb
