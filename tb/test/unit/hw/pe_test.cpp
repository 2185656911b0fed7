// SPDX-License-Identifier: Apache-2.0
// Processing element: whole layers against a small model, loaded through the back door and through the host bus.
#include "hw/pe.h"

#include <algorithm>
#include <vector>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct PeBench : Bench {
  using P = Params<Cfg>;
  using Block = Pe<Cfg>;
  static constexpr unsigned kLanes = 64 / Cfg::kDataWidth;
  static constexpr unsigned kRegisters = Cfg::kRegisters;
  static constexpr unsigned kColumns = Cfg::kPointerDepth - 1;
  static constexpr unsigned kEntriesPerBeat = 64 / P::kEntryWidth;
  static constexpr unsigned kBeats = Cfg::kSpmatDepth * (Cfg::kSpmatWidth / 64);
  static constexpr unsigned kLargestRun = (1u << Cfg::kRunWidth) - 1;
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::drain)> drain{"drain"};
  Wire<decltype(Block::control)> control{"control"};
  Wire<decltype(Block::broadcast)> broadcast{"broadcast"};
  Wire<decltype(Block::shift)> shift{"shift"};
  Wire<decltype(Block::out_length)> out_length{"out_length"};
  Wire<decltype(Block::full)> full{"full"};
  Wire<decltype(Block::drained)> drained{"drained"};
  Wire<decltype(Block::error)> error{"error"};
  Wire<decltype(Block::saturated)> saturated{"saturated"};
  Wire<decltype(Block::candidate)> candidate{"candidate"};
  Wire<decltype(Block::exhausted)> exhausted{"exhausted"};
  Wire<decltype(Block::pop)> pop{"pop"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"pe_under_test"};

  struct Weight {
    unsigned row;  // local
    unsigned code;
  };
  unsigned number = 0;
  unsigned rows = 0;  // of the layer, all PEs
  unsigned shift_by = 0;
  std::vector<std::int64_t> codebook = std::vector<std::int64_t>(P::kCodes);
  std::vector<std::vector<Weight>> matrix;  // per column, as the model sees it
  std::vector<unsigned> entries;            // encoded, padding included
  std::vector<std::uint64_t> pointers;
  std::vector<std::int64_t> sums = std::vector<std::int64_t>(kRegisters);
  bool error_seen = false, saturated_seen = false, saturation_expected = false;
  std::uint64_t busy_cycles = 0, work = 0, columns_sent = 0;

  PeBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.drain(drain);
    block.control(control);
    block.broadcast(broadcast);
    block.shift(shift);
    block.out_length(out_length);
    block.full(full);
    block.drained(drained);
    block.error(error);
    block.saturated(saturated);
    block.candidate(candidate);
    block.exhausted(exhausted);
    block.pop(pop);
    block.host(host);
    block.host_q(host_q);
    number = below(Cfg::kPes);
    pe.write(number);
    reset();
  }

  unsigned local_rows() const { return rows > number ? (rows - number + Cfg::kPes - 1) / Cfg::kPes : 0; }

  /// Random weights for `layer_rows` rows, encoded here: a gap over the largest run takes padding entries.
  void make_matrix(unsigned layer_rows, double density) {
    rows = layer_rows;
    matrix.assign(kColumns, {});
    entries.clear();
    pointers = {0};
    for (auto& column : matrix) {
      unsigned next = 0;  // local row after the last entry
      for (unsigned r = 0; r < local_rows() && chance(0.95); ++r) {
        if (!chance(density)) continue;
        const unsigned padding = (r - next) / (kLargestRun + 1);
        const std::uint64_t capacity =
            std::min<std::uint64_t>(std::uint64_t{kBeats} * kEntriesPerBeat, (std::uint64_t{1} << Cfg::kPointerWidth) - 1);
        if (entries.size() + padding + 1 > capacity) break;
        for (unsigned k = 0; k < padding; ++k) entries.push_back(kLargestRun << Cfg::kCodeWidth);
        const unsigned code = 1 + below(P::kCodes - 1);
        entries.push_back(((r - next) % (kLargestRun + 1)) << Cfg::kCodeWidth | code);
        column.push_back({r, code});
        next = r + 1;
      }
      pointers.push_back(entries.size());
    }
  }
  std::vector<std::uint64_t> spmat_image() const {
    std::vector<std::uint64_t> image(kBeats);
    for (std::size_t k = 0; k < entries.size(); ++k) {
      image[k / kEntriesPerBeat] |= std::uint64_t{entries[k]} << (k % kEntriesPerBeat * P::kEntryWidth);
    }
    return image;
  }
  void load(bool back_door) {
    const std::vector<std::uint64_t> image = spmat_image();
    constexpr unsigned kBeatsPerRow = Cfg::kSpmatWidth / 64;
    for (unsigned k = 0; k < kBeats; ++k) {
      if (back_door) block.spmat_read.spmat.poke(k / kBeatsPerRow, image[k], k % kBeatsPerRow);
      if (!back_door) host_write<Cfg>(*this, reg::Region::kSpmat, number, k, image[k]);
    }
    for (unsigned k = 0; k < Cfg::kPointerDepth; k += 2) {
      if (back_door) block.ptr_read.even.poke(k / 2, pointers[k]);
      if (back_door) block.ptr_read.odd.poke(k / 2, pointers[k + 1]);
      if (!back_door) {
        host_write<Cfg>(*this, reg::Region::kPtr, number, k / 2, pointers[k] | pointers[k + 1] << 32);
      }
    }
  }
  void new_codebook(std::int64_t magnitude) {
    for (unsigned c = 1; c < P::kCodes; ++c) {
      codebook[c] = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * magnitude))) - magnitude;
      host_write<Cfg>(*this, reg::Region::kCodes, 0, c, static_cast<std::uint64_t>(codebook[c]));
    }
  }

  void cycle_step() {
    step();
    ++busy_cycles;
    error_seen = error_seen || error.read();
    saturated_seen = saturated_seen || saturated.read();
  }
  void operate(ActOp op, unsigned address = 0, unsigned base = 0, unsigned offset = 0, unsigned length = 0, bool relu = false) {
    ActControl<Cfg> c;
    c.op = static_cast<unsigned>(op);
    c.address = address;
    c.base = base;
    c.offset = offset;
    c.length = length;
    c.relu = relu;
    control.write(c);
    cycle_step();
    c.op = static_cast<unsigned>(ActOp::kNone);
    control.write(c);
  }

  void start(unsigned shift_right) {
    shift_by = shift_right;
    shift.write(shift_right);
    out_length.write(rows);
    busy.write(true);
    busy_cycles = work = columns_sent = 0;
    error_seen = saturated_seen = saturation_expected = false;
    operate(ActOp::kClear);
    sums.assign(kRegisters, 0);
  }
  void multiply(unsigned column, std::int64_t a) {
    const std::int64_t top = (std::int64_t{1} << (Cfg::kAccWidth - 1)) - 1;
    for (const Weight& w : matrix[column]) {
      std::int64_t t = codebook[w.code] * a;
      if (shift_by > 0) t = (t + (std::int64_t{1} << (shift_by - 1))) >> shift_by;
      const std::int64_t sum = sums[w.row] + t;
      sums[w.row] = std::clamp(sum, -top - 1, top);
      saturation_expected = saturation_expected || sum != sums[w.row];
    }
    work += pointers[column + 1] > pointers[column] ? pointers[column + 1] - pointers[column] : 0;
    ++columns_sent;
  }
  void send(unsigned column, std::int64_t a) {
    Activation<Cfg> v;
    v.valid = true;
    v.column = column;
    v.value = a;
    while (full.read()) cycle_step();
    broadcast.write(v);
    cycle_step();
    broadcast.write(Activation<Cfg>());
    multiply(column, a);
  }
  void send_random(unsigned count, Stalls stalls) {
    for (unsigned k = 0; k < count; ++k) {
      while (!stalls.go()) cycle_step();
      unsigned column = below(kColumns);
      while (matrix[column].empty() && chance(0.8)) column = below(kColumns);
      send(column, non_zero_value(Cfg::kDataWidth));
    }
  }
  /// Waits as the CCU does: two cycles after `drained` the last sum is in its register.
  void finish_batch() {
    drain.write(true);
    unsigned waited = 0;
    while (!drained.read() && ++waited < 10000) cycle_step();
    EXPECT_LT(waited, 10000u) << "never drained " << where();
    for (unsigned k = 0; k < 3; ++k) cycle_step();
    drain.write(false);
  }
  std::int64_t output(unsigned row, bool relu) const {
    const std::int64_t top = (std::int64_t{1} << (Cfg::kDataWidth - 1)) - 1;
    return std::clamp(relu ? std::max<std::int64_t>(sums[row], 0) : sums[row], -top - 1, top);
  }
  std::int64_t stored(unsigned at) const {
    const std::uint64_t word = block.act_rw.act.peek(at / kLanes) >> (at % kLanes * Cfg::kDataWidth);
    return static_cast<std::int64_t>(word << (64 - Cfg::kDataWidth)) >> (64 - Cfg::kDataWidth);
  }
  void store_and_check(unsigned out, bool relu) {
    const unsigned offset = out % kLanes;
    const unsigned words = (offset + (rows + Cfg::kPes - 1) / Cfg::kPes + kLanes - 1) / kLanes;
    for (unsigned k = 0; k < words; ++k) operate(ActOp::kStore, out / kLanes + k, k * kLanes, offset, rows, relu);
    cycle_step();
    for (unsigned r = 0; r < local_rows(); ++r) {
      EXPECT_EQ(stored(out + r), output(r, relu)) << "output " << r << ' ' << where();
    }
  }
  void expect_counters() {
    busy.write(false);
    step();
    const auto counter = [this](unsigned word) { return host_read<Cfg>(*this, reg::Region::kCounters, number, word); };
    EXPECT_EQ(counter(reg::kPeEntries), work);
    EXPECT_EQ(counter(reg::kPeEntries) + counter(reg::kPeStarved), busy_cycles);
    EXPECT_EQ(counter(reg::kPePtrReads), 2 * columns_sent);
    EXPECT_LE(counter(reg::kPeSpmatReads), work);
  }
};

template <class Cfg>
class PeTest : public testing::Test {};
TYPED_TEST_SUITE(PeTest, LookAheadCfgs, CfgName);

// Layers of random shape: sums, outputs, flags and counters.
TYPED_TEST(PeTest, RandomLayers) {
  PeBench<TypeParam> b;
  const unsigned most = TypeParam::kPes * TypeParam::kRegisters;
  bool any_saturated = false;
  for (unsigned layer = 0; layer < 24; ++layer) {
    b.make_matrix(b.chance(0.5) ? most : 1 + b.below(most), layer % 3 == 0 ? 0.8 : 0.2);
    b.load(layer % 4 != 1);
    const bool large = layer % 6 == 0;  // saturates
    b.new_codebook(std::int64_t{1} << (large ? TypeParam::kDataWidth - 1 : b.below(TypeParam::kDataWidth)));
    b.start(large ? 0 : b.below(2 * TypeParam::kDataWidth - 1));
    b.send_random(60, Stalls(&b.random));
    b.finish_batch();
    const bool relu = b.chance(0.5);
    b.store_and_check(b.below((TypeParam::kActDepth - TypeParam::kRegisters / b.kLanes - 1) * b.kLanes), relu);
    EXPECT_EQ(b.saturated_seen, b.saturation_expected);
    EXPECT_FALSE(b.error_seen);
    any_saturated = any_saturated || b.saturated_seen;
    // The outputs are the next source: the scan gives them in ascending order.
    b.operate(ActOp::kArm, 0, 0, 0, b.rows);
    b.cycle_step();
    for (unsigned r = 0; r < b.local_rows(); ++r) {
      if (b.output(r, relu) == 0) continue;
      EXPECT_TRUE(b.candidate.read().valid) << b.where();
      EXPECT_EQ(b.candidate.read().column.to_uint(), r * TypeParam::kPes + b.number) << b.where();
      EXPECT_EQ(b.candidate.read().value.to_int64(), b.output(r, relu)) << b.where();
      b.pop.write(true);
      b.cycle_step();
      b.pop.write(false);
    }
    EXPECT_TRUE(b.exhausted.read()) << b.where();
    b.finish_batch();
    b.expect_counters();
  }
  EXPECT_TRUE(any_saturated);
}

// A broadcast in cycle t enters its first entry into the arithmetic unit in t + 3; n columns in a queue that never runs
// empty take the sum of max(1, entries) cycles.
TYPED_TEST(PeTest, NoBubbles) {
  PeBench<TypeParam> b;
  b.make_matrix(TypeParam::kPes * TypeParam::kRegisters, 0.5);
  b.load(true);
  b.new_codebook(3);
  std::vector<unsigned> usable;
  for (unsigned j = 0; j < b.kColumns; ++j) {
    const std::uint64_t k = b.pointers[j + 1] - b.pointers[j];
    // A queue of one is filled again only after its entry has left: shorter columns leave a bubble behind.
    // Look-ahead hides columns without entries: the test after this one.
    if ((TypeParam::kQueueDepth > 1 || k >= 2) && (TypeParam::kLookAhead == 0 || k >= 1)) usable.push_back(j);
  }
  EXPECT_FALSE(usable.empty());
  b.start(0);
  b.drain.write(false);
  std::uint64_t occupied = 0;
  const std::uint64_t first = b.cycle();
  for (unsigned k = 0; k < 40; ++k) {
    unsigned column = usable[b.below(usable.size())];
    while (k == 39 && b.pointers[column + 1] == b.pointers[column]) {  // the last entry ends the last column
      column = usable[b.below(usable.size())];
    }
    occupied += std::max<std::uint64_t>(1, b.pointers[column + 1] - b.pointers[column]);
    b.send(column, 1);
  }
  b.drain.write(true);
  while (!b.drained.read()) b.cycle_step();
  EXPECT_EQ(b.cycle() - first, 3 + occupied);
}

// A column without entries behind a long one costs a cycle in the paper's design and none with look-ahead.
TYPED_TEST(PeTest, EmptyColumnsBehindALongOne) {
  PeBench<TypeParam> b;
  b.make_matrix(TypeParam::kPes * TypeParam::kRegisters, 0.9);
  // Columns 1 and 3 lose their entries, which go to the column before.
  b.pointers[1] = b.pointers[2];
  b.pointers[3] = b.pointers[4];
  b.matrix.assign(b.kColumns, {});  // sums are not looked at
  b.load(true);
  b.new_codebook(3);
  b.start(0);
  std::uint64_t entries = 0;
  const std::uint64_t first = b.cycle();
  for (unsigned round = 0; round < 10; ++round) {
    for (const unsigned column : {0u, 1u, 2u, 3u}) b.send(column, 1);
    entries += b.pointers[4] - b.pointers[0];
  }
  b.send(0, 1);
  entries += b.pointers[1] - b.pointers[0];
  EXPECT_GE(b.pointers[1] - b.pointers[0], 4u) << "long enough to hide two columns";
  b.drain.write(true);
  while (!b.drained.read()) b.cycle_step();
  // A queue of one is filled again only after its entry has left: one cycle more behind each of the short columns.
  const unsigned a_column = TypeParam::kQueueDepth == 1 ? 2 : 1;
  EXPECT_EQ(b.cycle() - first, 3 + entries + (TypeParam::kLookAhead == 0 ? 20 * a_column : 0));
}

// A weight beyond the last row, and pointers that run backwards: reported, dropped, and the rest is right.
TYPED_TEST(PeTest, BadImages) {
  PeBench<TypeParam> b;
  const unsigned most = TypeParam::kPes * TypeParam::kRegisters;
  for (unsigned round = 0; round < 10; ++round) {
    b.make_matrix(most, 0.7);
    const bool cut = round % 2 == 0;
    if (cut) {
      b.rows = most / 2;  // the layer ends before the rows that the image has
      for (auto& column : b.matrix) {
        const auto beyond = [&b](const auto& w) { return w.row * TypeParam::kPes + b.number >= b.rows; };
        column.erase(std::remove_if(column.begin(), column.end(), beyond), column.end());
      }
    } else {
      b.pointers[6] = b.pointers[5] + (b.pointers[5] == 0);
      std::swap(b.pointers[5], b.pointers[6]);
      if (b.pointers[5] == b.pointers[6]) ++b.pointers[5];
      b.matrix[4].clear();
      b.matrix[5].clear();  // backwards
      b.matrix[6].clear();
    }
    b.load(true);
    b.new_codebook(2);
    b.start(0);
    for (unsigned j = 0; j < b.kColumns; ++j) {
      if (cut || j < 4 || j == 5 || j > 6) b.send(j, 1 + b.below(2));
    }
    b.finish_batch();
    b.store_and_check(0, false);
    EXPECT_TRUE(b.error_seen);
    b.expect_counters();
  }
}

// Reset in the middle of a layer clears registers and queue, and keeps the memories.
TYPED_TEST(PeTest, ResetInTheMiddle) {
  PeBench<TypeParam> b;
  b.make_matrix(TypeParam::kPes * TypeParam::kRegisters, 0.5);
  b.load(true);
  for (unsigned round = 0; round < 5; ++round) {
    b.new_codebook(3);
    b.start(1);
    b.send_random(10 + b.below(20), Stalls());
    b.busy.write(false);
    b.reset();
    EXPECT_FALSE(b.full.read());
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kCodes, b.number, 1), 0u);
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kCounters, b.number, reg::kPeEntries), 0u);
    EXPECT_EQ(host_read<TypeParam>(b, reg::Region::kSpmat, b.number, 0), b.spmat_image()[0]);
    b.new_codebook(3);
    b.start(1);
    b.send_random(20, Stalls(&b.random));
    b.finish_batch();
    b.store_and_check(0, true);
    b.expect_counters();
  }
}

}  // namespace
}  // namespace eie::tb
