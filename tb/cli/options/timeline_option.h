// SPDX-License-Identifier: Apache-2.0
// --timeline of the commands that run a device.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/trace/timeline/timeline.h"

namespace eie::tb {

void add_timeline_option(Options& options);

/// Checks the name, and that the file can be written. Throws UserError.
void check_timeline_option(const Options& options, FileRoles& files);

/// The timeline of a command; does nothing without the option.
class TimelineOutput {
 public:
  TimelineOutput(const Options& options, const HwConfig& config, std::string command);

  /// Before the first launch: the timeline listens to the device.
  void observe(Device& device);
  void observe(const std::vector<std::unique_ptr<Device>>& devices);

  /// After the last launch. Throws UserError.
  void write();

 private:
  std::string path_;
  std::string command_;
  std::unique_ptr<Timeline> timeline_;
};

}  // namespace eie::tb
