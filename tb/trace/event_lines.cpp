// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/event_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace eie::tb {
namespace {

constexpr int kFormatVersion = 1;

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Writes members one after the other; a run has millions of them, so that a line is gathered here and added at once.
class Line {
 public:
  Line(std::string& text, std::string_view event, std::uint64_t launch) : text_(text) {
    put("{\"event\":\"");
    put(event);
    put("\"");
    add("launch", launch);
  }
  template <class Number>
  Line& add(std::string_view key, Number value) {
    name(key);
    constexpr std::size_t kDigits = 24;
    if (part_.size() - used_ < kDigits) flush();
    char* const to = part_.data() + used_;
    used_ += static_cast<std::size_t>(std::to_chars(to, to + kDigits, value).ptr - to);
    return *this;
  }
  Line& add_text(std::string_view key, std::string_view json) {
    name(key);
    put(json);
    return *this;
  }
  void end() {
    put("}\n");
    flush();
  }

 private:
  void name(std::string_view key) {
    put(",\"");
    put(key);
    put("\":");
  }
  void put(std::string_view more) {
    if (more.size() > part_.size() - used_) flush();
    if (more.size() > part_.size()) {
      text_ += more;
      return;
    }
    std::memcpy(part_.data() + used_, more.data(), more.size());
    used_ += more.size();
  }
  void flush() {
    text_.append(part_.data(), used_);
    used_ = 0;
  }

  std::string& text_;
  std::array<char, 256> part_;
  std::size_t used_ = 0;
};

enum class Kind : unsigned { kState, kBatch, kBroadcast, kStall, kPe, kSaturated, kError };

/// Where an event stands in the file, and in its list.
struct Place {
  std::uint32_t cycle;
  Kind kind;
  std::uint32_t pe;
  std::size_t index;
};

class LaunchLines {
 public:
  LaunchLines(const LaunchEvents& events, std::string& text)
      : activity_(events.activity), launch_(events.context.launch), text_(text) {
    for (unsigned r = 0; r < kCycleReasons; ++r) reasons_[r] = quoted(kCycleReasonKeys[r]);
  }

  void write() {
    std::size_t count = activity_.states.size() + activity_.batches.size() + activity_.broadcasts.size() +
                        activity_.stalls.size() + activity_.saturated.size() + activity_.errors.size();
    for (const auto& lane : activity_.pe) count += lane.size();
    places_.reserve(count);
    add(activity_.states, Kind::kState, [](const StateEvent&) { return 0u; });
    add(activity_.batches, Kind::kBatch, [](const BatchEvent&) { return 0u; });
    add(activity_.broadcasts, Kind::kBroadcast, [](const BroadcastEvent&) { return 0u; });
    add(activity_.stalls, Kind::kStall, [](const StallEvent&) { return 0u; });
    for (unsigned p = 0; p < activity_.pe.size(); ++p) add(activity_.pe[p], Kind::kPe, [p](const PeEvent&) { return p; });
    add(activity_.saturated, Kind::kSaturated, [](const PlaceEvent& e) { return std::uint32_t{e.pe}; });
    add(activity_.errors, Kind::kError, [](const PlaceEvent& e) { return std::uint32_t{e.pe}; });
    std::stable_sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      if (a.cycle != b.cycle) return a.cycle < b.cycle;
      if (a.kind != b.kind) return a.kind < b.kind;
      return a.pe < b.pe;
    });
    constexpr std::size_t kUsualLine = 96;
    text_.reserve(text_.size() + kUsualLine * places_.size());
    for (const Place& place : places_) line(place);
  }

 private:
  template <class Event, class PeOf>
  void add(const std::vector<Event>& events, Kind kind, PeOf&& pe_of) {
    for (std::size_t k = 0; k < events.size(); ++k) places_.push_back({events[k].cycle, kind, pe_of(events[k]), k});
  }

  void line(const Place& at) {
    switch (at.kind) {
      case Kind::kState: {
        const StateEvent& e = activity_.states[at.index];
        start("state", e.cycle)
            .add("cycles", e.cycles)
            .add_text("state", quoted(kLaunchStateNames[static_cast<unsigned>(e.state)]))
            .end();
        return;
      }
      case Kind::kBatch: {
        const BatchEvent& e = activity_.batches[at.index];
        start("batch", e.cycle).add("batch", at.index + 1).add("first_column", e.first_column).add("columns", e.columns).end();
        return;
      }
      case Kind::kBroadcast: {
        const BroadcastEvent& e = activity_.broadcasts[at.index];
        start("broadcast", e.cycle).add("column", e.column).add("value", e.value).end();
        return;
      }
      case Kind::kStall: {
        const StallEvent& e = activity_.stalls[at.index];
        std::string pes = "[";
        for (const unsigned p : e.pes) pes += (pes.size() > 1 ? "," : "") + std::to_string(p);
        start("stall", e.cycle).add("cycles", e.cycles).add("column", e.column).add_text("pes", pes + "]").end();
        return;
      }
      case Kind::kPe: {
        const PeEvent& e = activity_.pe[at.pe][at.index];
        Line line = start("pe", e.cycle);
        line.add("cycles", e.cycles).add("pe", at.pe).add_text("reason", reasons_[static_cast<unsigned>(e.reason)]);
        if (e.column != kNoColumn) line.add("column", e.column);
        if (e.held_by != kNoPe) line.add("held_by", e.held_by);
        line.end();
        return;
      }
      case Kind::kSaturated:
        place("saturated", activity_.saturated[at.index]);
        return;
      case Kind::kError:
        place("error", activity_.errors[at.index]);
        return;
    }
  }

  Line start(std::string_view event, std::uint32_t cycle) {
    Line line(text_, event, launch_);
    line.add("cycle", cycle);
    return line;
  }

  void place(std::string_view event, const PlaceEvent& e) {
    Line line = start(event, e.cycle);
    line.add("pe", e.pe);
    if (e.row != kNoRow) line.add("row", e.row);
    line.add("column", e.column);
    if (e.entry != kNoEntry) line.add("entry", e.entry);
    line.end();
  }

  const LaunchActivity& activity_;
  std::uint64_t launch_;
  std::string& text_;
  std::array<std::string, kCycleReasons> reasons_;
  std::vector<Place> places_;
};

}  // namespace

std::string run_line(const std::string& engine, const HwConfig& config) {
  nlohmann::ordered_json line = {
      {"event", "run"}, {"version", kFormatVersion}, {"engine", engine}, {"config", config.name}, {"n_pe", config.n_pe}};
  // 800, not 800.0
  const double mhz = config.clock_mhz;
  if (std::floor(mhz) == mhz && mhz < 1e9) {
    line["clock_mhz"] = static_cast<std::uint64_t>(mhz);
  } else {
    line["clock_mhz"] = mhz;
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void append_lines(const LaunchEvents& events, std::string& text) {
  const LaunchContext& context = events.context;
  Line(text, "launch", context.launch)
      .add_text("layer", quoted(context.layer))
      .add("sample", context.sample)
      .add("first_row", context.first_row)
      .add("rows", context.rows)
      .add("first_column", context.first_column)
      .add("columns", context.columns)
      .end();
  LaunchLines(events, text).write();
  Line(text, "done", context.launch).add("cycle", events.activity.cycles).end();
}

}  // namespace eie::tb
