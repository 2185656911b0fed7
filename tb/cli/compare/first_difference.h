// SPDX-License-Identifier: Apache-2.0
// The first cycle in which two runs of the same layer differ, by what their engines tell: events, and waves where both have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace eie::tb {

struct FirstDifference {
  std::uint64_t launch = 0;
  std::uint64_t cycle = 0;             // of the launch
  std::optional<std::uint64_t> clock;  // since power-up, where it is known
  std::optional<unsigned> pe;
  std::string block;  // as in waves: "ccu", "spmat_read"
  std::string what;   // the signal, or the event
  std::string a;
  std::string b;
};

/// The first line that differs in two logs of events (tb/trace/event_lines.h).
std::optional<FirstDifference> difference_of_events(const std::string& a, const std::string& b);

/// The first signal that differs in two dumps, derived ones last: where it came from, as near as the wires tell. Throws UserError
/// for files that cannot be compared.
std::optional<FirstDifference> difference_of_waves(const std::string& file_a, const std::string& file_b);

}  // namespace eie::tb
