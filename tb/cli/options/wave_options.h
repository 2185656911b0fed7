// SPDX-License-Identifier: Apache-2.0
// The options of a command that runs a device and can write waves of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/cli/report/moments.h"
#include "tb/cli/report/report.h"
#include "tb/engines/waves/trace_options.h"
#include "tb/host/device.h"

namespace eie::tb {

/// --trace and its companions.
void add_wave_options(Options& options);

/// What was asked for. Throws UserError for companions without --trace, for what contradicts itself, and for an engine without
/// signals.
TraceOptions wave_options(const Options& options);

/// The files that will be written.
void add_wave_files(const Options& options, FileRoles& files);

/// Ends the device's waves and leaves the view of them beside the file, with markers at the places of the report that they
/// show and at the moment of --trace-on. Throws UserError when there are none.
void finish_waves(const std::string& command, Device& device, const TraceOptions& trace,
                  const std::vector<LayerReport>& layers = {}, const std::optional<Moment>& moment = {});

/// The same when the device gave up: as far as it came, without an error of its own.
void finish_broken_waves(const std::string& command, Device& device, const TraceOptions& trace,
                         const std::optional<Moment>& moment = {});

}  // namespace eie::tb
