// SPDX-License-Identifier: Apache-2.0
// Magnitude pruning (Han et al., NIPS 2015; Deep Compression, section 2): which weights of a layer stay. With balance (ESE, Han
// et al., FPGA 2017, section 3.2) each PE gets as many, in all or within each window of columns, so that none waits for the
// others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tb/compress/weights/magnitudes.h"
#include "tb/compress/weights/pass.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

enum class PruneBalance {
  kNone,     // the largest of the layer
  kPe,       // of each PE as many, the largest of its rows
  kWindows,  // of each PE as many in each window of columns; a window has as many as without balance
};

/// Row i belongs to PE i mod n_pe; windows are `window` columns wide, the last one may be narrower.
struct PruneBalanceRequest {
  PruneBalance balance = PruneBalance::kNone;
  unsigned n_pe = 1;
  std::size_t window = 64;
};

/// Weights that stay: of each group the largest, and of those as small as the smallest that stays the first in the order of
/// rows and columns.
class Selection {
 public:
  /// All non-zero weights.
  static Selection all(const MatrixFile& file, const Magnitudes& magnitudes);
  /// Those of magnitude `threshold` or more.
  static Selection above(const MatrixFile& file, double threshold, const CompressProgress& progress);
  /// Exactly `keep` of them, or all non-zero ones where there are fewer. Groups get the same number, but for one weight and
  /// where a group has not so many non-zero ones: then the others get more.
  static Selection largest(const MatrixFile& file, const Magnitudes& magnitudes, std::uint64_t keep,
                           const PruneBalanceRequest& balance, const CompressProgress& progress);

  std::uint64_t kept() const { return kept_; }
  const RowParts& parts() const { return parts_; }

  /// visit(row, column, weight) for what stays of a part's rows, in the order of rows and columns. Parts may be visited side by
  /// side.
  template <class Visit>
  void for_each(const MatrixFile& file, std::size_t part, Visit&& visit) const {
    std::vector<std::uint64_t> ties = ties_.empty() ? std::vector<std::uint64_t>() : ties_[part];
    const std::size_t windows = windows_;
    for_each_weight(file, parts_.first(part), parts_.last(part), [&](std::size_t i, std::size_t j, double w) {
      const std::size_t group = (i & pe_mask_) * windows + (windows == 1 ? 0 : j / window_);
      const double magnitude = w < 0 ? -w : w;
      const double threshold = threshold_[group];
      if (magnitude < threshold) return;
      if (magnitude == threshold && !ties.empty()) {
        if (ties[group] == 0) return;
        --ties[group];
      }
      visit(i, j, w);
    });
  }

 private:
  explicit Selection(const MatrixFile& file) : parts_(file.rows(), file.columns()) {}
  std::size_t group(std::size_t i, std::size_t j) const { return (i & pe_mask_) * windows_ + j / window_; }
  /// Where not all ties stay: which parts have those that do.
  void deal_ties(const MatrixFile& file, const std::vector<Threshold>& thresholds, const CompressProgress& progress);
  std::vector<std::uint64_t> quotas(const MatrixFile& file, std::uint64_t keep, const Selection& plain,
                                    const CompressProgress& progress) const;

  RowParts parts_;
  std::size_t pe_mask_ = 0;  // n_pe - 1, of groups
  std::size_t windows_ = 1;
  std::size_t window_ = ~std::size_t{0};
  std::vector<double> threshold_{0.0};            // a group
  std::vector<std::vector<std::uint64_t>> ties_;  // [part][group] to keep; empty: all
  std::uint64_t kept_ = 0;
};

}  // namespace eie::tb
