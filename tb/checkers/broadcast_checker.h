// SPDX-License-Identifier: Apache-2.0
// Broadcast checker: what the CCU sends to all PEs (hw/ccu.h). A batch begins with ActOp::kArm and ends with `drain`.
//
//   while_full      no broadcast while the queue of any PE is full
//   any_full        what the CCU goes by is what the queues say
//   from_root       the root's candidate, popped in the same cycle; nothing popped without a broadcast
//   column          its pointer's index: the same base for all columns of a batch
//   ascending       columns strictly ascend in a batch
//   non_zero        the value is not 0
//   outside_batch   none outside a batch
//   held_back       one in every cycle of a batch with a candidate and no full queue
//   reset           none after a reset
#pragma once

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct BroadcastSample {
  bool rst_n = true;
  unsigned op = 0;  // ActOp
  bool drain = false;
  bool queue_full = false;  // of any PE, from the queues
  bool any_full = false;    // as the CCU sees it
  Candidate<Cfg> root;
  bool root_pop = false;
  Activation<Cfg> broadcast;
};

template <class Cfg>
class BroadcastChecker : public ChannelChecker<BroadcastSample<Cfg>> {
 public:
  using Sample = BroadcastSample<Cfg>;

  BroadcastChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>(
            "broadcast", where,
            {"while_full", "any_full", "from_root", "column", "ascending", "non_zero", "outside_batch", "held_back", "reset"},
            violations) {}

 private:
  enum Rule : unsigned { kWhileFull, kAnyFull, kFromRoot, kColumn, kAscending, kNonZero, kOutsideBatch, kHeldBack, kReset };

  void clear() override { in_batch_ = false; }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.broadcast.valid, [&] { return this->seen(s.broadcast); });
  }

  void check(const Sample& s) override {
    const auto text = [&] { return this->differs(s.root, s.broadcast); };
    const std::uint64_t column = s.broadcast.column;
    this->require(kAnyFull, s.any_full == s.queue_full, [&] { return this->differs(s.queue_full, s.any_full); });
    if (s.broadcast.valid) {
      this->require(kWhileFull, !s.queue_full, text);
      this->require(kOutsideBatch, in_batch_, text);
      this->require(kNonZero, s.broadcast.value != 0, text);
      if (started_) {
        this->require(kAscending, column >= next_, [&] { return this->differs(next_, s.broadcast) + " or more"; });
        this->require(kColumn, column - s.root.column == base_, text);
      }
    }
    if (s.broadcast.valid || s.root_pop) {
      this->require(kFromRoot, s.broadcast.valid && s.root_pop && s.root.valid && s.broadcast.value == s.root.value, text);
    }
    if (in_batch_ && s.root.valid && !s.queue_full) this->require(kHeldBack, s.broadcast.valid, text);
  }

  void advance(const Sample& s) override {
    if (s.broadcast.valid) {
      next_ = s.broadcast.column + 1;
      base_ = s.broadcast.column - s.root.column;
      started_ = true;
    }
    if (s.op == static_cast<unsigned>(ActOp::kArm)) {
      in_batch_ = true;
      started_ = false;
    } else if (s.drain) {
      in_batch_ = false;
    }
  }

  bool in_batch_ = false;
  bool started_ = false;    // a column of this batch was sent
  std::uint64_t next_ = 0;  // least column that may come
  std::uint64_t base_ = 0;  // of the batch's columns
};

}  // namespace eie::tb
