// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/events_option.h"

#include "tb/trace/event_lines.h"

namespace eie::tb {

void add_events_option(Options& options) {
  options.add()("events", boost::program_options::value<std::string>()->value_name("FILE"),
                "write what happened in every cycle, a JSON object a line (docs/events.md); - is standard output; default: none");
}

void check_events_option(const Options& options, FileRoles& files) {
  files.output("--events", options.text("events"));
  check_writable(options.text("events"));
}

EventsOutput::EventsOutput(const Options& options, const HwConfig& config) {
  if (!options.has("events")) return;
  file_ = std::make_unique<AtomicFile>(options.text("events"));
  const std::string line = run_line(options.text("engine"), config);
  file_->write(line.data(), line.size());
}

void EventsOutput::observe(Device& device) {
  if (file_ != nullptr) device.observe(*this);
}

void EventsOutput::observe(const std::vector<std::unique_ptr<Device>>& devices) {
  for (const auto& device : devices) observe(*device);
}

void EventsOutput::launch(const LaunchEvents& events) {
  std::string lines;
  append_lines(events, lines);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (events.context.launch != next_) {
    waiting_.emplace(events.context.launch, std::move(lines));
    return;
  }
  file_->write(lines.data(), lines.size());
  ++next_;
  for (auto at = waiting_.begin(); at != waiting_.end() && at->first == next_; at = waiting_.erase(at), ++next_) {
    file_->write(at->second.data(), at->second.size());
  }
}

void EventsOutput::write() {
  if (file_ == nullptr) return;
  for (const auto& [launch, lines] : waiting_) file_->write(lines.data(), lines.size());
  waiting_.clear();
  file_->commit();
}

}  // namespace eie::tb
