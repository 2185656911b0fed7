// SPDX-License-Identifier: Apache-2.0
// --events of the commands that run a device.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/host/events.h"
#include "tb/support/atomic_file.h"

namespace eie::tb {

void add_events_option(Options& options);

/// Checks the name, and that the file can be written. Throws UserError.
void check_events_option(const Options& options, FileRoles& files);

/// The file of a command; does nothing without the option. May be told of launches by several devices at once, in any order:
/// the file has them in order.
class EventsOutput final : public EventSink {
 public:
  EventsOutput(const Options& options, const HwConfig& config);

  void observe(const std::vector<std::unique_ptr<Device>>& devices);
  void observe(Device& device);

  void launch(const LaunchEvents& events) override;

  /// After the last launch, also of a run that the device's error ended. Throws UserError.
  void write();

 private:
  std::unique_ptr<AtomicFile> file_;
  std::map<std::uint64_t, std::string> waiting_;  // by launch: lines that came before their turn
  std::uint64_t next_ = 1;
  std::mutex mutex_;
};

}  // namespace eie::tb
