// SPDX-License-Identifier: Apache-2.0
// What happened in one launch, as intervals of cycles: what an observer is told, whichever engine saw it.
//
// Cycles count from 0, the first one with STATUS.busy set. Columns and rows are those of the layer, if the observer said
// where the launch lies in it. A PE's cycle is judged at the arithmetic unit (cycle_account.h). No list repeats itself:
// neighbours that say the same are one interval.
#pragma once

#include <cstdint>
#include <vector>

#include "tlm/model/timing/cycle_account.h"

namespace eie::model {

/// The CCU's state in words: hw/ccu.h has the numbers.
enum class LaunchState : unsigned { kIdle, kClear, kBias, kLoad, kArm, kCompute, kDrain, kStore, kFinish };
constexpr unsigned kLaunchStates = 9;
constexpr const char* kLaunchStateNames[kLaunchStates] = {"idle",    "clear", "bias",  "load",  "arm",
                                                          "compute", "drain", "store", "finish"};

constexpr std::uint32_t kNoColumn = UINT32_MAX;
constexpr std::uint32_t kNoRow = UINT32_MAX;
constexpr std::uint32_t kNoEntry = UINT32_MAX;
constexpr std::uint16_t kNoPe = UINT16_MAX;

/// A launch is longer than this at no configuration that can be built; who records one says so.
constexpr std::uint64_t kLongestRecordedLaunch = UINT32_MAX;

struct StateEvent {
  std::uint32_t cycle = 0;
  std::uint32_t cycles = 0;
  LaunchState state = LaunchState::kIdle;
};

/// The columns that the source registers hold at once. It begins with their load, or with `arm` where they are resident.
struct BatchEvent {
  std::uint32_t cycle = 0;
  std::uint32_t first_column = 0;
  std::uint32_t columns = 0;
};

struct BroadcastEvent {
  std::uint32_t cycle = 0;
  std::uint32_t column = 0;
  std::int32_t value = 0;
};

/// A column at the root of the LNZD tree waits. Another event begins when another set of queues is full.
struct StallEvent {
  std::uint32_t cycle = 0;
  std::uint32_t cycles = 0;
  std::uint32_t column = 0;
  std::vector<std::uint16_t> pes;  // whose queues are full, ascending
};

/// What one PE's arithmetic unit did.
struct PeEvent {
  std::uint32_t cycle = 0;
  std::uint32_t cycles = 0;
  std::uint32_t column = kNoColumn;  // work, padding, empty column; held: the one that waits
  CycleReason reason = CycleReason::kFill;
  std::uint16_t held_by = kNoPe;  // held: the PE whose full queue is the last to make room, the lowest-numbered of several
};

/// A sum that was clamped or a write that was dropped, in the cycle in which the PE's pulse is high.
struct PlaceEvent {
  std::uint32_t cycle = 0;
  std::uint16_t pe = 0;
  std::uint32_t row = kNoRow;  // none: the column's pointers run backwards, there is no entry
  std::uint32_t column = 0;
  std::uint32_t entry = kNoEntry;  // its place in the PE's column, from 0
};

/// Where a launch lies in its layer.
struct LaunchOrigin {
  std::uint32_t first_row = 0;
  std::uint32_t first_column = 0;
};

struct LaunchActivity {
  std::uint64_t cycles = 0;
  std::vector<StateEvent> states;
  std::vector<BatchEvent> batches;
  std::vector<BroadcastEvent> broadcasts;
  std::vector<StallEvent> stalls;
  std::vector<std::vector<PeEvent>> pe;  // of each PE: they cover every cycle once, ascending
  std::vector<PlaceEvent> saturated;     // by cycle, then PE
  std::vector<PlaceEvent> errors;        // by cycle, then PE

  /// Empties the lists and keeps their memory.
  void clear(unsigned n_pe) {
    cycles = 0;
    states.clear();
    batches.clear();
    broadcasts.clear();
    stalls.clear();
    pe.resize(n_pe);
    for (auto& lane : pe) lane.clear();
    saturated.clear();
    errors.clear();
  }
};

inline bool operator==(const StateEvent& a, const StateEvent& b) {
  return a.cycle == b.cycle && a.cycles == b.cycles && a.state == b.state;
}
inline bool operator==(const BatchEvent& a, const BatchEvent& b) {
  return a.cycle == b.cycle && a.first_column == b.first_column && a.columns == b.columns;
}
inline bool operator==(const BroadcastEvent& a, const BroadcastEvent& b) {
  return a.cycle == b.cycle && a.column == b.column && a.value == b.value;
}
inline bool operator==(const StallEvent& a, const StallEvent& b) {
  return a.cycle == b.cycle && a.cycles == b.cycles && a.column == b.column && a.pes == b.pes;
}
inline bool operator==(const PeEvent& a, const PeEvent& b) {
  return a.cycle == b.cycle && a.cycles == b.cycles && a.column == b.column && a.reason == b.reason && a.held_by == b.held_by;
}
inline bool operator==(const PlaceEvent& a, const PlaceEvent& b) {
  return a.cycle == b.cycle && a.pe == b.pe && a.row == b.row && a.column == b.column && a.entry == b.entry;
}
inline bool operator==(const LaunchActivity& a, const LaunchActivity& b) {
  return a.cycles == b.cycles && a.states == b.states && a.batches == b.batches && a.broadcasts == b.broadcasts &&
         a.stalls == b.stalls && a.pe == b.pe && a.saturated == b.saturated && a.errors == b.errors;
}

/// Appends an interval to a PE's lane, or lengthens the last one if it says the same.
inline void append(std::vector<PeEvent>& lane, const PeEvent& event) {
  if (event.cycles == 0) return;
  if (!lane.empty()) {
    PeEvent& last = lane.back();
    if (last.reason == event.reason && last.column == event.column && last.held_by == event.held_by &&
        last.cycle + last.cycles == event.cycle) {
      last.cycles += event.cycles;
      return;
    }
  }
  lane.push_back(event);
}

}  // namespace eie::model

// In use outside the model, under names that say what they are.
namespace eie {
using model::BatchEvent;
using model::BroadcastEvent;
using model::kLaunchStateNames;
using model::kLaunchStates;
using model::kLongestRecordedLaunch;
using model::kNoColumn;
using model::kNoEntry;
using model::kNoPe;
using model::kNoRow;
using model::LaunchActivity;
using model::LaunchOrigin;
using model::LaunchState;
using model::PeEvent;
using model::PlaceEvent;
using model::StallEvent;
using model::StateEvent;
}  // namespace eie
