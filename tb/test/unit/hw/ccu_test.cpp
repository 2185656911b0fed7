// SPDX-License-Identifier: Apache-2.0
// Central control unit: every output in every cycle of random launches, with small models of the LNZD tree and the PEs.
#include "hw/ccu.h"

#include <vector>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct CcuBench : Bench {
  using P = Params<Cfg>;
  using Block = Ccu<Cfg>;
  static constexpr unsigned kLanes = 64 / Cfg::kDataWidth;
  static constexpr unsigned kBatch = Cfg::kRegisters * Cfg::kPes;
  static constexpr unsigned kTail = 2;  // cycles from "all drained" until the last sum is in its register
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::layer)> layer{"layer"};
  Wire<decltype(Block::finish)> finish{"finish"};
  Wire<decltype(Block::cycles)> cycles{"cycles"};
  Wire<decltype(Block::broadcasts)> broadcasts{"broadcasts"};
  Wire<decltype(Block::queue_full_cycles)> queue_full_cycles{"queue_full_cycles"};
  Wire<decltype(Block::act_transfer_cycles)> act_transfer_cycles{"act_transfer_cycles"};
  Wire<decltype(Block::batches)> batches{"batches"};
  Wire<decltype(Block::root)> root{"root"};
  Wire<decltype(Block::root_exhausted)> root_exhausted{"root_exhausted"};
  Wire<decltype(Block::root_pop)> root_pop{"root_pop"};
  Wire<decltype(Block::any_full)> any_full{"any_full"};
  Wire<decltype(Block::all_drained)> all_drained{"all_drained"};
  Wire<decltype(Block::broadcast)> broadcast{"broadcast"};
  Wire<decltype(Block::control)> control{"control"};
  Wire<decltype(Block::drain)> drain{"drain"};
  Block block{"ccu"};

  LayerDescriptor<Cfg> now;
  struct {
    std::uint64_t cycles = 0, broadcasts = 0, full = 0, transfer = 0, batches = 0;
  } count;

  CcuBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.busy(busy);
    block.layer(layer);
    block.finish(finish);
    block.cycles(cycles);
    block.broadcasts(broadcasts);
    block.queue_full_cycles(queue_full_cycles);
    block.act_transfer_cycles(act_transfer_cycles);
    block.batches(batches);
    block.root(root);
    block.root_exhausted(root_exhausted);
    block.root_pop(root_pop);
    block.any_full(any_full);
    block.all_drained(all_drained);
    block.broadcast(broadcast);
    block.control(control);
    block.drain(drain);
    reset();
  }

  Candidate<Cfg> candidate(bool valid, unsigned column) {
    Candidate<Cfg> c;
    c.valid = valid;
    c.column = column;
    c.value = non_zero_value(Cfg::kDataWidth);
    return c;
  }
  /// A layer that needs up to `most` batches.
  LayerDescriptor<Cfg> random_layer(unsigned most) {
    LayerDescriptor<Cfg> l;
    const std::uint64_t limit = (std::uint64_t{1} << P::kLengthWidth) - 1;
    const std::uint64_t wanted = chance(0.3) ? std::uint64_t{kBatch} * (1 + below(most)) : 1 + below(kBatch * most);
    l.in_length = wanted < limit ? wanted : limit;
    l.out_length = chance(0.2) ? kBatch : 1 + below(kBatch);
    l.pointer_base = below(Cfg::kPointerDepth);
    l.in_address = below(Cfg::kActDepth);
    l.out_address = below(Cfg::kActDepth * kLanes);
    l.bias_address = below(Cfg::kActDepth);
    l.relu = chance(0.5);
    l.bias = chance(0.5);
    l.first = chance(0.7);
    l.last = chance(0.7);
    l.src_resident = chance(0.3);
    return l;
  }

  static unsigned words_for(unsigned length, unsigned offset) {
    const unsigned rows = (length + Cfg::kPes - 1) / Cfg::kPes;
    return (rows + offset + kLanes - 1) / kLanes;
  }

  /// Inputs that do not matter in this cycle, whatever they are.
  void noise(bool keep_drained = false) {
    root.write(candidate(chance(0.5), below(kBatch)));
    root_exhausted.write(chance(0.5));
    any_full.write(chance(0.5));
    if (!keep_drained) all_drained.write(chance(0.5));
  }
  /// One busy cycle outside the computing state, with operation `op` on the wires.
  void quiet(ActOp op, const char* what, bool draining = false) {
    settle();
    EXPECT_FALSE(broadcast.read().valid) << what << ' ' << where();
    EXPECT_FALSE(root_pop.read()) << what << ' ' << where();
    EXPECT_EQ(drain.read(), draining) << what << ' ' << where();
    expect_op(op, what);
    ++count.cycles;
    edge();
  }
  void expect_op(ActOp op, const char* what) {
    EXPECT_EQ(control.read().op.to_uint(), static_cast<unsigned>(op)) << what << ' ' << where();
    EXPECT_FALSE(finish.read()) << what << ' ' << where();
  }

  /// `words` operations in as many cycles, and one for the last word to arrive.
  void transfer(ActOp op, unsigned words, unsigned address, unsigned offset, const char* what) {
    for (unsigned k = 0; k <= words; ++k) {
      noise();
      ++count.transfer;
      if (k < words) {
        const ActControl<Cfg> c = control.read();
        EXPECT_EQ(c.address.to_uint(), (address + k) % Cfg::kActDepth) << what << " word " << k << ' ' << where();
        EXPECT_EQ(c.base.to_uint(), k * kLanes) << what << " word " << k << ' ' << where();
        if (op == ActOp::kStore) {
          EXPECT_EQ(c.offset.to_uint(), offset) << where();
          EXPECT_EQ(c.length.to_uint(), now.out_length.to_uint()) << where();
          EXPECT_EQ(c.relu, now.relu) << where();
        }
      }
      quiet(k < words ? op : ActOp::kNone, what);
    }
  }

  /// The root shows the batch's candidates at random times; each is broadcast in the first cycle without a full queue.
  void compute(unsigned length, std::uint64_t first_column, Stalls tree, Stalls queues) {
    Source<Candidate<Cfg>> candidates(tree);
    const double density = chance(0.2) ? 0 : chance(0.2) ? 1 : random.uniform();
    for (unsigned j = 0; j < length && candidates.size() < 60; ++j) {
      if (chance(density)) candidates.add(candidate(true, j));
    }
    unsigned latency = below(4);
    for (;;) {
      const bool shown = latency == 0 && candidates.offer();
      const bool full = !queues.go();
      const bool exhausted = latency == 0 && candidates.empty();
      if (latency > 0) --latency;
      root.write(shown ? candidates.item() : candidate(false, below(kBatch)));
      any_full.write(full);
      root_exhausted.write(exhausted);
      all_drained.write(chance(0.5));
      settle();
      expect_op(ActOp::kNone, "compute");
      EXPECT_FALSE(drain.read()) << where();
      EXPECT_EQ(broadcast.read().valid, shown && !full) << where();
      EXPECT_EQ(root_pop.read(), shown && !full) << where();
      if (shown && !full) {
        const std::uint64_t column = (first_column + candidates.item().column.to_uint()) % Cfg::kPointerDepth;
        EXPECT_EQ(broadcast.read().column.to_uint(), column) << where();
        EXPECT_EQ(broadcast.read().value, candidates.item().value) << where();
        candidates.take();
        ++count.broadcasts;
      }
      if (shown && full) ++count.full;
      ++count.cycles;
      edge();
      if (exhausted) break;
    }
  }

  /// One launch from idle to idle.
  void launch(const LayerDescriptor<Cfg>& l, bool stalls) {
    now = l;
    count = {};
    layer.write(l);
    busy.write(true);
    noise();
    quiet(ActOp::kNone, "start");
    if (l.first && l.bias) {
      transfer(ActOp::kBias, words_for(l.out_length.to_uint(), 0), l.bias_address.to_uint(), 0, "bias");
    } else if (l.first) {
      noise();
      quiet(ActOp::kClear, "clear");
    }
    unsigned left = l.in_length.to_uint();
    unsigned address = l.in_address.to_uint();
    std::uint64_t column = l.pointer_base.to_uint();
    while (left > 0) {
      const unsigned length = left < kBatch ? left : kBatch;
      if (!l.src_resident) transfer(ActOp::kLoad, words_for(length, 0), address, 0, "load");
      noise();
      EXPECT_EQ(control.read().length.to_uint(), length) << "arm " << where();
      quiet(ActOp::kArm, "arm");
      ++count.batches;
      compute(length, column, stalls ? Stalls(&random) : Stalls(), stalls ? Stalls(&random) : Stalls());
      for (unsigned k = stalls ? below(6) : 0; k > 0; --k) {
        noise();
        all_drained.write(false);
        quiet(ActOp::kNone, "drain", true);
      }
      all_drained.write(true);
      for (unsigned k = 0; k <= kTail; ++k) {
        noise(true);
        quiet(ActOp::kNone, "drain", true);
      }
      left -= length;
      address += words_for(length, 0);
      column += length;
    }
    if (l.last) {
      const unsigned offset = l.out_address.to_uint() % kLanes;
      transfer(ActOp::kStore, words_for(l.out_length.to_uint(), offset), l.out_address.to_uint() / kLanes, offset, "store");
    }
    noise();
    EXPECT_TRUE(finish.read()) << where();
    ++count.cycles;
    step();
    busy.write(false);
    const std::uint64_t total = count.cycles;
    EXPECT_EQ(cycles.read().to_uint64(), count.cycles);
    EXPECT_EQ(broadcasts.read().to_uint64(), count.broadcasts);
    EXPECT_EQ(queue_full_cycles.read().to_uint64(), count.full);
    EXPECT_EQ(act_transfer_cycles.read().to_uint64(), count.transfer);
    EXPECT_EQ(batches.read().to_uint64(), count.batches);
    for (unsigned k = below(4); k > 0; --k) {
      noise();
      quiet(ActOp::kNone, "idle");
    }
    count.cycles = total;
  }
};

template <class Cfg>
class CcuTest : public testing::Test {};
TYPED_TEST_SUITE(CcuTest, AllCfgs, CfgName);

TYPED_TEST(CcuTest, IdleWithoutBusy) {
  CcuBench<TypeParam> b;
  b.layer.write(b.random_layer(1));
  for (unsigned c = 0; c < 50; ++c) {
    b.noise();
    b.quiet(ActOp::kNone, "idle");
  }
  EXPECT_EQ(b.cycles.read().to_uint64(), 0u);
}

// One batch without stalls: the fixed cost around the broadcasts.
TYPED_TEST(CcuTest, FillAndDrainAreShort) {
  CcuBench<TypeParam> b;
  LayerDescriptor<TypeParam> l;
  l.in_length = 1;
  l.out_length = 1;
  l.first = true;
  l.last = true;
  b.launch(l, false);
  // start, clear, arm, three drained cycles, finish; and the tree's latency and the broadcasts.
  EXPECT_LE(b.count.cycles - b.count.transfer, 7u + 3 + 2 + 1);
  EXPECT_EQ(b.count.transfer, 4u) << "a word in and a word out, and a cycle each for it to arrive";
}

TYPED_TEST(CcuTest, EveryKindOfLaunch) {
  CcuBench<TypeParam> b;
  for (unsigned kind = 0; kind < 32; ++kind) {
    LayerDescriptor<TypeParam> l = b.random_layer(2);
    l.bias = (kind & 1) != 0;
    l.first = (kind & 2) != 0;
    l.last = (kind & 4) != 0;
    l.src_resident = (kind & 8) != 0;
    l.relu = (kind & 16) != 0;
    b.launch(l, true);
  }
}

TYPED_TEST(CcuTest, RandomLaunches) {
  CcuBench<TypeParam> b;
  for (unsigned k = 0; k < 60; ++k) b.launch(b.random_layer(3), k % 4 != 0);
}

// The batch ends with the last column, whatever the length is a multiple of.
TYPED_TEST(CcuTest, LengthsAroundABatch) {
  CcuBench<TypeParam> b;
  for (const unsigned extra : {0u, 1u, b.kBatch - 1, b.kBatch, b.kBatch + 1}) {
    LayerDescriptor<TypeParam> l = b.random_layer(1);
    l.in_length = b.kBatch + extra;
    b.launch(l, true);
    EXPECT_EQ(b.count.batches, 1 + (extra + b.kBatch - 1) / b.kBatch) << extra;
  }
}

TYPED_TEST(CcuTest, ResetEndsALaunch) {
  CcuBench<TypeParam> b;
  for (unsigned round = 0; round < 20; ++round) {
    b.layer.write(b.random_layer(2));
    b.busy.write(true);
    const unsigned cycles = b.below(30);
    for (unsigned c = 0; c < cycles; ++c) {
      b.noise();
      b.step();
    }
    b.busy.write(false);
    b.noise();
    b.reset();
    EXPECT_EQ(b.cycles.read().to_uint64(), 0u);
    for (unsigned c = 0; c < 3; ++c) {
      b.noise();
      b.quiet(ActOp::kNone, "idle after reset");
    }
    b.launch(b.random_layer(1), true);
  }
}

}  // namespace
}  // namespace eie::tb
