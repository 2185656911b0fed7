// SPDX-License-Identifier: Apache-2.0
// The ascending streams of non-zero activations that an LNZD node or tree merges, as the PEs make them: the next
// candidate is there in the cycle after a pop, then "exhausted".
#pragma once

#include <algorithm>
#include <vector>

#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {

/// Drives `in` and `in_exhausted` of `children` children and follows their `pop`.
template <class Cfg>
class LnzdStreams {
 public:
  using Items = std::vector<Candidate<Cfg>>;

  LnzdStreams(Bench& bench, unsigned children) : bench_(bench), left_(children), gap_(children) {}

  /// New streams: item k of `columns` goes to child owner(column), in ascending order. Each column once.
  template <class Owner>
  void fill(std::vector<unsigned> columns, Owner owner) {
    std::sort(columns.begin(), columns.end());
    merged_.clear();
    delivered_ = 0;
    gap_.assign(gap_.size(), true);
    for (Items& child : left_) child.clear();
    for (const unsigned column : columns) {
      Candidate<Cfg> c;
      c.valid = true;
      c.column = column;
      c.value = bench_.non_zero_value(Cfg::kDataWidth);
      merged_.push_back(c);
      left_[owner(column)].push_back(c);
    }
    for (Items& child : left_) std::reverse(child.begin(), child.end());  // the next one is last
  }

  /// This cycle's inputs. After a pop (and at first) a child shows neither a candidate nor its end with
  /// probability `gaps` a cycle; a PE has no such gaps. What it shows stays until it is popped.
  template <class Valid, class Exhausted>
  void drive(Valid& in, Exhausted& in_exhausted, double gaps) {
    for (std::size_t c = 0; c < left_.size(); ++c) {
      gap_[c] = gap_[c] && gaps > 0 && bench_.chance(gaps);
      Candidate<Cfg> shown;
      if (!gap_[c] && !left_[c].empty()) shown = left_[c].back();
      in[c].write(shown);
      in_exhausted[c].write(!gap_[c] && left_[c].empty());
    }
  }
  /// Settled outputs of this cycle: takes what is popped, which must have been shown; the number of pops.
  template <class Pop>
  unsigned take(const Pop& pop) {
    unsigned popped = 0;
    for (std::size_t c = 0; c < left_.size(); ++c) {
      if (!pop[c].read()) continue;
      EXPECT_TRUE(!gap_[c] && !left_[c].empty()) << "pop of child " << c << ' ' << bench_.where();
      left_[c].pop_back();
      gap_[c] = true;
      ++popped;
    }
    return popped;
  }

  bool all_known() const { return std::find(gap_.begin(), gap_.end(), true) == gap_.end(); }
  bool all_empty() const {
    return std::all_of(left_.begin(), left_.end(), [](const Items& i) { return i.empty(); });
  }
  bool all_exhausted() const { return all_known() && all_empty(); }
  const Items& left(std::size_t c) const { return left_[c]; }

  /// The root's output in ascending order.
  const Candidate<Cfg>& next() const { return merged_[delivered_]; }
  void deliver() { ++delivered_; }
  bool all_delivered() const { return delivered_ == merged_.size(); }

 private:
  Bench& bench_;
  std::vector<Items> left_;
  std::vector<bool> gap_;
  Items merged_;
  std::size_t delivered_ = 0;
};

}  // namespace eie::tb
