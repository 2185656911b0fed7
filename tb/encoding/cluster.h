// SPDX-License-Identifier: Apache-2.0
// Clusters in one dimension: a few values that stand for many with the least squared error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eie::tb {

/// Distinct values, ascending, and how often each occurs.
struct Histogram {
  std::vector<double> value;
  std::vector<double> count_before;  // size + 1: occurrences of the values before this one
  std::vector<double> sum_before;    // size + 1: their sum
  /// Sorts; zeros do not count.
  explicit Histogram(std::vector<double> values);
  /// Distinct values, ascending and without zero, and how often each occurs.
  Histogram(std::vector<double> values, const std::vector<double>& counts);
};

struct Clusters {
  std::vector<double> centre;  // ascending, each the mean of what is nearest to it
  double squares = 0;          // sum of the squared errors
  std::string start;           // which start led here: kOptimalStart ...
};

constexpr const char* kOptimalStart = "optimal";    // no start: the optimum by dynamic programming
constexpr const char* kBinnedStart = "binned";      // the optimum of a coarser histogram
constexpr const char* kLinearStart = "linear";      // evenly spaced between smallest and largest
constexpr const char* kQuantileStart = "quantile";  // evenly spaced in rank
constexpr const char* kDensityStart = "density";    // evenly spaced in density to the power of a third
constexpr const char* kRandomStart = "random";      // k-means++ of a fixed seed
constexpr const char* kBestStart = "best";          // of those above, the one with the least squared error

/// Where clusters start, and the seed of the random ones.
struct ClusterStart {
  std::string name = kBestStart;
  std::uint64_t seed = 1;
};

/// `k` clusters of a histogram with at least `k` values, from the start that is named. The best: the optimum where the
/// histogram is small enough for it; else k-means from all the starts above, and the best of them. No cluster is empty.
Clusters cluster(const Histogram& histogram, std::size_t k, const ClusterStart& start = {});

/// k-means from one start: an empty cluster is moved to where the worst one is split.
Clusters k_means(const Histogram& histogram, std::size_t k, const std::string& start, std::uint64_t seed = 1);

}  // namespace eie::tb
