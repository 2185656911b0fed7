// SPDX-License-Identifier: Apache-2.0
// The Trace Event Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tb/support/version.h"
#include "tb/trace/timeline/queue_levels.h"
#include "tb/trace/timeline/timeline.h"

namespace eie::tb {
namespace {

// Processes: groups of tracks.
constexpr unsigned kControl = 1;
constexpr unsigned kPes = 2;
constexpr unsigned kQueues = 3;
// Threads of the first: one a track.
enum Track : unsigned { kLaunches = 1, kBatches, kStates, kBroadcasts, kStalls };
constexpr const char* kTrackNames[] = {"", "launches", "batches", "CCU state", "broadcasts", "stalls"};

/// Names of colours that chrome://tracing knows; Perfetto takes its colours from the names.
constexpr const char* kColours[kCycleReasons] = {"good",         "olive", "yellow", "terrible",
                                                 "generic_work", "grey",  "white",  "vsync_highlight_color"};

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  /// {"ph":...,"pid":..,"tid":..,"ts":..<rest>}
  void event(char phase, unsigned process, unsigned thread, std::uint64_t time, std::string_view rest) {
    out_ += first_ ? "\n" : ",\n";
    first_ = false;
    out_ += "{\"ph\":\"";
    out_ += phase;
    out_ += "\",\"pid\":";
    out_ += std::to_string(process);
    out_ += ",\"tid\":";
    out_ += std::to_string(thread);
    out_ += ",\"ts\":";
    out_ += std::to_string(time);
    out_ += rest;
    out_ += '}';
  }
  void slice(unsigned process, unsigned thread, std::uint64_t time, std::uint64_t length, const std::string& name,
             const std::string& arguments, const char* colour = nullptr) {
    std::string rest = ",\"dur\":" + std::to_string(length) + ",\"name\":" + name + ",\"cat\":\"eie\"";
    if (colour != nullptr) rest += std::string(",\"cname\":\"") + colour + '"';
    event('X', process, thread, time, rest + ",\"args\":{" + arguments + "}");
  }
  void name(const char* what, unsigned process, unsigned thread, const std::string& name, unsigned order) {
    const bool is_process = std::string_view(what) == "process";
    event('M', process, thread, 0, std::string(",\"name\":\"") + what + "_name\",\"args\":{\"name\":" + quoted(name) + "}");
    event('M', process, thread, 0,
          std::string(",\"name\":\"") + (is_process ? "process" : "thread") +
              "_sort_index\",\"args\":{\"sort_index\":" + std::to_string(order) + "}");
  }

 private:
  std::string& out_;
  bool first_ = true;
};

std::string key(const char* name, std::uint64_t value) { return std::string("\"") + name + "\":" + std::to_string(value); }

void write_tracks(Writer& writer, const TimelineRun& run) {
  writer.name("process", kControl, 0, "EIE " + run.config.name + ", engine " + run.engine, 1);
  for (unsigned track = kLaunches; track <= kStalls; ++track) {
    writer.name("thread", kControl, track, kTrackNames[track], track);
  }
  writer.name("process", kPes, 0, "PEs: what the arithmetic units do", 2);
  for (unsigned p = 0; p < run.config.n_pe; ++p) writer.name("thread", kPes, p + 1, "PE " + std::to_string(p), p + 1);
  writer.name("process", kQueues, 0, "activation queues", 3);
}

void write_control(Writer& writer, const LaunchEvents& launch, std::uint64_t start) {
  const LaunchActivity& activity = launch.activity;
  const LaunchContext& context = launch.context;
  if (activity.cycles != 0) {
    writer.slice(
        kControl, kLaunches, start, activity.cycles, quoted("launch " + std::to_string(context.launch) + " " + context.layer),
        key("launch", context.launch) + "," + key("sample", context.sample) + "," + key("first_row", context.first_row) + "," +
            key("rows", context.rows) + "," + key("first_column", context.first_column) + "," + key("columns", context.columns));
  }
  for (std::size_t b = 0; b < activity.batches.size(); ++b) {
    const BatchEvent& batch = activity.batches[b];
    const std::uint64_t end = b + 1 < activity.batches.size() ? activity.batches[b + 1].cycle : activity.cycles;
    if (end <= batch.cycle) continue;
    writer.slice(
        kControl, kBatches, start + batch.cycle, end - batch.cycle, quoted("batch " + std::to_string(b + 1)),
        key("launch", context.launch) + "," + key("first_column", batch.first_column) + "," + key("columns", batch.columns));
  }
  for (const StateEvent& state : activity.states) {
    writer.slice(kControl, kStates, start + state.cycle, state.cycles,
                 std::string("\"") + kLaunchStateNames[static_cast<unsigned>(state.state)] + "\"", key("cycle", state.cycle));
  }
  for (const BroadcastEvent& broadcast : activity.broadcasts) {
    writer.slice(
        kControl, kBroadcasts, start + broadcast.cycle, 1, quoted("column " + std::to_string(broadcast.column)),
        key("cycle", broadcast.cycle) + "," + key("column", broadcast.column) + ",\"value\":" + std::to_string(broadcast.value));
  }
}

/// A slice of the stall, an instant in the lane of each PE that causes it, and a flow from the first of them.
void write_stalls(Writer& writer, const LaunchEvents& launch, std::uint64_t start, std::uint64_t& flow) {
  for (const StallEvent& stall : launch.activity.stalls) {
    const std::uint64_t time = start + stall.cycle;
    std::string pes;
    for (const std::uint16_t pe : stall.pes) pes += (pes.empty() ? "" : ",") + std::to_string(pe);
    const std::string column = std::to_string(stall.column);
    writer.slice(kControl, kStalls, time, stall.cycles, quoted("column " + column + " waits"),
                 key("cycle", stall.cycle) + "," + key("column", stall.column) + ",\"full\":[" + pes + "]", "terrible");
    for (const std::uint16_t pe : stall.pes) {
      writer.event('i', kPes, pe + 1u, time,
                   ",\"s\":\"t\",\"cat\":\"eie\",\"name\":\"queue full: column " + column + " waits\",\"args\":{}");
    }
    if (stall.pes.empty()) continue;
    const std::string rest = ",\"cat\":\"stall\",\"name\":\"holds\",\"id\":" + std::to_string(++flow);
    writer.event('s', kPes, stall.pes.front() + 1u, time, rest);
    writer.event('f', kControl, kStalls, time, rest + ",\"bp\":\"e\"");
  }
}

void write_pes(Writer& writer, const LaunchEvents& launch, std::uint64_t start) {
  for (unsigned p = 0; p < launch.activity.pe.size(); ++p) {
    for (const PeEvent& event : launch.activity.pe[p]) {
      const unsigned reason = static_cast<unsigned>(event.reason);
      std::string arguments = key("cycle", event.cycle);
      if (event.column != kNoColumn) arguments += "," + key("column", event.column);
      if (event.held_by != kNoPe) arguments += "," + key("held_by", event.held_by);
      writer.slice(kPes, p + 1, start + event.cycle, event.cycles, std::string("\"") + kCycleReasonKeys[reason] + "\"", arguments,
                   kColours[reason]);
    }
  }
  for (const auto* places : {&launch.activity.saturated, &launch.activity.errors}) {
    for (const PlaceEvent& place : *places) {
      writer.event('i', kPes, place.pe + 1u, start + place.cycle,
                   std::string(",\"s\":\"t\",\"cat\":\"eie\",\"name\":\"") +
                       (places == &launch.activity.errors ? "error" : "saturated") + "\",\"args\":{" +
                       key("column", place.column) + (place.row == kNoRow ? "" : "," + key("row", place.row)) +
                       (place.entry == kNoEntry ? "" : "," + key("entry", place.entry)) + "}");
    }
  }
}

void write_queues(Writer& writer, const LaunchEvents& launch, const TimelineRun& run, std::uint64_t start) {
  for (unsigned p = 0; p < launch.activity.pe.size(); ++p) {
    const std::string name = ",\"name\":\"queue of PE " + std::to_string(p) + "\",\"args\":{\"columns\":";
    writer.event('C', kQueues, 0, start, name + "0}");
    for (const QueueLevel& level : queue_levels(launch.activity, taken_cycles(launch.activity, p, run.config))) {
      writer.event('C', kQueues, 0, start + level.cycle, name + std::to_string(level.level) + "}");
    }
  }
}

}  // namespace

std::string timeline_json(const TimelineContent& content) {
  std::string out = "{\"displayTimeUnit\":\"ns\",\"otherData\":" +
                    nlohmann::ordered_json{{"program", std::string("eie ") + kVersion},
                                           {"command", content.run.command},
                                           {"engine", content.run.engine},
                                           {"config", content.run.config.name},
                                           {"clock_mhz", content.run.config.clock_mhz},
                                           {"time", "1 us is 1 cycle"},
                                           {"launches_left_out", content.left_out}}
                        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                    ",\"traceEvents\":[";
  Writer writer(out);
  write_tracks(writer, content.run);
  std::uint64_t start = 0;
  std::uint64_t flow = 0;
  for (const LaunchEvents* launch : content.launches) {
    write_control(writer, *launch, start);
    write_pes(writer, *launch, start);
    write_stalls(writer, *launch, start, flow);
    write_queues(writer, *launch, content.run, start);
    start += launch->activity.cycles;
  }
  return out + "\n]}\n";
}

}  // namespace eie::tb
