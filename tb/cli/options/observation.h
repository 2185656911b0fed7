// SPDX-License-Identifier: Apache-2.0
// What a command shows of its devices besides their results: --trace and its companions, --trace-on, --timeline, --events.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tb/cli/options/events_option.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/cli/options/timeline_option.h"
#include "tb/cli/options/trace_on.h"
#include "tb/engines/waves/trace_options.h"

namespace eie::tb {

/// All of these options.
void add_observation(Options& options);
/// --trace with its companions and --timeline, of a command that does nothing but one short run.
void add_short_observation(Options& options);

/// The files that they name. Throws UserError for a name that cannot be, and for a file that cannot be written.
void add_observation_files(const Options& options, FileRoles& files);

/// What came of the options: nothing for those that are not given, or that the command does not have.
class Observation {
 public:
  /// Throws UserError for options that contradict each other.
  Observation(const Options& options, std::string command);

  /// --trace-on: see TraceOn. Before the devices are made.
  void find(const std::function<void(MomentFinder&)>& run) { trace_on_.find(trace_, run); }
  void find(const HwConfig& config, const std::vector<LayerFiles>& files, const Eigen::MatrixXd& inputs,
            const std::vector<Flip>& flips, const BalanceChoice& balance) {
    trace_on_.find(options_, trace_, config, files, inputs, flips, balance);
  }

  /// What the devices are made with.
  const TraceOptions& trace() const { return trace_; }

  /// Before the first launch: the timeline and the events listen to the devices.
  void observe(const std::vector<std::unique_ptr<Device>>& devices, const HwConfig& config);
  void observe(Device& device, const HwConfig& config);

  /// After the last launch: what was asked for is written, and the report says of which window. The waves are those of the first
  /// device. Throws UserError.
  void write(Device& first, Report& report);
  /// The same for a command with a report of its own.
  void write(Device& first);

  /// After a device's error: the waves as far as it came.
  void keep_broken_waves(Device& first);
  /// After a device's error: the events, which say where it went wrong.
  void write_events();

 private:
  void listen(const HwConfig& config);
  void write_files();

  const Options& options_;
  std::string command_;
  TraceOptions trace_;
  TraceOn trace_on_;
  std::optional<TimelineOutput> timeline_;
  std::optional<EventsOutput> events_;
};

}  // namespace eie::tb
