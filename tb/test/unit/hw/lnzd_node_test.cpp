// SPDX-License-Identifier: Apache-2.0
// LNZD node of two and four children: which one is popped in every cycle, the merged stream, the end of a batch.
#include "hw/lnzd_node.h"

#include <deque>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/lnzd_streams.h"

namespace eie::tb {
namespace {

template <class AnyCfg, unsigned kCount>
struct NodeOf {
  using Cfg = AnyCfg;
  static constexpr unsigned kChildren = kCount;
};

template <class N>
struct NodeBench : Bench {
  using Cfg = typename N::Cfg;
  using Block = LnzdNode<Cfg, N::kChildren>;
  static constexpr unsigned kColumns = 1u << Params<Cfg>::kColumnWidth;
  sc_core::sc_vector<Signal<Candidate<Cfg>>> in{"in", N::kChildren};
  sc_core::sc_vector<Signal<bool>> in_exhausted{"in_exhausted", N::kChildren};
  sc_core::sc_vector<Signal<bool>> pop{"pop", N::kChildren};
  Wire<decltype(Block::out)> out{"out"};
  Wire<decltype(Block::out_exhausted)> out_exhausted{"out_exhausted"};
  Wire<decltype(Block::out_pop)> out_pop{"out_pop"};
  Block block{"lnzd_node"};
  LnzdStreams<Cfg> streams{*this, N::kChildren};
  std::deque<Candidate<Cfg>> fifo;  // the model's

  NodeBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    for (unsigned c = 0; c < N::kChildren; ++c) {
      block.in[c](in[c]);
      block.in_exhausted[c](in_exhausted[c]);
      block.pop[c](pop[c]);
    }
    block.out(out);
    block.out_exhausted(out_exhausted);
    block.out_pop(out_pop);
    reset();
  }

  /// Columns with the given density, each at a random child.
  void fill(double density) {
    std::vector<unsigned> columns;
    for (unsigned column = 0; column < kColumns && columns.size() < 100; ++column) {
      if (chance(density)) columns.push_back(column);
    }
    const unsigned favourite = below(N::kChildren);
    const bool uneven = chance(0.3);
    streams.fill(columns, [&](unsigned) { return uneven && chance(0.9) ? favourite : below(N::kChildren); });
  }

  /// One cycle, compared with the model in every output.
  void cycle_with(bool ready, double gaps) {
    streams.drive(in, in_exhausted, gaps);
    out_pop.write(ready);
    settle();
    unsigned winner = N::kChildren;
    for (unsigned c = 0; c < N::kChildren; ++c) {
      if (streams.left(c).empty()) continue;
      if (winner == N::kChildren || streams.left(c).back().column < streams.left(winner).back().column) winner = c;
    }
    const bool take = streams.all_known() && winner != N::kChildren && fifo.size() < 2;
    for (unsigned c = 0; c < N::kChildren; ++c) {
      EXPECT_EQ(pop[c].read(), take && c == winner) << "pop of child " << c << ' ' << where();
    }
    EXPECT_EQ(out.read().valid, !fifo.empty()) << where();
    EXPECT_EQ(out_exhausted.read(), fifo.empty() && streams.all_exhausted()) << where();
    if (!fifo.empty()) {
      EXPECT_EQ(out.read(), fifo.front()) << where();
      EXPECT_EQ(out.read(), streams.next()) << where();
    }
    if (ready && !fifo.empty()) {
      fifo.pop_front();
      streams.deliver();
    }
    if (take) fifo.push_back(streams.left(winner).back());
    streams.take(pop);
    edge();
  }

  void run(double density, Stalls sink, double gaps) {
    fill(density);
    unsigned cycles = 0;
    while (!(streams.all_delivered() && streams.all_exhausted())) {
      cycle_with(sink.go(), gaps);
      if (++cycles > 20000) {
        ADD_FAILURE() << "stuck " << where();
      }
    }
    for (unsigned k = 0; k < 3; ++k) {
      cycle_with(sink.go(), 0);
      EXPECT_TRUE(out_exhausted.read());
    }
  }
};

template <class N>
class LnzdNodeTest : public testing::Test {};
using Nodes =
    testing::Types<NodeOf<SmallCfg, 2>, NodeOf<SmallCfg, 4>, NodeOf<NarrowCfg, 2>, NodeOf<WideCfg, 4>, NodeOf<ManyCfg, 4>>;
struct NodeName {
  template <class N>
  static std::string GetName(int /*index*/) {
    return std::string(N::Cfg::kName) + std::to_string(N::kChildren);
  }
};
TYPED_TEST_SUITE(LnzdNodeTest, Nodes, NodeName);

// Candidate in cycle t, at the output in t + 1; then one a cycle, with the sink ready in every cycle.
TYPED_TEST(LnzdNodeTest, LatencyOneAndOneACycle) {
  NodeBench<TypeParam> b;
  const unsigned count = 8;
  std::vector<unsigned> columns(count);
  for (unsigned k = 0; k < count; ++k) columns[k] = k;
  b.streams.fill(columns, [&](unsigned column) { return column % TypeParam::kChildren; });
  for (unsigned t = 0; t <= count; ++t) {
    EXPECT_EQ(b.out.read().valid, t >= 1) << b.where();
    if (t >= 1) {
      EXPECT_EQ(b.out.read().column.to_uint(), t - 1) << b.where();
    }
    b.cycle_with(true, 0);
  }
  b.settle();
  EXPECT_TRUE(b.out_exhausted.read()) << "the cycle after the last one was taken";
}

// A child that is neither valid nor exhausted may still show a smaller column: the node waits for it.
TYPED_TEST(LnzdNodeTest, WaitsUntilEveryChildIsKnown) {
  NodeBench<TypeParam> b;
  Candidate<typename TypeParam::Cfg> c;
  c.valid = true;
  c.column = 5;
  c.value = 1;
  b.in[0].write(c);
  b.settle();
  EXPECT_FALSE(b.pop[0].read());
  for (unsigned k = 1; k < TypeParam::kChildren; ++k) b.in_exhausted[k].write(true);
  b.settle();
  EXPECT_TRUE(b.pop[0].read());
  b.in_exhausted[1].write(false);
  c.column = 4;
  b.in[1].write(c);
  b.settle();
  EXPECT_FALSE(b.pop[0].read());
  EXPECT_TRUE(b.pop[1].read());
}

// Two entries are held while the sink waits, and no third is taken.
TYPED_TEST(LnzdNodeTest, HoldsTwoEntries) {
  NodeBench<TypeParam> b;
  b.streams.fill({1, 2, 3}, [](unsigned) { return 0u; });
  for (unsigned k = 0; k < 6; ++k) b.cycle_with(false, 0);
  EXPECT_EQ(b.fifo.size(), 2u);
  EXPECT_EQ(b.streams.left(0).size(), 1u);
  for (unsigned k = 0; k < 6; ++k) b.cycle_with(true, 0);
  EXPECT_TRUE(b.streams.all_delivered());
}

TYPED_TEST(LnzdNodeTest, RandomStreams) {
  NodeBench<TypeParam> b;
  const double densities[] = {0, 0.02, 0.3, 1};
  for (unsigned round = 0; round < 80; ++round) {
    const double gaps = round % 3 == 0 ? 0 : b.random.uniform() * 0.8;
    b.run(densities[round % 4], round % 5 == 0 ? Stalls() : Stalls(&b.random), gaps);
  }
}

TYPED_TEST(LnzdNodeTest, ResetEmptiesIt) {
  NodeBench<TypeParam> b;
  for (unsigned round = 0; round < 10; ++round) {
    b.fill(1);
    const unsigned cycles = b.below(6);
    for (unsigned c = 0; c < cycles; ++c) b.cycle_with(b.chance(0.3), 0);
    b.reset();
    b.fifo.clear();
    b.run(0.2, Stalls(&b.random), 0.2);
  }
}

}  // namespace
}  // namespace eie::tb
