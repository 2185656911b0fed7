// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/codebook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace eie::tb {
namespace {

double middle(double a, double b) { return a + (b - a) / 2; }

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
  if (above == last || (above != first && weight <= middle(*(above - 1), *above) && *above != weight)) --above;
  return static_cast<std::uint8_t>(above - values.begin());
}

CodeFinder::CodeFinder(const Codebook& codebook)
    : any_(codebook.used != 0),
      limits_(std::max<std::size_t>(codebook.values.size(), 2) - 1, std::numeric_limits<double>::infinity()) {
  for (std::size_t c = 1; c < codebook.used; ++c) {
    const double here = codebook.values[c];
    const double next = codebook.values[c + 1];
    limits_[c - 1] = middle(here, next);
    // The middle of neighbours may be the upper one.
    if (here < next) limits_[c - 1] = std::min(limits_[c - 1], std::nextafter(next, here));
  }
}

std::vector<std::int32_t> Codebook::integers(int frac, unsigned width) const { return quantise(values, frac, width); }

Codebook make_codebook(std::vector<double> weights, unsigned code_width) {
  return make_codebook(Histogram(std::move(weights)), code_width);
}

Codebook make_codebook(const Histogram& histogram, unsigned code_width, const ClusterStart& start) {
  const std::size_t size = std::size_t{1} << code_width;
  Codebook book;
  book.distinct = histogram.value.size();
  std::vector<double> shared = histogram.value;
  book.start = kExactStart;
  if (book.distinct > size - 1) {
    Clusters clusters = cluster(histogram, size - 1, start);
    shared = std::move(clusters.centre);
    book.start = std::move(clusters.start);
  }
  auto fill = [&] {
    book.used = shared.size();
    book.values.assign(1, 0.0);
    book.values.insert(book.values.end(), shared.begin(), shared.end());
    book.values.resize(size, shared.empty() ? 0.0 : shared.back());
  };
  fill();

  const CodeFinder finder(book);
  double squares = 0;
  std::vector<bool> occurs(size, false);
  for (std::size_t i = 0; i < histogram.value.size(); ++i) {
    const double weight = histogram.value[i];
    const std::uint8_t code = finder.code(weight);
    occurs[code] = true;
    const double error = std::abs(weight - book.values[code]);
    book.max_error = std::max(book.max_error, error);
    squares += error * error * (histogram.count_before[i + 1] - histogram.count_before[i]);
  }
  if (histogram.count_before.back() > 0) book.rms_error = std::sqrt(squares / histogram.count_before.back());

  // Means that rounding made equal leave a code without a weight: it goes, the others keep their weights.
  std::vector<double> used;
  for (std::size_t c = 1; c <= shared.size(); ++c) {
    if (occurs[c]) used.push_back(shared[c - 1]);
  }
  if (used.size() < shared.size()) {
    shared = std::move(used);
    fill();
  }
  return book;
}

}  // namespace eie::tb
