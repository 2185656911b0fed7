// SPDX-License-Identifier: Apache-2.0
// Samples signals once in every clock cycle and writes what changed into a file of waves.
//
// What is sampled is where a signal's value lies in memory, so that the engines only say that a cycle is complete. Signals
// that share a place share their values in the file too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tb/engines/watch/launch_clock.h"
#include "tb/engines/waves/trace_options.h"
#include "tb/engines/waves/wave_sampler.h"
#include "tb/formats/waves/wave_file.h"

namespace eie::tb {

/// A signal and where its value lies.
struct WaveSignal {
  WaveVariable variable;
  /// An integer of `bytes` (1, 2, 4, 8, or several times 4: words, the lowest first), a double, a std::string; or nothing, and
  /// `digits` tells the value.
  const void* data = nullptr;
  unsigned bytes = 0;
  /// Asked in every cycle: for values that are no plain integer.
  std::function<std::string()> digits;
  /// The value of a cycle is known when the cycle is over, behind the edge that ends it.
  bool late = false;
  /// The value means something only while these are set; else it is drawn as unknown.
  std::array<const bool*, 2> known{};
};

class WaveRecorder {
 public:
  /// Throws UserError for options that contradict each other.
  WaveRecorder(const TraceOptions& options, double clock_mhz);
  ~WaveRecorder();
  WaveRecorder(const WaveRecorder&) = delete;
  WaveRecorder& operator=(const WaveRecorder&) = delete;

  void add(WaveSignal signal) { signals_.push_back(std::move(signal)); }
  /// A signal that was added; none: nullptr. Valid until the next one is added.
  const WaveSignal* find(const std::string& scope, const std::string& name) const;

  /// True for a signal that the options ask for.
  bool selects(const WaveVariable& variable) const;

  /// After the last signal. Throws UserError when the options select nothing, and when the file cannot be written.
  void begin();
  /// All signals have their values of this cycle; the late ones those of the cycle before. Called in every cycle.
  void sample(std::uint64_t cycle);
  /// Ends the file. Throws UserError when nothing was written, or not in full.
  void finish();

  /// A cycle's length in the file's unit of time.
  std::uint64_t time_of(std::uint64_t cycle) const;

 private:
  struct Special;

  bool in_window(std::uint64_t cycle);
  void declare();
  void write_special(bool all);

  TraceOptions options_;
  std::uint64_t femtoseconds_;  // a cycle
  std::vector<WaveSignal> signals_;
  WaveSampler on_time_;
  WaveSampler late_;
  std::vector<Special> special_;
  std::unique_ptr<WaveFile> file_;
  LaunchClock launch_;
  std::uint64_t first_ = 1;
  std::uint64_t last_ = 0;
  bool open_ = false;  // the cycle before was written
  bool done_ = false;
};

}  // namespace eie::tb
