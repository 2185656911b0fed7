// SPDX-License-Identifier: Apache-2.0
// What both baselines report of a product, in one form.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tb/test/baseline/layer_file.h"

namespace eie::baseline {

using Json = nlohmann::ordered_json;

constexpr double kWrong = 1e-4;      // relative error; of a float32 product over 25,088 columns it is some 1e-6
constexpr std::size_t kLeast = 5;    // repetitions that a median is taken of
constexpr std::size_t kMost = 1000;  // more tell nothing new
constexpr std::size_t kWarmUp = 3;   // repetitions before
constexpr double kCacheTimes = 4;    // copies of a matrix fill the last cache so often

struct Times {
  double median_us = 0;       // a frame
  double spread_percent = 0;  // from quartile to quartile, of the median
  std::size_t repetitions = 0;
  std::size_t disturbed = 0;  // the kernel took a processor away in so many
  std::size_t left_out = 0;   // of them; none where fewer than kLeast would be left
  double energy_uj = -1;      // a frame; -1: not readable
  double error = 0;
};

/// Matrices that take turns, so that none of them is found in a cache of `cache` bytes: one more than fill it kCacheTimes.
inline std::size_t copies_for(std::size_t cache, std::size_t bytes) {
  return static_cast<std::size_t>(kCacheTimes * static_cast<double>(cache) / static_cast<double>(bytes)) + 1;
}

inline double quantile(const std::vector<double>& sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

/// Median and spread of repetitions that took so many seconds for `frames` frames each.
inline void summarise(std::vector<double> seconds, std::size_t frames, Times& times) {
  std::sort(seconds.begin(), seconds.end());
  const double median = quantile(seconds, 0.5);
  times.median_us = 1e6 * median / static_cast<double>(frames);
  times.spread_percent = 100 * (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / median;
  times.repetitions = seconds.size();
}

inline double rounded(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::stod(text);
}

/// The products of a layer, as JSON.
class LayerReport {
 public:
  explicit LayerReport(const Layer& layer, const char* program) : layer_(layer), program_(program) {}

  /// `kind` is dense or sparse. Returns false, and says so on stderr, when the product was wrong.
  bool add(const std::string& kind, std::size_t frames, const Times& times) {
    const std::string name = kind + "_b" + std::to_string(frames);
    times_[name + "_us"] = rounded(times.median_us, 4);
    spread_[name] = {{"percent", rounded(times.spread_percent, 3)},
                     {"repetitions", times.repetitions},
                     {"disturbed", times.disturbed},
                     {"left_out", times.left_out}};
    energy_[name] = rounded(times.energy_uj, 4);
    energy_known_ = energy_known_ && times.energy_uj >= 0;
    if (frames == 1) least_uj_ = std::min(least_uj_, times.energy_uj);
    error_ = error_ < times.error ? times.error : error_;
    if (times.error <= kWrong) return true;
    std::fprintf(stderr, "%s: %s: %s is off by %.3g of the largest output: expected at most %g\n", program_, layer_.name.c_str(),
                 name.c_str(), times.error, kWrong);
    return false;
  }

  Json json() const {
    Json all = times_;
    all["spread"] = spread_;
    all["energy_uj"] = energy_known_ ? Json(rounded(least_uj_, 4)) : Json();  // of batch 1, dense or sparse, the better
    all["energies_uj"] = energy_known_ ? energy_ : Json();
    all["max_relative_error"] = rounded(error_, 2);
    return all;
  }

 private:
  const Layer& layer_;
  const char* program_;
  Json times_, spread_, energy_;
  bool energy_known_ = true;
  double least_uj_ = std::numeric_limits<double>::infinity();
  double error_ = 0;
};

}  // namespace eie::baseline
