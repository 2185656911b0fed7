// SPDX-License-Identifier: Apache-2.0
// Merges the facts of cycles (cycle_watcher.h) into the events of launches and hands them on.
#pragma once

#include <vector>

#include "tb/engines/watch/cycle_watcher.h"
#include "tb/host/events.h"

namespace eie::tb {

class EventBuilder {
 public:
  explicit EventBuilder(unsigned n_pe) : n_pe_(n_pe) {}

  void add_sink(EventSink& sink) { sinks_.push_back(&sink); }
  bool has_sinks() const { return !sinks_.empty(); }

  /// To be called for each cycle, in order. `context` is the watcher's.
  void add(const CycleFacts& facts, const LaunchContext& context);

  /// Hands on a launch that is not over.
  void flush();

 private:
  void add_pe(unsigned p, const PeFacts& facts, std::uint32_t cycle);
  void add_stall(const CycleFacts& facts, std::uint32_t cycle);

  unsigned n_pe_;
  std::vector<EventSink*> sinks_;
  LaunchEvents events_;
  std::vector<std::uint16_t> full_;
  bool open_ = false;
};

/// Watcher and builder as one: views in, facts and events out. What the engines hw and rtl have.
class ViewObserver {
 public:
  explicit ViewObserver(const DeviceConfig& config) : watcher_(config), builder_(config.n_pe) {}

  void announce(const LaunchContext& context) { watcher_.announce(context); }
  void add_sink(EventSink& sink) { builder_.add_sink(sink); }
  /// The facts are valid until the next call.
  const CycleFacts& watch(const CycleView& view) {
    const CycleFacts& facts = watcher_.watch(view);
    if (builder_.has_sinks()) builder_.add(facts, watcher_.context());
    return facts;
  }
  /// Of the launch that the latest facts are about.
  const LaunchContext& context() const { return watcher_.context(); }
  void flush() { builder_.flush(); }

 private:
  CycleWatcher watcher_;
  EventBuilder builder_;
};

}  // namespace eie::tb
