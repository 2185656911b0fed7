// SPDX-License-Identifier: Apache-2.0
// Questions about a launch that its events answer: why a PE did what it did, when a column was broadcast, what a stall cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/host/events.h"

namespace eie::tb {

/// A column's whole wait at the root of the LNZD tree.
struct Wait {
  std::uint64_t launch = 0;
  std::uint32_t column = 0;
  std::uint32_t cycle = 0;
  std::uint32_t cycles = 0;
  std::uint16_t held_by = 0;        // the PE whose queue was the last to make room, the lowest-numbered of several
  std::vector<std::uint16_t> full;  // all whose queue was full in the first cycle
  std::uint64_t pe_cycles = 0;      // cycles without work that the other PEs had for it
};

/// The waits of a launch in their order.
std::vector<Wait> waits_of(const LaunchEvents& events);

/// The event of a PE that covers a cycle. The cycle must be one of the launch.
const PeEvent& event_at(const LaunchEvents& events, unsigned pe, std::uint32_t cycle);

/// Two lines: what the PE did in this cycle and why, since when and until when; and what is behind it.
std::vector<std::string> why_pe(const LaunchEvents& events, unsigned pe, std::uint32_t cycle);

/// Two lines: when the column was broadcast and what it waited for; and who was slow with it.
std::vector<std::string> why_column(const LaunchEvents& events, std::uint32_t column);

/// Two lines about one wait: which column, how long, at what cost; and what the PE was busy with.
std::vector<std::string> why_wait(const LaunchEvents& events, const Wait& wait);

/// "launch 3 (sample 0, layer fc1, rows 0 to 99, columns 0 to 399)", as far as it says anything.
std::string launch_text(const LaunchContext& context);

}  // namespace eie::tb
