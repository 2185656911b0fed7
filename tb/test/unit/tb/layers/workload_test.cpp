// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/workload.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tb/encoding/nonzero_bytes.h"
#include "tb/golden/golden.h"
#include "tb/layers/synthetic/remembered_columns.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

LayerSpec spec(const char* name, std::size_t inputs, std::size_t outputs, double weights, double activations) {
  LayerSpec s;
  s.name = name;
  s.inputs = inputs;
  s.outputs = outputs;
  s.weight_density = weights;
  s.activation_density = activations;
  return s;
}

TEST(Random, IsTheSameEverywhere) {
  EXPECT_EQ(splitmix64(0), 0xE220A8397B1DCDAFu);  // the published first output for seed 0
  EXPECT_EQ(hash_text(""), 0xCBF29CE484222325u);
  EXPECT_EQ(hash_text("a"), 0xAF63DC4C8601EC8Cu);
  std::mt19937_64 engine;
  engine.discard(9999);
  EXPECT_EQ(engine(), 9981545732273789042u);  // [rand.predef]
}

TEST(Random, UniformAndNormalHaveTheirMoments) {
  Random random(42);
  double sum = 0, squares = 0, uniform = 0;
  std::vector<int> counts(7, 0);
  const int n = 100000;
  for (int k = 0; k < n; ++k) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    uniform += random.uniform();
    ++counts[random.below(7)];
  }
  EXPECT_NEAR(sum / n, 0, 0.02);
  EXPECT_NEAR(squares / n, 1, 0.03);
  EXPECT_NEAR(uniform / n, 0.5, 0.01);
  for (const int count : counts) EXPECT_NEAR(count, n / 7.0, 600);
}

TEST(Workload, ColumnsDoNotDependOnOrder) {
  const LayerSpec s = spec("x", 50, 333, 0.2, 0.5);
  const SyntheticMatrix a(s, 7, 4, 16);
  const SyntheticMatrix b(s, 7, 4, 16);
  std::vector<std::uint8_t> first, again;
  for (std::size_t j = 0; j < 50; ++j) {
    a.column(j, first);
    b.column(49 - j, again);
    b.column(j, again);
    ASSERT_EQ(first, again);
  }
}

TEST(Workload, SeedAndNameMatter) {
  std::vector<std::uint8_t> a, b, c;
  SyntheticMatrix(spec("x", 50, 1000, 0.2, 0.5), 1, 4, 16).column(3, a);
  SyntheticMatrix(spec("x", 50, 1000, 0.2, 0.5), 2, 4, 16).column(3, b);
  SyntheticMatrix(spec("y", 50, 1000, 0.2, 0.5), 1, 4, 16).column(3, c);
  EXPECT_NE(a, b);
  EXPECT_NE(a, c);
}

TEST(Workload, DensityAndSpreadFollowTheRule) {
  const LayerSpec s = spec("x", 2000, 2000, 0.1, 0.5);
  const SyntheticMatrix m(s, 1, 4, 16);
  std::vector<double> row(2000, 0), column(2000, 0), code(16, 0);
  std::vector<std::uint8_t> codes;
  double total = 0;
  for (std::size_t j = 0; j < 2000; ++j) {
    m.column(j, codes);
    for (std::size_t i = 0; i < 2000; ++i) {
      if (codes[i] == 0) continue;
      ++row[i];
      ++column[j];
      ++code[codes[i]];
      ++total;
    }
  }
  EXPECT_NEAR(total / 4e6, 0.1, 0.002);
  auto deviation = [](const std::vector<double>& counts) {
    double sum = 0, squares = 0;
    for (const double n : counts) {
      sum += n;
      squares += n * n;
    }
    const double mean = sum / static_cast<double>(counts.size());
    const double variance = squares / static_cast<double>(counts.size()) - mean * mean;
    return std::sqrt(variance - mean * 0.9) / mean;  // without the binomial part
  };
  EXPECT_NEAR(deviation(row), 0.13, 0.01);
  EXPECT_NEAR(deviation(column), 0.10, 0.01);
  for (std::size_t c = 1; c < 16; ++c) EXPECT_NEAR(code[c], total / 15, total / 15 * 0.04);
}

TEST(Workload, ActivationsAreExactlyAsManyAsAsked) {
  const LayerSpec s = spec("x", 4096, 10, 0.1, 0.353);
  const auto a = synthetic_activations(s, 3, 16);
  EXPECT_EQ(a.size(), 4096u);
  EXPECT_EQ(4096 - std::count(a.begin(), a.end(), 0), std::lround(0.353 * 4096));
  EXPECT_GE(*std::min_element(a.begin(), a.end()), 0);
  EXPECT_LE(*std::max_element(a.begin(), a.end()), 1 << 14);
  EXPECT_EQ(a, synthetic_activations(s, 3, 16));
  EXPECT_NE(a, synthetic_activations(s, 4, 16));
  EXPECT_EQ(synthetic_activations(spec("nt", 5, 1, 0.1, 1), 3, 16), std::vector<std::int32_t>(5, 1 << 14));
}

TEST(Workload, SumsStayFarFromSaturation) {
  for (const unsigned d : {8u, 16u, 32u}) {
    const LayerSpec s = spec("we", 4096, 100, 0.1, 1);  // the longest sums of the nine layers
    const SyntheticMatrix m(s, 1, 4, d);
    const auto shift = synthetic_formats(d).shift;
    EXPECT_LE(shift, 2 * static_cast<int>(d) - 2);
    EXPECT_FALSE(golden_layer(m, synthetic_activations(s, 1, d), {}, shift, false, d, d).saturated);
  }
}

TEST(Workload, CodebookHasBothSignsAndNoZero) {
  const SyntheticMatrix m(spec("x", 1, 1, 0.1, 1), 1, 4, 16);
  EXPECT_EQ(m.codebook(), (std::vector<std::int32_t>{0, -14336, -12288, -10240, -8192, -6144, -4096, -2048, 2048, 4096, 6144,
                                                     8192, 10240, 12288, 14336, 16384}));
}

TEST(Workload, FileIsCheckedAndSelected) {
  TempFolder folder;
  const std::string good =
      "n_pe: 64\nfifo_depths: [1, 8]\nlayers:\n"
      "  - {name: a, inputs: 2, outputs: 3, weight_density: 0.5, activation_density: 1, time_us: 1.5,"
      " theoretical_us: 1, load_balance: [0.5, 0.9]}\n"
      "  - {name: b, inputs: 2, outputs: 3, weight_density: 0.5, activation_density: 1, time_us: 1.5,"
      " theoretical_us: 1, load_balance: [0.5, 0.9]}\n";
  const Workload w = load_workload(folder.write("w.yaml", good));
  ASSERT_EQ(w.layers.size(), 2u);
  EXPECT_EQ(w.select("").size(), 2u);
  EXPECT_EQ(w.select("b")[0].name, "b");
  EXPECT_EQ(w.select("b,a")[0].name, "a");
  expect_user_error([&] { w.select("a,z"); }, {"'z' is no layer", "expected one or more of a, b"});
  std::string bad = good;
  bad.replace(bad.find("[0.5, 0.9]"), 10, "[0.5]");
  expect_user_error([&] { load_workload(folder.write("w.yaml", bad)); }, {":4", "one number for each of fifo_depths"});
  bad = good;
  bad.replace(bad.find("name: b"), 7, "name: a");
  expect_user_error([&] { load_workload(folder.write("w.yaml", bad)); }, {"no other layer has"});
}

/// A column by the rule of workload.h, one number at a time.
std::vector<std::uint8_t> column_by_the_rule(const LayerSpec& s, std::uint64_t seed, unsigned code_width, std::size_t j) {
  const std::uint64_t stream = hash_text(s.name);
  auto factor = [](Random& random, double deviation) { return std::clamp(1 + deviation * random.normal(), 0.02, 2.0); };
  auto fixed = [](double x, int bits) { return static_cast<std::uint64_t>(std::llround(std::ldexp(x, bits))); };
  Random columns(seed, stream, splitmix64(2));
  double column = 0;
  for (std::size_t k = 0; k <= j; ++k) column = factor(columns, 0.10);
  const std::uint64_t threshold = fixed(s.weight_density * column, 32);
  Random rows(seed, stream, splitmix64(1));
  std::mt19937_64 engine(Random::seed_of(seed, stream ^ splitmix64(3), j));
  std::vector<std::uint8_t> codes(s.outputs, 0);
  std::uint64_t draw = 0;
  for (std::size_t i = 0; i < s.outputs; ++i) {
    draw = i % 2 == 0 ? engine() : draw >> 32;
    codes[i] = (draw & 0xFFFFFFFFu) << 16 < fixed(factor(rows, 0.13), 16) * threshold ? 1 : 0;
  }
  unsigned left = 0;
  for (std::uint8_t& code : codes) {
    if (code == 0) continue;
    for (code = 0; code == 0;) {
      if (left < code_width) {
        draw = engine();
        left = 64;
      }
      code = static_cast<std::uint8_t>(draw & ((1u << code_width) - 1));
      draw >>= code_width;
      left -= code_width;
    }
  }
  return codes;
}

TEST(Workload, ColumnsAreThoseOfTheRule) {
  std::vector<std::uint8_t> codes;
  for (const double density : {0.0, 0.01, 0.1, 0.5, 0.97, 1.0}) {  // the largest ones have thresholds over 1
    for (const std::size_t rows : {1u, 2u, 7u, 64u, 1001u}) {
      const LayerSpec s = spec("rule", 12, rows, density, 0.5);
      const SyntheticMatrix m(s, 9, rows % 2 == 0 ? 4 : 3, 16);
      for (std::size_t j = 0; j < 12; ++j) {
        m.column(j, codes);
        ASSERT_EQ(codes, column_by_the_rule(s, 9, rows % 2 == 0 ? 4 : 3, j)) << density << " " << rows << " " << j;
      }
    }
  }
}

TEST(RememberedColumns, AreThoseOfTheSource) {
  const LayerSpec s = spec("x", 50, 333, 0.2, 0.5);
  const SyntheticMatrix m(s, 7, 4, 16);
  const std::vector<std::int32_t> activations = synthetic_activations(s, 7, 16);
  const RememberedColumns kept(m, activations);
  std::vector<std::uint8_t> expected, codes;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t j = 0; j < 50; ++j) {
      m.column(j, expected);
      kept.column(j, codes);
      ASSERT_EQ(codes, expected) << j;
    }
  }
}

TEST(NonzeroBytes, AreVisitedOnceInOrder) {
  std::mt19937_64 random(1);
  for (std::size_t count = 0; count < 100; ++count) {
    std::vector<std::uint8_t> bytes(count);
    for (std::uint8_t& b : bytes) b = random() % 3 == 0 ? static_cast<std::uint8_t>(random()) : std::uint8_t{0};
    std::vector<std::uint8_t> seen(count, 0);
    std::size_t next = 0;
    for_each_nonzero(bytes.data(), count, [&](std::size_t i, std::uint8_t b) {
      EXPECT_GE(i, next);
      EXPECT_NE(b, 0);
      next = i + 1;
      seen[i] = b;
    });
    EXPECT_EQ(seen, bytes);
  }
}

}  // namespace
}  // namespace eie::tb
