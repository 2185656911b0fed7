// SPDX-License-Identifier: Apache-2.0
// Activation queue: order, occupancy and `full` in every cycle, under random stalls on both ends.
#include "hw/act_queue.h"

#include <deque>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct QueueBench : Bench {
  using Block = ActQueue<Cfg>;
  Wire<decltype(Block::broadcast)> broadcast{"broadcast"};
  Wire<decltype(Block::head)> head{"head"};
  Wire<decltype(Block::head_ready)> head_ready{"head_ready"};
  Wire<decltype(Block::column_ready)> column_ready{"column_ready"};
  Wire<decltype(Block::full)> full{"full"};
  Block queue{"queue"};
  std::deque<Activation<Cfg>> expected;

  QueueBench() {
    queue.clk(clk);
    queue.rst_n(rst_n);
    queue.broadcast(broadcast);
    queue.head(head);
    queue.head_ready(head_ready);
    queue.column_ready(column_ready);
    queue.full(full);
    reset();
  }

  /// Random fields, also where they should not matter.
  Activation<Cfg> activation(bool valid) {
    Activation<Cfg> a;
    a.valid = valid;
    a.column = below(Cfg::kPointerDepth);
    a.value = signed_value(Cfg::kDataWidth);
    return a;
  }

  /// One cycle; the queue of the test follows.
  void cycle_with(bool push, bool ready) {
    const Activation<Cfg> in = activation(push);
    broadcast.write(in);
    // With skipped padding either of the two lets the head go; else only the first is looked at.
    const bool by_column = Cfg::kSkipPadding && ready && chance(0.5);
    head_ready.write(ready && !(by_column && chance(0.5)));
    column_ready.write(Cfg::kSkipPadding ? by_column : chance(0.5));
    step();
    if (ready && !expected.empty()) expected.pop_front();
    if (push) expected.push_back(in);
    compare();
  }

  void compare() {
    EXPECT_EQ(head.read().valid, !expected.empty()) << where();
    if (!expected.empty()) {
      EXPECT_EQ(head.read(), expected.front()) << where();
    }
    EXPECT_EQ(full.read(), expected.size() >= Cfg::kQueueDepth) << expected.size() << " held, " << where();
#if !EIE_SYNTHESIS_VIEW
    EXPECT_EQ(queue.occupancy(), expected.size()) << where();
#endif
  }
};

template <class Cfg>
class ActQueueTest : public testing::Test {};
using QueueCfgs = testing::Types<SmallCfg, NarrowCfg, WideCfg, RunsCfg, ManyCfg, SkipCfg, NarrowSkipCfg>;
TYPED_TEST_SUITE(ActQueueTest, QueueCfgs, CfgName);

TYPED_TEST(ActQueueTest, EmptyAfterReset) {
  QueueBench<TypeParam> b;
  b.compare();
  b.cycle_with(false, true);
  b.cycle_with(false, false);
}

// Broadcast in cycle t, head in t + 1; taken there, it is gone in t + 2.
TYPED_TEST(ActQueueTest, OneCycleThroughAnEmptyQueue) {
  QueueBench<TypeParam> b;
  Activation<TypeParam> a = b.activation(true);
  b.broadcast.write(a);
  b.step();
  EXPECT_EQ(b.head.read(), a);
  b.broadcast.write(b.activation(false));
  b.head_ready.write(true);
  b.step();
  EXPECT_FALSE(b.head.read().valid);
}

TYPED_TEST(ActQueueTest, FullAtExactlyItsDepth) {
  QueueBench<TypeParam> b;
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned k = 1; k <= TypeParam::kQueueDepth; ++k) {
      EXPECT_FALSE(b.full.read()) << k - 1 << " held";
      b.cycle_with(true, false);
    }
    EXPECT_TRUE(b.full.read());
    b.cycle_with(false, false);
    EXPECT_TRUE(b.full.read());
    b.cycle_with(false, true);
    EXPECT_FALSE(b.full.read()) << "an entry leaves when pointer read accepts it";
    while (!b.expected.empty()) b.cycle_with(false, true);
  }
}

// One in and one out in every cycle, at every occupancy that leaves room.
TYPED_TEST(ActQueueTest, OneEntryACycle) {
  QueueBench<TypeParam> b;
  if (TypeParam::kQueueDepth == 1) {  // a queue of one is full as long as it holds its entry
    for (unsigned k = 0; k < 50; ++k) {
      b.cycle_with(true, true);
      b.cycle_with(false, true);
    }
    return;
  }
  for (unsigned held = 1; held < TypeParam::kQueueDepth; ++held) {
    while (b.expected.size() < held) b.cycle_with(true, false);
    for (unsigned k = 0; k < 50; ++k) {
      b.cycle_with(true, true);
      EXPECT_EQ(b.expected.size(), held);
    }
  }
}

TYPED_TEST(ActQueueTest, RandomStallsOnBothEnds) {
  QueueBench<TypeParam> b;
  Stalls source(&b.random);
  Stalls sink(&b.random);
  for (unsigned c = 0; c < 20000; ++c) {
    const bool push = source.go() && !b.full.read();
    b.cycle_with(push, sink.go());
  }
}

TYPED_TEST(ActQueueTest, ResetEmptiesIt) {
  QueueBench<TypeParam> b;
  for (unsigned round = 0; round < 30; ++round) {
    const unsigned cycles = b.below(40);
    for (unsigned c = 0; c < cycles; ++c) b.cycle_with(b.chance(0.7) && !b.full.read(), b.chance(0.4));
    b.reset();
    b.expected.clear();
    b.compare();
  }
}

}  // namespace
}  // namespace eie::tb
