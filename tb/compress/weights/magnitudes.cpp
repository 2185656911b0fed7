// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/weights/magnitudes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <sstream>

#include "tb/encoding/codebook.h"

namespace eie::tb {
namespace {

constexpr std::size_t kBins = std::size_t{1} << 16;
constexpr std::uint64_t kFewEnough = std::uint64_t{1} << 22;  // magnitudes that are sorted out in memory

[[noreturn]] void refuse_magnitude(const MatrixFile& file, std::size_t i, std::size_t j, double w) {
  std::ostringstream found;
  found << file.place(i, j) << " is " << w;
  file.fail(found.str(), "a magnitude up to 1e150");
}

/// Threshold::ties of magnitudes of which `keep` remain: how often the smallest of them occurs.
template <class It>
Threshold smallest_of(It begin, It end, std::uint64_t keep) {
  Threshold found;
  if (keep == 0) {
    found.magnitude = std::numeric_limits<double>::infinity();
    return found;
  }
  const It nth = begin + static_cast<std::ptrdiff_t>(keep - 1);
  std::nth_element(begin, nth, end, std::greater<>());
  found.magnitude = *nth;
  found.ties = static_cast<std::uint64_t>(std::count(begin, nth + 1, *nth));
  found.all_ties = found.ties + static_cast<std::uint64_t>(std::count(nth + 1, end, *nth));
  return found;
}

}  // namespace

double Magnitudes::above(double threshold) const {
  const std::uint64_t bits = magnitude_bits(threshold);
  const auto bin = static_cast<std::size_t>(bits >> kShift);
  double sum = 0;
  for (std::size_t b = bin + 1; b < count.size(); ++b) sum += static_cast<double>(count[b]);
  const double low = magnitude_of_bits(std::uint64_t{bin} << kShift);
  const double high = std::min(largest, magnitude_of_bits((std::uint64_t{bin} + 1) << kShift));
  const double part = high > low ? std::clamp((high - threshold) / (high - low), 0.0, 1.0) : 1.0;
  return sum + part * static_cast<double>(count[bin]);
}

Magnitudes measure_magnitudes(const MatrixFile& file, const CompressProgress& progress) {
  const RowParts parts(file.rows(), file.columns());
  struct Part {
    double largest = 0;
    double squares = 0;
  };
  std::vector<Part> found(parts.count());
  std::vector<std::vector<std::uint64_t>> counts(worker_count(parts.count()), std::vector<std::uint64_t>(kBins, 0));
  for_each_part(parts.count(), "measuring", progress, [&](std::size_t part, std::size_t worker) {
    std::uint64_t* const count = counts[worker].data();
    double largest = 0;
    double squares = 0;
    for_each_weight(file, parts.first(part), parts.last(part), [&](std::size_t i, std::size_t j, double w) {
      const double magnitude = std::abs(w);
      if (!(magnitude <= kLargestMagnitude)) refuse_magnitude(file, i, j, w);
      ++count[magnitude_bits(w) >> Magnitudes::kShift];
      largest = std::max(largest, magnitude);
      squares += w * w;
    });
    found[part] = {largest, squares};
  });
  Magnitudes all;
  all.count.assign(kBins, 0);
  all.size = static_cast<std::uint64_t>(file.rows()) * file.columns();
  for (const auto& count : counts) {
    for (std::size_t b = 0; b < kBins; ++b) all.count[b] += count[b];
  }
  for (const std::uint64_t count : all.count) all.nonzeros += count;
  double squares = 0;
  for (const Part& part : found) {
    all.largest = std::max(all.largest, part.largest);
    squares += part.squares;
  }
  all.deviation = std::sqrt(squares / static_cast<double>(all.size));
  return all;
}

Threshold find_threshold(std::vector<double>& magnitudes, std::uint64_t keep) {
  return smallest_of(magnitudes.begin(), magnitudes.end(), std::min<std::uint64_t>(keep, magnitudes.size()));
}

Threshold find_threshold(const MatrixFile& file, const Magnitudes& magnitudes, std::uint64_t keep,
                         const CompressProgress& progress) {
  keep = std::min(keep, magnitudes.nonzeros);
  if (keep == 0) return {std::numeric_limits<double>::infinity(), 0, 0};
  const RowParts parts(file.rows(), file.columns());
  std::vector<std::uint64_t> count = magnitudes.count;
  unsigned shift = Magnitudes::kShift;
  unsigned width = 16;        // bits of a bin's number
  std::uint64_t prefix = 0;   // upper bits of the magnitude that is looked for
  std::uint64_t left = keep;  // to keep of those with this prefix
  for (;;) {
    std::size_t bin = count.size();
    while (left > count[--bin]) left -= count[bin];
    prefix = prefix << width | bin;
    const std::uint64_t inside = count[bin];
    if (shift == 0) return {magnitude_of_bits(prefix), left, inside};
    if (inside <= kFewEnough) break;
    // Many of nearly the same magnitude: 16 bits more.
    const unsigned next = shift >= 16 ? shift - 16 : 0;
    const std::uint64_t mask = (std::uint64_t{1} << (shift - next)) - 1;
    std::vector<std::vector<std::uint64_t>> counts(worker_count(parts.count()), std::vector<std::uint64_t>(mask + 1, 0));
    for_each_part(parts.count(), "finding the threshold", progress, [&](std::size_t part, std::size_t worker) {
      for_each_weight(file, parts.first(part), parts.last(part), [&](std::size_t, std::size_t, double w) {
        const std::uint64_t bits = magnitude_bits(w);
        if (bits >> shift == prefix) ++counts[worker][bits >> next & mask];
      });
    });
    count.assign(mask + 1, 0);
    for (const auto& some : counts) {
      for (std::size_t b = 0; b <= mask; ++b) count[b] += some[b];
    }
    width = shift - next;
    shift = next;
  }
  std::vector<std::vector<double>> near(worker_count(parts.count()));
  for_each_part(parts.count(), "finding the threshold", progress, [&](std::size_t part, std::size_t worker) {
    for_each_weight(file, parts.first(part), parts.last(part), [&](std::size_t, std::size_t, double w) {
      if (magnitude_bits(w) >> shift == prefix) near[worker].push_back(std::abs(w));
    });
  });
  std::vector<double> all = std::move(near.front());
  for (std::size_t k = 1; k < near.size(); ++k) all.insert(all.end(), near[k].begin(), near[k].end());
  return find_threshold(all, left);
}

}  // namespace eie::tb
