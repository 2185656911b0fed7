// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/watch/cycle_watcher.h"

#include <algorithm>

namespace eie::tb {

CycleWatcher::CycleWatcher(const DeviceConfig& config) : config_(config), pes_(config.n_pe) { facts_.pe.resize(config.n_pe); }

const CycleFacts& CycleWatcher::watch(const CycleView& view) {
  if (!view.busy) {
    if (was_busy_) {
      facts_ = CycleFacts();
      facts_.pe.resize(config_.n_pe);
    }
    was_busy_ = false;
    return facts_;
  }
  if (was_busy_) {
    facts_.first = false;
    ++facts_.cycle;
  } else {
    begin_launch();
  }
  watch_root(view);
  for (unsigned p = 0; p < config_.n_pe; ++p) {
    watch_pe(p, view.pe[p], view.broadcast);
    watch_entry(p, view.pe[p]);
    give_reason(facts_.pe[p], pes_[p]);
    // What this cycle's wires say is a cycle old in the next.
    PeState& pe = pes_[p];
    const PeView& wires = view.pe[p];
    pe.last_fresh = wires.fresh ? pe.fresh : kNoColumn;
    pe.last_empty = wires.fresh && wires.fresh_entries == 0 && !wires.address_valid;
    pe.fresh = facts_.pe[p].head_column;
    pe.entry = facts_.pe[p].address_column;
  }
  was_busy_ = true;
  return facts_;
}

void CycleWatcher::begin_launch() {
  context_ = next_;
  facts_ = CycleFacts();
  facts_.pe.resize(config_.n_pe);
  facts_.in_launch = true;
  facts_.first = true;
  for (PeState& pe : pes_) pe = PeState();
  decided_.fill(Decision());
  columns_before_ = 0;
}

void CycleWatcher::watch_root(const CycleView& view) {
  const LaunchState before = facts_.state;
  facts_.state = view.state;
  const bool loads = view.state == LaunchState::kLoad && before != LaunchState::kLoad;
  const bool arms = view.state == LaunchState::kArm && before != LaunchState::kLoad;
  facts_.batch_begins = loads || arms;
  if (facts_.batch_begins) {
    columns_before_ += facts_.batch_columns;
    ++facts_.batch;
    facts_.batch_column = static_cast<std::uint32_t>(context_.first_column) + columns_before_;
    const std::uint64_t left = context_.columns > columns_before_ ? context_.columns - columns_before_ : 0;
    facts_.batch_columns = static_cast<std::uint32_t>(std::min(left, config_.batch_columns()));
  }
  const std::uint32_t candidate = facts_.batch_column + view.root_column;
  const bool computes = view.state == LaunchState::kCompute;
  facts_.stalled = computes && view.root_valid && view.any_full;
  facts_.stalled_column = facts_.stalled ? candidate : kNoColumn;
  facts_.broadcast = view.broadcast;
  facts_.broadcast_column = kNoColumn;
  facts_.broadcast_value = 0;
  if (view.broadcast) {
    facts_.broadcast_column = layer_column(view.broadcast_column);
    facts_.broadcast_value = view.broadcast_value;
  }

  std::rotate(decided_.begin(), decided_.end() - 1, decided_.end());
  Decision& now = decided_[0];
  now = Decision();
  if (computes || view.state == LaunchState::kDrain) {
    now.begun = decided_[1].begun || view.broadcast;
    if (view.broadcast) {
      now.root = Root::kBroadcast;
    } else if (facts_.stalled) {
      now.root = Root::kHeld;
      now.column = candidate;
      unsigned by = 0;
      while (by + 1 < config_.n_pe && !view.pe[by].full) ++by;
      now.held_by = static_cast<std::uint16_t>(by);
      for (Decision& earlier : decided_) {  // of the same wait: the latest cycle says who holds
        if (earlier.root == Root::kHeld && earlier.column == now.column) earlier.held_by = now.held_by;
      }
    } else if (!computes || view.root_exhausted) {
      now.root = Root::kExhausted;
    }
  }
}

/// The layer's column of a pointer's index.
std::uint32_t CycleWatcher::layer_column(std::uint32_t index) const {
  const auto local = (index - static_cast<std::uint32_t>(context_.pointer_base)) & (config_.pointer_depth - 1);
  return static_cast<std::uint32_t>(context_.first_column) + local;
}

void CycleWatcher::watch_pe(unsigned p, const PeView& view, bool broadcast) {
  PeState& pe = pes_[p];
  PeFacts& facts = facts_.pe[p];
  facts.full = view.full;
  facts.queued = pe.queued;
  pe.queued += broadcast ? 1 : 0;
  pe.queued -= view.accept && pe.queued != 0 ? 1 : 0;
  facts.head_column = view.accept ? layer_column(view.head_column) : kNoColumn;
  if (pe.fresh != kNoColumn) pe.at_pointers = pe.fresh;
  facts.pointer_column = view.fresh ? pe.at_pointers : kNoColumn;
  if (view.fresh && view.fresh_entries != 0 && pe.fresh != kNoColumn) pe.columns.push_back(pe.fresh);
  if (view.address_valid && view.address_first) {
    pe.address = kNoColumn;
    if (!pe.columns.empty()) {
      pe.address = pe.columns.front();
      pe.columns.pop_front();
    }
  }
  facts.address_column = view.address_valid ? pe.address : kNoColumn;
}

/// The arithmetic unit: its four stages and its pulses.
void CycleWatcher::watch_entry(unsigned p, const PeView& view) {
  PeState& pe = pes_[p];
  PeFacts& facts = facts_.pe[p];
  std::rotate(pe.stage.begin(), pe.stage.end() - 1, pe.stage.end());
  pe.stage[0] = Entry();
  facts.row = kNoRow;
  facts.entry = kNoEntry;
  facts.column = kNoColumn;
  facts.held_by = kNoPe;
  if (view.entry_valid) {
    // Skipped padding has the largest run each.
    const std::uint32_t run = (view.skipped << config_.run_width) + view.run;
    pe.local_row = view.entry_first ? run : pe.local_row + run + 1;
    pe.index = view.entry_first ? view.skipped : pe.index + view.skipped + 1;
    facts.reason = view.code == 0 ? CycleReason::kPadding : CycleReason::kWork;
    facts.column = pe.entry;
    facts.row = static_cast<std::uint32_t>(context_.first_row + pe.local_row * config_.n_pe + p);
    facts.entry = pe.index;
    pe.stage[0] = {pe.entry, facts.row, facts.entry};
  }
  for (std::size_t s = 0; s < pe.stage.size(); ++s) facts.entry_column[s] = pe.stage[s].column;
  facts.saturated = view.saturated;
  facts.error = view.row_error || view.pointer_error;
  facts.errors_at.clear();
  const auto cycle = static_cast<std::uint32_t>(facts_.cycle);
  const auto number = static_cast<std::uint16_t>(p);
  auto place = [&](const Entry& entry) { return PlaceEvent{cycle, number, entry.row, entry.column, entry.entry}; };
  if (view.saturated) facts.saturated_at = place(pe.stage[3]);
  if (view.row_error) facts.errors_at.push_back(place(pe.stage[1]));
  if (view.pointer_error) facts.errors_at.push_back({cycle, number, kNoRow, pe.last_fresh, kNoEntry});
  if (!view.entry_valid) facts.reason = CycleReason::kFill;  // give_reason() goes on
}

/// Why no entry is there, if none is.
void CycleWatcher::give_reason(PeFacts& facts, const PeState& pe) const {
  if (facts.entry != kNoEntry) return;
  switch (facts_.state) {
    case LaunchState::kBias:
    case LaunchState::kLoad:
    case LaunchState::kStore:
      facts.reason = CycleReason::kTransfer;
      return;
    case LaunchState::kFinish:
      facts.reason = CycleReason::kDrain;
      return;
    case LaunchState::kCompute:
    case LaunchState::kDrain:
      break;
    default:
      facts.reason = CycleReason::kFill;
      return;
  }
  const Decision& cause = decided_[3];
  if (pe.last_empty) {
    facts.reason = CycleReason::kEmptyColumn;
    facts.column = pe.last_fresh;
  } else if (!cause.begun) {
    // Nothing could have arrived yet; or nothing will in this batch.
    facts.reason = decided_[0].begun || facts_.state == LaunchState::kCompute ? CycleReason::kFill : CycleReason::kDrain;
  } else if (cause.root == Root::kHeld) {
    facts.reason = CycleReason::kHeld;
    facts.column = cause.column;
    facts.held_by = cause.held_by;
  } else if (cause.root == Root::kExhausted) {
    facts.reason = CycleReason::kDrain;
  } else {
    facts.reason = CycleReason::kNoCandidate;
  }
}

}  // namespace eie::tb
