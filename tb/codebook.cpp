#include "codebook.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace eie::tb {
namespace {

// Sorted non-zero weights with equal ones merged, and running sums for the means.
struct Histogram {
  std::vector<double> value;
  std::vector<double> count_before;  // size + 1
  std::vector<double> sum_before;    // size + 1

  explicit Histogram(std::vector<double> weights) {
    weights.erase(std::remove(weights.begin(), weights.end(), 0.0), weights.end());
    std::sort(weights.begin(), weights.end());
    count_before.push_back(0);
    sum_before.push_back(0);
    for (std::size_t i = 0; i < weights.size();) {
      std::size_t end = i;
      while (end < weights.size() && weights[end] == weights[i]) ++end;
      const double count = static_cast<double>(end - i);
      value.push_back(weights[i]);
      count_before.push_back(count_before.back() + count);
      sum_before.push_back(sum_before.back() + count * weights[i]);
      i = end;
    }
  }

  // First index at or above a threshold that belongs to the upper cluster.
  std::size_t split(double threshold) const {
    return static_cast<std::size_t>(std::upper_bound(value.begin(), value.end(), threshold) - value.begin());
  }
};

double middle(double a, double b) { return a + (b - a) / 2; }

// Lloyd's algorithm in one dimension: clusters are ranges of the sorted values.
std::vector<double> k_means(const Histogram& h, std::size_t k) {
  constexpr int kMaxRounds = 1000;
  std::vector<double> centre(k);
  const double low = h.value.front();
  const double step = k > 1 ? (h.value.back() - low) / static_cast<double>(k - 1) : 0;
  for (std::size_t c = 0; c < k; ++c) centre[c] = low + step * static_cast<double>(c);
  if (k == 1) centre[0] = middle(low, h.value.back());

  std::vector<std::size_t> border;
  for (int round = 0; round < kMaxRounds; ++round) {
    std::vector<std::size_t> next{0};
    for (std::size_t c = 0; c + 1 < k; ++c) next.push_back(h.split(middle(centre[c], centre[c + 1])));
    next.push_back(h.value.size());
    if (next == border) break;
    border = next;
    for (std::size_t c = 0; c < k; ++c) {
      const double count = h.count_before[border[c + 1]] - h.count_before[border[c]];
      if (count > 0) centre[c] = (h.sum_before[border[c + 1]] - h.sum_before[border[c]]) / count;
    }
    std::sort(centre.begin(), centre.end());  // an empty cluster may have been overtaken
  }
  return centre;
}

}  // namespace

ValueRange Codebook::range() const {
  ValueRange r;
  r.add(values);
  return r;
}

std::uint8_t Codebook::code(double weight) const {
  if (weight == 0 || used == 0) return 0;
  const auto first = values.begin() + 1;
  const auto last = first + static_cast<std::ptrdiff_t>(used);
  auto above = std::lower_bound(first, last, weight);
  if (above == last || (above != first && weight <= middle(*(above - 1), *above) && *above != weight))
    --above;
  return static_cast<std::uint8_t>(above - values.begin());
}

std::vector<std::int32_t> Codebook::integers(int frac, unsigned width) const {
  return quantise(values, frac, width);
}

Codebook make_codebook(std::vector<double> weights, unsigned code_width) {
  const std::size_t size = std::size_t{1} << code_width;
  const Histogram histogram(std::move(weights));
  Codebook book;
  book.distinct = histogram.value.size();
  const std::vector<double> shared =
      book.distinct <= size - 1 ? histogram.value : k_means(histogram, size - 1);
  book.used = shared.size();
  book.values.assign(1, 0.0);
  book.values.insert(book.values.end(), shared.begin(), shared.end());
  book.values.resize(size, shared.empty() ? 0.0 : shared.back());

  double squares = 0;
  for (std::size_t i = 0; i < histogram.value.size(); ++i) {
    const double error = std::abs(histogram.value[i] - book.values[book.code(histogram.value[i])]);
    book.max_error = std::max(book.max_error, error);
    squares += error * error * (histogram.count_before[i + 1] - histogram.count_before[i]);
  }
  if (histogram.count_before.back() > 0) book.rms_error = std::sqrt(squares / histogram.count_before.back());
  return book;
}

}  // namespace eie::tb
