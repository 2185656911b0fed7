// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/observation.h"

#include <utility>

#include "tb/cli/options/wave_options.h"

namespace eie::tb {

void add_observation(Options& options) {
  add_wave_options(options);
  add_trace_on(options);
  add_timeline_option(options);
  add_events_option(options);
}

void add_short_observation(Options& options) {
  add_wave_options(options);
  add_timeline_option(options);
}

void add_observation_files(const Options& options, FileRoles& files) {
  add_wave_files(options, files);
  check_timeline_option(options, files);
  check_events_option(options, files);
}

Observation::Observation(const Options& options, std::string command)
    : options_(options), command_(std::move(command)), trace_(wave_options(options)), trace_on_(options) {}

void Observation::listen(const HwConfig& config) {
  timeline_.emplace(options_, config, command_);
  events_.emplace(options_, config);
}

void Observation::observe(const std::vector<std::unique_ptr<Device>>& devices, const HwConfig& config) {
  listen(config);
  timeline_->observe(devices);
  events_->observe(devices);
}

void Observation::observe(Device& device, const HwConfig& config) {
  listen(config);
  timeline_->observe(device);
  events_->observe(device);
}

void Observation::write(Device& first, Report& report) {
  finish_waves(command_, first, trace_, report.layers, trace_on_.moment());
  trace_on_.tell(report);
  write_files();
}

void Observation::write(Device& first) {
  finish_waves(command_, first, trace_);
  write_files();
}

void Observation::keep_broken_waves(Device& first) { finish_broken_waves(command_, first, trace_, trace_on_.moment()); }

void Observation::write_events() { events_->write(); }

void Observation::write_files() {
  timeline_->write();
  write_events();
}

}  // namespace eie::tb
