// SPDX-License-Identifier: Apache-2.0
// Activation queue checker: what was broadcast comes out, once, in order (hw/act_queue.h).
//
//   broadcast_to_full   no broadcast while `full` is set
//   occupancy           no broadcast into a queue that holds queue_depth entries, whatever `full` says
//   full                set exactly while queue_depth entries are held
//   head_stable         the head stays until head_ready takes it
//   order               the head is the oldest broadcast not taken: nothing lost, doubled or overtaken
//   phantom             no head while the queue is empty
//   bubble              a head while it is not: a broadcast is at the head of an empty queue in the next cycle
//   reset               no head and not full after a reset
#pragma once

#include <deque>

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct QueueSample {
  bool rst_n = true;
  Activation<Cfg> broadcast;
  Activation<Cfg> head;
  bool head_ready = false;
  bool full = false;
};

template <class Cfg>
class QueueChecker : public ChannelChecker<QueueSample<Cfg>> {
 public:
  using Sample = QueueSample<Cfg>;

  QueueChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>("queue", where,
                               {"broadcast_to_full", "occupancy", "full", "head_stable", "order", "phantom", "bubble", "reset"},
                               violations) {}

 private:
  enum Rule : unsigned { kBroadcastToFull, kOccupancy, kFull, kHeadStable, kOrder, kPhantom, kBubble, kReset };

  void clear() override { held_.clear(); }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.head.valid && !s.full, [&] { return this->seen(s.head); });
  }

  void check(const Sample& s) override {
    const bool is_full = held_.size() >= Cfg::kQueueDepth;
    if (s.broadcast.valid) {
      this->require(kBroadcastToFull, !s.full, [&] { return this->seen(s.broadcast); });
      this->require(kOccupancy, !is_full, [&] { return this->seen(s.broadcast); });
    }
    this->require(kFull, s.full == is_full, [&] { return std::to_string(held_.size()) + " entries are held"; });
    const Sample& before = this->previous();
    if (before.head.valid && !before.head_ready) {
      this->require(kHeadStable, s.head == before.head, [&] { return this->differs(before.head, s.head); });
    }
    if (s.head.valid) {
      this->require(kPhantom, !held_.empty(), [&] { return this->seen(s.head); });
      if (!held_.empty()) {
        this->require(kOrder, s.head == held_.front(), [&] { return this->differs(held_.front(), s.head); });
      }
    } else {
      this->require(kBubble, held_.empty(), [&] { return this->differs(held_.front(), s.head); });
    }
  }

  void advance(const Sample& s) override {
    if (s.head.valid && s.head_ready && !held_.empty()) held_.pop_front();
    if (s.broadcast.valid) held_.push_back(s.broadcast);
  }

  std::deque<Activation<Cfg>> held_;  // broadcast and not taken
};

}  // namespace eie::tb
