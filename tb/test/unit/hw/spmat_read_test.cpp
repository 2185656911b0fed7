// SPDX-License-Identifier: Apache-2.0
// Spmat read: every entry, and exactly the row fetches that are needed.
#include <vector>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/spmat_read_bench.h"

namespace eie::tb {
namespace {

/// Rows of one 32-bit half.
struct Row32Cfg : SmallCfg {
  static constexpr const char* kName = "row32";
  static constexpr unsigned kSpmatWidth = 32;
};

template <class Cfg>
struct SpmatBench : SpmatReadBench<Cfg> {
  using Base = SpmatReadBench<Cfg>;
  using Base::below;
  using Base::busy;
  using Base::chance;
  using Base::entry;
  using Base::entry_address;
  using Base::fetches;
  using Base::kPe;
  using Base::kPerBeat;
  using Base::kPerRow;
  using Base::signed_value;
  using Base::step;
  using Base::stored;
  using Base::where;
  using typename Base::P;
  static constexpr unsigned kOtherPe = (kPe + 1) % Cfg::kPes;

  std::vector<unsigned> held = std::vector<unsigned>(kPerRow);  // of the row at its output
  std::int64_t held_row = -1;

  SpmatBench() {
    for (unsigned row = 0; row < Cfg::kSpmatDepth; ++row) new_row(row);
  }

  /// Other contents for a row, through the back door.
  void new_row(unsigned row) {
    for (unsigned k = 0; k < kPerRow; ++k) stored[row * kPerRow + k] = below(std::uint64_t{1} << P::kEntryWidth);
    this->poke(row * kPerRow / kPerBeat, (row * kPerRow + kPerRow - 1) / kPerBeat);
  }

  void start() {
    busy.write(true);
    step();
    held_row = -1;
    fetches = 0;
  }
  void stop() {
    busy.write(false);
    step();
  }

  /// One cycle with an address, or without; checks the entry in the next one.
  void cycle_with(bool valid, unsigned at) {
    EntryAddress<Cfg> in;
    in.valid = valid;
    in.first = chance(0.3);
    in.address = at;
    in.value = signed_value(Cfg::kDataWidth);
    entry_address.write(in);
    step();
    EXPECT_EQ(entry.read().valid, valid) << where();
    if (!valid) return;
    const std::int64_t row = at / kPerRow;
    if (row != held_row) {
      held_row = row;
      ++fetches;
      for (unsigned k = 0; k < kPerRow; ++k) held[k] = stored[static_cast<std::size_t>(row) * kPerRow + k];
    }
    const unsigned word = held[at % kPerRow];
    Entry<Cfg> expected;
    expected.valid = true;
    expected.first = in.first;
    expected.code = word & ((1u << Cfg::kCodeWidth) - 1);
    expected.run = word >> Cfg::kCodeWidth;
    expected.value = in.value;
    EXPECT_EQ(entry.read(), expected) << "entry " << at << ' ' << where();
  }
  void expect_counter() {
    EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, kPe, reg::kPeSpmatReads), fetches);
    if (kOtherPe != kPe) {
      EXPECT_EQ(host_read<Cfg>(*this, reg::Region::kCounters, kOtherPe, reg::kPeSpmatReads), 0u);
    }
  }
  void no_address() { entry_address.write(EntryAddress<Cfg>()); }
};

template <class Cfg>
class SpmatReadTest : public testing::Test {};
using ReadCfgs = testing::Types<SmallCfg, NarrowCfg, WideCfg, RunsCfg, ManyCfg, Row32Cfg>;
TYPED_TEST_SUITE(SpmatReadTest, ReadCfgs, CfgName);

// One entry a cycle, a row fetch for each row.
TYPED_TEST(SpmatReadTest, AllEntriesInOrder) {
  SpmatBench<TypeParam> b;
  b.start();
  for (unsigned at = 0; at < b.kEntries; ++at) b.cycle_with(true, at);
  EXPECT_EQ(b.fetches, (b.kEntries + b.kPerRow - 1) / b.kPerRow);
  b.no_address();
  b.stop();
  b.expect_counter();
}

// A row stays at the SRAM output across columns and idle cycles: what the back door changes meanwhile is not seen,
// and it is seen after a fetch of another row.
TYPED_TEST(SpmatReadTest, KeepsTheRow) {
  SpmatBench<TypeParam> b;
  b.start();
  b.cycle_with(true, 0);
  b.new_row(0);
  for (unsigned k = 0; k < 10; ++k) {
    b.cycle_with(true, k % b.kPerRow);
    b.cycle_with(false, b.kPerRow);
  }
  EXPECT_EQ(b.fetches, 1u);
  b.cycle_with(true, b.kPerRow);
  b.cycle_with(true, 0);
  EXPECT_EQ(b.fetches, 3u);
  b.no_address();
  b.stop();
  b.expect_counter();
}

// Columns that ascend, with jumps; the memory changes behind the held row.
TYPED_TEST(SpmatReadTest, RandomColumnsWithStalls) {
  SpmatBench<TypeParam> b;
  for (unsigned launch = 0; launch < 5; ++launch) {
    Stalls stalls(&b.random);
    b.start();
    unsigned at = 0;
    for (unsigned c = 0; c < 1500; ++c) {
      if (b.chance(0.02)) b.new_row(b.below(TypeParam::kSpmatDepth));
      const bool valid = stalls.go();
      b.cycle_with(valid, at);
      if (valid) at = (at + (b.chance(0.9) ? 1 : b.below(3 * b.kPerRow))) % b.kEntries;
    }
    b.no_address();
    b.stop();
    b.expect_counter();
  }
}

// The host may change the held row between two launches, so that the next one fetches it again.
TYPED_TEST(SpmatReadTest, FetchesAgainAfterALaunch) {
  SpmatBench<TypeParam> b;
  for (unsigned launch = 0; launch < 4; ++launch) {
    b.start();
    b.cycle_with(true, 1);
    b.cycle_with(true, 0);
    EXPECT_EQ(b.fetches, 1u);
    b.no_address();
    b.stop();
    b.expect_counter();
    b.new_row(0);
    host_read<TypeParam>(b, reg::Region::kSpmat, b.kPe, b.below(4));
  }
}

TYPED_TEST(SpmatReadTest, HostWindow) {
  SpmatBench<TypeParam> b;
  using P = Params<TypeParam>;
  const unsigned words = TypeParam::kSpmatDepth * TypeParam::kSpmatWidth / 64;
  std::vector<std::uint64_t> memory(words);
  for (unsigned word = 0; word < words; ++word) {  // entries are packed, whatever the width of a row
    for (unsigned k = 0; k < 64 / P::kEntryWidth; ++k) {
      memory[word] |= std::uint64_t{b.stored[word * (64 / P::kEntryWidth) + k]} << (k * P::kEntryWidth);
    }
  }
  for (unsigned k = 0; k < 400; ++k) {
    const unsigned word = b.below(words);
    const unsigned strobe = b.below(256);
    const bool mine = b.chance(0.7);
    const bool region = b.chance(0.8);
    const std::uint64_t data = b.random.bits();
    host_write<TypeParam>(b, region ? reg::Region::kSpmat : reg::Region::kPtr, mine ? b.kPe : b.kOtherPe, word, data, strobe);
    if ((mine || b.kPe == b.kOtherPe) && region) {
      memory[word] = merge_bytes(memory[word], data, strobe);
    }
    const unsigned look = b.chance(0.5) ? word : b.below(words);
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kSpmat, b.kPe, look), memory[look]) << "word " << look;
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kAct, b.kPe, look), 0u);
    if (b.kPe != b.kOtherPe) {
      EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kSpmat, b.kOtherPe, look), 0u);
    }
  }
}

TYPED_TEST(SpmatReadTest, ResetKeepsTheEntries) {
  SpmatBench<TypeParam> b;
  for (unsigned round = 0; round < 10; ++round) {
    b.start();
    for (unsigned c = 0; c < 20; ++c) b.cycle_with(b.chance(0.5), b.below(b.kEntries));
    b.reset();
    EXPECT_FALSE(b.entry.read().valid);
    b.held_row = -1;
    b.cycle_with(true, b.below(b.kEntries));
    b.no_address();
    b.stop();
  }
}

}  // namespace
}  // namespace eie::tb
