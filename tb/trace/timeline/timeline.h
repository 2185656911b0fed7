// SPDX-License-Identifier: Apache-2.0
// A picture of a run over time, made of the event stream: for Perfetto (.json) or as one page of its own (.html).
//
// The axis counts cycles with STATUS.busy set. Launches follow one another on it in their order; the time that the host
// takes between two of them is not part of it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/watch/player_data.h"
#include "tb/host/events.h"

namespace eie::tb {

/// What a timeline says about the run as a whole.
struct TimelineRun {
  HwConfig config;
  std::string engine;
  std::string command;
};

/// The launches of a run, ordered. What did not fit is counted.
struct TimelineContent {
  TimelineRun run;
  std::vector<const LaunchEvents*> launches;
  std::uint64_t left_out = 0;  // launches
  PlayerData player;           // what the wires of hw held
};

/// Collects launches until write(). May be told of them by several devices at once, in any order.
class Timeline final : public EventSink {
 public:
  /// More intervals than a viewer takes: what comes behind them is left out, launch by launch.
  static constexpr std::size_t kIntervals = 12000000;

  Timeline(TimelineRun run, std::size_t most_intervals = kIntervals) : run_(std::move(run)), most_(most_intervals) {}

  void launch(const LaunchEvents& events) override;

  /// For an engine that has wires to show (Device::record).
  PlayerData& player() { return player_; }

  /// Writes the file, whole or not at all; its ending says which kind it is, "-" is standard output with JSON. Throws
  /// UserError. Returns what is to be said about it, empty: nothing.
  std::string write(const std::string& path) const;

 private:
  TimelineRun run_;
  std::size_t most_;
  std::size_t intervals_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t first_left_out_ = UINT64_MAX;
  std::map<std::uint64_t, LaunchEvents> launches_;  // by number
  PlayerData player_;
  std::mutex mutex_;
};

/// The path names a page.
bool is_timeline_page(const std::string& path);

/// Throws UserError unless the path ends in .json or .html, or is "-".
void check_timeline_name(const std::string& path);

/// Trace Event Format, as https://ui.perfetto.dev and chrome://tracing open it. A cycle is a microsecond there: Perfetto
/// counts whole nanoseconds, and a cycle of 800 MHz is 1.25 of them.
std::string timeline_json(const TimelineContent& content);

/// A page that needs nothing but itself.
std::string timeline_page(const TimelineContent& content);

}  // namespace eie::tb
