// SPDX-License-Identifier: Apache-2.0
// Candidate checker: the stream of non-zero activations from a PE to the LNZD tree (hw/act_rw.h). A batch begins with
// ActOp::kArm and ends with `drain`.
//
//   outside_batch    neither candidate nor `exhausted` outside a batch
//   stable           a candidate stays until it is popped
//   ascending        columns strictly ascend in a batch
//   non_zero         its value is not 0
//   own_column       a column of this PE, inside the batch
//   exhausted        not together with a candidate
//   exhausted_held   stays until the batch is drained: no candidate comes after it
//   latency          candidate or `exhausted` two cycles after kArm, and in the cycle after each pop
//   pop              the tree takes only what is there
//   reset            neither candidate nor `exhausted` after a reset
#pragma once

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct CandidateSample {
  bool rst_n = true;
  unsigned pe = 0;
  unsigned op = 0;           // ActOp
  std::uint64_t length = 0;  // columns of the batch, with ActOp::kArm
  bool drain = false;
  Candidate<Cfg> candidate;
  bool exhausted = false;
  bool pop = false;
};

template <class Cfg>
class CandidateChecker : public ChannelChecker<CandidateSample<Cfg>> {
 public:
  using Sample = CandidateSample<Cfg>;

  CandidateChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>("candidate", where,
                               {"outside_batch", "stable", "ascending", "non_zero", "own_column", "exhausted", "exhausted_held",
                                "latency", "pop", "reset"},
                               violations) {}

 private:
  enum Rule : unsigned {
    kOutsideBatch,
    kStable,
    kAscending,
    kNonZero,
    kOwnColumn,
    kExhausted,
    kExhaustedHeld,
    kLatency,
    kPop,
    kReset
  };

  void clear() override {
    in_batch_ = false;
    age_ = 0;
    next_ = 0;
  }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.candidate.valid && !s.exhausted, [&] { return this->seen(s.candidate); });
  }

  void check(const Sample& s) override {
    const Sample& before = this->previous();
    const auto text = [&] { return this->seen(s.candidate); };
    if (s.candidate.valid || s.exhausted) this->require(kOutsideBatch, in_batch_, text);
    const bool waits = before.candidate.valid && !before.pop;
    if (waits) {
      this->require(kStable, s.candidate == before.candidate, [&] { return this->differs(before.candidate, s.candidate); });
    } else if (s.candidate.valid) {
      const std::uint64_t column = s.candidate.column;
      this->require(kAscending, column >= next_, [&] { return this->differs(next_, s.candidate) + " or more"; });
      this->require(kNonZero, s.candidate.value != 0, text);
      this->require(kOwnColumn, column % Cfg::kPes == s.pe && column < length_, text);
    }
    if (s.exhausted) this->require(kExhausted, !s.candidate.valid, text);
    if (in_batch_ && before.exhausted) this->require(kExhaustedHeld, s.exhausted, text);
    if (in_batch_ && age_ >= 2) this->require(kLatency, s.candidate.valid || s.exhausted, text);
    if (s.pop) this->require(kPop, s.candidate.valid, text);
  }

  void advance(const Sample& s) override {
    if (s.candidate.valid) next_ = s.candidate.column + 1;
    if (age_ < 2) ++age_;
    if (s.op == static_cast<unsigned>(ActOp::kArm)) {
      in_batch_ = true;
      age_ = 1;
      next_ = 0;
      length_ = s.length;
    } else if (s.drain) {
      in_batch_ = false;
    }
  }

  bool in_batch_ = false;
  unsigned age_ = 0;        // cycles since kArm, at most 2
  std::uint64_t next_ = 0;  // least column that may come
  std::uint64_t length_ = 0;
};

}  // namespace eie::tb
