// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/timeline/queue_levels.h"

#include <algorithm>
#include <cstddef>

#include "tlm/model/timing/pe_timing.h"

namespace eie::tb {
namespace {

bool has_column(const PeEvent& event) {
  return event.reason == CycleReason::kWork || event.reason == CycleReason::kPadding || event.reason == CycleReason::kEmptyColumn;
}

}  // namespace

std::vector<std::uint32_t> taken_cycles(const LaunchActivity& activity, unsigned pe, const DeviceConfig& config) {
  const unsigned may_wait = model::waiting_columns(config);
  std::vector<std::uint32_t> taken(activity.broadcasts.size(), kNotTaken);
  const std::vector<PeEvent>& lane = activity.pe[pe];
  std::size_t at = 0;
  std::vector<std::uint32_t> starts(std::max(may_wait, 1u), 0);  // address cycles, a ring
  std::size_t oldest = 0;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const BroadcastEvent& broadcast = activity.broadcasts[i];
    // A lane has its columns in the order in which they are broadcast, whatever their numbers are.
    const std::uint32_t done = i == 0 ? kNoColumn : activity.broadcasts[i - 1].column;
    while (at < lane.size() && (!has_column(lane[at]) || lane[at].column == done)) ++at;
    const bool here = at < lane.size() && lane[at].column == broadcast.column;
    if (may_wait == 0) {
      if (here) taken[i] = lane[at].cycle - 2;
      continue;
    }
    const std::uint32_t free = starts[oldest] == 0 ? 0 : starts[oldest] - model::leaves_before(config);
    taken[i] = std::max({broadcast.cycle + 1, before + 1, free});
    before = taken[i];
    if (taken[i] >= activity.cycles) taken[i] = kNotTaken;
    if (here && lane[at].reason != CycleReason::kEmptyColumn) {
      starts[oldest] = lane[at].cycle - 1;
      oldest = (oldest + 1) % starts.size();
    }
  }
  return taken;
}

std::vector<QueueLevel> queue_levels(const LaunchActivity& activity, const std::vector<std::uint32_t>& taken) {
  std::vector<QueueLevel> levels;
  std::size_t in = 0;
  std::size_t out = 0;
  std::uint32_t level = 0;
  while (in < taken.size() || (out < taken.size() && taken[out] != kNotTaken)) {
    const std::uint32_t next_in = in < taken.size() ? activity.broadcasts[in].cycle : kNotTaken;
    const std::uint32_t next_out = out < taken.size() ? taken[out] : kNotTaken;
    const std::uint32_t cycle = std::min(next_in, next_out);
    const std::uint32_t old = level;
    if (next_in == cycle) {
      ++level;
      ++in;
    }
    if (next_out == cycle) {
      --level;
      ++out;
    }
    if (level != old) levels.push_back({cycle + 1, level});
  }
  return levels;
}

}  // namespace eie::tb
