// SPDX-License-Identifier: Apache-2.0
// Signals that no hardware has, made of the others: which launch and batch, what is broadcast, why each PE does what it does
// (docs/waves.md lists them).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/watch/cycle_watcher.h"
#include "tb/engines/waves/wave_recorder.h"

namespace eie::tb {

class DerivedSignals {
 public:
  /// After the device's signals are in the recorder, before it begins.
  DerivedSignals(const HwConfig& config, WaveRecorder& recorder);
  DerivedSignals(const DerivedSignals&) = delete;
  DerivedSignals& operator=(const DerivedSignals&) = delete;

  /// To be called in every cycle, before the recorder samples it. `context` is the watcher's.
  void update(std::uint64_t cycle, const CycleFacts& facts, const LaunchContext& context);

 private:
  static constexpr const char* kNone = "-";

  /// A column or a row, which may be none.
  struct Number {
    std::uint32_t value = 0;
    bool known = false;
    void set(std::uint32_t number, std::uint32_t none) {
      known = number != none;
      if (known) value = number;
    }
  };
  /// An integer of the device.
  struct Source {
    const unsigned char* data = nullptr;
    unsigned bytes = 0;
    unsigned width = 0;
    std::uint64_t bits() const;
  };
  struct PeWaves {
    bool shown = false;  // the recorder takes them
    CycleReason reason = CycleReason::kFill;
    std::uint16_t held_by = kNoPe;
    std::string why = kNone;
    Number head;
    Number pointer;
    Number entry;
    Number column;  // of the sum
    Number row;
    double sum = 0;
    // The write to the registers
    Source write;
    Source write_row;
    Source write_sum;
  };

  void add(WaveRecorder& recorder, const std::string& scope, const std::string& name, const Number& number);
  void update_pe(unsigned p, const PeFacts& from, const LaunchContext& context);
  void forget();

  HwConfig config_;
  std::uint64_t cycle_ = 0;
  std::uint32_t launch_ = 0;
  std::uint32_t launch_cycle_ = 0;
  std::uint32_t batch_ = 0;
  std::string state_ = kNone;
  std::uint64_t launches_ = 0;  // that began: the number of one that nobody announced
  bool in_launch_ = false;
  bool broadcast_ = false;
  Number broadcast_column_;
  double broadcast_value_ = 0;
  bool stalled_ = false;
  Number stalled_column_;
  bool any_full_ = false;
  std::vector<std::uint16_t> full_;
  std::vector<std::uint16_t> full_before_;
  std::string full_pes_ = kNone;
  std::vector<PeWaves> pes_;
};

}  // namespace eie::tb
