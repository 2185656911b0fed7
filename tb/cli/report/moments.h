// SPDX-License-Identifier: Apache-2.0
// The first event of a kind in a run: what --trace-on waits for, and the cycles around it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/cli/report/report.h"
#include "tb/host/events.h"

namespace eie::tb {

enum class MomentKind { kMismatch, kSaturated, kStall, kError };

/// "mismatch", "saturated", "stall", "error". Throws UserError for another text.
MomentKind moment_kind(const std::string& text);
const char* moment_name(MomentKind kind);
/// For a sentence: "saturated sum".
std::string moment_text(MomentKind kind);

/// An event of a launch.
struct Moment {
  std::uint64_t launch = 1;
  std::uint64_t cycle = 0;          // of the launch
  std::uint64_t cycles = 1;         // that it lasts
  std::uint64_t launch_cycles = 0;  // of the whole launch
  std::optional<unsigned> pe;
  std::string name;  // "first stall"
  std::string text;  // "column 12 waits for the full queue of PE 3"

  std::string packed() const;
  static Moment unpacked(const std::string& packed);
};

/// Cycles behind the event that the window still has: a sum is on its way for four, a queue that has room shows at the
/// arithmetic unit three later.
constexpr std::uint64_t kCyclesAfterMoment = 20;

/// Looks for the first event of a kind in the launches that it is told of.
class MomentFinder final : public EventSink {
 public:
  /// Thrown by stop_if_found().
  struct Found {};

  explicit MomentFinder(MomentKind kind) : kind_(kind) {}

  void launch(const LaunchEvents& events) override;

  /// Ends the run between two launches, when what comes does not matter any more.
  void stop_if_found() const {
    if (moment_) throw Found();
  }
  /// The verdicts of the whole run, with the places of mismatches.
  void take(const std::vector<LayerReport>& layers);
  /// The device gave up, or reported an error: that is one, with an event of its own or without.
  void device_failed(const std::string& what);

  const std::optional<Moment>& moment() const { return moment_; }

 private:
  void set(const LaunchEvents& events, std::uint64_t cycle, std::uint64_t cycles, unsigned pe, const std::string& text);

  MomentKind kind_;
  std::optional<Moment> moment_;
  std::vector<std::uint64_t> cycles_;  // of launch 1, 2, ...
};

/// "launch 1, cycle 7, PE 2, column 3, entry 0: row 12 is none of this launch": a write that the device dropped.
std::string dropped_text(const PlaceEvent& place);

}  // namespace eie::tb
