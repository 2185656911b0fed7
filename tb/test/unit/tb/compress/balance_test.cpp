// SPDX-License-Identifier: Apache-2.0
// Rows dealt to PEs: cases worked out by hand, and what holds of every matrix.
#include "tb/compress/balance/balance.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <stdexcept>

#include "tb/compress/balance/permuted_source.h"
#include "tb/encoding/encoder.h"
#include "tb/test/support/judges.h"
#include "tb/test/support/property.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

/// Row i has entries in these columns.
std::unique_ptr<CodeMatrix> matrix_of(const std::vector<std::vector<std::size_t>>& rows, std::size_t columns) {
  auto matrix = std::make_unique<CodeMatrix>(rows.size(), columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const std::size_t j : rows[i]) matrix->at(i, j) = 1;
  }
  return matrix;
}

BalancedRows balanced(const ColumnSource& matrix, const HwConfig& config, BalanceKind kind, std::size_t window = kBalanceWindow,
                      std::vector<double> use = {}) {
  return balance_rows(matrix, config, split_rows(matrix.rows(), config), {kind, window, std::move(use)});
}

/// Entries of every row in columns first .. last - 1.
std::vector<std::size_t> work_of(const ColumnSource& matrix, std::size_t first, std::size_t last) {
  std::vector<std::size_t> work(matrix.rows(), 0);
  std::vector<std::uint8_t> codes;
  for (std::size_t j = first; j < last; ++j) {
    matrix.column(j, codes);
    for (std::size_t i = 0; i < work.size(); ++i) work[i] += codes[i] != 0 ? 1 : 0;
  }
  return work;
}

/// Of a PE's rows in an order: the largest sum over the mean, blocks added up.
double largest_over_mean(const std::vector<std::size_t>& work, const Order& order, const std::vector<RowBlock>& blocks,
                         unsigned n_pe) {
  double largest = 0;
  double mean = 0;
  for (const RowBlock& block : blocks) {
    std::vector<std::size_t> pe(n_pe, 0);
    for (std::size_t p = block.first_row; p < block.first_row + block.rows; ++p) {
      pe[p % n_pe] += work[static_cast<std::size_t>(at_place(order, p))];
    }
    largest += static_cast<double>(*std::max_element(pe.begin(), pe.end()));
    mean += static_cast<double>(std::accumulate(pe.begin(), pe.end(), std::size_t{0})) / n_pe;
  }
  return mean == 0 ? 1 : largest / mean;
}

bool is_permutation(const Order& order, std::size_t count) {
  Order sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    if (sorted[k] != k) return false;
  }
  return sorted.size() == count;
}

TEST(Balance, LongestFirstByHand) {
  // Rows of 8, 7, ... 1 entries on two PEs: 8 + 5 + 4 + 1 and 7 + 6 + 3 + 2.
  std::vector<std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < 8; ++i) {
    rows.emplace_back(8 - i);
    std::iota(rows.back().begin(), rows.back().end(), std::size_t{0});
  }
  const auto matrix = matrix_of(rows, 8);
  const BalancedRows result = balanced(*matrix, small_config(2), BalanceKind::kRows, 8);
  EXPECT_EQ(result.rows, (Order{0, 1, 3, 2, 4, 5, 7, 6}));
  EXPECT_EQ(result.balance.before.all, 20.0 / 18);  // 8 + 6 + 4 + 2
  EXPECT_EQ(result.balance.after.all, 1);
  EXPECT_EQ(result.balance.after.windows, 1);  // one window: all columns
}

TEST(Balance, WindowsSeeWhatAllColumnsTogetherDoNot) {
  // Rows 0 and 2 work in columns 0 and 1, rows 1 and 3 in columns 2 and 3. By their totals all are alike.
  const auto matrix = matrix_of({{0, 1}, {2, 3}, {0, 1}, {2, 3}}, 4);
  const HwConfig config = small_config(2);
  const BalancedRows rows = balanced(*matrix, config, BalanceKind::kRows, 2);
  EXPECT_EQ(rows.balance.after.all, 1);
  EXPECT_EQ(rows.balance.after.windows, 2);  // in each window one of two PEs does everything
  const BalancedRows windows = balanced(*matrix, config, BalanceKind::kWindows, 2);
  EXPECT_EQ(windows.balance.after.all, 1);
  EXPECT_EQ(windows.balance.after.windows, 1);
  EXPECT_NE(windows.rows[0] % 2, windows.rows[2] % 2);  // a row of each kind in PE 0
}

TEST(Balance, CalibrationCountsColumnsByTheirUse) {
  // Rows 0 and 1 are long in columns that no input uses; what is used is in rows 2 and 3.
  const auto matrix = matrix_of({{0, 1, 2}, {0, 1, 2}, {3, 4}, {3, 4}}, 5);
  const HwConfig config = small_config(2);
  const std::vector<double> use = {0, 0, 0, 1, 0.5};
  const BalancedRows known = balanced(*matrix, config, BalanceKind::kRows, 5, use);
  EXPECT_TRUE(known.balance.calibrated);
  EXPECT_EQ(known.rows, (Order{2, 3, 0, 1}));
  EXPECT_EQ(known.balance.after.all, 1);
  EXPECT_FALSE(balanced(*matrix, config, BalanceKind::kRows).balance.calibrated);
  // No column used at all says nothing.
  EXPECT_EQ(balanced(*matrix, config, BalanceKind::kRows, 5, {0, 0, 0, 0, 0}).rows,
            balanced(*matrix, config, BalanceKind::kRows, 5).rows);
  EXPECT_THROW(balanced(*matrix, config, BalanceKind::kRows, 5, {1, 1}), std::logic_error);
}

TEST(Balance, NoneIsNoOrder) {
  const auto matrix = matrix_of({{0}, {}, {0}}, 1);
  const BalancedRows result = balanced(*matrix, small_config(2), BalanceKind::kNone);
  EXPECT_TRUE(result.rows.empty());
  EXPECT_EQ(result.balance.kind, BalanceKind::kNone);
}

TEST(Balance, OrdersAreSoundForEveryMatrix) {
  check_property(600, [] {
    HwConfig config = small_config(1u << *rc::gen::inRange(0, 6));
    config.registers = 1u << *rc::gen::inRange(2, 7);  // small: several row blocks
    const MatrixShape shape = *any_shape(500, 60);
    const auto kind = *rc::gen::element(BalanceKind::kRows, BalanceKind::kWindows);
    const auto window = *rc::gen::inRange<std::size_t>(1, 80);
    std::vector<double> use;
    if (*rc::gen::arbitrary<bool>()) {
      for (std::size_t j = 0; j < shape.columns; ++j) use.push_back(*rc::gen::inRange(0, 5) / 4.0);
    }
    const auto matrix = make_matrix(shape, config.code_width);
    const BalancedRows result = balanced(*matrix, config, kind, window, use);
    RC_ASSERT(is_permutation(result.rows, shape.rows));
    RC_ASSERT(balanced(*matrix, config, kind, window, use).rows == result.rows);
    const Balance& b = result.balance;
    for (const double e : {b.before.all, b.before.windows, b.after.all, b.after.windows}) RC_ASSERT(e >= 1 - 1e-9);
    if (kind == BalanceKind::kWindows) RC_CLASSIFY(b.after.windows < b.before.windows, "windows more even");
    const std::vector<RowBlock> blocks = split_rows(shape.rows, config);
    if (use.empty()) {
      const std::vector<std::size_t> work = work_of(*matrix, 0, shape.columns);
      RC_ASSERT(std::abs(b.before.all - largest_over_mean(work, {}, blocks, config.n_pe)) < 1e-9);
      RC_ASSERT(std::abs(b.after.all - largest_over_mean(work, result.rows, blocks, config.n_pe)) < 1e-9);
      // In a PE the longest rows come first.
      for (const RowBlock& block : blocks) {
        for (std::size_t p = block.first_row; p + config.n_pe < block.first_row + block.rows; ++p) {
          RC_ASSERT(work[result.rows[p]] >= work[result.rows[p + config.n_pe]]);
        }
      }
    }
    // The encoder gets the matrix that the order says.
    const LayerOrder order{result.rows, {}};
    const PermutedSource placed(*matrix, order);
    CodeMatrix moved(shape.rows, shape.columns);
    for (std::size_t p = 0; p < shape.rows; ++p) {
      for (std::size_t j = 0; j < shape.columns; ++j) moved.at(p, j) = matrix->at(result.rows[p], j);
    }
    RC_ASSERT(decoding_fault(moved, encode(placed, config, blocks), config) == "");
  });
}

TEST(Balance, MatricesOfManyRowsAreEvenOverAllColumnsAndInWindows) {
  // 512 rows of 5 to 35 percent on 16 PEs: dealt as numbered, the largest has a tenth more than the mean.
  HwConfig config = small_config(16);
  CodeMatrix matrix(512, 640);
  std::mt19937_64 random(3);
  for (std::size_t i = 0; i < 512; ++i) {
    const std::uint64_t density = 50 + random() % 300;
    for (std::size_t j = 0; j < 640; ++j) matrix.at(i, j) = random() % 1000 < density ? 1 : 0;
  }
  const BalancedRows rows = balanced(matrix, config, BalanceKind::kRows);
  const BalancedRows windows = balanced(matrix, config, BalanceKind::kWindows);
  EXPECT_GT(rows.balance.before.all, 1.05);
  EXPECT_LT(rows.balance.after.all, 1.01);
  EXPECT_LT(windows.balance.after.all, 1.01);
  EXPECT_LT(windows.balance.after.windows - 1, 0.6 * (rows.balance.after.windows - 1));
}

TEST(Balance, WindowsGrowWhereThereWouldBeTooMany) {
  // 4,096 x 4,096 windows of one column would be 16 million numbers.
  CodeMatrix::Sparse empty;
  empty.offset.assign(4097, 0);
  const CodeMatrix matrix(4096, 4096, std::move(empty));
  const BalancedRows result = balanced(matrix, small_config(64), BalanceKind::kWindows, 1);
  EXPECT_EQ(result.balance.window, 2u);
  EXPECT_EQ(result.balance.after.windows, 1);
  EXPECT_TRUE(is_permutation(result.rows, 4096));
}

TEST(LayerOrder, ValuesGoThereAndBack) {
  const Order order = {2, 0, 1};
  EXPECT_EQ(in_places(std::vector<int>{10, 11, 12}, order), (std::vector<int>{12, 10, 11}));
  EXPECT_EQ(out_of_places(std::vector<int>{12, 10, 11}, order), (std::vector<int>{10, 11, 12}));
  EXPECT_EQ(places_of(order), (Order{1, 2, 0}));
  EXPECT_EQ(place_of(order, 2), 0u);
  EXPECT_EQ(place_of({}, 2), 2u);
  EXPECT_EQ(at_place(order, 0), 2u);
  EXPECT_EQ(at_place(order, 7), 7u);
  EXPECT_TRUE(in_places(std::vector<int>{}, order).empty());
}

TEST(PermutedSource, MovesRowsAndColumns) {
  const auto matrix = matrix_of({{0}, {1}, {0, 1}}, 2);
  const PermutedSource placed(*matrix, {{2, 0, 1}, {1, 0}});
  std::vector<std::uint8_t> codes;
  placed.column(0, codes);  // column 1 of the matrix
  EXPECT_EQ(codes, (std::vector<std::uint8_t>{1, 0, 1}));
  placed.column(1, codes);
  EXPECT_EQ(codes, (std::vector<std::uint8_t>{1, 1, 0}));
  EXPECT_THROW(PermutedSource(*matrix, LayerOrder{{0, 1}, {}}), std::logic_error);
}

}  // namespace
}  // namespace eie::tb
