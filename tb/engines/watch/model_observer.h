// SPDX-License-Identifier: Apache-2.0
// Sinks of events behind the device model of tlm/: TlmEngine and ModelDevice share it.
#pragma once

#include <utility>
#include <vector>

#include "tb/host/events.h"

namespace eie::tb {

/// `Model` has observe() and set_origin() (tlm/model/device_model.h).
template <class Model>
class ModelObserver {
 public:
  explicit ModelObserver(Model& model) : model_(model) {}
  ModelObserver(const ModelObserver&) = delete;
  ModelObserver& operator=(const ModelObserver&) = delete;

  void add_sink(EventSink& sink) {
    if (sinks_.empty()) model_.observe([this](LaunchActivity& activity) { tell(activity); });
    sinks_.push_back(&sink);
  }

  void announce(const LaunchContext& context) {
    if (sinks_.empty()) return;
    events_.context = context;
    model_.set_origin({static_cast<std::uint32_t>(context.first_row), static_cast<std::uint32_t>(context.first_column)});
  }

 private:
  void tell(LaunchActivity& activity) {
    std::swap(events_.activity, activity);
    name_rows_and_columns(events_);
    for (EventSink* sink : sinks_) sink->launch(events_);
    std::swap(events_.activity, activity);
  }

  Model& model_;
  std::vector<EventSink*> sinks_;
  LaunchEvents events_;
};

}  // namespace eie::tb
