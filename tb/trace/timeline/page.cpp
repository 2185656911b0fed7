// SPDX-License-Identifier: Apache-2.0
// The page: tb/trace/web/ with the data of the run inside it. web/data.js reads what is packed here.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tb/support/page/html.h"
#include "tb/support/version.h"
#include "tb/trace/timeline/queue_levels.h"
#include "tb/trace/timeline/timeline.h"
#include "tb/trace/timeline/web_files.h"

namespace eie::tb {
namespace {

/// Numbers of seven bits a byte, the lowest first; signed ones zigzag.
class Packed {
 public:
  void add(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<unsigned char>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<unsigned char>(value));
  }
  void add_signed(std::int64_t value) { add((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63)); }

  std::string base64() const {
    static const char* const kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes_.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes_.size(); i += 3) {
      const std::size_t count = std::min<std::size_t>(3, bytes_.size() - i);
      std::uint32_t group = 0;
      for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes_[i + k] : 0u);
      for (std::size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
    return text;
  }

 private:
  std::vector<unsigned char> bytes_;
};

void pack_places(Packed& packed, const std::vector<PlaceEvent>& places) {
  std::uint32_t cycle = 0;
  for (const PlaceEvent& place : places) {
    packed.add(place.cycle - cycle);
    packed.add(place.pe);
    packed.add(place.row == kNoRow ? 0 : std::uint64_t{place.row} + 1);
    packed.add(place.column);
    packed.add(place.entry == kNoEntry ? 0 : std::uint64_t{place.entry} + 1);
    cycle = place.cycle;
  }
}

/// Reasons that say a column of their own.
bool says_column(CycleReason reason) {
  return reason == CycleReason::kWork || reason == CycleReason::kPadding || reason == CycleReason::kEmptyColumn ||
         reason == CycleReason::kHeld;
}

void pack_lane(Packed& packed, const std::vector<PeEvent>& lane) {
  std::int64_t column = 0;
  for (const PeEvent& event : lane) {
    packed.add(std::uint64_t{event.cycles} << 3 | static_cast<unsigned>(event.reason));
    if (!says_column(event.reason)) continue;
    const std::int64_t now = event.column == kNoColumn ? -1 : std::int64_t{event.column};
    packed.add_signed(now - column);
    column = now;
    if (event.reason == CycleReason::kHeld) packed.add(event.held_by == kNoPe ? 0 : event.held_by + 1u);
  }
}

/// The lists in the order of LaunchActivity; how long each is stands in the header.
void pack_launch(Packed& packed, const LaunchActivity& activity, const DeviceConfig& config) {
  for (const StateEvent& state : activity.states) packed.add(std::uint64_t{state.cycles} << 4 | unsigned(state.state));
  std::uint32_t cycle = 0;
  for (const BatchEvent& batch : activity.batches) {
    packed.add(batch.cycle - cycle);
    packed.add(batch.first_column);
    packed.add(batch.columns);
    cycle = batch.cycle;
  }
  cycle = 0;
  std::int64_t column = 0;
  for (const BroadcastEvent& broadcast : activity.broadcasts) {
    packed.add(broadcast.cycle - cycle);
    packed.add_signed(std::int64_t{broadcast.column} - column);
    packed.add_signed(broadcast.value);
    cycle = broadcast.cycle;
    column = broadcast.column;
  }
  cycle = 0;
  for (const StallEvent& stall : activity.stalls) {
    packed.add(stall.cycle - cycle);
    packed.add(stall.cycles);
    packed.add(stall.column);
    packed.add(stall.pes.size());
    std::uint16_t before = 0;
    for (const std::uint16_t pe : stall.pes) {
      packed.add(static_cast<unsigned>(pe - before));
      before = pe;
    }
    cycle = stall.cycle;
  }
  for (unsigned p = 0; p < activity.pe.size(); ++p) {
    pack_lane(packed, activity.pe[p]);
    const std::vector<std::uint32_t> taken = taken_cycles(activity, p, config);
    for (std::size_t i = 0; i < taken.size(); ++i) {  // 0: not taken
      packed.add(taken[i] == kNotTaken ? 0 : taken[i] - activity.broadcasts[i].cycle);
    }
  }
  pack_places(packed, activity.saturated);
  pack_places(packed, activity.errors);
}

/// The user's rows or columns at the places of a launch, where --balance moved them.
void add_moved(nlohmann::ordered_json& header, const char* key, const Order& order, std::uint64_t first, std::uint64_t count) {
  if (order.empty()) return;
  auto& numbers = header[key] = nlohmann::ordered_json::array();
  for (std::uint64_t p = first; p < first + count; ++p) numbers.push_back(at_place(order, p));
}

nlohmann::ordered_json header_of(const LaunchEvents& events) {
  const LaunchActivity& activity = events.activity;
  nlohmann::ordered_json lanes = nlohmann::ordered_json::array();
  for (const auto& lane : activity.pe) lanes.push_back(lane.size());
  const LaunchContext& context = events.context;
  nlohmann::ordered_json header = {{"launch", context.launch},
                                   {"layer", context.layer},
                                   {"sample", context.sample},
                                   {"first_row", context.first_row},
                                   {"rows", context.rows},
                                   {"first_column", context.first_column},
                                   {"columns", context.columns},
                                   {"pointer_base", context.pointer_base},
                                   {"weight_frac", context.weight_frac},
                                   {"act_frac", context.act_frac},
                                   {"out_frac", context.out_frac},
                                   {"shift", context.shift},
                                   {"cycles", activity.cycles},
                                   {"states", activity.states.size()},
                                   {"batches", activity.batches.size()},
                                   {"broadcasts", activity.broadcasts.size()},
                                   {"stalls", activity.stalls.size()},
                                   {"lanes", lanes},
                                   {"saturated", activity.saturated.size()},
                                   {"errors", activity.errors.size()}};
  if (context.order != nullptr) {
    add_moved(header, "row_at", context.order->rows, context.first_row, context.rows);
    add_moved(header, "column_at", context.order->columns, context.first_column, context.columns);
  }
  return header;
}

/// A signal as runs of equal values.
nlohmann::ordered_json pack_player(Packed& packed, const PlayerData& player) {
  nlohmann::ordered_json signals = nlohmann::ordered_json::array();
  for (const PlayerSignal& signal : player.signals) {
    std::size_t runs = 0;
    std::int64_t value = 0;
    for (std::size_t c = 0; c < signal.values.size();) {
      std::size_t end = c + 1;
      while (end < signal.values.size() && signal.values[end] == signal.values[c]) ++end;
      packed.add(end - c);
      packed.add_signed(signal.values[c] - value);
      value = signal.values[c];
      c = end;
      ++runs;
    }
    signals.push_back({signal.name, runs});
  }
  return {{"cycles", player.cycles}, {"left_out", player.left_out}, {"signals", signals}};
}

/// JSON inside <script>.
std::string script_of(const nlohmann::ordered_json& json) {
  return script_text(json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

}  // namespace

std::string timeline_page(const TimelineContent& content) {
  const HwConfig& config = content.run.config;
  Packed packed;
  nlohmann::ordered_json launches = nlohmann::ordered_json::array();
  for (const LaunchEvents* events : content.launches) {
    pack_launch(packed, events->activity, config);
    launches.push_back(header_of(*events));
  }
  Packed wires;
  const nlohmann::ordered_json player = pack_player(wires, content.player);
  const nlohmann::ordered_json header = {{"version", kVersion},
                                         {"command", content.run.command},
                                         {"engine", content.run.engine},
                                         {"config", config.name},
                                         {"n_pe", config.n_pe},
                                         {"clock_mhz", config.clock_mhz},
                                         {"queue_depth", config.queue_depth},
                                         {"look_ahead", config.look_ahead},
                                         {"skip_padding", config.skip_padding},
                                         {"registers", config.registers},
                                         {"spmat_width", config.spmat_width},
                                         {"code_width", config.code_width},
                                         {"run_width", config.run_width},
                                         {"data_width", config.data_width},
                                         {"acc_width", config.acc_width},
                                         {"lnzd_fan_in", config.lnzd_fan_in},
                                         {"reasons", kCycleReasonKeys},
                                         {"states", kLaunchStateNames},
                                         {"left_out", content.left_out},
                                         {"launches", launches},
                                         {"player", player}};
  std::string script;
  for (const char* name : {"data.js", "lanes.js", "marks.js", "app.js", "player_text.js", "player.js", "start.js"}) {
    script += web_file(name);
  }
  const std::string style = std::string(web_file("base.css")).append(web_file("style.css"));
  const std::string header_text = script_of(header);
  const std::string events = packed.base64();
  const std::string wire_text = wires.base64();
  return filled_page(web_file("page.html"), {{"/*STYLE*/", style},
                                             {"/*SCRIPT*/", script},
                                             {"<!--FIGURE-->", web_file("figure4.svg")},
                                             {"/*HEADER*/", header_text},
                                             {"/*EVENTS*/", events},
                                             {"/*WIRES*/", wire_text}});
}

}  // namespace eie::tb
