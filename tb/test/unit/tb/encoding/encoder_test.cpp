// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/encoder.h"

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <stdexcept>

#include "tb/layers/parallel_encode.h"
#include "tb/support/parallel.h"
#include "tb/test/support/judges.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

void expect_round_trip(const CodeMatrix& m, const HwConfig& c, const std::vector<RowBlock>& blocks) {
  ASSERT_EQ(decoding_fault(m, encode(m, c, blocks), c), "");
}

// The matrix of Figure 2, 16 x 8; all weights have code 1.
std::unique_ptr<CodeMatrix> figure2() {
  const std::vector<std::vector<std::size_t>> rows = {{0, 2, 4, 5, 6}, {1, 3, 6}, {2, 4, 7},    {1, 5},    {1, 4}, {3, 7},
                                                      {4, 6},          {0, 3, 6}, {0, 7},       {0, 6, 7}, {4},    {2, 7},
                                                      {0, 2, 5, 7},    {0, 1, 6}, {2, 3, 4, 5}, {2, 3, 5}};
  auto m = std::make_unique<CodeMatrix>(16, 8);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const std::size_t j : rows[i]) m->at(i, j) = 1;
  }
  return m;
}

TEST(Encoder, Figure3OfThePaper) {
  const HwConfig c = small_config(4);
  const EncodedLayer layer = encode(*figure2(), c, split_rows(16, c));
  const PeCode& pe0 = layer.pe(0, 0);
  std::vector<int> runs;
  for (const std::uint16_t entry : pe0.entries) {
    runs.push_back(entry >> 4);
    EXPECT_EQ(entry & 15, 1);
  }
  EXPECT_EQ(runs, (std::vector<int>{0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 0, 2, 0}));
  EXPECT_EQ(pe0.pointers, (std::vector<std::uint32_t>{0, 3, 4, 6, 6, 8, 10, 11, 13}));
}

TEST(Encoder, SectionThreeExampleColumn) {
  // [0,0,1,2,0 x 18,3] is v = 1 2 0 3, z = 2 0 15 2.
  const HwConfig c = small_config(1);
  CodeMatrix m(23, 1);
  m.at(2, 0) = 1;
  m.at(3, 0) = 2;
  m.at(22, 0) = 3;
  HwConfig wide = c;
  wide.registers = 64;
  const EncodedLayer layer = encode(m, wide, split_rows(23, wide));
  EXPECT_EQ(layer.pe(0, 0).entries, (std::vector<std::uint16_t>{0x21, 0x02, 0xF0, 0x23}));
  const Work work = count_work(layer, {});
  EXPECT_EQ(work.total(), 4u);
  EXPECT_EQ(work.padding, 1u);
}

TEST(Encoder, GapsAtTheLimitOfARun) {
  HwConfig c = small_config(1);
  c.registers = 64;
  for (std::size_t gap = 14; gap <= 50; ++gap) {
    CodeMatrix m(gap + 1, 1);
    m.at(gap, 0) = 5;
    const EncodedLayer layer = encode(m, c, split_rows(m.rows(), c));
    EXPECT_EQ(layer.pe(0, 0).entries.size(), gap / 16 + 1) << gap;
    expect_round_trip(m, c, split_rows(m.rows(), c));
  }
}

TEST(Encoder, RunsRestartInEachRowBlock) {
  HwConfig c = small_config(2);
  c.registers = 8;
  CodeMatrix m(32, 1);  // 16 local rows: two blocks of 8
  m.at(31, 0) = 1;      // PE 1, local row 15: local row 7 of block 1
  const auto blocks = split_rows(32, c);
  ASSERT_EQ(blocks.size(), 2u);
  const EncodedLayer layer = encode(m, c, blocks);
  EXPECT_TRUE(layer.pe(0, 1).entries.empty());
  EXPECT_EQ(layer.pe(1, 1).entries, (std::vector<std::uint16_t>{0x71}));
}

TEST(Encoder, RowBlocksAreEqualAndAtMultiplesOfN) {
  HwConfig c = small_config(64);
  c.registers = 64;
  const auto blocks = split_rows(8791, c);  // NT-Wd: 138 local rows
  ASSERT_EQ(blocks.size(), 3u);
  std::size_t next = 0;
  for (const RowBlock& block : blocks) {
    EXPECT_EQ(block.local_rows, 46u);
    EXPECT_EQ(block.first_row, next * 64);
    next += block.local_rows;
  }
  EXPECT_EQ(blocks.back().first_row + blocks.back().rows, 8791u);
  EXPECT_EQ(split_rows(1, c).front().rows, 1u);
  EXPECT_EQ(split_rows(64 * 65, c).size(), 2u);
  EXPECT_EQ(split_rows(64 * 65, c)[0].local_rows, 33u);
  EXPECT_EQ(split_rows(64 * 65, c)[1].local_rows, 32u);
}

TEST(Encoder, DecodingGivesTheMatrixBack) {
  std::mt19937_64 random(20240601);
  const unsigned widths[][2] = {{4, 4}, {1, 3}, {2, 2}, {3, 1}, {8, 8}, {5, 3}, {1, 7}, {3, 5}};
  for (int round = 0; round < 60; ++round) {
    HwConfig c = small_config(1u << random() % 6);
    c.code_width = widths[round % 8][0];
    c.run_width = widths[round % 8][1];
    c.registers = 4u << random() % 5;
    CodeMatrix m(1 + random() % 300, 1 + random() % 40);
    const double density = static_cast<double>(random() % 1001) / 1000 * static_cast<double>(random() % 1001) / 1000;
    fill_random(m, density, c.code_width, random());
    SCOPED_TRACE("round " + std::to_string(round));
    expect_round_trip(m, c, split_rows(m.rows(), c));
    expect_round_trip(m, c, one_block(m.rows(), c));
  }
}

TEST(Encoder, WorkCountsOnlyBroadcastColumns) {
  const HwConfig c = small_config(4);
  const EncodedLayer layer = encode(*figure2(), c, split_rows(16, c));
  EXPECT_EQ(count_work(layer, {}).entries[0], 13u);
  const Work work = count_work(layer, {0, 0, 9, 0, 9, 9, 0, 9});  // a of Figure 2
  EXPECT_EQ(work.entries[0], 2u + 2 + 2 + 2);
}

TEST(Encoder, PacksEntriesFromBitZeroUp) {
  PeCode code;
  for (std::uint16_t e = 0; e < 20; ++e) code.entries.push_back(e);
  EXPECT_EQ(pack_entries(code, 1, 10, 8), (std::vector<std::uint64_t>{0x0807060504030201u, 0x09u}));
  EXPECT_EQ(pack_entries(code, 1, 6, 16), (std::vector<std::uint64_t>{0x0004000300020001u, 0x05u}));
  EXPECT_EQ(pack_entries(code, 0, 16, 4), (std::vector<std::uint64_t>{0xFEDCBA9876543210u}));
  EXPECT_TRUE(pack_entries(code, 3, 3, 8).empty());
}

TEST(Encoder, PartsOfALayerMakeTheWhole) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20; ++round) {
    HwConfig c = small_config(1u << random() % 6);
    c.code_width = 1 + static_cast<unsigned>(random() % 3);
    c.run_width = 4 - c.code_width;
    c.registers = 4u << random() % 5;
    CodeMatrix m(1 + random() % 300, 1 + random() % 40);
    fill_random(m, 0.2, c.code_width, random());
    const EncodedLayer whole = encode(m, c, split_rows(m.rows(), c));
    for (const std::size_t threads : {1, 2, 3, 7, 100}) {
      SCOPED_TRACE("round " + std::to_string(round) + ", threads " + std::to_string(threads));
      const EncodedLayer parts = encode_parallel(m, c, split_rows(m.rows(), c), threads);
      ASSERT_EQ(parts.columns, whole.columns);
      for (std::size_t b = 0; b < whole.code.size(); ++b) {
        for (unsigned k = 0; k < c.n_pe; ++k) {
          ASSERT_EQ(parts.pe(b, k).entries, whole.pe(b, k).entries);
          ASSERT_EQ(parts.pe(b, k).pointers, whole.pe(b, k).pointers);
        }
      }
    }
  }
}

TEST(Parallel, TheFirstPartThatFailsIsReported) {
  for (std::size_t parts = 1; parts < 9; ++parts) {
    std::atomic<std::size_t> runs{0};
    try {
      in_parallel(parts, [&](std::size_t part) {
        ++runs;
        if (part >= parts / 2) throw std::runtime_error(std::to_string(part));
      });
      FAIL();
    } catch (const std::runtime_error& e) {
      EXPECT_EQ(e.what(), std::to_string(parts / 2));
    }
    EXPECT_EQ(runs, parts);
  }
}

}  // namespace
}  // namespace eie::tb
