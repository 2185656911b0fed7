// SPDX-License-Identifier: Apache-2.0
// LNZD node checker: a merge of ascending streams through a FIFO of two entries (hw/lnzd_node.h).
//
//   pop_one         at most one child is taken in a cycle
//   pop_valid       and it has a candidate
//   pop_early       none while some child is neither valid nor exhausted
//   pop_smallest    the one with the smallest column
//   pop_late        one in every cycle in which there is something to take and room for it
//   overflow        none into a full FIFO
//   out_stable      the head stays until it is popped
//   order           what was taken comes out, once, in order
//   phantom         no head while the FIFO is empty
//   bubble          a head in the cycle after it was taken
//   ascending       columns strictly ascend until the node is exhausted
//   out_exhausted   set exactly while the FIFO is empty and all children are exhausted
//   out_pop         the parent takes only what is there
//   reset           no head after a reset
#pragma once

#include <array>
#include <deque>

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

constexpr unsigned kMaxLnzdFanIn = 4;

template <class Cfg>
struct LnzdSample {
  bool rst_n = true;
  std::array<Candidate<Cfg>, kMaxLnzdFanIn> in{};
  std::array<bool, kMaxLnzdFanIn> in_exhausted{};
  std::array<bool, kMaxLnzdFanIn> pop{};
  Candidate<Cfg> out;
  bool out_exhausted = false;
  bool out_pop = false;
};

template <class Cfg>
class LnzdChecker : public ChannelChecker<LnzdSample<Cfg>> {
 public:
  using Sample = LnzdSample<Cfg>;

  /// `children`: 2 to 4.
  LnzdChecker(const std::string& where, unsigned children, Violations& violations)
      : ChannelChecker<Sample>("lnzd", where,
                               {"pop_one", "pop_valid", "pop_early", "pop_smallest", "pop_late", "overflow", "out_stable",
                                "order", "phantom", "bubble", "ascending", "out_exhausted", "out_pop", "reset"},
                               violations),
        children_(children) {}

 private:
  enum Rule : unsigned {
    kPopOne,
    kPopValid,
    kPopEarly,
    kPopSmallest,
    kPopLate,
    kOverflow,
    kOutStable,
    kOrder,
    kPhantom,
    kBubble,
    kAscending,
    kOutExhausted,
    kOutPop,
    kReset
  };
  static constexpr std::size_t kFifo = 2;

  void clear() override {
    held_.clear();
    next_ = 0;
  }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.out.valid, [&] { return this->seen(s.out); });
  }

  void check(const Sample& s) override {
    check_children(s);
    check_head(s);
    if (s.out_pop) this->require(kOutPop, s.out.valid, [&] { return this->seen(s.out); });
  }

  void check_children(const Sample& s) {
    unsigned pops = 0;
    unsigned taken = 0;
    unsigned smallest = children_;
    bool all_known = true;
    bool all_exhausted = true;
    for (unsigned c = 0; c < children_; ++c) {
      if (s.pop[c]) {
        ++pops;
        taken = c;
      }
      all_known = all_known && (s.in[c].valid || s.in_exhausted[c]);
      all_exhausted = all_exhausted && s.in_exhausted[c];
      if (s.in[c].valid && (smallest == children_ || s.in[c].column < s.in[smallest].column)) smallest = c;
    }
    if (pops != 0) {
      this->require(kPopOne, pops == 1, [&] { return std::to_string(pops) + " children"; });
      this->require(kPopValid, s.in[taken].valid, [&] { return "child " + std::to_string(taken); });
      this->require(kPopEarly, all_known, [&] { return "child " + std::to_string(taken); });
      this->require(kPopSmallest, taken == smallest, [&] { return this->differs(smallest, taken); });
      this->require(kOverflow, held_.size() < kFifo, [&] { return this->seen(s.in[taken]); });
    } else if (all_known && smallest != children_) {
      this->require(kPopLate, held_.size() >= kFifo, [&] { return "child " + std::to_string(smallest); });
    }
    const bool exhausted = held_.empty() && all_exhausted;
    this->require(kOutExhausted, s.out_exhausted == exhausted, [&] { return this->differs(exhausted, s.out_exhausted); });
  }

  void check_head(const Sample& s) {
    const Sample& before = this->previous();
    const bool waits = before.out.valid && !before.out_pop;
    if (waits) this->require(kOutStable, s.out == before.out, [&] { return this->differs(before.out, s.out); });
    if (s.out.valid) {
      this->require(kPhantom, !held_.empty(), [&] { return this->seen(s.out); });
      if (!held_.empty()) {
        this->require(kOrder, s.out == held_.front(), [&] { return this->differs(held_.front(), s.out); });
      }
      if (!waits) {
        this->require(kAscending, s.out.column >= next_, [&] { return this->differs(next_, s.out) + " or more"; });
      }
    } else {
      this->require(kBubble, held_.empty(), [&] { return this->differs(held_.front(), s.out); });
    }
  }

  void advance(const Sample& s) override {
    if (s.out.valid) next_ = s.out.column + 1;
    if (s.out_exhausted) next_ = 0;
    if (s.out.valid && s.out_pop && !held_.empty()) held_.pop_front();
    for (unsigned c = 0; c < children_; ++c) {
      if (s.pop[c]) held_.push_back(s.in[c]);
    }
  }

  unsigned children_;
  std::deque<Candidate<Cfg>> held_;  // taken and not given
  std::uint64_t next_ = 0;           // least column that may come
};

}  // namespace eie::tb
