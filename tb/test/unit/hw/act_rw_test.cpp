// SPDX-License-Identifier: Apache-2.0
// Activation read/write: transfers between SRAM and register files, the register file itself, and the non-zero scan.
#include "hw/act_rw.h"

#include <algorithm>
#include <vector>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct ActBench : Bench {
  using P = Params<Cfg>;
  using Block = ActRw<Cfg>;
  static constexpr unsigned kLanes = 64 / Cfg::kDataWidth;
  static constexpr unsigned kRegisters = Cfg::kRegisters;
  static constexpr unsigned kWords = kRegisters / kLanes;
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::drain)> drain{"drain"};
  Wire<decltype(Block::control)> control{"control"};
  Wire<decltype(Block::access)> access{"access"};
  Wire<decltype(Block::accumulated)> accumulated{"accumulated"};
  Wire<decltype(Block::candidate)> candidate{"candidate"};
  Wire<decltype(Block::exhausted)> exhausted{"exhausted"};
  Wire<decltype(Block::pop)> pop{"pop"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"act_rw"};

  unsigned pe_number = 0;
  unsigned columns = 0;  // that the source holds: those of a load, or the rows of a store
  std::vector<std::int64_t> source = std::vector<std::int64_t>(kRegisters);
  std::vector<std::int64_t> destination = std::vector<std::int64_t>(kRegisters);
  std::vector<std::int64_t> memory = std::vector<std::int64_t>(std::size_t{Cfg::kActDepth} * kLanes);
  std::uint64_t reads = 0;

  ActBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.drain(drain);
    block.control(control);
    block.access(access);
    block.accumulated(accumulated);
    block.candidate(candidate);
    block.exhausted(exhausted);
    block.pop(pop);
    block.host(host);
    block.host_q(host_q);
    pe_number = below(Cfg::kPes);
    pe.write(pe_number);
    reset();
  }

  std::uint64_t word_of(unsigned at) const {
    const std::uint64_t lane_mask = ~std::uint64_t{0} >> (64 - Cfg::kDataWidth);
    std::uint64_t word = 0;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      word |= (static_cast<std::uint64_t>(memory[at * kLanes + lane]) & lane_mask) << (lane * Cfg::kDataWidth);
    }
    return word;
  }
  /// Random activations, zero with probability 1 - density.
  void fill_memory(double density) {
    for (std::int64_t& a : memory) a = chance(density) ? signed_value(Cfg::kDataWidth) : 0;
    for (unsigned at = 0; at < Cfg::kActDepth; ++at) block.act.poke(at, word_of(at));
  }
  void expect_memory() {
    for (unsigned at = 0; at < Cfg::kActDepth; ++at) {
      EXPECT_EQ(block.act.peek(at), word_of(at)) << "word " << at << ' ' << where();
    }
  }

  ActControl<Cfg> control_of(ActOp op) {
    ActControl<Cfg> c;
    c.op = static_cast<unsigned>(op);
    return c;
  }
  void idle() { control.write(control_of(ActOp::kNone)); }
  /// Registers of the destination through the arithmetic unit's port.
  void expect_destination() {
    for (unsigned r = 0; r < kRegisters; ++r) {
      AccumulatorAccess<Cfg> a;
      a.read_row = r;
      access.write(a);
      step();
      EXPECT_EQ(accumulated.read().to_int64(), destination[r]) << "register " << r << ' ' << where();
    }
  }

  /// All registers from `words` words at `address` on; the registers have the last one two cycles after its operation.
  void load(ActOp op, unsigned address, unsigned words) {
    for (unsigned k = 0; k < words; ++k) {
      ActControl<Cfg> c = control_of(op);
      c.address = address + k;
      c.base = k * kLanes;
      control.write(c);
      step();
      ++reads;
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        (op == ActOp::kLoad ? source : destination)[k * kLanes + lane] = memory[(address + k) * kLanes + lane];
      }
    }
    if (op == ActOp::kLoad) columns = Cfg::kPes * kRegisters;
    idle();
    step();
  }

  /// A random access; checks what the last one read.
  void access_with(bool write) {
    AccumulatorAccess<Cfg> a;
    a.read_row = below(chance(0.5) ? 2 : kRegisters);
    a.write = write;
    a.write_row = below(chance(0.5) ? 2 : kRegisters);
    a.sum = signed_value(Cfg::kAccWidth);
    access.write(a);
    step();
    if (write) destination[a.write_row.to_uint()] = a.sum.to_int64();
    EXPECT_EQ(accumulated.read().to_int64(), destination[a.read_row.to_uint()]) << where();
  }

  std::int64_t final_value(std::int64_t sum, bool relu) const {
    const std::int64_t top = (std::int64_t{1} << (Cfg::kDataWidth - 1)) - 1;
    if (relu) sum = std::max<std::int64_t>(sum, 0);
    return std::clamp(sum, -top - 1, top);
  }

  /// Stores the registers of `rows` rows from local activation `out` on, one word a cycle, as the CCU does.
  void store(unsigned out, unsigned rows, bool relu) {
    const unsigned offset = out % kLanes;
    const unsigned local = rows > pe_number ? (rows - pe_number + Cfg::kPes - 1) / Cfg::kPes : 0;
    const unsigned most = (rows + Cfg::kPes - 1) / Cfg::kPes;  // the same in all PEs
    const unsigned words = (offset + most + kLanes - 1) / kLanes;
    const unsigned first = out / kLanes;
    for (unsigned k = 0; k <= words; ++k) {
      ActControl<Cfg> c = control_of(k < words ? ActOp::kStore : ActOp::kNone);
      c.relu = relu;
      c.address = first + k;
      c.base = k * kLanes;
      c.offset = offset;
      c.length = rows;
      control.write(c);
      step();
      // The word of the operation before is in the SRAM now, this one's in the registers.
      for (unsigned r = 0; r < local; ++r) {
        const unsigned word = (out + r) / kLanes - first;
        if (word == k) source[r] = final_value(destination[r], relu);
        if (word + 1 == k) memory[out + r] = source[r];
      }
      expect_memory();
    }
    idle();
    columns = rows;
  }

  /// Arms the scan over `length` columns and takes all candidates; checks order, timing and the end.
  void scan(unsigned length, Stalls stalls, bool accesses) {
    ActControl<Cfg> c = control_of(ActOp::kArm);
    c.length = length;
    control.write(c);
    pop.write(false);
    step();
    idle();
    EXPECT_FALSE(candidate.read().valid) << where();
    EXPECT_FALSE(exhausted.read()) << where();
    step();
    for (unsigned r = 0; r < kRegisters; ++r) {
      const unsigned column = r * Cfg::kPes + pe_number;
      if (source[r] == 0 || column >= length) continue;
      bool taken = false;
      while (!taken) {
        EXPECT_TRUE(candidate.read().valid) << "register " << r << ' ' << where();
        EXPECT_EQ(candidate.read().column.to_uint(), column) << where();
        EXPECT_EQ(candidate.read().value.to_int64(), source[r]) << where();
        EXPECT_FALSE(exhausted.read()) << where();
        taken = stalls.go();
        pop.write(taken);
        if (accesses) {
          access_with(chance(0.5));
        } else {
          step();
        }
      }
    }
    pop.write(false);
    for (unsigned k = 0; k < 3; ++k) {
      EXPECT_FALSE(candidate.read().valid) << where();
      EXPECT_TRUE(exhausted.read()) << where();
      step();
    }
    drain.write(true);
    step();
    EXPECT_FALSE(exhausted.read()) << "drained " << where();
    step(below(3));
    drain.write(false);
    step();
    EXPECT_FALSE(exhausted.read());
    EXPECT_FALSE(candidate.read().valid);
  }
};

template <class Cfg>
class ActRwTest : public testing::Test {};
TYPED_TEST_SUITE(ActRwTest, AllCfgs, CfgName);

TYPED_TEST(ActRwTest, ClearTakesOneCycle) {
  ActBench<TypeParam> b;
  b.idle();
  for (unsigned r = 0; r < 100; ++r) b.access_with(true);
  b.access.write(AccumulatorAccess<TypeParam>());
  b.control.write(b.control_of(ActOp::kClear));
  b.step();
  b.idle();
  b.destination.assign(b.kRegisters, 0);
  b.expect_destination();
}

// Written and read in the same cycle: the new sum is shown.
TYPED_TEST(ActRwTest, RegisterFileIsWriteFirst) {
  ActBench<TypeParam> b;
  b.idle();
  AccumulatorAccess<TypeParam> a;
  a.read_row = 3;
  a.write = true;
  a.write_row = 3;
  a.sum = 42;
  b.access.write(a);
  b.step();
  EXPECT_EQ(b.accumulated.read().to_int64(), 42);
  a.write = false;
  a.sum = 7;
  b.access.write(a);
  b.step();
  EXPECT_EQ(b.accumulated.read().to_int64(), 42);
}

TYPED_TEST(ActRwTest, RandomAccesses) {
  ActBench<TypeParam> b;
  b.idle();
  for (unsigned k = 0; k < 3000; ++k) b.access_with(b.chance(0.5));
  b.access.write(AccumulatorAccess<TypeParam>());
  b.expect_destination();
}

// Operation in t: the registers have the word from t + 2 on, and not before.
TYPED_TEST(ActRwTest, BiasReachesTheRegistersInTwoCycles) {
  ActBench<TypeParam> b;
  b.fill_memory(1);
  b.memory[b.kLanes + 1] = 5;
  b.block.act.poke(1, b.word_of(1));
  AccumulatorAccess<TypeParam> a;
  a.read_row = 1;
  b.access.write(a);
  ActControl<TypeParam> c = b.control_of(ActOp::kBias);
  c.address = 1;
  b.control.write(c);
  b.step();
  b.idle();
  EXPECT_EQ(b.accumulated.read().to_int64(), 0);
  b.step();
  EXPECT_EQ(b.accumulated.read().to_int64(), 0);
  b.step();
  EXPECT_EQ(b.accumulated.read().to_int64(), 5);
}

// A dense batch gives a candidate in every cycle, the first one two cycles after kArm.
TYPED_TEST(ActRwTest, OneCandidateACycle) {
  ActBench<TypeParam> b;
  b.fill_memory(0);
  for (std::int64_t& v : b.memory) v = b.non_zero_value(TypeParam::kDataWidth);
  for (unsigned at = 0; at < TypeParam::kActDepth; ++at) b.block.act.poke(at, b.word_of(at));
  b.load(ActOp::kLoad, 1, b.kWords);
  const std::uint64_t start = b.cycle();
  ActControl<TypeParam> c = b.control_of(ActOp::kArm);
  c.length = TypeParam::kPes * TypeParam::kRegisters;
  b.control.write(c);
  b.pop.write(false);
  b.step();
  b.idle();
  b.step();
  b.pop.write(true);
  for (unsigned r = 0; r < TypeParam::kRegisters; ++r) {
    EXPECT_EQ(b.cycle(), start + 2 + r);
    EXPECT_TRUE(b.candidate.read().valid) << b.where();
    EXPECT_EQ(b.candidate.read().value.to_int64(), b.source[r]);
    b.step();
  }
  EXPECT_TRUE(b.exhausted.read());
}

TYPED_TEST(ActRwTest, ScanOfEveryDensityAndLength) {
  ActBench<TypeParam> b;
  const unsigned most = TypeParam::kPes * TypeParam::kRegisters;
  const double densities[] = {0, 0.05, 0.3, 1};
  for (unsigned round = 0; round < 40; ++round) {
    b.fill_memory(densities[round % 4]);
    b.load(ActOp::kLoad, b.below(TypeParam::kActDepth - b.kWords + 1), b.kWords);
    b.scan(round < 4 ? most : 1 + b.below(most), round % 2 == 0 ? Stalls() : Stalls(&b.random), true);
  }
}

// Whole layers: bias or clear, sums, store at every lane offset, and the outputs as the next inputs.
TYPED_TEST(ActRwTest, RandomLayers) {
  ActBench<TypeParam> b;
  const unsigned most = TypeParam::kPes * TypeParam::kRegisters;
  unsigned clamped = 0;
  for (unsigned layer = 0; layer < 40; ++layer) {
    b.fill_memory(0.6);
    b.busy.write(true);
    b.idle();
    b.step();
    b.reads = 0;
    if (b.chance(0.5)) {
      b.load(ActOp::kBias, b.below(TypeParam::kActDepth - b.kWords + 1), b.kWords);
    } else {
      b.control.write(b.control_of(ActOp::kClear));
      b.step();
      b.idle();
      b.destination.assign(b.kRegisters, 0);
    }
    b.expect_destination();
    const bool resident = layer > 0 && b.chance(0.5);
    if (!resident) b.load(ActOp::kLoad, b.below(TypeParam::kActDepth - b.kWords + 1), b.kWords);
    b.scan(1 + b.below(b.columns), Stalls(&b.random), true);
    b.access.write(AccumulatorAccess<TypeParam>());
    const bool relu = b.chance(0.5);
    const unsigned rows = 1 + b.below(most);
    for (const std::int64_t sum : b.destination) clamped += b.final_value(sum, false) != sum;
    b.store(b.below((TypeParam::kActDepth - b.kWords - 1) * b.kLanes), rows, relu);
    b.expect_destination();
    b.idle();
    b.busy.write(false);
    b.step();
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kCounters, b.pe_number, reg::kPeActReads), b.reads);
    // The stored outputs are the source now.
    if (b.chance(0.5)) b.scan(b.columns, Stalls(), false);
  }
  if (TypeParam::kAccWidth > TypeParam::kDataWidth) {
    EXPECT_GT(clamped, 0u);
  }
}

TYPED_TEST(ActRwTest, HostWindow) {
  ActBench<TypeParam> b;
  b.fill_memory(0.8);
  b.idle();
  const unsigned other = (b.pe_number + 1) % TypeParam::kPes;
  for (unsigned k = 0; k < 300; ++k) {
    const unsigned word = b.below(TypeParam::kActDepth);
    const unsigned strobe = b.below(256);
    const std::uint64_t data = b.random.bits();
    const bool mine = b.chance(0.7);
    const bool region = b.chance(0.8);
    host_write<TypeParam>(b, region ? reg::Region::kAct : reg::Region::kPtr, mine ? b.pe_number : other, word, data, strobe);
    if ((mine || other == b.pe_number) && region) {
      const std::uint64_t merged = merge_bytes(b.word_of(word), data, strobe);
      for (unsigned lane = 0; lane < b.kLanes; ++lane) {
        const std::uint64_t bits = merged >> (lane * TypeParam::kDataWidth) << (64 - TypeParam::kDataWidth);
        b.memory[word * b.kLanes + lane] = static_cast<std::int64_t>(bits) >> (64 - TypeParam::kDataWidth);
      }
    }
    const unsigned look = b.chance(0.5) ? word : b.below(TypeParam::kActDepth);
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kAct, b.pe_number, look), b.word_of(look)) << "word " << look;
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kSpmat, b.pe_number, look), 0u);
    if (other != b.pe_number) {
      EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kAct, other, look), 0u);
    }
  }
  b.expect_memory();
}

// Reset in the middle of a scan clears both register files and keeps the SRAM.
TYPED_TEST(ActRwTest, Reset) {
  ActBench<TypeParam> b;
  b.fill_memory(0.7);
  b.load(ActOp::kLoad, 0, b.kWords);
  b.load(ActOp::kBias, 1, b.kWords - 1 + (b.kWords == 1));
  ActControl<TypeParam> c = b.control_of(ActOp::kArm);
  c.length = TypeParam::kPes * TypeParam::kRegisters;
  b.control.write(c);
  b.step();
  b.idle();
  b.step(3);
  b.reset();
  EXPECT_FALSE(b.candidate.read().valid);
  EXPECT_FALSE(b.exhausted.read());
  b.source.assign(b.kRegisters, 0);
  b.destination.assign(b.kRegisters, 0);
  b.expect_destination();
  b.scan(TypeParam::kPes * TypeParam::kRegisters, Stalls(), false);
  b.expect_memory();
}

}  // namespace
}  // namespace eie::tb
