// SPDX-License-Identifier: Apache-2.0
// Events as text: one JSON object a line (docs/events.md has the fields, tb/layers/events.schema.json the schema).
#pragma once

#include <cstdint>
#include <string>

#include "tb/config/config.h"
#include "tb/host/events.h"

namespace eie::tb {

/// The line that a file of events begins with.
std::string run_line(const std::string& engine, const HwConfig& config);

/// Appends the lines of a launch: by cycle, then in the order launch, state, batch, broadcast, stall, pe, saturated, error,
/// then by PE; `done` comes last.
void append_lines(const LaunchEvents& events, std::string& text);

}  // namespace eie::tb
