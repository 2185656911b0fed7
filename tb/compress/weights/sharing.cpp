// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/weights/sharing.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "tb/compress/weights/weight_bins.h"

namespace eie::tb {
namespace {

constexpr const char* kSharing = "sharing";

/// Counts the weights that stay in each column, a list for each part, and the weights themselves.
Histogram count_weights(const MatrixFile& file, const Selection& selection, double largest, unsigned bits, bool one_by_one,
                        std::vector<std::vector<std::uint32_t>>& columns, const CompressProgress& progress) {
  const std::size_t parts = selection.parts().count();
  columns.assign(parts, {});
  std::vector<std::vector<double>> weights(one_by_one ? parts : 0);
  std::vector<std::unique_ptr<WeightBins>> bins(one_by_one ? 0 : worker_count(parts));
  for_each_part(parts, kSharing, progress, [&](std::size_t part, std::size_t worker) {
    columns[part].assign(file.columns(), 0);
    std::uint32_t* const count = columns[part].data();
    if (one_by_one) {
      selection.for_each(file, part, [&](std::size_t, std::size_t j, double w) {
        ++count[j];
        weights[part].push_back(w);
      });
    } else {
      if (!bins[worker]) bins[worker] = std::make_unique<WeightBins>(largest, (std::size_t{1} << bits) - 1);
      WeightBins& some = *bins[worker];
      selection.for_each(file, part, [&](std::size_t, std::size_t j, double w) {
        ++count[j];
        some.add(w);
      });
    }
  });
  if (one_by_one) {
    std::vector<double> all;
    all.reserve(selection.kept());
    for (const std::vector<double>& some : weights) all.insert(all.end(), some.begin(), some.end());
    weights.clear();
    return Histogram(std::move(all));
  }
  for (std::size_t k = 1; k < bins.size(); ++k) {
    if (!bins[k]) continue;
    if (bins[0]) {
      bins[0]->add(*bins[k]);
    } else {
      bins[0] = std::move(bins[k]);
    }
    bins[k].reset();
  }
  return bins[0]->histogram();
}

}  // namespace

SharedSelection share(const MatrixFile& file, const Selection& selection, double largest, unsigned bits,
                      const ClusterStart& start, const CompressProgress& progress, std::uint64_t one_by_one) {
  SharedSelection result;
  std::vector<std::vector<std::uint32_t>> at;  // [part][column]: counts, then where the next one goes
  result.codebook =
      make_codebook(count_weights(file, selection, largest, bits, selection.kept() <= one_by_one, at, progress), bits, start);

  CodeMatrix::Sparse& codes = result.codes;
  codes.offset.assign(file.columns() + 1, 0);
  for (std::size_t j = 0; j < file.columns(); ++j) {
    std::size_t sum = 0;
    for (std::vector<std::uint32_t>& part : at) sum += std::exchange(part[j], static_cast<std::uint32_t>(sum));
    codes.offset[j + 1] = codes.offset[j] + sum;
  }
  codes.row.resize(codes.offset.back());
  codes.code.resize(codes.offset.back());
  struct Error {
    double largest = 0;
    double squares = 0;
  };
  std::vector<Error> errors(at.size());
  const CodeFinder finder(result.codebook);
  for_each_part(at.size(), "coding", progress, [&](std::size_t part, std::size_t) {
    Error error;
    selection.for_each(file, part, [&](std::size_t i, std::size_t j, double w) {
      const std::size_t e = codes.offset[j] + at[part][j]++;
      const std::uint8_t code = finder.code(w);
      codes.row[e] = static_cast<std::uint32_t>(i);
      codes.code[e] = code;
      const double off = std::abs(w - result.codebook.values[code]);
      error.largest = std::max(error.largest, off);
      error.squares += off * off;
    });
    errors[part] = error;
  });
  Error all;
  for (const Error& error : errors) {
    all.largest = std::max(all.largest, error.largest);
    all.squares += error.squares;
  }
  result.codebook.max_error = all.largest;
  result.codebook.rms_error = codes.row.empty() ? 0 : std::sqrt(all.squares / static_cast<double>(codes.row.size()));
  return result;
}

}  // namespace eie::tb
