// SPDX-License-Identifier: Apache-2.0
// The events of two engines, event for event, and what must hold in any.
#pragma once

#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "tb/host/events.h"
#include "tb/host/pe_account.h"
#include "tb/trace/event_lines.h"

namespace eie::tb {

/// Keeps everything.
struct EventLog : EventSink {
  void launch(const LaunchEvents& events) override { launches.push_back(events); }
  std::vector<LaunchEvents> launches;
};

/// The first line that differs, or an empty string.
inline std::string first_event_difference(const LaunchEvents& expected, const LaunchEvents& seen) {
  if (expected == seen) return "";
  std::string a;
  std::string b;
  append_lines(expected, a);
  append_lines(seen, b);
  std::istringstream lines_a(a);
  std::istringstream lines_b(b);
  std::string line_a;
  std::string line_b;
  while (line_a == line_b && (lines_a || lines_b)) {
    line_a = line_b = "end";
    std::getline(lines_a, line_a);
    std::getline(lines_b, line_b);
  }
  return "expected " + line_a + "\n    seen " + line_b;
}

inline void expect_same_events(const std::vector<LaunchEvents>& expected, const std::vector<LaunchEvents>& seen) {
  ASSERT_EQ(expected.size(), seen.size());
  for (std::size_t n = 0; n < expected.size(); ++n) {
    ASSERT_EQ(first_event_difference(expected[n], seen[n]), "") << "launch " << n + 1;
  }
}

/// PE cycles by reason, from the events.
inline PeCycles cycles_by_reason(const std::vector<LaunchEvents>& launches) {
  PeCycles sum;
  for (const LaunchEvents& launch : launches) {
    for (const auto& lane : launch.activity.pe) {
      for (const PeEvent& event : lane) sum[event.reason] += event.cycles;
    }
  }
  return sum;
}

/// What each launch's lists must be: states and lanes that cover its cycles once, without gaps, and neighbours that differ.
/// The first fault, or an empty string.
inline std::string event_fault(const LaunchEvents& events, unsigned n_pe) {
  const LaunchActivity& activity = events.activity;
  std::uint64_t at = 0;
  for (const StateEvent& state : activity.states) {
    if (state.cycle != at || state.cycles == 0) return "state at cycle " + std::to_string(state.cycle);
    at += state.cycles;
  }
  if (at != activity.cycles) return "states end at cycle " + std::to_string(at);
  if (activity.pe.size() != n_pe) return "lanes of " + std::to_string(activity.pe.size()) + " PEs";
  for (unsigned p = 0; p < n_pe; ++p) {
    at = 0;
    const PeEvent* before = nullptr;
    for (const PeEvent& event : activity.pe[p]) {
      const std::string where = "PE " + std::to_string(p) + ", cycle " + std::to_string(event.cycle);
      if (event.cycle != at || event.cycles == 0) return where + ": a gap or an overlap";
      if (before != nullptr && before->reason == event.reason && before->column == event.column &&
          before->held_by == event.held_by) {
        return where + ": says what the event before says";
      }
      const bool held = event.reason == CycleReason::kHeld;
      if (held != (event.held_by != kNoPe)) return where + ": held_by";
      const bool has_column = held || event.reason == CycleReason::kWork || event.reason == CycleReason::kPadding ||
                              event.reason == CycleReason::kEmptyColumn;
      if (has_column != (event.column != kNoColumn)) return where + ": column";
      at += event.cycles;
      before = &event;
    }
    if (at != activity.cycles) return "PE " + std::to_string(p) + " ends at cycle " + std::to_string(at);
  }
  return "";
}

}  // namespace eie::tb
