// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/cluster.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tb/encoding/sort_doubles.h"
#include "tb/support/random.h"

namespace eie::tb {
namespace {

/// Up to so many steps of the dynamic program; more take longer than the file takes to read.
constexpr double kOptimalSteps = 6e6;
constexpr int kMaxRounds = 1000;
constexpr std::size_t kBins = 4096;
constexpr int kRandomStarts = 2;

double middle(double a, double b) { return a + (b - a) / 2; }

double steps(std::size_t values, std::size_t k) {
  const auto n = static_cast<double>(values);
  return static_cast<double>(k) * n * std::log2(n + 1);
}

/// Weighted points, ascending, and the squared error of a range of them around its mean.
class Points {
 public:
  void add(double value, double count, double inner_squares) {
    const long double w = count;
    count_.push_back(count_.back() + w);
    sum_.push_back(sum_.back() + w * value);
    squares_.push_back(squares_.back() + w * value * value + inner_squares);
  }
  std::size_t size() const { return count_.size() - 1; }
  double mean(std::size_t first, std::size_t last) const {
    return static_cast<double>((sum_[last] - sum_[first]) / (count_[last] - count_[first]));
  }
  long double cost(std::size_t first, std::size_t last) const {  // of points first .. last - 1
    const long double count = count_[last] - count_[first];
    const long double sum = sum_[last] - sum_[first];
    return std::max(squares_[last] - squares_[first] - sum * sum / count, 0.0L);
  }

 private:
  std::vector<long double> count_{0};
  std::vector<long double> sum_{0};
  std::vector<long double> squares_{0};
};

/// The best k ranges. Row c of the table is made from row c - 1; the best first point of the last range does not go
/// back as the ranges get longer, so that halving finds a row in n log n steps (Grønlund et al., arXiv 1701.07204).
class Optimum {
 public:
  Optimum(const Points& points, std::size_t k) : points_(points) {
    const std::size_t n = points.size();
    before_.resize(n + 1);
    row_.resize(n + 1);
    first_.assign(k, std::vector<std::uint32_t>(n + 1, 0));
    for (std::size_t end = 1; end <= n; ++end) before_[end] = points.cost(0, end);
    for (std::size_t c = 1; c < k; ++c) {
      fill(c, c + 1, n, c, n - 1);
      std::swap(before_, row_);
    }
  }
  std::vector<double> centres() const {
    std::vector<double> result(first_.size());
    std::size_t end = points_.size();
    for (std::size_t c = first_.size(); c-- > 0;) {
      const std::size_t first = c == 0 ? 0 : first_[c][end];
      result[c] = points_.mean(first, end);
      end = first;
    }
    return result;
  }

 private:
  void fill(std::size_t c, std::size_t low, std::size_t high, std::size_t first_low, std::size_t first_high) {
    if (low > high) return;
    const std::size_t end = low + (high - low) / 2;
    long double best = std::numeric_limits<long double>::infinity();
    std::size_t at = first_low;
    for (std::size_t first = first_low; first <= std::min(first_high, end - 1); ++first) {
      const long double cost = before_[first] + points_.cost(first, end);
      if (cost < best) {
        best = cost;
        at = first;
      }
    }
    row_[end] = best;
    first_[c][end] = static_cast<std::uint32_t>(at);
    if (end > low) fill(c, low, end - 1, first_low, at);
    fill(c, end + 1, high, at, first_high);
  }

  const Points& points_;
  std::vector<long double> before_;
  std::vector<long double> row_;
  std::vector<std::vector<std::uint32_t>> first_;  // [ranges - 1][end]: first point of the last range
};

double count_of(const Histogram& h, std::size_t first, std::size_t last) { return h.count_before[last] - h.count_before[first]; }
double mean_of(const Histogram& h, std::size_t first, std::size_t last) {
  return (h.sum_before[last] - h.sum_before[first]) / count_of(h, first, last);
}

double squares_of(const Histogram& h, std::size_t first, std::size_t last, double centre) {
  double squares = 0;
  for (std::size_t i = first; i < last; ++i) {
    const double error = h.value[i] - centre;
    squares += error * error * (h.count_before[i + 1] - h.count_before[i]);
  }
  return squares;
}

/// First value of each cluster, and the end.
std::vector<std::size_t> borders(const Histogram& h, const std::vector<double>& centre) {
  std::vector<std::size_t> border{0};
  for (std::size_t c = 0; c + 1 < centre.size(); ++c) {
    const double split = middle(centre[c], centre[c + 1]);
    border.push_back(static_cast<std::size_t>(std::upper_bound(h.value.begin(), h.value.end(), split) - h.value.begin()));
  }
  border.push_back(h.value.size());
  return border;
}

/// Moves the centre of each empty cluster beside that of the cluster with the largest error, so that they share it.
bool reseed(const Histogram& h, const std::vector<std::size_t>& border, std::vector<double>& centre) {
  std::vector<std::size_t> empty;
  for (std::size_t c = 0; c < centre.size(); ++c) {
    if (border[c + 1] == border[c]) empty.push_back(c);
  }
  if (empty.empty()) return false;
  std::vector<double> error(centre.size(), -1);
  for (std::size_t c = 0; c < centre.size(); ++c) {
    if (border[c + 1] - border[c] > 1) error[c] = squares_of(h, border[c], border[c + 1], centre[c]);
  }
  for (const std::size_t c : empty) {
    const auto worst = static_cast<std::size_t>(std::max_element(error.begin(), error.end()) - error.begin());
    if (error[worst] < 0) return false;
    const std::size_t half = border[worst] + (border[worst + 1] - border[worst]) / 2;
    centre[worst] = mean_of(h, border[worst], half);
    centre[c] = mean_of(h, half, border[worst + 1]);
    error[worst] = -1;  // each is split once a round
  }
  return true;
}

/// Lloyd's algorithm: clusters are ranges of the sorted values.
Clusters lloyd(const Histogram& h, std::vector<double> centre, const std::string& start) {
  std::vector<std::size_t> border;
  for (int round = 0; round < kMaxRounds; ++round) {
    std::sort(centre.begin(), centre.end());
    std::vector<std::size_t> next = borders(h, centre);
    while (reseed(h, next, centre)) {
      std::sort(centre.begin(), centre.end());
      next = borders(h, centre);
      if (++round > kMaxRounds) break;
    }
    if (next == border) break;
    border = std::move(next);
    for (std::size_t c = 0; c < centre.size(); ++c) {
      if (border[c + 1] > border[c]) centre[c] = mean_of(h, border[c], border[c + 1]);
    }
  }
  border = borders(h, centre);
  Clusters result{std::move(centre), 0, start};
  for (std::size_t c = 0; c < result.centre.size(); ++c) {
    result.squares += squares_of(h, border[c], border[c + 1], result.centre[c]);
  }
  return result;
}

/// Every histogram value on its own, or kBins bins of equal width cut again into bins of equal count.
Points points_of(const Histogram& h, bool binned) {
  Points points;
  const std::size_t n = h.value.size();
  const double low = h.value.front();
  const double width = (h.value.back() - low) / kBins;
  const double share = h.count_before.back() / kBins;
  for (std::size_t i = 0; i < n;) {
    std::size_t end = i + 1;
    if (binned && width > 0) {
      const double edge = low + width * (std::floor((h.value[i] - low) / width) + 1);
      const auto by_width = std::upper_bound(h.value.begin() + static_cast<std::ptrdiff_t>(i), h.value.end(), edge);
      const auto by_count = std::upper_bound(h.count_before.begin() + static_cast<std::ptrdiff_t>(i) + 1, h.count_before.end(),
                                             h.count_before[i] + share);
      end = std::max(end, std::min(static_cast<std::size_t>(by_width - h.value.begin()),
                                   static_cast<std::size_t>(by_count - h.count_before.begin()) - 1));
    }
    const double mean = end == i + 1 ? h.value[i] : mean_of(h, i, end);
    points.add(mean, count_of(h, i, end), end == i + 1 ? 0 : squares_of(h, i, end, mean));
    i = end;
  }
  return points;
}

std::vector<double> linear_start(const Histogram& h, std::size_t k) {
  const double low = h.value.front();
  if (k == 1) return {middle(low, h.value.back())};
  std::vector<double> centre;
  for (std::size_t c = 0; c < k; ++c) {
    centre.push_back(low + (h.value.back() - low) * (static_cast<double>(c) / static_cast<double>(k - 1)));
  }
  return centre;
}

std::vector<double> quantile_start(const Histogram& h, std::size_t k) {
  std::vector<double> centre;
  for (std::size_t c = 0; c < k; ++c) {
    const double rank = h.count_before.back() * (static_cast<double>(c) + 0.5) / static_cast<double>(k);
    const auto at = std::upper_bound(h.count_before.begin(), h.count_before.end(), rank) - h.count_before.begin() - 1;
    centre.push_back(h.value[std::min(static_cast<std::size_t>(at), h.value.size() - 1)]);
  }
  return centre;
}

/// The best density of centres for a smooth distribution is the cube root of its own (Panter and Dite, 1951).
std::vector<double> density_start(const Histogram& h, std::size_t k) {
  const double low = h.value.front();
  const double width = (h.value.back() - low) / kBins;
  if (!(width > 0)) return linear_start(h, k);
  std::vector<double> roots(kBins + 1, 0);
  std::size_t i = 0;
  for (std::size_t b = 0; b < kBins; ++b) {
    const std::size_t first = i;
    const double edge = low + width * static_cast<double>(b + 1);
    i = b + 1 == kBins
            ? h.value.size()
            : static_cast<std::size_t>(std::upper_bound(h.value.begin() + static_cast<std::ptrdiff_t>(i), h.value.end(), edge) -
                                       h.value.begin());
    roots[b + 1] = roots[b] + std::cbrt(count_of(h, first, i));
  }
  std::vector<double> centre;
  for (std::size_t c = 0; c < k; ++c) {
    const double goal = roots.back() * (static_cast<double>(c) + 0.5) / static_cast<double>(k);
    const auto bin = std::upper_bound(roots.begin(), roots.end(), goal) - roots.begin();
    centre.push_back(low + width * (static_cast<double>(bin) - 0.5));
  }
  return centre;
}

/// k-means++: each centre is drawn with the probability of its squared distance to the nearest before it.
std::vector<double> random_start(const Histogram& h, std::size_t k, Random& random) {
  std::vector<double> centre;
  const std::size_t stride = std::max<std::size_t>(1, h.value.size() / (8 * kBins));  // a sample is enough to start from
  std::vector<double> distance;
  for (std::size_t c = 0; c < k; ++c) {
    double total = 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < h.value.size(); i += stride, ++n) {
      const double step = c == 0 ? 1 : h.value[i] - centre.back();
      const double squared = step * step;
      if (c <= 1) {
        distance.resize(n + 1);
        distance[n] = squared;
      } else {
        distance[n] = std::min(distance[n], squared);
      }
      total += distance[n] * (h.count_before[i + 1] - h.count_before[i]);
    }
    double goal = random.uniform() * total;
    std::size_t chosen = 0;
    for (std::size_t i = 0, m = 0; i < h.value.size(); i += stride, ++m) {
      const double part = distance[m] * (h.count_before[i + 1] - h.count_before[i]);
      if (part > 0) chosen = i;
      goal -= part;
      if (goal < 0 && part > 0) break;
    }
    centre.push_back(h.value[chosen]);
  }
  return centre;
}

}  // namespace

Histogram::Histogram(std::vector<double> values) {
  values.erase(std::remove(values.begin(), values.end(), 0.0), values.end());
  sort_doubles(values);
  value.reserve(values.size());
  count_before.reserve(values.size() + 1);
  sum_before.reserve(values.size() + 1);
  count_before.push_back(0);
  sum_before.push_back(0);
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i;
    while (end < values.size() && values[end] == values[i]) ++end;
    const double count = static_cast<double>(end - i);
    value.push_back(values[i]);
    count_before.push_back(count_before.back() + count);
    sum_before.push_back(sum_before.back() + count * values[i]);
    i = end;
  }
}

Histogram::Histogram(std::vector<double> values, const std::vector<double>& counts) : value(std::move(values)) {
  count_before.push_back(0);
  sum_before.push_back(0);
  for (std::size_t i = 0; i < value.size(); ++i) {
    count_before.push_back(count_before.back() + counts[i]);
    sum_before.push_back(sum_before.back() + counts[i] * value[i]);
  }
}

Clusters k_means(const Histogram& h, std::size_t k, const std::string& start, std::uint64_t seed) {
  if (start == kQuantileStart) return lloyd(h, quantile_start(h, k), start);
  if (start == kDensityStart) return lloyd(h, density_start(h, k), start);
  if (start == kBinnedStart) return lloyd(h, Optimum(points_of(h, true), k).centres(), start);
  if (start == kOptimalStart) return lloyd(h, Optimum(points_of(h, false), k).centres(), start);
  if (start != kRandomStart) return lloyd(h, linear_start(h, k), kLinearStart);
  Random random(seed);
  Clusters best = lloyd(h, random_start(h, k, random), start);
  for (int r = 1; r < kRandomStarts; ++r) {
    Clusters other = lloyd(h, random_start(h, k, random), start);
    if (other.squares < best.squares) best = std::move(other);
  }
  return best;
}

Clusters cluster(const Histogram& h, std::size_t k, const ClusterStart& start) {
  if (start.name != kBestStart) return k_means(h, k, start.name, start.seed);
  std::vector<const char*> starts = {kLinearStart, kQuantileStart};  // the optimum has to do with rounding too
  if (steps(h.value.size(), k) <= kOptimalSteps) {
    starts.insert(starts.begin(), kOptimalStart);
  } else {
    starts.insert(starts.end(), {kDensityStart, kRandomStart});
    if (steps(2 * kBins, k) <= 4 * kOptimalSteps) starts.push_back(kBinnedStart);
  }
  Clusters best = k_means(h, k, starts.front(), start.seed);
  for (std::size_t s = 1; s < starts.size(); ++s) {
    Clusters other = k_means(h, k, starts[s], start.seed);
    if (other.squares < best.squares) best = std::move(other);
  }
  return best;
}

}  // namespace eie::tb
