// The options of a command that runs a device and can write waves of it.
#pragma once

#include "tb/device.h"
#include "tb/file_roles.h"
#include "tb/options.h"
#include "tb/trace/trace_options.h"

namespace eie::tb {

/// --trace and its companions.
void add_wave_options(Options& options);

/// What was asked for. Throws UserError for companions without --trace, for what contradicts itself, and for an engine without
/// signals.
TraceOptions wave_options(const Options& options);

/// The files that will be written.
void add_wave_files(const Options& options, FileRoles& files);

/// Ends the device's waves and leaves the view of them beside the file. Throws UserError when there are none.
void finish_waves(const std::string& command, Device& device, const TraceOptions& trace);

}  // namespace eie::tb
