// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/codebook.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "tb/encoding/cluster.h"
#include "tb/encoding/sort_doubles.h"
#include "tb/formats/npy.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

TEST(Codebook, FewValuesAreKeptExactly) {
  const Codebook book = make_codebook({0.5, 0, -2, 0.5, 3, -0.0}, 4);
  EXPECT_FALSE(book.clustered());
  EXPECT_EQ(book.distinct, 3u);
  ASSERT_EQ(book.values.size(), 16u);
  EXPECT_EQ(book.values[0], 0);
  EXPECT_EQ(book.values[1], -2);
  EXPECT_EQ(book.values[2], 0.5);
  EXPECT_EQ(book.values[3], 3);
  EXPECT_EQ(book.values[15], 3);
  EXPECT_EQ(book.code(0), 0);
  EXPECT_EQ(book.code(-0.0), 0);
  EXPECT_EQ(book.code(-2), 1);
  EXPECT_EQ(book.code(0.5), 2);
  EXPECT_EQ(book.code(3), 3);
  EXPECT_EQ(book.max_error, 0);
}

TEST(Codebook, NothingButZeros) {
  const Codebook book = make_codebook({0, 0}, 4);
  EXPECT_EQ(book.used, 0u);
  EXPECT_EQ(book.code(1), 0);
  EXPECT_EQ(book.integers(15, 16), std::vector<std::int32_t>(16, 0));
}

TEST(Codebook, ClustersFindWellSeparatedGroups) {
  // 15 groups of 20 values within 0.001 of -7 .. 7.
  std::vector<double> weights;
  for (int group = -7; group <= 7; ++group) {
    for (int k = 0; k < 20; ++k) weights.push_back(group + 0.25 + 0.0001 * (k - 9.5));
  }
  const Codebook book = make_codebook(weights, 4);
  EXPECT_TRUE(book.clustered());
  EXPECT_EQ(book.distinct, 300u);
  EXPECT_EQ(book.used, 15u);
  for (int c = 1; c <= 15; ++c) EXPECT_NEAR(book.values[static_cast<std::size_t>(c)], c - 8 + 0.25, 1e-9);
  EXPECT_LT(book.max_error, 0.001);
}

TEST(Codebook, EveryWeightGetsTheNearestValue) {
  const std::vector<std::int32_t> drawn = random_vector(5000, -1000, 1000, 0.8, 7);
  std::vector<double> weights;
  for (const std::int32_t w : drawn) weights.push_back(w * w * w / 1e6);
  const Codebook book = make_codebook(weights, 4);
  EXPECT_TRUE(std::is_sorted(book.values.begin() + 1, book.values.end()));
  double worst = 0;
  for (const double w : weights) {
    const std::uint8_t code = book.code(w);
    if (w == 0) {
      EXPECT_EQ(code, 0);
      continue;
    }
    EXPECT_GT(code, 0);
    double nearest = INFINITY;
    for (std::size_t c = 1; c < 16; ++c) nearest = std::min(nearest, std::abs(w - book.values[c]));
    EXPECT_DOUBLE_EQ(std::abs(w - book.values[code]), nearest);
    worst = std::max(worst, nearest);
  }
  EXPECT_DOUBLE_EQ(book.max_error, worst);
}

TEST(Codebook, SmallWeightsKeepANonZeroCode) {
  const Codebook book = make_codebook({1e-9, 1e-8, 1.0}, 4);
  const std::vector<std::int32_t> integers = book.integers(14, 16);
  EXPECT_EQ(integers[book.code(1e-9)], 0);
  EXPECT_NE(book.code(1e-9), 0);
  EXPECT_EQ(integers[book.code(1.0)], 16384);
  EXPECT_TRUE(std::is_sorted(integers.begin() + 1, integers.end()));
}

TEST(Codebook, OneBitCodes) {
  const Codebook book = make_codebook({1, 2, 3}, 1);
  EXPECT_EQ(book.values, (std::vector<double>{0, 2}));
}

/// Largest code that occurs, and how many do.
std::size_t codes_that_occur(const Codebook& book, const std::vector<double>& weights) {
  std::set<unsigned> codes;
  for (const double w : weights) codes.insert(book.code(w));
  codes.erase(0);
  return codes.size();
}

TEST(Codebook, SixteenPowersOfTwoTakeAllFifteenCodes) {
  std::vector<double> weights;
  for (int k = 0; k < 16; ++k) weights.push_back(std::ldexp(1, k));
  const Codebook book = make_codebook(weights, 4);
  EXPECT_EQ(book.used, 15u);
  EXPECT_EQ(codes_that_occur(book, weights), 15u);
  EXPECT_EQ(book.start, kOptimalStart);
  EXPECT_EQ(book.values[1], 1.5);  // the two nearest share a value, the others are kept
  EXPECT_EQ(book.max_error, 0.5);
  for (std::size_t k = 2; k < 16; ++k) EXPECT_EQ(book.values[k], weights[k]);
}

TEST(Codebook, OneOutlierDoesNotEmptyTheOthers) {
  std::vector<double> weights = {1e9};
  for (int k = 1; k <= 40; ++k) weights.push_back(0.01 * k);
  const Codebook book = make_codebook(weights, 4);
  EXPECT_EQ(book.used, 15u);
  EXPECT_EQ(codes_that_occur(book, weights), 15u);
  EXPECT_EQ(book.values[15], 1e9);
  EXPECT_LT(book.max_error, 0.02);
}

// Distributions of many kinds, small enough for the optimum and too large for it.
TEST(Codebook, NeverWorseThanFromAnyStart) {
  Random random(3);
  for (const std::size_t n : {100u, 3000u, 60000u}) {
    for (int kind = 0; kind < 6; ++kind) {
      std::vector<double> weights;
      for (std::size_t i = 0; i < n; ++i) {
        const double x = random.normal();
        const double u = random.uniform();
        const double values[] = {x, u, std::exp(3 * x), u < 0.01 ? 100 * x : 0.01 * x, x + (u < 0.5 ? 20 : -20), 1000 + 1e-3 * x};
        weights.push_back(values[kind]);
      }
      const Codebook book = make_codebook(weights, 4);
      const Histogram histogram(weights);
      const double squares = book.rms_error * book.rms_error * static_cast<double>(n);
      for (const char* start : {kQuantileStart, kLinearStart}) {
        const Clusters other = k_means(histogram, 15, start);
        EXPECT_LE(squares, other.squares * (1 + 1e-9)) << n << " weights of kind " << kind << ", " << start;
      }
      EXPECT_EQ(book.used, 15u);
      EXPECT_EQ(codes_that_occur(book, weights), 15u) << n << " weights of kind " << kind;
    }
  }
}

// Every partition of a few values into ranges, by hand.
TEST(Codebook, SmallHistogramsGetTheOptimum) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> weights;
    for (int i = 0; i < 9; ++i) weights.push_back(std::exp(4 * random.normal()));
    std::sort(weights.begin(), weights.end());
    double best = INFINITY;
    for (std::size_t a = 1; a < 8; ++a) {
      for (std::size_t b = a + 1; b < 9; ++b) {
        double squares = 0;
        const std::size_t ends[] = {0, a, b, 9};
        for (int c = 0; c < 3; ++c) {
          double mean = 0;
          for (std::size_t i = ends[c]; i < ends[c + 1]; ++i) mean += weights[i];
          mean /= static_cast<double>(ends[c + 1] - ends[c]);
          for (std::size_t i = ends[c]; i < ends[c + 1]; ++i) squares += (weights[i] - mean) * (weights[i] - mean);
        }
        best = std::min(best, squares);
      }
    }
    const Codebook book = make_codebook(weights, 2);
    EXPECT_NEAR(book.rms_error, std::sqrt(best / 9), 1e-9 * std::sqrt(best)) << "round " << round;
  }
}

TEST(CodeMatrix, ComesFromAFile) {
  TempFolder folder;
  std::vector<double> w(130 * 3, 0.0);
  for (std::size_t i = 0; i < w.size(); i += 7) w[i] = static_cast<double>(i % 5) - 1.5;
  const std::string path = folder.file("w.npy");
  write_npy(path, w, {130, 3});
  const SharedWeights shared = load_shared_weights(path, 4);
  ASSERT_EQ(shared.codes->rows(), 130u);
  ASSERT_EQ(shared.codes->columns(), 3u);
  const std::vector<std::uint8_t> codes = shared.codes->row_major();
  std::vector<std::uint8_t> column;
  for (std::size_t j = 0; j < 3; ++j) {
    shared.codes->column(j, column);
    for (std::size_t i = 0; i < 130; ++i) {
      EXPECT_EQ(shared.codebook.values[column[i]], w[i * 3 + j]);
      EXPECT_EQ(codes[i * 3 + j], column[i]);
    }
  }
  write_npy(path, w);
  expect_user_error([&] { load_shared_weights(path, 4); }, {"has shape (390,): expected a matrix"});
}

TEST(Codebook, KeepsNeighboursApart) {
  for (double w : {1.0, -6641.9852402339893, 5e-324, 0.1}) {
    for (int k = 0; k < 8; ++k, w = std::nextafter(w, 1e9)) {
      const double next = std::nextafter(w, 1e9);
      if (next == 0) continue;
      const Codebook book = make_codebook({w, next}, 4);
      EXPECT_EQ(book.used, 2u);
      EXPECT_EQ(book.max_error, 0);
      EXPECT_EQ(book.values[book.code(w)], w);
      EXPECT_EQ(book.values[book.code(next)], next);
    }
  }
}

TEST(CodeFinder, FindsTheCodesOfTheCodebook) {
  Random random(3);
  for (const unsigned code_width : {1u, 2u, 4u, 6u}) {
    for (int round = 0; round < 100; ++round) {
      std::vector<double> weights;
      const std::size_t count = random.below(200);
      for (std::size_t k = 0; k < count; ++k) {
        const double w = random.normal() * std::pow(10, static_cast<double>(random.below(5)));
        weights.push_back(w);
        if (random.below(4) == 0) weights.push_back(std::nextafter(w, 1e9));  // the middle of the two is one of them
        if (random.below(8) == 0) weights.push_back(0);
      }
      const Codebook book = make_codebook(weights, code_width);
      const CodeFinder finder(book);
      for (std::size_t c = 1; c < book.used; ++c) {
        weights.push_back(book.values[c]);
        weights.push_back(book.values[c] + (book.values[c + 1] - book.values[c]) / 2);
      }
      for (const double far : {-1e150, 1e150, 5e-324, -0.0}) weights.push_back(far);
      for (const double w : weights) ASSERT_EQ(finder.code(w), book.code(w)) << w;
    }
  }
}

TEST(SortDoubles, IsTheOrderOfTheNumbers) {
  Random random(4);
  for (const std::size_t count : {0u, 1u, 100u, 4095u, 4096u, 50000u}) {
    for (const bool narrow : {false, true}) {
      std::vector<double> values;
      for (std::size_t k = 0; k < count; ++k) {
        double x = std::ldexp(random.normal(), narrow ? 0 : static_cast<int>(random.below(600)) - 300);
        if (narrow) x = static_cast<float>(x);
        if (random.below(50) == 0) x = random.below(2) == 0 ? 5e-324 : -1e150;
        values.push_back(x);
      }
      std::vector<double> expected = values;
      std::sort(expected.begin(), expected.end());
      sort_doubles(values);
      ASSERT_EQ(values, expected) << count;
    }
  }
}

TEST(CodeMatrix, OfManyTilesComesFromAFile) {
  TempFolder folder;
  const std::size_t rows = 1337, columns = 1601;  // enough for several threads
  std::vector<double> w(rows * columns, 0.0);
  for (std::size_t i = 0; i < w.size(); i += 1 + i % 11) w[i] = static_cast<double>(i % 13) - 6;
  const std::string path = folder.file("w.npy");
  write_npy(path, w, {rows, columns});
  const SharedWeights shared = load_shared_weights(path, 4);
  const std::vector<std::uint8_t> codes = shared.codes->row_major();
  for (std::size_t i = 0; i < w.size(); ++i) ASSERT_EQ(shared.codebook.values[codes[i]], w[i]) << i;

  // The first element that is wrong is named, whoever reads it.
  w[700 * columns + 3] = 1e200;
  w[1300 * columns] = 1e200;
  write_npy(path, w, {rows, columns});
  expect_user_error([&] { load_shared_weights(path, 4); }, {"element [700, 3] is 1e+200"});
}

}  // namespace
}  // namespace eie::tb
