// SPDX-License-Identifier: Apache-2.0
// Which weights stay, against a plain sort of all of them.
#include "tb/compress/weights/selection.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>

#include "tb/formats/npy.h"
#include "tb/support/error.h"
#include "tb/support/random.h"
#include "tb/test/support/property.h"
#include "tb/test/unit/tb/compress/memory_matrix.h"

namespace eie::tb {
namespace {

const CompressProgress kQuiet;

/// What stays, as the places of a dense matrix; parts are visited in their order, rows and columns ascend.
std::vector<bool> kept(const MatrixFile& file, const Selection& selection) {
  std::vector<bool> stays(file.rows() * file.columns(), false);
  std::uint64_t count = 0;
  std::size_t last = 0;
  for (std::size_t part = 0; part < selection.parts().count(); ++part) {
    selection.for_each(file, part, [&](std::size_t i, std::size_t j, double w) {
      const std::size_t at = i * file.columns() + j;
      EXPECT_TRUE(count == 0 || at > last);
      EXPECT_NE(w, 0);
      last = at;
      stays[at] = true;
      ++count;
    });
  }
  EXPECT_EQ(count, selection.kept());
  return stays;
}

/// The `keep` largest of the places in `among`, by a stable sort.
void keep_largest(const MemoryMatrix& m, std::vector<std::size_t> among, std::uint64_t keep, std::vector<bool>& stays) {
  among.erase(std::remove_if(among.begin(), among.end(), [&m](std::size_t at) { return m.values()[at] == 0; }), among.end());
  std::stable_sort(among.begin(), among.end(),
                   [&m](std::size_t a, std::size_t b) { return std::abs(m.values()[a]) > std::abs(m.values()[b]); });
  for (std::size_t k = 0; k < std::min<std::size_t>(keep, among.size()); ++k) stays[among[k]] = true;
}

MemoryMatrix random_matrix(Random& random, std::size_t rows, std::size_t columns, double zeros, int levels) {
  std::vector<double> values(rows * columns);
  for (double& x : values) {
    x = random.uniform() < zeros ? 0 : random.normal();
    if (levels != 0) x = std::rint(x * levels) / levels;  // many of the same magnitude
  }
  return {rows, columns, std::move(values)};
}

TEST(Selection, LargestAsASortSays) {
  check_property(150, [] {
    Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
    const auto rows = *rc::gen::inRange<std::size_t>(1, 60);
    const auto columns = *rc::gen::inRange<std::size_t>(1, 60);
    const int levels = *rc::gen::element(0, 0, 1, 4);
    const MemoryMatrix m = random_matrix(random, rows, columns, 0.3 * random.uniform(), levels);
    const std::uint64_t keep = random.below(rows * columns + 1);
    const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
    const std::vector<bool> seen = kept(m, Selection::largest(m, magnitudes, keep, {}, kQuiet));
    std::vector<std::size_t> all(rows * columns);
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
    std::vector<bool> expected(all.size(), false);
    keep_largest(m, all, keep, expected);
    RC_ASSERT(seen == expected);
  });
}

TEST(Selection, ManyRowsInSeveralParts) {
  // Large enough for several parts and threads, and most weights of a few magnitudes: ties go on from part to part.
  Random random(3);
  const std::size_t rows = 1024;
  const std::size_t columns = 640;
  const MemoryMatrix m = random_matrix(random, rows, columns, 0.1, 2);
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  EXPECT_EQ(magnitudes.nonzeros,
            rows * columns - static_cast<std::uint64_t>(std::count(m.values().begin(), m.values().end(), 0.0)));
  std::vector<std::size_t> all(rows * columns);
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
  for (const std::uint64_t keep : {std::uint64_t{1}, std::uint64_t{345678}}) {
    const Selection selection = Selection::largest(m, magnitudes, keep, {}, kQuiet);
    EXPECT_GT(selection.parts().count(), 1u);
    EXPECT_EQ(selection.kept(), keep);
    std::vector<bool> expected(all.size(), false);
    keep_largest(m, all, keep, expected);
    EXPECT_TRUE(kept(m, selection) == expected) << keep;
  }
}

TEST(Selection, FiveMillionOfNearlyTheSameMagnitude) {
  // More than are sorted out in memory share their upper 16 bits, and then their upper 32.
  const std::size_t rows = 2048;
  const std::size_t columns = 2560;
  std::vector<double> values(rows * columns);
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = (k % 2 == 0 ? 1 : -1) * (1 + std::ldexp(static_cast<double>((k * 2654435761u) % 1024), -50));
  }
  values[77] = 2;
  const MemoryMatrix m(rows, columns, std::move(values));
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  const std::int64_t keep = 2000000;
  const Threshold threshold = find_threshold(m, magnitudes, static_cast<std::uint64_t>(keep), kQuiet);
  std::vector<double> sorted;
  for (const double x : m.values()) sorted.push_back(std::abs(x));
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  EXPECT_EQ(threshold.magnitude, sorted[keep - 1]);
  const auto larger = static_cast<std::uint64_t>(std::find(sorted.begin(), sorted.end(), threshold.magnitude) - sorted.begin());
  EXPECT_EQ(threshold.ties, static_cast<std::uint64_t>(keep) - larger);
  EXPECT_EQ(threshold.all_ties, static_cast<std::uint64_t>(std::count(sorted.begin(), sorted.end(), threshold.magnitude)));
  EXPECT_EQ(Selection::largest(m, magnitudes, static_cast<std::uint64_t>(keep), {}, kQuiet).kept(),
            static_cast<std::uint64_t>(keep));
}

TEST(Selection, TiesGoByRowAndColumn) {
  const MemoryMatrix m(2, 3, {1, -1, 0.5, 1, 2, -1});
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  EXPECT_EQ(kept(m, Selection::largest(m, magnitudes, 3, {}, kQuiet)),
            (std::vector<bool>{true, true, false, false, true, false}));
  EXPECT_EQ(kept(m, Selection::largest(m, magnitudes, 0, {}, kQuiet)), std::vector<bool>(6, false));
  EXPECT_EQ(kept(m, Selection::above(m, 1, kQuiet)), (std::vector<bool>{true, true, false, true, true, true}));
  EXPECT_EQ(kept(m, Selection::above(m, 0, kQuiet)), std::vector<bool>(6, true));
  EXPECT_EQ(kept(m, Selection::all(m, magnitudes)), std::vector<bool>(6, true));
}

/// Weights that stay in each PE and window.
std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> groups(const MatrixFile& m, const std::vector<bool>& stays,
                                                                    unsigned n_pe, std::size_t window) {
  std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> counts;
  for (std::size_t at = 0; at < stays.size(); ++at) {
    counts[{at / m.columns() % n_pe, at % m.columns() / window}] += stays[at] ? 1 : 0;
  }
  return counts;
}

TEST(Selection, BalancedAsASortOfEachGroupSays) {
  check_property(100, [] {
    Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
    const auto rows = *rc::gen::inRange<std::size_t>(8, 80);
    const auto columns = *rc::gen::inRange<std::size_t>(1, 60);
    const unsigned n_pe = *rc::gen::element(1u, 2u, 4u, 8u);
    PruneBalanceRequest balance;
    balance.balance = *rc::gen::element(PruneBalance::kPe, PruneBalance::kWindows);
    balance.n_pe = n_pe;
    balance.window = *rc::gen::inRange<std::size_t>(1, 70);
    const MemoryMatrix m = random_matrix(random, rows, columns, 0, *rc::gen::element(0, 3));
    const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
    const std::uint64_t keep = random.below(rows * columns / 2);
    const std::vector<bool> seen = kept(m, Selection::largest(m, magnitudes, keep, balance, kQuiet));
    const std::vector<bool> plain = kept(m, Selection::largest(m, magnitudes, keep, {}, kQuiet));
    RC_ASSERT(static_cast<std::uint64_t>(std::count(seen.begin(), seen.end(), true)) == std::min(keep, magnitudes.nonzeros));
    const std::size_t window = balance.balance == PruneBalance::kPe ? columns : balance.window;
    // A window has as many as without balance; within each group the largest stay, ties by place.
    std::map<std::size_t, std::uint64_t> in_window;
    std::vector<bool> expected(seen.size(), false);
    for (const auto& [group, count] : groups(m, seen, n_pe, window)) {
      in_window[group.second] += count;
      std::vector<std::size_t> among;
      for (std::size_t at = 0; at < seen.size(); ++at) {
        if (at / columns % n_pe == group.first && at % columns / window == group.second) among.push_back(at);
      }
      keep_largest(m, among, count, expected);
    }
    RC_ASSERT(seen == expected);
    for (const auto& [group, count] : groups(m, plain, 1, window)) RC_ASSERT(in_window[group.second] == count);
  });
}

TEST(Selection, BalanceIsWithinOneEntry) {
  Random random(5);
  // Rows of very different sizes: without balance the last PEs would get nearly nothing.
  const std::size_t rows = 64;
  const std::size_t columns = 200;
  std::vector<double> values(rows * columns);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = random.normal() * std::exp2(-static_cast<double>(k / columns % 8));
  const MemoryMatrix m(rows, columns, std::move(values));
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  for (const PruneBalance kind : {PruneBalance::kPe, PruneBalance::kWindows}) {
    const std::size_t window = kind == PruneBalance::kPe ? columns : 16;
    const Selection selection = Selection::largest(m, magnitudes, 1283, {kind, 8, 16}, kQuiet);
    EXPECT_EQ(selection.kept(), 1283u);
    const std::vector<bool> stays = kept(m, selection);
    std::map<std::size_t, std::pair<std::uint64_t, std::uint64_t>> range;
    for (const auto& [group, count] : groups(m, stays, 8, window)) {
      auto [at, fresh] = range.insert({group.second, {count, count}});
      if (!fresh) at->second = {std::min(at->second.first, count), std::max(at->second.second, count)};
    }
    for (const auto& [w, low_high] : range) EXPECT_LE(low_high.second - low_high.first, 1u) << w;
    // What is over in one window does not always go to the same PEs.
    std::uint64_t least = UINT64_MAX;
    std::uint64_t most = 0;
    for (const auto& [group, count] : groups(m, stays, 8, columns)) {
      least = std::min(least, count);
      most = std::max(most, count);
    }
    EXPECT_LE(most - least, 1u);
  }
}

TEST(Selection, AGroupWithTooFewWeightsGivesToTheOthers) {
  // PE 1 has two weights at all.
  const MemoryMatrix m(4, 4, {5, 5, 5, 5, 0, 1, 0, 0, 4, 4, 4, 4, 0, 0, 1, 0});
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  const Selection selection = Selection::largest(m, magnitudes, 8, {PruneBalance::kPe, 2, 64}, kQuiet);
  const std::vector<bool> stays = kept(m, selection);
  EXPECT_EQ(selection.kept(), 8u);
  EXPECT_TRUE(stays[5] && stays[14]);
  auto counts = groups(m, stays, 2, 4);
  EXPECT_EQ((counts[{0, 0}]), 6u);
  EXPECT_EQ((counts[{1, 0}]), 2u);
}

TEST(Selection, RefusesWhatIsNoWeight) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  try {
    measure_magnitudes(MemoryMatrix(2, 2, {1, 2, nan, 3}), kQuiet);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "W: element [1, 0] is NaN: expected finite numbers");
  }
  try {
    measure_magnitudes(MemoryMatrix(2, 2, {1, 2e200, 1, 3}), kQuiet);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "W: element [0, 1] is 2e+200: expected a magnitude up to 1e150");
  }
}

TEST(Selection, SparseFilesGiveTheSame) {
  Random random(7);
  const std::size_t rows = 50;
  const std::size_t columns = 40;
  const MemoryMatrix m = random_matrix(random, rows, columns, 0.7, 3);
  const std::string path = testing::TempDir() + "selection_test.mtx";
  {
    std::string text = "%%MatrixMarket matrix coordinate real general\n";
    std::string lines;
    std::size_t count = 0;
    char line[80];
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        if (m.at(i, j) == 0) continue;
        std::snprintf(line, sizeof line, "%zu %zu %.17g\n", i + 1, j + 1, m.at(i, j));
        lines += line;
        ++count;
      }
    }
    text += std::to_string(rows) + " " + std::to_string(columns) + " " + std::to_string(count) + "\n" + lines;
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fputs(text.c_str(), file);
    std::fclose(file);
  }
  const std::unique_ptr<MatrixFile> file = open_matrix(path);
  ASSERT_NE(file->sparse(), nullptr);
  const Magnitudes dense = measure_magnitudes(m, kQuiet);
  const Magnitudes sparse = measure_magnitudes(*file, kQuiet);
  EXPECT_EQ(dense.count, sparse.count);
  for (const PruneBalance kind : {PruneBalance::kNone, PruneBalance::kPe, PruneBalance::kWindows}) {
    const PruneBalanceRequest balance{kind, 4, 8};
    EXPECT_EQ(kept(*file, Selection::largest(*file, sparse, 200, balance, kQuiet)),
              kept(m, Selection::largest(m, dense, 200, balance, kQuiet)));
  }
  std::remove(path.c_str());
}

TEST(Selection, MagnitudesAboveAThreshold) {
  Random random(11);
  const MemoryMatrix m = random_matrix(random, 300, 300, 0, 0);
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  EXPECT_EQ(magnitudes.size, 90000u);
  EXPECT_NEAR(magnitudes.deviation, 1, 0.02);
  for (const double threshold : {0.1, 0.5, 1.0, 2.0, 3.0}) {
    const auto exact = std::count_if(m.values().begin(), m.values().end(), [&](double x) { return std::abs(x) >= threshold; });
    EXPECT_NEAR(magnitudes.above(threshold), static_cast<double>(exact), 200) << threshold;
  }
  EXPECT_EQ(magnitudes.above(magnitudes.largest * 1.1), 0);
}

}  // namespace
}  // namespace eie::tb
