// SPDX-License-Identifier: Apache-2.0
// When the pointer unit of one PE takes a column, and when the column's first address is out: the recurrence of recurrence.h
// for one PE, a column at a time. Cycles count from the first one of the CCU's state `compute`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tlm/config/device_config.h"

namespace eie::model {

/// Columns with entries that may wait behind the pointers while an earlier one goes out.
inline unsigned waiting_columns(const DeviceConfig& config) {
  // With skipped padding one more waits at the outputs of the pointer SRAM, which the pointer unit has no other use for.
  return config.look_ahead + (config.skip_padding ? 1 : 0);
}

/// How many cycles before its first address a column leaves its place to another: with skipped padding it waits until the
/// address is out.
inline unsigned leaves_before(const DeviceConfig& config) { return config.skip_padding ? 0 : 1; }

class PeTiming {
 public:
  explicit PeTiming(const DeviceConfig& config) : leaves_before_(leaves_before(config)), starts_(waiting_columns(config), 0) {}

  /// The next column, broadcast in a cycle, is taken from the queue in this one.
  std::int64_t accept(std::int64_t broadcast) {
    accepted_ = starts_.empty() ? std::max(broadcast + 1, ready_)
                                : std::max({broadcast + 1, accepted_ + 1, starts_[oldest_] - leaves_before_});
    return accepted_;
  }

  /// Its first address is out in this cycle, if it has entries.
  std::int64_t start() const { return starts_.empty() ? accepted_ + 1 : std::max(accepted_ + 1, end_); }

  /// It takes so many cycles; 0: no entries.
  void take(std::int64_t slots) {
    const std::int64_t first = start();
    ready_ = accepted_ + std::max<std::int64_t>(slots, 1);
    was_empty_ = slots == 0;
    if (slots == 0) return;
    end_ = first + slots;
    if (starts_.empty()) return;
    starts_[oldest_] = first;
    oldest_ = oldest_ + 1 == starts_.size() ? 0 : oldest_ + 1;
  }

  std::int64_t accepted() const { return accepted_; }
  /// Cycle after the address of the last entry.
  std::int64_t end() const { return end_; }
  /// First cycle without an address, once no further column comes.
  std::int64_t idle() const { return starts_.empty() ? ready_ + (was_empty_ ? 0 : 1) : std::max(accepted_ + 1, end_); }

 private:
  std::int64_t leaves_before_;
  std::int64_t accepted_ = 0;
  std::int64_t ready_ = 0;  // no column may wait: the next can be taken
  std::int64_t end_ = 0;
  bool was_empty_ = true;
  std::vector<std::int64_t> starts_;  // of the last columns with entries, a ring
  std::size_t oldest_ = 0;
};

}  // namespace eie::model
