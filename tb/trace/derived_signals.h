// Signals that no hardware has: what the wires of a cycle mean, in scopes of their own beside the device's (docs/waves.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/trace/cycle_watcher.h"
#include "tb/trace/wave_recorder.h"

namespace eie::tb {

/// What a PE's arithmetic unit writes into the accumulators in this cycle.
struct SumView {
  bool write = false;
  std::uint32_t local_row = 0;
  std::int64_t sum = 0;
};

class DerivedSignals {
 public:
  explicit DerivedSignals(const DeviceConfig& config);
  DerivedSignals(const DerivedSignals&) = delete;
  DerivedSignals& operator=(const DerivedSignals&) = delete;

  /// To be called before the recorder begins; this object outlives it.
  void add_to(WaveRecorder& recorder) const;

  void announce(const LaunchContext& context) { watcher_.announce(context); }

  /// To be called for each cycle in order, before the recorder samples it.
  void watch(std::uint64_t clock, const CycleView& view, const std::vector<SumView>& sums);

 private:
  /// A column or a row as text, "-" without one; the text changes only with the number.
  class Number {
   public:
    void set(std::uint32_t number);
    const std::string& text() const { return text_; }

   private:
    std::uint32_t number_ = UINT32_MAX;
    std::string text_ = "-";
  };
  struct PeSignals {
    CycleReason reason = CycleReason::kFill;
    std::uint16_t held_by = kNoPe;
    std::string why = "-";
    Number column_head, column_pointer, column_entry, column_sum, row;
    double sum = 0;
  };

  void watch_pe(unsigned p, const PeFacts& facts, const SumView& sum);

  DeviceConfig config_;
  CycleWatcher watcher_;
  bool in_launch_ = false;
  std::uint64_t launches_ = 0;  // that began: the number of one that nobody announced
  std::uint32_t cycle_ = 0;
  std::uint32_t launch_ = 0;
  std::uint32_t launch_cycle_ = 0;
  std::uint32_t batch_ = 0;
  std::string state_ = "-";
  std::uint8_t broadcast_ = 0;
  Number broadcast_column_;
  double broadcast_value_ = 0;
  std::uint8_t stalled_ = 0;
  Number stalled_column_;
  std::uint8_t any_full_ = 0;
  std::vector<std::uint16_t> full_;
  std::vector<std::uint16_t> full_before_;
  std::string full_pes_ = "-";
  std::vector<PeSignals> pe_;
};

}  // namespace eie::tb
