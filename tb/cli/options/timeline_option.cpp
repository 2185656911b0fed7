// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/timeline_option.h"

#include <utility>

#include "tb/support/atomic_file.h"

namespace eie::tb {

void add_timeline_option(Options& options) {
  options.add()("timeline", boost::program_options::value<std::string>()->value_name("FILE"),
                "write what every PE did in every cycle: .html, a page of its own; .json, for Perfetto; default: none");
}

void check_timeline_option(const Options& options, FileRoles& files) {
  const std::string path = options.text("timeline");
  if (path.empty()) return;
  check_timeline_name(path);
  files.output("--timeline", path);
  check_writable(path);
}

TimelineOutput::TimelineOutput(const Options& options, const HwConfig& config, std::string command)
    : path_(options.text("timeline")), command_(std::move(command)) {
  if (!path_.empty()) timeline_ = std::make_unique<Timeline>(TimelineRun{config, options.text("engine"), command_});
}

void TimelineOutput::observe(Device& device) {
  if (timeline_ == nullptr) return;
  device.observe(*timeline_);
  PlayerData& player = timeline_->player();
  if (!is_timeline_page(path_) || !player.left_out.empty()) return;  // the first device's wires are enough
  player.left_out = "The player shows what the wires of engine hw hold; this run was on engine " + device.engine() + ".";
  device.record(player);
}

void TimelineOutput::observe(const std::vector<std::unique_ptr<Device>>& devices) {
  for (const auto& device : devices) observe(*device);
}

void TimelineOutput::write() {
  if (timeline_ != nullptr) note(command_, timeline_->write(path_));
}

}  // namespace eie::tb
