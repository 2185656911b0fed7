// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/moments.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tb/cli/report/answers.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

struct KindName {
  MomentKind kind;
  const char* name;
};
constexpr KindName kKinds[] = {{MomentKind::kMismatch, "mismatch"},
                               {MomentKind::kSaturated, "saturated"},
                               {MomentKind::kStall, "stall"},
                               {MomentKind::kError, "error"}};

/// As views call it.
std::string view_name_of(MomentKind kind) { return "first " + moment_text(kind); }

std::string place_text(const PlaceEvent& place) {
  return "PE " + std::to_string(place.pe) + ", column " + std::to_string(place.column) +
         (place.entry == kNoEntry ? "" : ", entry " + std::to_string(place.entry));
}

}  // namespace

MomentKind moment_kind(const std::string& text) {
  for (const KindName& kind : kKinds) {
    if (text == kind.name) return kind.kind;
  }
  throw UserError("--trace-on is '" + text + "': expected mismatch, saturated, stall or error");
}

const char* moment_name(MomentKind kind) {
  for (const KindName& known : kKinds) {
    if (known.kind == kind) return known.name;
  }
  return "";
}

std::string moment_text(MomentKind kind) { return kind == MomentKind::kSaturated ? "saturated sum" : moment_name(kind); }

std::string Moment::packed() const {
  return nlohmann::json{launch, cycle, cycles, launch_cycles, pe ? nlohmann::json(*pe) : nlohmann::json(), name, text}.dump();
}

Moment Moment::unpacked(const std::string& packed) {
  const nlohmann::json json = nlohmann::json::parse(packed);
  Moment moment{json[0], json[1], json[2], json[3], std::nullopt, json[5], json[6]};
  if (!json[4].is_null()) moment.pe = json[4].get<unsigned>();
  return moment;
}

std::string dropped_text(const PlaceEvent& place) {
  return place_text(place) + (place.entry == kNoEntry ? std::string(": the pointers run backwards")
                                                      : ": row " + std::to_string(place.row) + " is none of this launch");
}

void MomentFinder::set(const LaunchEvents& events, std::uint64_t cycle, std::uint64_t cycles, unsigned pe,
                       const std::string& text) {
  moment_ = Moment{events.context.launch, cycle, cycles, events.activity.cycles, pe, view_name_of(kind_), text};
}

void MomentFinder::launch(const LaunchEvents& events) {
  const std::uint64_t launch = events.context.launch;
  if (launch == 0 || moment_) return;
  if (cycles_.size() < launch) cycles_.resize(launch, 0);
  cycles_[launch - 1] = events.activity.cycles;
  const LaunchActivity& activity = events.activity;
  if (kind_ == MomentKind::kStall && !activity.stalls.empty()) {
    const Wait wait = waits_of(events).front();
    set(events, wait.cycle, wait.cycles, wait.held_by,
        "column " + std::to_string(wait.column) + " waits for the full queue of PE " + std::to_string(wait.held_by));
  }
  if (kind_ == MomentKind::kSaturated && !activity.saturated.empty()) {
    const PlaceEvent& place = activity.saturated.front();
    set(events, place.cycle, 1, place.pe, place_text(place) + ": the sum of row " + std::to_string(place.row) + " is clamped");
  }
  if (kind_ == MomentKind::kError && !activity.errors.empty()) {
    const PlaceEvent& place = activity.errors.front();
    set(events, place.cycle, 1, place.pe, dropped_text(place));
  }
}

void MomentFinder::take(const std::vector<LayerReport>& layers) {
  if (kind_ != MomentKind::kMismatch || moment_) return;
  for (const LayerReport& layer : layers) {
    const std::optional<FaultPlace>& place = layer.mismatch_at;
    if (!place || !place->launch || *place->launch == 0 || *place->launch > cycles_.size()) continue;
    Moment moment;
    moment.name = view_name_of(kind_);
    moment.launch = *place->launch;
    moment.launch_cycles = cycles_[moment.launch - 1];
    // Where the entry is not known, the output is: it is stored at the end of the launch.
    moment.cycle = place->cycle.value_or(moment.launch_cycles == 0 ? 0 : moment.launch_cycles - 1);
    moment.pe = place->pe;
    moment.text = (layer.name.empty() ? "" : "layer " + layer.name + ", ") + "row " + std::to_string(place->row.value_or(0));
    if (place->pe) moment.text += ", PE " + std::to_string(*place->pe);
    if (place->column) moment.text += ", column " + std::to_string(*place->column);
    if (place->expected && place->seen) {
      moment.text += ": expected " + std::to_string(*place->expected) + ", seen " + std::to_string(*place->seen);
    }
    if (!moment_ || moment.launch < moment_->launch) moment_ = moment;
  }
}

void MomentFinder::device_failed(const std::string& what) {
  if (kind_ != MomentKind::kError || moment_ || cycles_.empty()) return;
  Moment moment;
  moment.name = view_name_of(kind_);
  moment.launch = cycles_.size();
  moment.launch_cycles = cycles_.back();
  moment.cycle = moment.launch_cycles == 0 ? 0 : moment.launch_cycles - 1;
  moment.text = what;
  moment_ = moment;
}

}  // namespace eie::tb
