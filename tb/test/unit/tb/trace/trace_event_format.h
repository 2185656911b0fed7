// SPDX-License-Identifier: Apache-2.0
// A judge of the Trace Event Format in its JSON object form, as its documentation and Perfetto's importer have it: "Trace
// Event Format", Google, section "Event Descriptions". Only what a viewer would drop or misplace is a fault.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace eie::tb {

/// The first fault in words, empty: none.
inline std::string trace_event_fault(const nlohmann::json& trace) {
  using nlohmann::json;
  // The reserved names of catapult's colour scheme.
  static const std::set<std::string> kColours = {"thread_state_uninterruptible",
                                                 "thread_state_iowait",
                                                 "thread_state_running",
                                                 "thread_state_runnable",
                                                 "thread_state_sleeping",
                                                 "thread_state_unknown",
                                                 "background_memory_dump",
                                                 "light_memory_dump",
                                                 "detailed_memory_dump",
                                                 "vsync_highlight_color",
                                                 "generic_work",
                                                 "good",
                                                 "bad",
                                                 "terrible",
                                                 "black",
                                                 "grey",
                                                 "white",
                                                 "yellow",
                                                 "olive",
                                                 "rail_response",
                                                 "rail_animation",
                                                 "rail_idle",
                                                 "rail_load",
                                                 "startup",
                                                 "heap_dump_stack_frame",
                                                 "heap_dump_object_type",
                                                 "heap_dump_child_node_arrow",
                                                 "cq_build_running",
                                                 "cq_build_passed",
                                                 "cq_build_failed",
                                                 "cq_build_abandoned",
                                                 "cq_build_attempt_runnig",
                                                 "cq_build_attempt_passed",
                                                 "cq_build_attempt_failed"};
  if (!trace.is_object() || !trace.contains("traceEvents") || !trace["traceEvents"].is_array()) {
    return "no object with an array traceEvents";
  }
  if (trace.contains("displayTimeUnit") && trace["displayTimeUnit"] != "ms" && trace["displayTimeUnit"] != "ns") {
    return "displayTimeUnit is neither ms nor ns";
  }
  using Thread = std::pair<std::int64_t, std::int64_t>;
  std::map<Thread, std::vector<std::pair<std::uint64_t, std::uint64_t>>> slices;  // start, end
  std::set<Thread> named;
  std::map<std::uint64_t, std::pair<std::uint64_t, Thread>> flows;  // by id: the start
  std::map<std::uint64_t, std::pair<std::uint64_t, Thread>> ends;
  for (const json& event : trace["traceEvents"]) {
    const std::string text = event.dump();
    if (!event.is_object()) return "no object: " + text;
    for (const char* key : {"ph", "pid", "tid", "ts", "name"}) {
      if (!event.contains(key)) return std::string("no ") + key + ": " + text;
    }
    if (!event["ts"].is_number_unsigned()) return "ts is no whole number: " + text;
    if (!event["pid"].is_number_integer() || !event["tid"].is_number_integer()) return "pid or tid is no integer: " + text;
    if (event.contains("cname") && kColours.count(event["cname"].get<std::string>()) == 0) return "no such colour: " + text;
    const Thread thread{event["pid"].get<std::int64_t>(), event["tid"].get<std::int64_t>()};
    const std::uint64_t time = event["ts"].get<std::uint64_t>();
    const std::string phase = event["ph"].get<std::string>();
    if (phase == "X") {
      if (!event.contains("dur") || !event["dur"].is_number_unsigned()) return "a slice without length: " + text;
      slices[thread].emplace_back(time, time + event["dur"].get<std::uint64_t>());
    } else if (phase == "M") {
      const std::string name = event["name"].get<std::string>();
      if (name == "thread_name") named.insert(thread);
      const bool is_name = name == "thread_name" || name == "process_name";
      const bool is_order = name == "thread_sort_index" || name == "process_sort_index";
      if (is_name ? !event["args"]["name"].is_string() : !is_order || !event["args"]["sort_index"].is_number_integer()) {
        return "unknown metadata: " + text;
      }
    } else if (phase == "C") {
      if (!event.contains("args") || event["args"].empty()) return "a counter without a value: " + text;
      for (const auto& value : event["args"]) {
        if (!value.is_number()) return "a counter's value is no number: " + text;
      }
    } else if (phase == "i") {
      if (event.value("s", "t") != "t" && event["s"] != "p" && event["s"] != "g") return "an instant's scope: " + text;
    } else if (phase == "s" || phase == "f") {
      if (!event.contains("id") || !event.contains("cat")) return "a flow without id or category: " + text;
      (phase == "s" ? flows : ends)[event["id"].get<std::uint64_t>()] = {time, thread};
    } else {
      return "phase " + phase + ": " + text;
    }
  }
  for (auto& [thread, list] : slices) {
    const std::string place = std::to_string(thread.first) + "/" + std::to_string(thread.second);
    if (named.count(thread) == 0) return "thread " + place + " has no name";
    std::sort(list.begin(), list.end());
    for (std::size_t i = 0; i + 1 < list.size(); ++i) {
      if (list[i].second > list[i + 1].first) return "slices overlap in " + place + " at " + std::to_string(list[i + 1].first);
    }
  }
  // A flow binds to the slice around its time, in its thread.
  auto inside = [&slices](const std::pair<std::uint64_t, Thread>& end) {
    const auto& list = slices[end.second];
    return std::any_of(list.begin(), list.end(),
                       [&end](const auto& slice) { return slice.first <= end.first && end.first < slice.second; });
  };
  for (const auto& [id, from] : flows) {
    if (ends.count(id) == 0) return "flow " + std::to_string(id) + " has no end";
    if (!inside(from) || !inside(ends[id])) return "flow " + std::to_string(id) + " begins or ends outside of slices";
  }
  if (ends.size() != flows.size()) return "a flow has no start";
  return "";
}

}  // namespace eie::tb
