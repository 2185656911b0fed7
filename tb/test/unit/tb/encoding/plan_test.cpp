// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/plan.h"

#include <gtest/gtest.h>

#include "tb/test/support/judges.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

EncodedLayer layer_of(std::size_t rows, std::size_t columns, double density, const HwConfig& c) {
  CodeMatrix m(rows, columns);
  fill_random(m, density, c.code_width, rows * 131 + columns);
  return encode(m, c, split_rows(rows, c));
}

void expect_legal(const Plan& plan, const EncodedLayer& layer, const HwConfig& c, bool has_bias = false) {
  EXPECT_EQ(plan_fault(plan, layer, c, has_bias), "");
}

TEST(Plan, OneLaunchWhenEverythingFits) {
  const HwConfig c = small_config(4);
  const EncodedLayer layer = layer_of(64, 64, 0.5, c);
  const Plan plan = plan_launches(layer, c, true, "x");
  ASSERT_EQ(plan.launches.size(), 1u);
  EXPECT_TRUE(plan.act_resident);
  expect_legal(plan, layer, c, true);
}

TEST(Plan, RowsFirstThenColumns) {
  HwConfig c = small_config(4);                           // batches of 64 columns
  c.pointer_depth = 256;                                  // at most three batches a launch
  const EncodedLayer layer = layer_of(200, 500, 0.1, c);  // 50 local rows: four blocks; eight batches
  const Plan plan = plan_launches(layer, c, false, "x");
  expect_legal(plan, layer, c);
  EXPECT_EQ(layer.blocks.size(), 4u);
  EXPECT_EQ(plan.launches.size(), 4u * 3);  // 3 + 3 + 2 batches
  EXPECT_EQ(plan.launches[0].columns, 192u);
  EXPECT_EQ(plan.launches[2].columns, 500u - 384);
}

TEST(Plan, SpmatIsTheLimit) {
  HwConfig c = small_config(4);
  c.spmat_depth = 128;  // 1,024 entries; a dense batch of 64 columns x 16 rows fills it exactly
  const EncodedLayer layer = layer_of(64, 300, 1.0, c);
  const Plan plan = plan_launches(layer, c, false, "x");
  expect_legal(plan, layer, c);
  EXPECT_EQ(plan.launches.size(), 5u);
}

TEST(Plan, PointerWidthIsTheLimit) {
  HwConfig c = small_config(4);
  c.pointer_width = 10;  // 1,023: one less than a dense batch
  const EncodedLayer layer = layer_of(64, 128, 1.0, c);
  const Plan plan = plan_launches(layer, c, false, "x");
  expect_legal(plan, layer, c);
  ASSERT_EQ(plan.launches.size(), 3u);  // a batch is cut at a word: 48 + 48 + 32 columns
  EXPECT_EQ(plan.launches[0].columns, 48u);
}

TEST(Plan, TwoHundredFiftySixPes) {
  HwConfig c = small_config(256);
  c.registers = 64;
  c.pointer_depth = 16384;  // one pointer short of a full batch
  const EncodedLayer layer = layer_of(256, 25088, 0.002, c);
  const Plan plan = plan_launches(layer, c, false, "x");
  expect_legal(plan, layer, c);
  ASSERT_EQ(plan.launches.size(), 2u);
  EXPECT_EQ(plan.launches[0].columns, 15360u);
}

TEST(Plan, ActivationsAreTheLimit) {
  HwConfig c = small_config(4);
  c.act_depth = 16;  // words; 1,000 columns take 63
  const EncodedLayer layer = layer_of(64, 1000, 0.05, c);
  const Plan plan = plan_launches(layer, c, true, "x");
  EXPECT_FALSE(plan.act_resident);
  expect_legal(plan, layer, c, true);
  for (const Launch& launch : plan.launches) {
    EXPECT_LE(c.act_words(c.local_length(launch.columns)) + 2 * c.act_words(16), c.act_depth);
  }
  EXPECT_EQ(plan.launches.front().columns, 128u);  // 4 words of biases, 4 of outputs, 8 of inputs
}

TEST(Plan, SaysWhatDoesNotFit) {
  HwConfig c = small_config(4);
  c.spmat_depth = 4;  // 32 entries
  const EncodedLayer layer = layer_of(64, 64, 1.0, c);
  expect_user_error([&] { plan_launches(layer, c, false, "w.npy"); },
                    {"w.npy: columns 0 to 15 of rows 0 to 63 need 256 entries in PE 0: expected at most 32"});
  c = small_config(4);
  c.act_depth = 8;
  const EncodedLayer wide = layer_of(64, 200, 0.1, c);
  expect_user_error([&] { plan_launches(wide, c, true, "w.npy"); }, {"9 activation words: expected at most act_depth"});
  c = small_config(4);
  c.pointer_depth = 8;
  const EncodedLayer few = layer_of(64, 64, 0.1, c);
  expect_user_error([&] { plan_launches(few, c, true, "w.npy"); }, {"17 pointers: expected at most pointer_depth = 8"});
}

}  // namespace
}  // namespace eie::tb
