// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/watch/event_builder.h"

#include <stdexcept>

namespace eie::tb {

void EventBuilder::add(const CycleFacts& facts, const LaunchContext& context) {
  if (open_ && (!facts.in_launch || facts.first)) flush();
  if (!facts.in_launch) return;
  if (!open_) {
    open_ = true;
    events_.context = context;
    events_.activity.clear(n_pe_);
  }
  if (facts.cycle >= kLongestRecordedLaunch) {
    throw std::length_error("a launch of more than 2^32 cycles has no events; run it without an observer");
  }
  LaunchActivity& activity = events_.activity;
  const auto cycle = static_cast<std::uint32_t>(facts.cycle);
  activity.cycles = facts.cycle + 1;
  if (activity.states.empty() || activity.states.back().state != facts.state) {
    activity.states.push_back({cycle, 0, facts.state});
  }
  ++activity.states.back().cycles;
  if (facts.batch_begins) activity.batches.push_back({cycle, facts.batch_column, facts.batch_columns});
  if (facts.broadcast) activity.broadcasts.push_back({cycle, facts.broadcast_column, facts.broadcast_value});
  if (facts.stalled) add_stall(facts, cycle);
  for (unsigned p = 0; p < n_pe_; ++p) add_pe(p, facts.pe[p], cycle);
}

void EventBuilder::add_stall(const CycleFacts& facts, std::uint32_t cycle) {
  full_.clear();
  for (unsigned p = 0; p < n_pe_; ++p) {
    if (facts.pe[p].full) full_.push_back(static_cast<std::uint16_t>(p));
  }
  std::vector<StallEvent>& stalls = events_.activity.stalls;
  if (stalls.empty() || stalls.back().column != facts.stalled_column || stalls.back().pes != full_ ||
      stalls.back().cycle + stalls.back().cycles != cycle) {
    stalls.push_back({cycle, 0, facts.stalled_column, full_});
  }
  ++stalls.back().cycles;
}

void EventBuilder::add_pe(unsigned p, const PeFacts& facts, std::uint32_t cycle) {
  LaunchActivity& activity = events_.activity;
  std::vector<PeEvent>& lane = activity.pe[p];
  // Who holds is known for good in the last cycle of the wait.
  if (facts.reason == CycleReason::kHeld && !lane.empty() && lane.back().reason == CycleReason::kHeld &&
      lane.back().column == facts.column) {
    lane.back().held_by = facts.held_by;
  }
  append(lane, {cycle, 1, facts.column, facts.reason, facts.held_by});
  if (facts.saturated) activity.saturated.push_back(facts.saturated_at);
  activity.errors.insert(activity.errors.end(), facts.errors_at.begin(), facts.errors_at.end());
}

void EventBuilder::flush() {
  if (!open_) return;
  open_ = false;
  name_rows_and_columns(events_);
  for (EventSink* sink : sinks_) sink->launch(events_);
}

}  // namespace eie::tb
