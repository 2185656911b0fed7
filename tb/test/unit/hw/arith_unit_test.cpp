// SPDX-License-Identifier: Apache-2.0
// Arithmetic unit: bit-exact sums, the cycle of every write, bypasses, padding, dropped rows, counters, codebook.
#include "hw/arith_unit.h"

#include <deque>
#include <vector>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

constexpr unsigned kNoRow = ~0u;

template <class Cfg>
struct ArithBench : Bench {
  using P = Params<Cfg>;
  using Block = ArithUnit<Cfg>;
  static constexpr unsigned kCodes = 1u << Cfg::kCodeWidth;
  static constexpr unsigned kLatency = 3;  // from an entry to its write
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::entry)> entry{"entry"};
  Wire<decltype(Block::access)> access{"access"};
  Wire<decltype(Block::accumulated)> accumulated{"accumulated"};
  Wire<decltype(Block::shift)> shift{"shift"};
  Wire<decltype(Block::out_length)> out_length{"out_length"};
  Wire<decltype(Block::saturated)> saturated{"saturated"};
  Wire<decltype(Block::error)> error{"error"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"arith_unit"};

  struct Write {
    std::uint64_t cycle;
    unsigned row;
    std::int64_t sum;
    bool clamped;
  };
  unsigned pe_number = 0;
  unsigned shift_by = 0;
  unsigned rows = 0;  // of the whole layer
  std::vector<std::int64_t> codebook = std::vector<std::int64_t>(kCodes);
  std::vector<std::int64_t> file = std::vector<std::int64_t>(Cfg::kRegisters);   // the block's sums
  std::vector<std::int64_t> model = std::vector<std::int64_t>(Cfg::kRegisters);  // what they should become
  std::deque<Write> writes;                                                      // expected
  bool dropped = false;                                                          // by the entry of the cycle before
  bool in_column = false;                                                        // since the reset
  std::uint64_t next_row = 0;                                                    // of the column, one more than the last entry's
  unsigned last_row[2] = {kNoRow, kNoRow};                                       // written one and two cycles before
  // How often each case came up
  unsigned near = 0, far = 0, high = 0, low = 0, rounded = 0, drops = 0;
  std::uint64_t entries = 0, padding = 0, skipped = 0, starved = 0;

  ArithBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.entry(entry);
    block.access(access);
    block.accumulated(accumulated);
    block.shift(shift);
    block.out_length(out_length);
    block.saturated(saturated);
    block.error(error);
    block.host(host);
    block.host_q(host_q);
    reset();
  }

  void set_code(unsigned code, std::int64_t value) {
    host_write<Cfg>(*this, reg::Region::kCodes, below(Cfg::kPes), code, static_cast<std::uint64_t>(value));
    if (code != 0) codebook[code] = value;
  }
  void configure(unsigned number, unsigned shift_right, unsigned layer_rows) {
    pe_number = number;
    shift_by = shift_right;
    rows = layer_rows;
    pe.write(number);
    shift.write(shift_right);
    out_length.write(layer_rows);
  }
  void set_sum(unsigned row, std::int64_t value) { file[row] = model[row] = value; }

  static std::int64_t clamp(std::int64_t sum) {
    const std::int64_t top = (std::int64_t{1} << (Cfg::kAccWidth - 1)) - 1;
    return sum > top ? top : sum < -top - 1 ? -top - 1 : sum;
  }

  Entry<Cfg> random_entry() {
    Entry<Cfg> e;
    e.valid = true;
    e.first = chance(0.25) || !in_column;
    e.code = chance(0.2) ? 0 : below(kCodes);
    e.run = chance(0.6) ? 0 : below(std::uint64_t{1} << Cfg::kRunWidth);
    e.value = non_zero_value(Cfg::kDataWidth);
    if constexpr (Cfg::kSkipPadding) e.skipped = chance(0.7) ? 0 : below(std::uint64_t{1} << P::kSkippedWidth);
    return e;
  }

  /// One cycle with an entry, or with the fields of one and valid clear. The register file answers as ActRw does.
  void cycle_with(const Entry<Cfg>& e) {
    entry.write(e);
    if (e.valid) {
      expect_entry(e);
    } else {
      dropped = false;
      moved(kNoRow);
    }
    const AccumulatorAccess<Cfg> now = access.read();
    if (now.write) file[now.write_row.to_uint()] = now.sum.to_int64();
    const std::int64_t shown = file[now.read_row.to_uint()];
    ++(e.valid ? entries : starved);
    step();
    accumulated.write(shown);
    const bool due = !writes.empty() && writes.front().cycle == cycle();
    EXPECT_EQ(error.read(), dropped) << where();
    EXPECT_EQ(access.read().write, due) << where();
    EXPECT_EQ(saturated.read(), due && writes.front().clamped) << where();
    if (due) {
      EXPECT_EQ(access.read().write_row.to_uint(), writes.front().row) << where();
      EXPECT_EQ(access.read().sum.to_int64(), writes.front().sum) << where();
      writes.pop_front();
    }
  }
  void idle(unsigned cycles) {
    for (unsigned c = 0; c < cycles; ++c) {
      Entry<Cfg> e = random_entry();
      e.valid = false;
      cycle_with(e);
    }
  }
  void give(bool first, unsigned code, unsigned run, std::int64_t value) {
    Entry<Cfg> e;
    e.valid = true;
    e.first = first;
    e.code = code;
    e.run = run;
    e.value = value;
    cycle_with(e);
  }
  void expect_sums() {
    idle(kLatency + 1);
    EXPECT_TRUE(writes.empty());
    for (unsigned r = 0; r < Cfg::kRegisters; ++r) EXPECT_EQ(file[r], model[r]) << "register " << r;
  }

 private:
  void moved(unsigned row) {
    last_row[1] = last_row[0];
    last_row[0] = row;
  }
  /// docs/numerics.md: p = codebook[code] * a; t = (p + half) >> shift; acc = clamp(acc + t)
  void expect_entry(const Entry<Cfg>& e) {
    std::uint64_t row = (e.first ? 0 : next_row) + e.run.to_uint();
    if constexpr (Cfg::kSkipPadding) {  // each stands for the largest run and itself
      row += e.skipped.to_uint64() * (std::uint64_t{1} << Cfg::kRunWidth);
      entries += e.skipped.to_uint();
      padding += e.skipped.to_uint();
      skipped += e.skipped.to_uint();
    }
    next_row = row + 1;
    in_column = true;
    dropped = false;
    if (e.code.to_uint() == 0) {
      ++padding;
      moved(kNoRow);
      return;
    }
    dropped = row >= Cfg::kRegisters || row * Cfg::kPes + pe_number >= rows;
    if (dropped) {
      ++drops;
      moved(kNoRow);
      return;
    }
    const auto at = static_cast<unsigned>(row);
    const std::int64_t product = codebook[e.code.to_uint()] * e.value.to_int64();
    std::int64_t scaled = product;
    if (shift_by > 0) {
      scaled = (product + (std::int64_t{1} << (shift_by - 1))) >> shift_by;
      rounded += scaled != product >> shift_by;
    }
    const std::int64_t sum = clamp(model[at] + scaled);
    const bool clamped = sum != model[at] + scaled;
    high += clamped && sum > 0;
    low += clamped && sum < 0;
    near += last_row[0] == at;
    far += last_row[0] != at && last_row[1] == at;
    model[at] = sum;
    writes.push_back({cycle() + kLatency, at, sum, clamped});
    moved(at);
  }
};

template <class Cfg>
class ArithUnitTest : public testing::Test {};
using ArithCfgs =
    testing::Types<SmallCfg, NarrowCfg, WideCfg, RunsCfg, ManyCfg, SkipCfg, NarrowSkipCfg, WideSkipCfg, RunsSkipCfg>;
TYPED_TEST_SUITE(ArithUnitTest, ArithCfgs, CfgName);

TYPED_TEST(ArithUnitTest, EntryIsWrittenThreeCyclesLater) {
  ArithBench<TypeParam> b;
  b.configure(0, 0, TypeParam::kPes * TypeParam::kRegisters);
  b.set_code(1, 3);
  b.set_sum(2, 5);
  b.give(true, 1, 2, 7);
  for (unsigned cycle = 1; cycle <= 2; ++cycle) {
    EXPECT_FALSE(b.access.read().write) << cycle;
    b.idle(1);
  }
  EXPECT_TRUE(b.access.read().write);
  EXPECT_EQ(b.access.read().write_row.to_uint(), 2u);
  EXPECT_EQ(b.access.read().sum.to_int64(), 5 + 3 * 7);
  b.expect_sums();
}

// The same register at every distance from one to five, within a column and across columns.
TYPED_TEST(ArithUnitTest, EveryDistanceBetweenTwoWrites) {
  ArithBench<TypeParam> b;
  b.configure(0, 0, TypeParam::kPes * TypeParam::kRegisters);
  b.set_code(1, 1);
  for (unsigned distance = 1; distance <= 5; ++distance) {
    for (unsigned fill = 0; fill < 3; ++fill) {  // between: nothing, padding, other registers
      b.set_sum(0, 1);
      b.give(true, 1, 0, 10);
      for (unsigned k = 1; k < distance; ++k) {
        if (fill == 0) b.idle(1);
        if (fill == 1) b.give(true, 0, 0, 99);
        if (fill == 2) b.give(true, 1, 1 + k % 2, 50);  // two rows by turns
      }
      b.give(true, 1, 0, 20);
      b.expect_sums();
      EXPECT_EQ(b.file[0], 31) << "distance " << distance;
    }
  }
  EXPECT_GT(b.near, 0u);
  EXPECT_GT(b.far, 0u);
}

// Padding moves the row, and neither writes nor forwards nor reports a row beyond the end.
TYPED_TEST(ArithUnitTest, PaddingOnlyMovesTheRow) {
  ArithBench<TypeParam> b;
  b.configure(0, 0, TypeParam::kPes * TypeParam::kRegisters);
  b.set_code(1, 1);
  b.set_code(0, 77);  // code 0 stays 0
  b.set_sum(0, 4);
  b.set_sum(1, 6);
  b.give(true, 1, 0, 3);
  b.give(false, 0, 0, 100);  // row 1
  b.give(false, 1, 0, 5);    // row 2
  b.give(true, 0, 0, 100);   // row 0, as the one before the last
  b.give(true, 1, 0, 2);
  b.expect_sums();
  EXPECT_EQ(b.file[0], 9);
  EXPECT_EQ(b.file[1], 6);
  EXPECT_EQ(b.file[2], 5);
  const unsigned largest = (1u << TypeParam::kRunWidth) - 1;
  b.give(true, 0, largest, 1);
  for (unsigned k = 0; k < 2 * TypeParam::kRegisters; ++k) b.give(false, 0, largest, 1);
  EXPECT_EQ(b.drops, 0u);
  b.give(false, 1, 0, 1);
  EXPECT_EQ(b.drops, 1u);
  b.expect_sums();
}

// Every row of every length of layer around its last row, in several PEs.
TYPED_TEST(ArithUnitTest, DropsRowsBeyondTheEnd) {
  ArithBench<TypeParam> b;
  b.set_code(1, 1);
  for (unsigned round = 0; round < 30; ++round) {
    b.configure(b.below(TypeParam::kPes), 0, 1 + b.below(TypeParam::kPes * TypeParam::kRegisters));
    b.give(true, 1, 0, 1);
    for (unsigned k = 0; k < TypeParam::kRegisters + 3; ++k) b.give(false, 1, 0, 1);
    b.expect_sums();
  }
  EXPECT_GT(b.drops, 0u);
}

// All shifts, with operands at the ends of their ranges.
TYPED_TEST(ArithUnitTest, EveryShift) {
  ArithBench<TypeParam> b;
  for (unsigned code = 1; code < b.kCodes; ++code) b.set_code(code, b.signed_value(TypeParam::kDataWidth));
  b.set_code(1, -(std::int64_t{1} << (TypeParam::kDataWidth - 1)));
  for (unsigned shift = 0; shift <= 2 * TypeParam::kDataWidth - 2; ++shift) {
    b.configure(0, shift, TypeParam::kPes * TypeParam::kRegisters);
    for (unsigned r = 0; r < TypeParam::kRegisters; ++r) b.set_sum(r, b.signed_value(TypeParam::kAccWidth));
    for (unsigned k = 0; k < 100; ++k) b.cycle_with(b.random_entry());
    b.expect_sums();
  }
  EXPECT_GT(b.rounded, 0u);
}

// Clamped at both ends, with a pulse for each, and the next sum starts from the clamped one.
TYPED_TEST(ArithUnitTest, SaturatesBothWays) {
  ArithBench<TypeParam> b;
  b.configure(0, 0, TypeParam::kPes * TypeParam::kRegisters);
  const std::int64_t top = (std::int64_t{1} << (TypeParam::kAccWidth - 1)) - 1;
  b.set_code(1, 1);
  b.set_code(2, -1);
  b.set_sum(0, top - 10);
  b.set_sum(1, -top - 1 + 10);
  const std::int64_t steps[] = {10, 1, 100, 5};  // reaches the end exactly, then beyond it
  for (const std::int64_t s : steps) {
    b.give(true, 1, 0, s);
    b.give(false, 2, 0, s);
  }
  b.give(true, 2, 0, 3);
  b.give(false, 1, 0, 3);
  b.expect_sums();
  EXPECT_EQ(b.high, 3u);
  EXPECT_EQ(b.low, 3u);
  EXPECT_EQ(b.file[0], top - 3);
  EXPECT_EQ(b.file[1], -top - 1 + 3);
}

TYPED_TEST(ArithUnitTest, RandomEntriesWithStalls) {
  ArithBench<TypeParam> b;
  for (unsigned round = 0; round < 20; ++round) {
    Stalls stalls(&b.random);
    const unsigned most = TypeParam::kPes * TypeParam::kRegisters;
    b.configure(b.below(TypeParam::kPes), b.below(TypeParam::kDataWidth), b.chance(0.5) ? most : 1 + b.below(most));
    for (unsigned code = 1; code < b.kCodes; ++code) b.set_code(code, b.signed_value(TypeParam::kDataWidth));
    for (unsigned r = 0; r < TypeParam::kRegisters; ++r) b.set_sum(r, b.signed_value(TypeParam::kAccWidth));
    b.busy.write(true);
    b.entries = b.padding = b.skipped = b.starved = 0;  // they count while busy is set
    for (unsigned c = 0; c < 400; ++c) {
      if (stalls.go()) {
        b.cycle_with(b.random_entry());
      } else {
        b.idle(1);
      }
    }
    b.expect_sums();
    b.busy.write(false);
    const std::uint64_t starved = b.starved;
    b.idle(2);
    b.starved = starved;
    const auto counter = [&b](unsigned word) { return host_read<TypeParam>(b, reg::Region::kCounters, b.pe_number, word); };
    EXPECT_EQ(counter(reg::kPeEntries), b.entries);
    EXPECT_EQ(counter(reg::kPePadding), b.padding);
    EXPECT_EQ(counter(reg::kPePaddingSkipped), b.skipped);
    EXPECT_EQ(counter(reg::kPeStarved), b.starved);
    EXPECT_EQ(counter(reg::kPePtrReads), 0u) << "another block's";
  }
  EXPECT_GT(b.near, 0u);
  EXPECT_GT(b.far, 0u);
  EXPECT_GT(b.high, 0u);
  EXPECT_GT(b.low, 0u);
  EXPECT_GT(b.drops, 0u);
}

// Written in all PEs at once; PE 0 alone answers, sign-extended.
TYPED_TEST(ArithUnitTest, Codebook) {
  ArithBench<TypeParam> b;
  for (unsigned code = 0; code < b.kCodes; ++code) b.set_code(code, b.signed_value(TypeParam::kDataWidth));
  for (unsigned code = 0; code < b.kCodes; ++code) {
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kCodes, 0, code), static_cast<std::uint64_t>(b.codebook[code]))
        << "code " << code;
  }
  if (TypeParam::kPes > 1) {
    b.pe.write(1);
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kCodes, 0, b.kCodes - 1), 0u);
  }
}

TYPED_TEST(ArithUnitTest, ResetDropsWhatIsInThePipeline) {
  ArithBench<TypeParam> b;
  b.configure(0, 0, TypeParam::kPes * TypeParam::kRegisters);
  b.set_code(1, 9);
  b.give(true, 1, 0, 1);
  b.give(true, 1, 1, 1);
  b.give(true, 1, 2, 1);
  b.reset();
  b.writes.clear();
  b.model = b.file;
  b.codebook.assign(b.kCodes, 0);
  b.last_row[0] = b.last_row[1] = kNoRow;
  b.in_column = false;
  b.idle(5);
  b.give(true, 1, 0, 1);  // the codebook is zero
  b.expect_sums();
}

// The multiplier alone (hw/booth.h): digits give their factor back, and what hardware adds up is the product.
template <unsigned D>
void expect_product(std::int64_t weight, std::int64_t value) {
  using B = Booth<D>;
  const auto bits = bits_of<D>(Int<D>(weight));
  const auto one = B::one(bits);
  const auto two = B::two(bits);
  const auto negative = B::negative(bits);
  ASSERT_EQ(B::factor(one, two, negative).to_int64(), weight);
  ASSERT_EQ(B::product(one, two, negative, Int<D>(value)).to_int64(), weight * value) << weight << " * " << value;
}

TEST(Multiplier, EveryPairOfBytes) {
  for (int weight = -128; weight < 128; ++weight) {
    for (int value = -128; value < 128; ++value) expect_product<8>(weight, value);
  }
}

template <unsigned D>
void expect_edges_and_random_products() {
  Random random(test_seed(), 16, D);
  const std::int64_t top = (std::int64_t{1} << (D - 1)) - 1;
  const std::vector<std::int64_t> edges = {-top - 1, -top, -2, -1, 0, 1, 2, top / 2, top - 1, top};
  for (const std::int64_t weight : edges) {
    for (const std::int64_t value : edges) expect_product<D>(weight, value);
  }
  const auto any = [&random] { return static_cast<std::int64_t>(random.bits()) >> (64 - D); };
  for (unsigned k = 0; k < 20000; ++k) expect_product<D>(any(), any());
}

TEST(Multiplier, WiderFactors) {
  expect_edges_and_random_products<16>();
  expect_edges_and_random_products<32>();
}

}  // namespace
}  // namespace eie::tb
