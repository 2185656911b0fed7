// SPDX-License-Identifier: Apache-2.0
// LNZD tree of every size and fan-in: every activation once, in ascending order, one a cycle after the fill latency at
// every density, and "exhausted" exactly when all are delivered.
#include "hw/lnzd_tree.h"

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/lnzd_streams.h"

namespace eie::tb {
namespace {

template <unsigned kCount, unsigned kFanIn>
struct TreeCfg : SmallCfg {
  static constexpr unsigned kPes = kCount;
  static constexpr unsigned kLnzdFanIn = kFanIn;
  static constexpr unsigned kRegisters = kCount >= 64 ? 4 : 16;
};

template <class Cfg>
struct TreeBench : Bench {
  using Block = LnzdTree<Cfg>;
  static constexpr unsigned kColumns = Cfg::kPes * Cfg::kRegisters;
  /// A cycle a level: the height of a tree with so many leaves.
  static unsigned levels() {
    unsigned height = 0;
    for (unsigned reached = 1; reached < Cfg::kPes; reached *= Cfg::kLnzdFanIn) ++height;
    return height;
  }
  sc_core::sc_vector<Signal<Candidate<Cfg>>> in{"in", Cfg::kPes};
  sc_core::sc_vector<Signal<bool>> in_exhausted{"in_exhausted", Cfg::kPes};
  sc_core::sc_vector<Signal<bool>> pop{"pop", Cfg::kPes};
  Wire<decltype(Block::out)> out{"out"};
  Wire<decltype(Block::out_exhausted)> out_exhausted{"out_exhausted"};
  Wire<decltype(Block::out_pop)> out_pop{"out_pop"};
  Block block{"lnzd_tree"};
  LnzdStreams<Cfg> streams{*this, Cfg::kPes};

  TreeBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    for (unsigned p = 0; p < Cfg::kPes; ++p) {
      block.in[p](in[p]);
      block.in_exhausted[p](in_exhausted[p]);
      block.pop[p](pop[p]);
    }
    block.out(out);
    block.out_exhausted(out_exhausted);
    block.out_pop(out_pop);
    reset();
  }

  /// Column j is in PE j mod N. `only` limits them to one PE in so many.
  void fill(double density, unsigned only = 1) {
    std::vector<unsigned> columns;
    const unsigned keep = below(only);
    for (unsigned column = 0; column < kColumns; ++column) {
      if (column % Cfg::kPes % only == keep && chance(density)) columns.push_back(column);
    }
    streams.fill(columns, [](unsigned column) { return column % Cfg::kPes; });
  }

  /// A batch to its end. Without gaps, the root has a candidate in every cycle from the fill latency to the last one.
  void run(Stalls sink, double gaps) {
    const std::uint64_t start = cycle();
    bool done = false;
    while (!done) {
      streams.drive(in, in_exhausted, gaps);
      const bool wanted = sink.go();
      settle();
      if (gaps == 0 && cycle() >= start + levels()) {
        EXPECT_EQ(out.read().valid, !streams.all_delivered()) << "a bubble " << where();
      }
      if (cycle() < start + levels()) {
        EXPECT_FALSE(out.read().valid) << "too early " << where();
      }
      done = streams.all_delivered() && streams.all_exhausted();
      EXPECT_EQ(out_exhausted.read(), done) << where();
      if (out.read().valid) {
        EXPECT_FALSE(streams.all_delivered()) << "one too many: " << out.read() << ' ' << where();
        EXPECT_EQ(out.read(), streams.next()) << where();
      }
      const bool taken = wanted && out.read().valid;
      out_pop.write(taken);
      settle();
      if (taken) streams.deliver();
      streams.take(pop);
      edge();
      if (cycle() > start + 100000) {
        ADD_FAILURE() << "stuck " << where();
      }
    }
    out_pop.write(false);
    step();
    EXPECT_TRUE(out_exhausted.read());
    EXPECT_FALSE(out.read().valid);
  }
};

template <class Cfg>
class LnzdTreeTest : public testing::Test {};
using Trees = testing::Types<TreeCfg<1, 4>, TreeCfg<2, 4>, TreeCfg<4, 4>, TreeCfg<8, 4>, TreeCfg<16, 4>, TreeCfg<32, 4>,
                             TreeCfg<64, 4>, TreeCfg<256, 4>, TreeCfg<1, 2>, TreeCfg<2, 2>, TreeCfg<4, 2>, TreeCfg<8, 2>,
                             TreeCfg<16, 2>, TreeCfg<32, 2>, TreeCfg<64, 2>, TreeCfg<256, 2>>;
struct TreeName {
  template <class Cfg>
  static std::string GetName(int /*index*/) {
    return "n" + std::to_string(Cfg::kPes) + "f" + std::to_string(Cfg::kLnzdFanIn);
  }
};
TYPED_TEST_SUITE(LnzdTreeTest, Trees, TreeName);

// All nodes of full fan-in but the root, which has two children if the sizes ask for it.
TYPED_TEST(LnzdTreeTest, NumberOfNodes) {
  unsigned nodes = 0;
  unsigned width = TypeParam::kPes;
  while (width > 1) {
    width = (width + TypeParam::kLnzdFanIn - 1) / TypeParam::kLnzdFanIn;
    nodes += width;
  }
  TreeBench<TypeParam> b;
  EXPECT_EQ(b.block.nodes.size() + b.block.pair_root.size(), nodes);
}

TYPED_TEST(LnzdTreeTest, OneACycleAtEveryDensity) {
  TreeBench<TypeParam> b;
  for (const double density : {0.0, 0.01, 0.1, 0.35, 0.7, 1.0}) {
    for (const unsigned only : {1u, TypeParam::kPes, TypeParam::kPes > 4 ? 4u : 1u}) {  // all PEs, one, a quarter
      b.fill(density, only);
      b.run(Stalls(), 0);
    }
  }
}

TYPED_TEST(LnzdTreeTest, RandomSink) {
  TreeBench<TypeParam> b;
  for (unsigned round = 0; round < 6; ++round) {
    b.fill(round == 0 ? 1 : b.random.uniform());
    b.run(Stalls(&b.random), 0);
  }
}

TYPED_TEST(LnzdTreeTest, RandomSourcesAndSink) {
  TreeBench<TypeParam> b;
  for (unsigned round = 0; round < 4; ++round) {
    b.fill(0.3 * b.random.uniform(), 1);
    b.run(Stalls(&b.random), 0.5 / TypeParam::kPes + 0.1);
  }
}

}  // namespace
}  // namespace eie::tb
