// SPDX-License-Identifier: Apache-2.0
// The command that shows a launch in a wave viewer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/cli/options/options.h"

namespace eie::tb {

/// `eie run` with the layer's options of this command, on an engine with signals, with waves of these PEs in this launch.
std::string window_command(const Options& options, std::uint64_t launch, const std::vector<unsigned>& pes,
                           const std::string& command = "run");

/// The commands for the places of a report (mismatch_at, saturated_at).
void add_commands(const Options& options, std::vector<LayerReport>& layers, const std::string& command);

}  // namespace eie::tb
