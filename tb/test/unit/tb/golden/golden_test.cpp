// SPDX-License-Identifier: Apache-2.0
#include "tb/golden/golden.h"

#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>

#include "tb/formats/npy.h"
#include "tb/golden/reference.h"
#include "tb/test/support/judges.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

TEST(Golden, HandComputed) {
  // W = [[3, 0, -2], [1, 5, 0]], a = (2, 0, 3), shift 1.
  Golden golden(2, 16, 16, 1, {100, -7});
  golden.column(0, {3, 1}, 2);   // 6 -> 3, 2 -> 1
  golden.column(1, {0, 5}, 0);   // not broadcast
  golden.column(2, {-2, 0}, 3);  // -6 -> -3
  EXPECT_EQ(golden.finish(false), (std::vector<std::int32_t>{100, -6}));
  EXPECT_EQ(golden.finish(true), (std::vector<std::int32_t>{100, 0}));
  EXPECT_FALSE(golden.saturated());
}

TEST(Golden, RoundsHalfUp) {
  auto term = [](std::int32_t product, int shift) {
    Golden golden(1, 16, 16, shift, {});
    golden.column(0, {product}, 1);
    return golden.finish(false)[0];
  };
  EXPECT_EQ(term(1, 1), 1);
  EXPECT_EQ(term(-1, 1), 0);
  EXPECT_EQ(term(3, 1), 2);
  EXPECT_EQ(term(-3, 1), -1);
  EXPECT_EQ(term(5, 2), 1);
  EXPECT_EQ(term(6, 2), 2);
  EXPECT_EQ(term(-6, 2), -1);
  EXPECT_EQ(term(-7, 2), -2);
  EXPECT_EQ(term(-7, 0), -7);
}

TEST(Golden, SaturatesInBroadcastOrder) {
  Golden golden(1, 16, 16, 0, {});
  golden.column(0, {200}, 200);  // 40000 -> 32767
  EXPECT_TRUE(golden.saturated());
  golden.column(1, {-100}, 100);  // 22767
  EXPECT_EQ(golden.finish(false)[0], 22767);

  Golden wide(1, 16, 24, 0, {});
  wide.column(0, {200}, 200);
  EXPECT_FALSE(wide.saturated());
  EXPECT_EQ(wide.finish(false)[0], 32767);  // clamped at the end only
  wide.column(1, {-100}, 100);
  EXPECT_EQ(wide.finish(false)[0], 30000);
}

TEST(Golden, ExtremesOf32Bits) {
  Golden golden(2, 32, 48, 62, {INT32_MAX, INT32_MIN});
  golden.column(0, {INT32_MIN, INT32_MAX}, INT32_MIN);  // 2^62 >> 62 = 1; just over -2^62 -> -1
  EXPECT_EQ(golden.finish(false), (std::vector<std::int32_t>{INT32_MAX, INT32_MIN}));
  EXPECT_FALSE(golden.saturated());
}

TEST(Golden, RefusesColumnsOutOfOrder) {
  Golden golden(1, 16, 16, 0, {});
  golden.column(3, {1}, 1);
  EXPECT_THROW(golden.column(3, {1}, 1), std::logic_error);
  EXPECT_THROW(golden.column(4, {1, 2}, 1), std::logic_error);
  EXPECT_THROW(Golden(2, 16, 16, 0, {1}), std::logic_error);
}

TEST(Golden, AgreesWithASlowReference) {
  std::mt19937_64 random(99);
  for (int round = 0; round < 60; ++round) {
    const int d = 8 << round % 3;
    const int acc = std::min(48, d + static_cast<int>(random() % 9));
    const int shift = static_cast<int>(random() % static_cast<unsigned>(2 * d - 1));
    CodeMatrix m(1 + random() % 40, 1 + random() % 60);
    fill_random(m, 0.5, 4, random());
    const auto limit = static_cast<std::int32_t>((std::int64_t{1} << (d - 1)) - 1);
    m.set_codebook(test_codebook(4, limit / 2));
    const auto a = random_vector(m.columns(), -limit - 1, limit, 0.6, random());
    const auto bias = round % 2 ? random_vector(m.rows(), -limit, limit, 1, random()) : std::vector<std::int32_t>{};
    bool saturated = false;
    const auto expected = slow_golden(m, a, bias, shift, round % 4 == 0, d, acc, saturated);
    const GoldenResult result =
        golden_layer(m, a, bias, shift, round % 4 == 0, static_cast<unsigned>(d), static_cast<unsigned>(acc));
    EXPECT_EQ(result.outputs, expected) << "round " << round;
    EXPECT_EQ(result.saturated, saturated) << "round " << round;
  }
}

TEST(Reference, FilesAndColumnsAgree) {
  TempFolder folder;
  CodeMatrix m(9, 7);
  fill_random(m, 0.4, 4, 3);
  const std::vector<double> values = {0, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<double> w;
  for (std::size_t i = 0; i < 9; ++i) {
    for (std::size_t j = 0; j < 7; ++j) w.push_back(values[m.at(i, j)]);
  }
  write_npy(folder.file("w.npy"), w, {9, 7});
  const std::vector<double> a = {1, 0, -2, 3.5, 0, 1, 4};
  const Eigen::MatrixXd x = Eigen::Map<const Eigen::VectorXd>(a.data(), 7);
  const Eigen::MatrixXd y = float_product(folder.file("w.npy"), x, std::vector<double>(9, 0.5));
  FloatSums z(9, values);
  std::vector<std::uint8_t> codes;
  for (std::size_t j = 0; j < 7; ++j) {
    m.column(j, codes);
    z.add(codes, a[j]);
  }
  for (Eigen::Index i = 0; i < 9; ++i) EXPECT_NEAR(y(i, 0), z.sums()[i] + 0.5, 1e-12);

  ErrorMeter meter;
  meter.add({4, 8}, 2, Eigen::Vector2d(1.5, 2.0));
  EXPECT_DOUBLE_EQ(meter.result().max_abs, 0.5);
  EXPECT_DOUBLE_EQ(meter.result().rms, 0.5 / std::sqrt(2.0));
}

}  // namespace
}  // namespace eie::tb
