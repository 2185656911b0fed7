// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/weights/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace eie::tb {
namespace {

constexpr std::size_t kMostBuffered = std::size_t{1} << 24;  // magnitudes in memory at a time, where a PE has not more

/// Deals `total` to the PEs as evenly as what each can take allows; what is over goes to those with the least so far, the
/// first ones at a tie.
std::vector<std::uint64_t> deal(std::uint64_t total, const std::vector<std::uint64_t>& room, std::vector<std::uint64_t>& so_far) {
  std::vector<std::uint64_t> share(room.size(), 0);
  std::vector<std::size_t> open(room.size());
  std::iota(open.begin(), open.end(), std::size_t{0});
  while (total != 0) {
    open.erase(std::remove_if(open.begin(), open.end(), [&](std::size_t k) { return share[k] == room[k]; }), open.end());
    if (open.empty()) break;
    const std::uint64_t each = total / open.size();
    if (each == 0) {
      std::stable_sort(open.begin(), open.end(),
                       [&](std::size_t a, std::size_t b) { return so_far[a] + share[a] < so_far[b] + share[b]; });
      for (std::size_t k = 0; k < total; ++k) ++share[open[k]];
      break;
    }
    for (const std::size_t k : open) {
      const std::uint64_t more = std::min(each, room[k] - share[k]);
      share[k] += more;
      total -= more;
    }
  }
  for (std::size_t k = 0; k < room.size(); ++k) so_far[k] += share[k];
  return share;
}

}  // namespace

Selection Selection::all(const MatrixFile& file, const Magnitudes& magnitudes) {
  Selection selection(file);
  selection.kept_ = magnitudes.nonzeros;
  return selection;
}

Selection Selection::above(const MatrixFile& file, double threshold, const CompressProgress& progress) {
  Selection selection(file);
  selection.threshold_ = {threshold};
  std::vector<std::uint64_t> kept(selection.parts_.count(), 0);
  for_each_part(kept.size(), "pruning", progress, [&](std::size_t part, std::size_t) {
    std::uint64_t count = 0;
    selection.for_each(file, part, [&](std::size_t, std::size_t, double) { ++count; });
    kept[part] = count;
  });
  selection.kept_ = std::accumulate(kept.begin(), kept.end(), std::uint64_t{0});
  return selection;
}

void Selection::deal_ties(const MatrixFile& file, const std::vector<Threshold>& thresholds, const CompressProgress& progress) {
  threshold_.clear();
  bool all = true;
  for (const Threshold& t : thresholds) {
    threshold_.push_back(t.magnitude);
    all = all && t.ties == t.all_ties;
  }
  ties_.clear();
  if (all) return;
  std::vector<std::vector<std::uint64_t>> found(parts_.count(), std::vector<std::uint64_t>(thresholds.size(), 0));
  for_each_part(found.size(), "pruning", progress, [&](std::size_t part, std::size_t) {
    for_each_weight(file, parts_.first(part), parts_.last(part), [&](std::size_t i, std::size_t j, double w) {
      const std::size_t g = group(i, j);
      if (std::abs(w) == threshold_[g]) ++found[part][g];
    });
  });
  for (std::size_t g = 0; g < thresholds.size(); ++g) {
    std::uint64_t left = thresholds[g].ties;
    for (auto& part : found) {
      part[g] = std::min(part[g], left);
      left -= part[g];
    }
  }
  ties_ = std::move(found);
}

std::vector<std::uint64_t> Selection::quotas(const MatrixFile& file, std::uint64_t keep, const Selection& plain,
                                             const CompressProgress& progress) const {
  const std::size_t pes = pe_mask_ + 1;
  // What each group could keep, and what each window keeps without balance.
  std::vector<std::vector<std::uint64_t>> room(parts_.count());
  std::vector<std::vector<std::uint64_t>> kept(parts_.count());
  for_each_part(parts_.count(), "balancing", progress, [&](std::size_t part, std::size_t) {
    room[part].assign(pes * windows_, 0);
    kept[part].assign(windows_, 0);
    for_each_weight(file, parts_.first(part), parts_.last(part),
                    [&](std::size_t i, std::size_t j, double) { ++room[part][group(i, j)]; });
    if (windows_ > 1) plain.for_each(file, part, [&](std::size_t, std::size_t j, double) { ++kept[part][j / window_]; });
  });
  for (std::size_t part = 1; part < parts_.count(); ++part) {
    for (std::size_t g = 0; g < room[part].size(); ++g) room[0][g] += room[part][g];
    for (std::size_t w = 0; w < windows_; ++w) kept[0][w] += kept[part][w];
  }
  if (windows_ == 1) kept[0][0] = keep;
  std::vector<std::uint64_t> quotas(pes * windows_);
  std::vector<std::uint64_t> so_far(pes, 0);
  for (std::size_t w = 0; w < windows_; ++w) {
    std::vector<std::uint64_t> room_here(pes);
    for (std::size_t k = 0; k < pes; ++k) room_here[k] = room[0][k * windows_ + w];
    const std::vector<std::uint64_t> share = deal(kept[0][w], room_here, so_far);
    for (std::size_t k = 0; k < pes; ++k) quotas[k * windows_ + w] = share[k];
  }
  return quotas;
}

Selection Selection::largest(const MatrixFile& file, const Magnitudes& magnitudes, std::uint64_t keep,
                             const PruneBalanceRequest& balance, const CompressProgress& progress) {
  Selection plain(file);
  plain.kept_ = std::min(keep, magnitudes.nonzeros);
  if (plain.kept_ == magnitudes.nonzeros) return plain;
  const bool balanced = balance.balance != PruneBalance::kNone && balance.n_pe > 1;
  if (!balanced || balance.balance == PruneBalance::kWindows) {
    plain.deal_ties(file, {find_threshold(file, magnitudes, keep, progress)}, progress);
  }
  if (!balanced) return plain;

  Selection selection(file);
  selection.kept_ = plain.kept_;
  selection.pe_mask_ = balance.n_pe - 1;
  if (balance.balance == PruneBalance::kWindows && balance.window < file.columns()) {
    selection.window_ = balance.window;
    selection.windows_ = (file.columns() + balance.window - 1) / balance.window;
  }
  const std::vector<std::uint64_t> quotas = selection.quotas(file, plain.kept_, plain, progress);
  std::vector<Threshold> thresholds(quotas.size());
  auto find = [&](std::size_t pe) {
    std::vector<std::vector<double>> groups(selection.windows_);
    for (std::size_t i = pe; i < file.rows(); i += balance.n_pe) {
      for_each_weight(file, i, i + 1,
                      [&](std::size_t, std::size_t j, double w) { groups[j / selection.window_].push_back(std::abs(w)); });
    }
    for (std::size_t w = 0; w < groups.size(); ++w) {
      const std::size_t g = pe * selection.windows_ + w;
      thresholds[g] = find_threshold(groups[w], quotas[g]);
    }
  };
  const std::size_t of_one = file.rows() / balance.n_pe * file.columns();
  if (of_one > kMostBuffered / 2) {
    for (std::size_t pe = 0; pe < balance.n_pe; ++pe) {
      if (progress) progress("balancing", pe, balance.n_pe);
      find(pe);
    }
  } else {
    for_each_part(balance.n_pe, "balancing", progress, [&](std::size_t pe, std::size_t) { find(pe); });
  }
  selection.deal_ties(file, thresholds, progress);
  return selection;
}

}  // namespace eie::tb
