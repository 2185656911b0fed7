// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/timeline/timeline.h"

#include <algorithm>

#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

bool ends_in(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::size_t intervals_of(const LaunchActivity& activity) {
  std::size_t count = activity.states.size() + activity.broadcasts.size() + activity.stalls.size();
  for (const auto& lane : activity.pe) count += lane.size();
  return count;
}

}  // namespace

bool is_timeline_page(const std::string& path) { return ends_in(path, ".html"); }

void check_timeline_name(const std::string& path) {
  if (path == "-" || ends_in(path, ".json") || ends_in(path, ".html")) return;
  throw UserError("--timeline is '" + path + "': expected a name that ends in .json (Perfetto) or .html (a page), or -");
}

void Timeline::launch(const LaunchEvents& events) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::size_t count = intervals_of(events.activity);
  if (events.context.launch >= first_left_out_ || intervals_ + count > most_) {
    ++left_out_;
    first_left_out_ = std::min(first_left_out_, events.context.launch);
    return;
  }
  intervals_ += count;
  launches_.insert_or_assign(events.context.launch, events);
}

std::string Timeline::write(const std::string& path) const {
  TimelineContent content;
  content.run = run_;
  content.left_out = left_out_;
  content.player = player_;
  // A launch behind one that was left out would stand in the wrong place.
  for (const auto& [number, events] : launches_) {
    if (number < first_left_out_) {
      content.launches.push_back(&events);
    } else {
      ++content.left_out;
    }
  }
  if (content.launches.empty() && left_out_ == 0) {
    throw UserError(path + ": no timeline, since engine " + run_.engine + " has told of no launch; expected --engine hw or tlm");
  }
  const std::string text = is_timeline_page(path) ? timeline_page(content) : timeline_json(content);
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
  if (content.left_out == 0) return "";
  return "the timeline ends with launch " + std::to_string(content.launches.size()) + "; " + std::to_string(content.left_out) +
         " more would be too much for a viewer";
}

}  // namespace eie::tb
