// SPDX-License-Identifier: Apache-2.0
// Many weights as a histogram of bounded size. Sums are of integers: the result does not depend on the order of the weights.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "tb/compress/weights/magnitudes.h"
#include "tb/encoding/cluster.h"

namespace eie::tb {

class WeightBins {
 public:
  /// No weight is of a larger magnitude than `largest`. As long as there are at most `few` distinct ones, each is counted.
  WeightBins(double largest, std::size_t few)
      : top_(magnitude_bits(largest) >> 52), few_limit_(few), bins_(2 * kOctaves << kMantissa) {}

  /// A weight that is not 0.
  void add(double weight) {
    if (few_limit_ != 0 && ++few_[weight] == 1 && few_.size() > few_limit_) forget_few();
    const std::uint64_t bits = magnitude_bits(weight);
    Bin& bin = bins_[(weight < 0 ? std::size_t{kOctaves} << kMantissa : 0) + place(bits)];
    if (bin.count == 0) bin.first = bits;
    bin.same = bin.same && bin.first == bits;
    ++bin.count;
    bin.sum += bits >> (kLow - 32) & 0xFFFFFFFFu;
  }

  void add(const WeightBins& other) {
    for (std::size_t b = 0; b < bins_.size(); ++b) {
      const Bin& from = other.bins_[b];
      Bin& bin = bins_[b];
      if (from.count == 0) continue;
      if (bin.count == 0) bin.first = from.first;
      bin.same = bin.same && from.same && bin.first == from.first;
      bin.count += from.count;
      bin.sum += from.sum;
    }
    if (other.few_limit_ == 0) forget_few();
    if (few_limit_ == 0) return;
    for (const auto& [weight, count] : other.few_) few_[weight] += count;
    if (few_.size() > few_limit_) forget_few();
  }

  /// Each bin's mean, or each weight where there are few.
  Histogram histogram() const {
    std::vector<double> values;
    std::vector<double> counts;
    if (few_limit_ != 0) {
      for (const auto& [weight, count] : few_) {
        values.push_back(weight);
        counts.push_back(static_cast<double>(count));
      }
      return {std::move(values), counts};
    }
    auto take = [&](std::size_t at, double sign) {
      const Bin& bin = bins_[at];
      if (bin.count == 0) return;
      values.push_back(sign * mean(bin));
      counts.push_back(static_cast<double>(bin.count));
    };
    const std::size_t half = std::size_t{kOctaves} << kMantissa;
    // Places go from the largest octave down, within an octave up.
    for (std::size_t octave = 0; octave < kOctaves; ++octave) {
      for (std::size_t m = std::size_t{1} << kMantissa; m-- > 0;) take(half + (octave << kMantissa) + m, -1);
    }
    for (std::size_t octave = kOctaves; octave-- > 0;) {
      for (std::size_t m = 0; m < std::size_t{1} << kMantissa; ++m) take((octave << kMantissa) + m, 1);
    }
    return {std::move(values), counts};
  }

 private:
  static constexpr unsigned kMantissa = 13;  // bits that tell bins apart
  static constexpr unsigned kLow = 52 - kMantissa;
  static constexpr std::size_t kOctaves = 64;  // below the largest; what is smaller shares the last bin

  struct Bin {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;  // of the 32 bits below those that tell bins apart
    std::uint64_t first = 0;
    bool same = true;  // all have the same bits
  };

  std::size_t place(std::uint64_t bits) const {
    const std::uint64_t octave = top_ - (bits >> 52);
    if (octave >= kOctaves - 1) return (kOctaves - 1) << kMantissa;
    return static_cast<std::size_t>(octave << kMantissa | (bits >> kLow & ((1u << kMantissa) - 1)));
  }
  double mean(const Bin& bin) const {
    if (bin.same) return magnitude_of_bits(bin.first);
    if (top_ - (bin.first >> 52) >= kOctaves - 1) {  // of nearly nothing, beside the largest
      return magnitude_of_bits(top_ < kOctaves ? 1 : (top_ - kOctaves + 1) << 52);
    }
    const double low = std::rint(static_cast<double>(bin.sum) / static_cast<double>(bin.count));
    return magnitude_of_bits(bin.first >> kLow << kLow | static_cast<std::uint64_t>(low) << (kLow - 32));
  }
  void forget_few() {
    few_.clear();
    few_limit_ = 0;
  }

  std::uint64_t top_;      // exponent of the largest
  std::size_t few_limit_;  // 0: there are more
  std::map<double, std::uint64_t> few_;
  std::vector<Bin> bins_;
};

}  // namespace eie::tb
