// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/answers.h"

#include <algorithm>

#include "tb/cli/report/text_table.h"

namespace eie::tb {
namespace {

/// "cycle 7" or "cycles 7 to 9"
std::string span_text(std::uint32_t cycle, std::uint32_t cycles) {
  if (cycles == 1) return "cycle " + std::to_string(cycle);
  return "cycles " + std::to_string(cycle) + " to " + std::to_string(cycle + cycles - 1);
}

std::string pe_list(const std::vector<std::uint16_t>& pes) {
  constexpr std::size_t kShown = 8;
  std::string text = pes.size() == 1 ? "PE " : "PEs ";
  for (std::size_t k = 0; k < std::min(pes.size(), kShown); ++k) text += (k > 0 ? ", " : "") + std::to_string(pes[k]);
  return pes.size() > kShown ? text + " and " + std::to_string(pes.size() - kShown) + " more" : text;
}

/// What a cycle of a stay is: an entry, unless padding may take none.
const char* unit_of(const LaunchEvents& events) { return events.context.skips_padding ? "cycle" : "entry"; }

const BroadcastEvent* broadcast_of(const LaunchEvents& events, std::uint32_t column) {
  const auto& all = events.activity.broadcasts;
  const auto found = std::find_if(all.begin(), all.end(), [&](const BroadcastEvent& event) { return event.column == column; });
  return found == all.end() ? nullptr : &*found;
}

bool is_entry(const PeEvent& event) { return event.reason == CycleReason::kWork || event.reason == CycleReason::kPadding; }

/// A PE's cycles with entries of a column: the first, and the one behind the last.
struct Stay {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  std::uint32_t cycles() const { return end - first; }
};

Stay stay_of(const std::vector<PeEvent>& lane, std::uint32_t column) {
  Stay stay;
  for (const PeEvent& event : lane) {
    if (!is_entry(event) || event.column != column) continue;
    if (stay.end == 0) stay.first = event.cycle;
    stay.end = event.cycle + event.cycles;
  }
  return stay;
}

/// What a PE had at its arithmetic unit, for the line about another one.
std::string busy_text(const LaunchEvents& events, unsigned pe, std::uint32_t cycle) {
  const PeEvent& event = event_at(events, pe, cycle);
  const std::string who = "PE " + std::to_string(pe) + " in cycle " + std::to_string(cycle) + ": ";
  if (is_entry(event)) {
    const Stay stay = stay_of(events.activity.pe[pe], event.column);
    return who + "column " + std::to_string(event.column) + ", " + unit_of(events) + " " +
           std::to_string(cycle - stay.first + 1) + " of " + std::to_string(stay.cycles()) + ", " +
           std::to_string(stay.end - 1 - cycle) + " left";
  }
  std::string reason = kCycleReasonKeys[static_cast<unsigned>(event.reason)];
  std::replace(reason.begin(), reason.end(), '_', ' ');
  return who + reason + (event.column != kNoColumn ? ", column " + std::to_string(event.column) : "");
}

const Wait* wait_for(const std::vector<Wait>& waits, std::uint32_t column) {
  const auto found = std::find_if(waits.begin(), waits.end(), [&](const Wait& wait) { return wait.column == column; });
  return found == waits.end() ? nullptr : &*found;
}

const StateEvent& state_at(const LaunchEvents& events, std::uint32_t cycle) {
  const auto& states = events.activity.states;
  auto behind = std::upper_bound(states.begin(), states.end(), cycle,
                                 [](std::uint32_t c, const StateEvent& state) { return c < state.cycle; });
  return *--behind;
}

/// The PE that ends last before a cycle, and the cycle behind its last entry; none if nobody has one.
struct Last {
  unsigned pe = 0;
  std::uint32_t end = 0;
};
Last last_at_work(const LaunchEvents& events, std::uint32_t from, std::uint32_t to) {
  Last last;
  for (unsigned p = 0; p < events.activity.pe.size(); ++p) {
    for (const PeEvent& event : events.activity.pe[p]) {
      const std::uint32_t end = event.cycle + event.cycles;
      if (is_entry(event) && event.cycle >= from && event.cycle < to && end > last.end) last = {p, end};
    }
  }
  return last;
}

std::string broadcast_text(const LaunchEvents& events, std::uint32_t column) {
  const BroadcastEvent* const broadcast = broadcast_of(events, column);
  if (broadcast == nullptr) return "column " + std::to_string(column);
  return "column " + std::to_string(column) + ", broadcast in cycle " + std::to_string(broadcast->cycle);
}

}  // namespace

std::string launch_text(const LaunchContext& context) {
  std::string text = "launch " + std::to_string(context.launch) + " (sample " + std::to_string(context.sample);
  if (!context.layer.empty()) text += ", layer " + context.layer;
  if (context.rows == 0 || context.columns == 0) return text + ")";
  return text + (context.some_rows_moved() ? ", rows at places " : ", rows ") + std::to_string(context.first_row) + " to " +
         std::to_string(context.first_row + context.rows - 1) +
         (context.some_columns_moved() ? ", columns at places " : ", columns ") + std::to_string(context.first_column) + " to " +
         std::to_string(context.first_column + context.columns - 1) + ")";
}

std::vector<Wait> waits_of(const LaunchEvents& events) {
  std::vector<Wait> waits;
  for (const StallEvent& stall : events.activity.stalls) {
    if (waits.empty() || waits.back().column != stall.column || waits.back().cycle + waits.back().cycles != stall.cycle) {
      Wait wait;
      wait.launch = events.context.launch;
      wait.column = stall.column;
      wait.cycle = stall.cycle;
      wait.full = stall.pes;
      waits.push_back(std::move(wait));
    }
    waits.back().cycles += stall.cycles;
    if (!stall.pes.empty()) waits.back().held_by = stall.pes.front();
  }
  std::vector<std::pair<std::uint32_t, std::size_t>> by_column;
  for (std::size_t k = 0; k < waits.size(); ++k) by_column.emplace_back(waits[k].column, k);
  std::sort(by_column.begin(), by_column.end());
  for (const auto& lane : events.activity.pe) {
    for (const PeEvent& event : lane) {
      if (event.reason != CycleReason::kHeld) continue;
      const auto found = std::lower_bound(by_column.begin(), by_column.end(), std::make_pair(event.column, std::size_t{0}));
      if (found != by_column.end() && found->first == event.column) waits[found->second].pe_cycles += event.cycles;
    }
  }
  return waits;
}

const PeEvent& event_at(const LaunchEvents& events, unsigned pe, std::uint32_t cycle) {
  const std::vector<PeEvent>& lane = events.activity.pe.at(pe);
  auto behind =
      std::upper_bound(lane.begin(), lane.end(), cycle, [](std::uint32_t c, const PeEvent& event) { return c < event.cycle; });
  return *--behind;
}

std::vector<std::string> why_pe(const LaunchEvents& events, unsigned pe, std::uint32_t cycle) {
  const PeEvent& event = event_at(events, pe, cycle);
  const std::string who =
      "PE " + std::to_string(pe) + ", cycle " + std::to_string(cycle) + " of " + launch_text(events.context) + ": ";
  const std::string span = span_text(event.cycle, event.cycles);
  const std::string column = std::to_string(event.column);
  switch (event.reason) {
    case CycleReason::kWork:
    case CycleReason::kPadding: {
      const Stay stay = stay_of(events.activity.pe[pe], event.column);
      const bool padding = event.reason == CycleReason::kPadding;
      const BroadcastEvent* const broadcast = broadcast_of(events, event.column);
      return {who + (padding ? "padding of column " : "work on column ") + column + ", " + span,
              std::string(unit_of(events)) + " " + std::to_string(cycle - stay.first + 1) + " of " +
                  std::to_string(stay.cycles()) + " that the column has in this PE, which takes it in " +
                  span_text(stay.first, stay.cycles()) +
                  (broadcast != nullptr ? "; broadcast in cycle " + std::to_string(broadcast->cycle) + " with the value " +
                                              std::to_string(broadcast->value)
                                        : "")};
    }
    case CycleReason::kEmptyColumn:
      return {who + "no work: column " + column + " has no entry in this PE, " + span,
              broadcast_text(events, event.column) + ": finding that out takes the pointer unit its cycle"};
    case CycleReason::kHeld: {
      const std::vector<Wait> waits = waits_of(events);
      const Wait* const wait = wait_for(waits, event.column);
      std::string line = who + "no work, " + span + ": column " + column + " was held back by the full queue of PE " +
                         std::to_string(event.held_by);
      if (wait == nullptr) return {line, busy_text(events, event.held_by, cycle)};
      line += " (it waited in " + span_text(wait->cycle, wait->cycles) + ", and takes 3 cycles to get here)";
      return {line, busy_text(events, event.held_by, std::max(wait->cycle, std::min(cycle - 3, wait->cycle + wait->cycles - 1))) +
                        "; its queue has room from cycle " + std::to_string(wait->cycle + wait->cycles) + " on"};
    }
    case CycleReason::kNoCandidate:
      return {who + "no work, " + span + ": the LNZD tree had no column ready", "nothing waited at its root 3 cycles before"};
    case CycleReason::kFill: {
      const auto& all = events.activity.broadcasts;
      const auto next = std::find_if(all.begin(), all.end(),
                                     [&](const BroadcastEvent& b) { return b.cycle + 3 >= event.cycle + event.cycles; });
      return {who + "no work, " + span + ": a batch begins, and no column can be here yet",
              next == all.end() ? std::string("no column is broadcast after that")
                                : "the batch's first, " + broadcast_text(events, next->column) + ", is here in cycle " +
                                      std::to_string(next->cycle + 3) + " at the earliest"};
    }
    case CycleReason::kDrain: {
      const Last last = last_at_work(events, 0, event.cycle + event.cycles);
      std::string line = "no column is left for it in this batch";
      if (last.end > event.cycle) {
        line += "; the last PE at work is " + std::to_string(last.pe) + ", until cycle " + std::to_string(last.end - 1);
      } else {
        line += ", nor for another PE; the last sums are on their way to their registers";
      }
      return {who + "no work, " + span + ": the batch ends", line};
    }
    default: {
      const StateEvent& state = state_at(events, cycle);
      return {who + "no work, " + span + ": activations or biases move",
              std::string("the CCU is in state ") + kLaunchStateNames[static_cast<unsigned>(state.state)] + " in " +
                  span_text(state.cycle, state.cycles)};
    }
  }
}

std::vector<std::string> why_column(const LaunchEvents& events, std::uint32_t column) {
  const std::string who = "column " + std::to_string(column) + " in " + launch_text(events.context) + ": ";
  const BroadcastEvent* const broadcast = broadcast_of(events, column);
  if (broadcast == nullptr) return {who + "not broadcast, its activation is 0", "it costs no cycle"};
  const std::vector<Wait> waits = waits_of(events);
  const Wait* const wait = wait_for(waits, column);
  std::string line =
      who + "broadcast in cycle " + std::to_string(broadcast->cycle) + " with the value " + std::to_string(broadcast->value);
  line += wait == nullptr
              ? std::string(", without waiting")
              : " after waiting in " + span_text(wait->cycle, wait->cycles) + " for the full queue of PE " +
                    std::to_string(wait->held_by) + (wait->full.size() > 1 ? " (full: " + pe_list(wait->full) + ")" : "") +
                    ", at a cost of " + counted(wait->pe_cycles, "PE cycle");
  unsigned most = 0;
  Stay longest;
  unsigned last = 0;
  Stay latest;
  for (unsigned p = 0; p < events.activity.pe.size(); ++p) {
    const Stay stay = stay_of(events.activity.pe[p], column);
    if (stay.cycles() > longest.cycles()) {
      longest = stay;
      most = p;
    }
    if (stay.end > latest.end) {
      latest = stay;
      last = p;
    }
  }
  if (longest.cycles() == 0) return {line, "no PE has an entry of it"};
  return {line, std::string("most ") + (events.context.skips_padding ? "cycles" : "entries") +
                    " of it: " + std::to_string(longest.cycles()) + ", in PE " + std::to_string(most) + " (" +
                    span_text(longest.first, longest.cycles()) + "); last to end: PE " + std::to_string(last) + ", in cycle " +
                    std::to_string(latest.end - 1)};
}

std::vector<std::string> why_wait(const LaunchEvents& events, const Wait& wait) {
  return {"column " + std::to_string(wait.column) + " of " + launch_text(events.context) + " waited in " +
              span_text(wait.cycle, wait.cycles) + " for the full queue of PE " + std::to_string(wait.held_by) +
              (wait.full.size() > 1 ? " (full at first: " + pe_list(wait.full) + ")" : "") + ", at a cost of " +
              counted(wait.pe_cycles, "PE cycle"),
          busy_text(events, wait.held_by, wait.cycle) + "; its queue has room from cycle " +
              std::to_string(wait.cycle + wait.cycles) + " on"};
}

}  // namespace eie::tb
