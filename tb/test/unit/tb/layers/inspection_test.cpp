// SPDX-License-Identifier: Apache-2.0
// What is said of weights before a run, counted again by other means.
#include "tb/layers/inspect/inspection.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

#include "tb/formats/npy.h"
#include "tb/layers/figure2.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

Inspection inspect_whole(const ColumnSource& codes, const HwConfig& config) {
  const EncodedLayer image = encode(codes, config, split_rows(codes.rows(), config));
  return inspect(codes, image, plan_launches(image, config, false, "layer"), config);
}

std::uint64_t sum(const std::vector<std::uint64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

TEST(Inspection, Figure2) {
  const auto codes = figure2_matrix();
  const Inspection seen = inspect_whole(*codes, small_config(4));
  std::size_t nonzeros = 0;
  for (const auto& row : figure2_columns()) nonzeros += row.size();
  EXPECT_EQ(seen.nonzeros, nonzeros);
  EXPECT_DOUBLE_EQ(seen.density(), static_cast<double>(nonzeros) / 128);
  EXPECT_EQ(sum(seen.code_counts), nonzeros);
  EXPECT_EQ(seen.code_counts[0], 0u);
  EXPECT_EQ(sum(seen.runs), nonzeros);
  EXPECT_EQ(seen.work.padding, 0u);
  EXPECT_EQ(seen.work.entries.front(), kFigure3Runs.size());
  // A part of the map is an element.
  ASSERT_EQ(seen.map.rows, 16u);
  ASSERT_EQ(seen.map.columns, 8u);
  std::uint64_t empty = 0;
  for (std::size_t j = 0; j < 8; ++j) {
    for (std::size_t k = 0; k < 4; ++k) {
      bool any = false;
      for (std::size_t i = k; i < 16; i += 4) any = any || codes->at(i, j) != 0;
      empty += any ? 0 : 1;
    }
    for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(seen.map.share[i * 8 + j], codes->at(i, j) != 0 ? 1.0 : 0.0);
  }
  EXPECT_EQ(seen.empty_pe_columns, empty);
  EXPECT_EQ(seen.launches, 1u);
}

TEST(Inspection, MapOfAMatrixThatDoesNotDivide) {
  CodeMatrix codes(131, 67);
  std::uint64_t nonzeros = 0;
  for (std::size_t i = 0; i < 131; ++i) {
    for (std::size_t j = 0; j < 67; ++j) {
      if ((i * 31 + j * 17) % 7 == 0 || i == 130) {
        codes.at(i, j) = static_cast<std::uint8_t>(1 + (i + j) % 15);
        ++nonzeros;
      }
    }
  }
  codes.set_codebook(std::vector<std::int32_t>(16, 0));
  const Inspection seen = inspect_whole(codes, small_config(8));
  ASSERT_EQ(seen.map.rows, kMapParts);
  ASSERT_EQ(seen.map.columns, kMapParts);
  // Each element is in the part whose bounds it lies in.
  double found = 0;
  for (std::size_t p = 0; p < kMapParts; ++p) {
    for (std::size_t q = 0; q < kMapParts; ++q) {
      std::size_t inside = 0;
      std::size_t set = 0;
      for (std::size_t i = p * 131 / kMapParts; i < (p + 1) * 131 / kMapParts; ++i) {
        for (std::size_t j = q * 67 / kMapParts; j < (q + 1) * 67 / kMapParts; ++j) {
          ++inside;
          set += codes.at(i, j) != 0 ? 1 : 0;
        }
      }
      ASSERT_DOUBLE_EQ(seen.map.share[p * kMapParts + q], static_cast<double>(set) / static_cast<double>(inside))
          << p << ' ' << q;
      found += static_cast<double>(set);
    }
  }
  EXPECT_EQ(found, static_cast<double>(nonzeros));
  EXPECT_EQ(seen.map.largest(), *std::max_element(seen.map.share.begin(), seen.map.share.end()));
}

TEST(Inspection, FillIsThatOfTheFullestLaunch) {
  HwConfig config = small_config(2);
  config.registers = 4;  // 8 rows a launch
  config.spmat_depth = 8;
  config.pointer_depth = 16;
  CodeMatrix codes(16, 24);
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 24; ++j) codes.at(i, j) = j < 12 || i == 0 ? 1 : 0;
  }
  codes.set_codebook(std::vector<std::int32_t>(16, 0));
  const EncodedLayer image = encode(codes, config, split_rows(16, config));
  const Plan plan = plan_launches(image, config, false, "layer");
  const Inspection seen = inspect(codes, image, plan, config);
  EXPECT_GT(seen.launches, 2u);
  EXPECT_EQ(seen.launches, plan.launches.size());
  double spmat = 0;
  double pointers = 0;
  for (const Launch& launch : plan.launches) {
    for (unsigned k = 0; k < 2; ++k) {
      std::size_t entries = 0;  // no padding here: four rows a PE
      const RowBlock& block = image.blocks[launch.block];
      for (std::size_t j = launch.first_column; j < launch.first_column + launch.columns; ++j) {
        for (std::size_t i = block.first_row + k; i < block.first_row + block.rows; i += 2) entries += codes.at(i, j);
      }
      spmat = std::max(spmat, static_cast<double>(entries) / 64);
    }
    pointers = std::max(pointers, static_cast<double>(launch.columns + 1) / 16);
  }
  EXPECT_DOUBLE_EQ(seen.fill.spmat, spmat);
  EXPECT_DOUBLE_EQ(seen.fill.pointers, pointers);
  EXPECT_DOUBLE_EQ(seen.fill.rows, 1);
}

TEST(Inspection, PaddingAndRuns) {
  CodeMatrix codes(200, 1);  // of one PE
  codes.at(0, 0) = 1;
  codes.at(40, 0) = 2;   // a gap of 39: two padding entries stand for 32 rows, a run of 7 follows
  codes.at(41, 0) = 15;  // run 0
  codes.set_codebook(std::vector<std::int32_t>(16, 0));
  HwConfig config = small_config(1);
  config.registers = 256;
  const Inspection seen = inspect_whole(codes, config);
  EXPECT_EQ(seen.work.padding, 2u);
  EXPECT_EQ(seen.work.total(), 5u);
  std::vector<std::uint64_t> runs(16, 0);
  runs[0] = 2;
  runs[7] = 1;
  EXPECT_EQ(seen.runs, runs);
}

TEST(WeightBins, EveryWeightIsInItsBin) {
  TempFolder folder;
  const std::vector<double> values = {0, -1, 1, 0.5, 0, 0.99, -0.999, 1e-300};
  write_npy(folder.file("w.npy"), values, {2, 4});
  const Bins bins = weight_bins(folder.file("w.npy"), 4);
  EXPECT_EQ(bins.low, -1);
  EXPECT_EQ(bins.high, 1);
  EXPECT_EQ(bins.counts, (std::vector<std::uint64_t>{2, 0, 1, 3}));
  EXPECT_DOUBLE_EQ(bins.width(), 0.5);
}

TEST(WeightBins, OneValueNoneAndTheLargestRange) {
  TempFolder folder;
  write_npy(folder.file("one.npy"), std::vector<double>{0.25, 0, 0.25}, {1, 3});
  EXPECT_EQ(weight_bins(folder.file("one.npy"), 10).counts, (std::vector<std::uint64_t>{2}));
  write_npy(folder.file("none.npy"), std::vector<double>{0, 0}, {1, 2});
  EXPECT_TRUE(weight_bins(folder.file("none.npy"), 10).counts.empty());
  write_npy(folder.file("far.npy"), std::vector<double>{-1e150, 1e150, 5e-324}, {1, 3});
  EXPECT_EQ(weight_bins(folder.file("far.npy"), 2).counts, (std::vector<std::uint64_t>{1, 2}));
  write_npy(folder.file("near.npy"), std::vector<double>{-5e-324, 5e-324}, {1, 2});
  EXPECT_EQ(sum(weight_bins(folder.file("near.npy"), 3).counts), 2u);
}

}  // namespace
}  // namespace eie::tb
