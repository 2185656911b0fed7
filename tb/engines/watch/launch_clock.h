// SPDX-License-Identifier: Apache-2.0
// Counts launches and batches from two signals of the device, for windows that name them.
#pragma once

#include <cstdint>
#include <cstring>

namespace eie::tb {

class LaunchClock {
 public:
  /// Where `busy` of the host port and the CCU's state lie, a byte each.
  void watch(const void* busy, const void* state) {
    busy_ = static_cast<const unsigned char*>(busy);
    state_ = static_cast<const unsigned char*>(state);
  }
  bool watches() const { return busy_ != nullptr && state_ != nullptr; }

  /// Once in every cycle.
  void step() {
    constexpr unsigned kLoad = 3;
    constexpr unsigned kArm = 4;
    const bool busy = (*busy_ & 1) != 0;
    const unsigned state = *state_;
    if (busy && !was_busy_) {
      ++launch_;
      batch_ = 0;
      cycle_ = 0;
    } else if (busy) {
      ++cycle_;
    }
    // A batch begins with its load, or with the scan when its activations are in the registers.
    if ((state == kLoad && was_state_ != kLoad) || (state == kArm && was_state_ != kLoad && was_state_ != kArm)) ++batch_;
    was_busy_ = busy;
    was_state_ = state;
  }

  /// The launch and the batch of this cycle, counted from 1; between launches those of the last one.
  std::uint64_t launch() const { return launch_; }
  std::uint64_t batch() const { return batch_; }
  bool busy() const { return was_busy_; }
  /// Of the launch, from 0.
  std::uint64_t cycle() const { return cycle_; }
  /// No column of the batch is left: sums are stored, or the launch ends.
  bool behind_batches() const { return was_state_ == 0 || was_state_ >= 7; }

 private:
  const unsigned char* busy_ = nullptr;
  const unsigned char* state_ = nullptr;
  bool was_busy_ = false;
  unsigned was_state_ = 0;
  std::uint64_t launch_ = 0;
  std::uint64_t batch_ = 0;
  std::uint64_t cycle_ = 0;
};

}  // namespace eie::tb
