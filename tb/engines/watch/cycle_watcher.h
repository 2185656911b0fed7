// SPDX-License-Identifier: Apache-2.0
// Turns views of a device's wires, cycle by cycle, into facts: which launch, which column is where, and why each PE does
// what it does. The facts of a cycle are known in that cycle, so that waves can show them as signals; only who held a PE
// is settled when the wait ends, and event_builder.h corrects that.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "tb/engines/watch/cycle_view.h"
#include "tb/host/events.h"
#include "tlm/config/device_config.h"

namespace eie::tb {

/// Facts of one PE in one cycle.
struct PeFacts {
  CycleReason reason = CycleReason::kFill;  // at the arithmetic unit
  std::uint32_t column = kNoColumn;         // work, padding, empty column; held: the one that waited
  std::uint16_t held_by = kNoPe;            // held: the lowest-numbered PE with a full queue in the latest cycle of the wait
  bool full = false;
  unsigned queued = 0;  // columns in the activation queue, the head included
  // The layer's column in each stage, kNoColumn without one
  std::uint32_t head_column = kNoColumn;     // taken from the queue in this cycle
  std::uint32_t pointer_column = kNoColumn;  // its pointers are at the SRAM outputs
  std::uint32_t address_column = kNoColumn;  // its entry is being fetched
  std::array<std::uint32_t, 4> entry_column = {kNoColumn, kNoColumn, kNoColumn, kNoColumn};  // arithmetic stages 1 to 4
  // The entry at the arithmetic unit, with work and padding
  std::uint32_t row = kNoRow;  // of the layer
  std::uint32_t entry = kNoEntry;
  // Pulses of this cycle and the place that each is about
  bool saturated = false;
  bool error = false;
  PlaceEvent saturated_at;
  std::vector<PlaceEvent> errors_at;  // an entry's and a column's pulse may fall together
};

/// Facts of one cycle. Outside a launch `in_launch` is false and the rest is as a default-made one has it.
struct CycleFacts {
  bool in_launch = false;
  bool first = false;       // of its launch
  std::uint64_t cycle = 0;  // of the launch
  std::uint64_t batch = 0;  // from 1; 0 before the first
  bool batch_begins = false;
  std::uint32_t batch_column = 0;  // the layer's first one
  std::uint32_t batch_columns = 0;
  LaunchState state = LaunchState::kIdle;
  bool broadcast = false;
  std::uint32_t broadcast_column = kNoColumn;
  std::int32_t broadcast_value = 0;
  bool stalled = false;                      // a column waits at the root, since a queue is full
  std::uint32_t stalled_column = kNoColumn;  // which
  std::vector<PeFacts> pe;
};

class CycleWatcher {
 public:
  explicit CycleWatcher(const DeviceConfig& config);

  /// The launch that the next rise of `busy` begins.
  void announce(const LaunchContext& context) { next_ = context; }

  /// To be called for each cycle, in order. The facts are valid until the next call.
  const CycleFacts& watch(const CycleView& view);

  /// Of the launch that the latest facts are about.
  const LaunchContext& context() const { return context_; }

 private:
  /// What the root of the LNZD tree decided in a cycle; a PE without work feels it three cycles later.
  enum class Root : unsigned { kNothing, kBroadcast, kHeld, kExhausted };
  struct Decision {
    Root root = Root::kNothing;
    std::uint32_t column = kNoColumn;
    std::uint16_t held_by = kNoPe;
    bool begun = false;  // the batch has had a broadcast, in this cycle or before
  };
  /// An entry on its way through the arithmetic unit.
  struct Entry {
    std::uint32_t column = kNoColumn;
    std::uint32_t row = kNoRow;
    std::uint32_t entry = kNoEntry;
  };
  struct PeState {
    unsigned queued = 0;
    std::uint32_t fresh = kNoColumn;        // its pointers are at the SRAM outputs in this cycle
    std::uint32_t at_pointers = kNoColumn;  // the column whose pointers are there; with skipped padding it may stay
    std::uint32_t last_fresh = kNoColumn;   // they were, a cycle ago
    bool last_empty = false;                // and it had no entry here, and none went out
    std::deque<std::uint32_t> columns;      // with entries, that wait for their first address
    std::uint32_t address = kNoColumn;      // the column whose entries go out
    std::uint32_t entry = kNoColumn;        // the column whose entry is at the arithmetic unit
    std::uint64_t local_row = 0;
    std::uint32_t index = 0;
    std::array<Entry, 4> stage;  // entry of this cycle, of one ago ...
  };

  void begin_launch();
  void watch_root(const CycleView& view);
  std::uint32_t layer_column(std::uint32_t index) const;
  void watch_pe(unsigned p, const PeView& view, bool broadcast);
  void watch_entry(unsigned p, const PeView& view);
  void give_reason(PeFacts& facts, const PeState& pe) const;

  DeviceConfig config_;
  LaunchContext next_;
  LaunchContext context_;
  CycleFacts facts_;
  std::vector<PeState> pes_;
  std::array<Decision, 4> decided_;   // in this cycle, one ago ...
  std::uint32_t columns_before_ = 0;  // of the batches before this one
  bool was_busy_ = false;
};

}  // namespace eie::tb
