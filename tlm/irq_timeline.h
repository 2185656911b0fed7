// SPDX-License-Identifier: Apache-2.0
// IRQ_STATUS.done, IRQ_ENABLE.done and the interrupt line over time, in clock edges.
//
// With temporal decoupling the device is told of accesses that lie ahead of the kernel's time, and then of others that lie
// before those. Both registers are therefore kept as what they are from which edge on, and the line is the AND of the two at
// the edge that is asked for. A change takes back what was planned for its register at its edge or later.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace eie {

class IrqTimeline {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  /// A launch ends at this edge. A clear of the same edge does not take the event with it: the device sets last.
  void raise(std::uint64_t edge) {
    status_.set(edge, true);
    raised_ = edge;
  }
  /// A one is written to IRQ_STATUS.done at this edge.
  void clear(std::uint64_t edge) { status_.set(edge, edge == raised_ && status_.after(edge)); }
  void enable(std::uint64_t edge, bool value) { enable_.set(edge, value); }
  void reset(std::uint64_t edge) {
    status_.set(edge, false);
    enable_.set(edge, false);
  }

  /// The registers as they are behind an edge.
  bool status(std::uint64_t edge) const { return status_.after(edge); }
  bool enabled(std::uint64_t edge) const { return enable_.after(edge); }

  /// The first edge behind this one at which the line may change; kNever if there is none.
  std::uint64_t next_change(std::uint64_t edge) const {
    const std::uint64_t a = status_.next(edge);
    const std::uint64_t b = enable_.next(edge);
    return a < b ? a : b;
  }

  /// Nothing will be asked about edges before this one any more.
  void forget_before(std::uint64_t edge) {
    status_.forget_before(edge);
    enable_.forget_before(edge);
  }

 private:
  /// A bit that changes at some edges, in ascending order.
  class Bit {
   public:
    void set(std::uint64_t edge, bool value) {
      while (!changes_.empty() && changes_.back().edge >= edge) changes_.pop_back();
      if (last() != value) changes_.push_back({edge, value});
    }
    bool after(std::uint64_t edge) const {
      for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
        if (change->edge <= edge) return change->value;
      }
      return first_;
    }
    std::uint64_t next(std::uint64_t edge) const {
      for (const Change& change : changes_) {
        if (change.edge > edge) return change.edge;
      }
      return kNever;
    }
    void forget_before(std::uint64_t edge) {
      std::size_t gone = 0;
      while (gone < changes_.size() && changes_[gone].edge < edge) first_ = changes_[gone++].value;
      changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(gone));
    }

   private:
    struct Change {
      std::uint64_t edge = 0;
      bool value = false;
    };
    bool last() const { return changes_.empty() ? first_ : changes_.back().value; }

    bool first_ = false;  // before all changes
    std::vector<Change> changes_;
  };

  Bit status_;
  Bit enable_;
  std::uint64_t raised_ = kNever;  // the last time
};

}  // namespace eie
