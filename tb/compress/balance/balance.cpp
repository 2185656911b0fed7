// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/balance/balance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <queue>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "tb/encoding/nonzero_bytes.h"
#include "tb/support/parallel.h"
#include "tb/support/random.h"
#include "tlm/config/device_config_check.h"
#include "tlm/model/inner_loops.h"

namespace eie::tb {
namespace {

constexpr std::size_t kCoarse = 8;                            // windows in a coarse one
constexpr std::size_t kMostCells = std::size_t{1} << 23;      // rows * windows: 100 MB
constexpr std::int64_t kMostWork = std::int64_t{1} << 28;     // of a PE, so that products of two add up in 64 bits
constexpr std::size_t kTriesARow = 256;                       // exchanges that are tried
constexpr std::uint64_t kMostTries = std::uint64_t{1} << 25;  // in all
constexpr std::size_t kIdleTriesARow = 64;                    // of them without success, and the search is over
constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 32;  // of the search: seconds
constexpr double kUseSteps = 255;                             // a column that is always used counts so much

/// Work of every row by scale: windows, coarse windows, all columns. A row of it is `width` numbers.
struct RowWork {
  std::size_t window = 0;
  std::size_t windows = 0;
  std::size_t width = 0;
  std::vector<std::int32_t> work;  // rows * width

  const std::int32_t* row(std::size_t i) const { return work.data() + i * width; }
  std::int32_t total(std::size_t i) const { return work[i * width + width - 1]; }
};

/// Columns by how much they count.
std::vector<std::int32_t> weights_of(const BalanceRequest& request, std::size_t columns) {
  if (!request.use.empty() && request.use.size() != columns) {
    throw std::logic_error("balance: use of another number of columns than the matrix has");
  }
  std::vector<std::int32_t> weights;
  for (const double use : request.use) weights.push_back(static_cast<std::int32_t>(std::lround(use * kUseSteps)));
  const bool any = std::any_of(weights.begin(), weights.end(), [](std::int32_t w) { return w != 0; });
  return any ? weights : std::vector<std::int32_t>(columns, 1);
}

RowWork work_of(const ColumnSource& source, const BalanceRequest& request, std::size_t largest_share) {
  const std::size_t rows = source.rows();
  const std::size_t columns = source.columns();
  RowWork result;
  result.window = std::clamp<std::size_t>(request.window, 1, std::max<std::size_t>(1, columns));
  auto windows = [&] { return (columns + result.window - 1) / result.window; };
  while (windows() > 1 && windows() > kMostCells / std::max<std::size_t>(1, rows)) result.window *= 2;
  result.windows = windows();
  const std::size_t coarse = (result.windows + kCoarse - 1) / kCoarse;
  result.width = result.windows + coarse + 1;

  const std::vector<std::int32_t> weights = weights_of(request, columns);
  std::vector<std::int64_t> cells(rows * result.windows, 0);  // a column's part of a row may be large, many of them more so
  const std::size_t threads =
      std::min(std::max<std::size_t>(1, result.windows), threads_for(rows * columns, std::size_t{1} << 20));
  in_parallel(threads, [&](std::size_t part) {
    std::vector<std::uint8_t> codes;
    const std::size_t end = std::min(columns, result.windows * (part + 1) / threads * result.window);
    for (std::size_t j = result.windows * part / threads * result.window; j < end; ++j) {
      if (weights[j] == 0) continue;
      source.column(j, codes);
      std::int64_t* const cell = cells.data() + j / result.window;
      for_each_nonzero(codes.data(), rows, [&](std::size_t i, std::uint8_t) { cell[i * result.windows] += weights[j]; });
    }
  });

  std::int64_t largest = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto first = cells.begin() + static_cast<std::ptrdiff_t>(i * result.windows);
    largest = std::max(largest, std::accumulate(first, first + static_cast<std::ptrdiff_t>(result.windows), std::int64_t{0}));
  }
  int shift = 0;
  while ((largest >> shift) > kMostWork / static_cast<std::int64_t>(std::max<std::size_t>(1, largest_share))) ++shift;
  result.work.assign(rows * result.width, 0);
  for (std::size_t i = 0; i < rows; ++i) {
    std::int32_t* const to = result.work.data() + i * result.width;
    for (std::size_t w = 0; w < result.windows; ++w) {
      to[w] = static_cast<std::int32_t>(cells[i * result.windows + w] >> shift);
      to[result.windows + w / kCoarse] += to[w];
      to[result.width - 1] += to[w];
    }
  }
  return result;
}

/// The rows of one PE in one row block.
struct Share {
  std::size_t block = 0;
  unsigned pe = 0;
  std::size_t room = 0;  // rows that it has
  Order rows;
};

std::vector<Share> shares_of(const std::vector<RowBlock>& blocks, unsigned n_pe) {
  std::vector<Share> shares;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (unsigned k = 0; k < n_pe && k < blocks[b].rows; ++k) {
      shares.push_back({b, k, (blocks[b].rows - k + n_pe - 1) / n_pe, {}});
    }
  }
  return shares;
}

/// The device's own order.
void deal_plainly(const std::vector<RowBlock>& blocks, unsigned n_pe, std::vector<Share>& shares) {
  for (Share& share : shares) {
    for (std::size_t k = 0; k < share.room; ++k) {
      share.rows.push_back(static_cast<std::uint32_t>(blocks[share.block].first_row + k * n_pe + share.pe));
    }
  }
}

/// Rows by work, the largest first; equal ones by number.
void sort_by_work(const RowWork& work, Order& rows) {
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::make_pair(work.total(b), a) < std::make_pair(work.total(a), b);
  });
}

/// Longest first, each to the share with the least work that has room (R. L. Graham, 1969).
void deal_longest_first(const RowWork& work, std::size_t rows, std::vector<Share>& shares) {
  Order order(rows);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  sort_by_work(work, order);
  using Entry = std::pair<std::int64_t, std::size_t>;  // work, share
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> least;
  for (std::size_t s = 0; s < shares.size(); ++s) {
    shares[s].rows.clear();
    least.emplace(0, s);
  }
  for (const std::uint32_t row : order) {
    const auto [load, s] = least.top();
    least.pop();
    shares[s].rows.push_back(row);
    if (shares[s].rows.size() < shares[s].room) least.emplace(load + work.total(row), s);
  }
}

/// By how much the sum of squares of two shares' work changes, halved, when the first gives row `out` for row `in` of the second.
EIE_VECTOR_CLONES
std::int64_t change_of_squares(const std::int32_t* __restrict first, const std::int32_t* __restrict second,
                               const std::int32_t* __restrict out, const std::int32_t* __restrict in, std::size_t width) {
  std::int64_t change = 0;
  for (std::size_t f = 0; f < width; ++f) {
    const std::int32_t more = in[f] - out[f];
    change += std::int64_t{more} * (first[f] - second[f] + more);
  }
  return change;
}

/// Exchanges rows of different shares as long as that lowers the sum of squares of their work, over all scales.
void exchange(const RowWork& work, std::size_t rows, std::vector<Share>& shares) {
  if (shares.size() < 2) return;
  const std::size_t width = work.width;
  std::vector<std::int32_t> loads(shares.size() * width, 0);
  struct Seat {
    std::uint32_t share;
    std::uint32_t index;
  };
  std::vector<Seat> seats(rows);
  for (std::size_t s = 0; s < shares.size(); ++s) {
    for (std::size_t k = 0; k < shares[s].rows.size(); ++k) {
      const std::uint32_t row = shares[s].rows[k];
      seats[row] = {static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(k)};
      for (std::size_t f = 0; f < width; ++f) loads[s * width + f] += work.row(row)[f];
    }
  }
  Random random(1);
  const std::uint64_t most = std::min({kTriesARow * std::uint64_t{rows}, kMostTries, kMostSteps / width});
  std::uint64_t idle = 0;
  for (std::uint64_t tries = 0; tries < most && idle < kIdleTriesARow * std::uint64_t{rows}; ++tries, ++idle) {
    const auto i = static_cast<std::size_t>(random.below(rows));
    const auto k = static_cast<std::size_t>(random.below(rows));
    if (seats[i].share == seats[k].share) continue;
    std::int32_t* const a = loads.data() + seats[i].share * width;
    std::int32_t* const b = loads.data() + seats[k].share * width;
    if (change_of_squares(a, b, work.row(i), work.row(k), width) >= 0) continue;
    idle = 0;
    for (std::size_t f = 0; f < width; ++f) {
      const std::int32_t more = work.row(k)[f] - work.row(i)[f];
      a[f] += more;
      b[f] -= more;
    }
    std::swap(shares[seats[i].share].rows[seats[i].index], shares[seats[k].share].rows[seats[k].index]);
    std::swap(seats[i], seats[k]);
  }
}

/// Largest work of a share / mean, over the numbers first .. last - 1 of each row and the blocks, largest and mean added up.
double unevenness(const RowWork& work, const std::vector<Share>& shares, const std::vector<RowBlock>& blocks, unsigned n_pe,
                  std::size_t first, std::size_t last) {
  double largest = 0;
  double mean = 0;
  std::vector<std::int64_t> most(blocks.size() * (last - first), 0);
  std::vector<std::int64_t> load;
  for (const Share& share : shares) {
    load.assign(last - first, 0);
    for (const std::uint32_t row : share.rows) {
      for (std::size_t f = first; f < last; ++f) load[f - first] += work.row(row)[f];
    }
    for (std::size_t f = 0; f < load.size(); ++f) {
      std::int64_t& here = most[share.block * load.size() + f];
      here = std::max(here, load[f]);
      mean += static_cast<double>(load[f]) / n_pe;
    }
  }
  for (const std::int64_t m : most) largest += static_cast<double>(m);
  return mean == 0 ? 1 : largest / mean;
}

Evenness evenness_of(const RowWork& work, const std::vector<Share>& shares, const std::vector<RowBlock>& blocks, unsigned n_pe) {
  return {unevenness(work, shares, blocks, n_pe, work.width - 1, work.width),
          unevenness(work, shares, blocks, n_pe, 0, work.windows)};
}

}  // namespace

BalancedRows balance_rows(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks,
                          const BalanceRequest& request) {
  BalancedRows result;
  result.balance.kind = request.kind;
  if (request.kind == BalanceKind::kNone) return result;
  const unsigned n_pe = check_ranges(config).n_pe;
  std::vector<Share> shares = shares_of(blocks, n_pe);
  std::size_t largest_share = 0;
  for (const Share& share : shares) largest_share = std::max(largest_share, share.room);
  const RowWork work = work_of(source, request, largest_share);
  result.balance.window = work.window;
  result.balance.calibrated = !request.use.empty();
  deal_plainly(blocks, n_pe, shares);
  result.balance.before = evenness_of(work, shares, blocks, n_pe);
  deal_longest_first(work, source.rows(), shares);
  if (request.kind == BalanceKind::kWindows) exchange(work, source.rows(), shares);
  result.balance.after = evenness_of(work, shares, blocks, n_pe);

  result.rows.resize(source.rows());
  for (Share& share : shares) {
    sort_by_work(work, share.rows);
    for (std::size_t k = 0; k < share.rows.size(); ++k) {
      result.rows[blocks[share.block].first_row + k * n_pe + share.pe] = share.rows[k];
    }
  }
  return result;
}

const char* balance_name(BalanceKind kind) {
  return kind == BalanceKind::kNone ? "none" : kind == BalanceKind::kRows ? "rows" : "windows";
}

}  // namespace eie::tb
