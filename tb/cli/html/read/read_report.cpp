// SPDX-License-Identifier: Apache-2.0
// From the JSON of a report to what a page shows of it.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

#include "tb/cli/html/read/node.h"
#include "tb/cli/html/read/report_data.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

using Json = Node::Json;

constexpr const char* kExpected = "a report that eie wrote with --json";

/// Parses, with the place of a fault as file:line:column. So deep a nesting as no report has is refused: who walks through it
/// does so by recursion.
Json parse(const std::string& file, std::string_view text) {
  constexpr int kDeepest = 64;
  try {
    return Json::parse(text.begin(), text.end(), [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kDeepest)
        throw UserError(file + ": is nested over " + std::to_string(kDeepest) + " deep: expected " + kExpected);
      return true;
    });
  } catch (const Json::parse_error& error) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) throw UserError(file + ": is empty: expected " + kExpected);
    const std::size_t at = std::min<std::size_t>(error.byte == 0 ? 0 : error.byte - 1, text.size());
    if (at == text.size()) {
      throw UserError(file + ": ends in the middle, after " + std::to_string(text.size()) + " bytes: expected " + kExpected);
    }
    const std::string_view before = text.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t start = before.rfind('\n');
    throw UserError(file + ":" + std::to_string(line) + ":" +
                    std::to_string(start == std::string_view::npos ? at + 1 : at - start) + ": is not JSON: expected " +
                    kExpected);
  } catch (const Json::exception&) {  // a number out of range
    throw UserError(file + ": has a number that is out of range: expected " + kExpected);
  }
}

EnergyData energy_of(const Node& node) {
  EnergyData energy;
  energy.technology = node.text("technology");
  if (const auto refused = node.find("refused")) {
    energy.refused = refused->text();
    return energy;
  }
  energy.uj = node.number("uj");
  energy.power_mw = node.number("power_mw");
  energy.gops = node.number("gops");
  energy.dram_uj = node.number("dram_uj");
  energy.frames = node.number("frames");
  energy.frames_per_s = node.number_or_null("frames_per_s");
  energy.frames_per_j = node.number_or_null("frames_per_j");
  energy.without = node.texts("without");
  for (const Node& part : node.at("parts").items()) {
    energy.parts.push_back({part.text("block"), part.text("event"), part.text("unit"), part.number("count"), part.number("each"),
                            part.number("uj")});
  }
  return energy;
}

AreaData area_of(const Node& node) {
  AreaData area;
  area.technology = node.text("technology");
  if (const auto refused = node.find("refused")) {
    area.refused = refused->text();
    return area;
  }
  area.mm2 = node.number("mm2");
  area.without = node.texts("without");
  for (const Node& part : node.at("parts").items()) {
    area.parts.push_back({part.text("block"), part.text("what"), part.number("count"), part.number("um2")});
  }
  return area;
}

/// The keys that a layer and the sum of layers have.
LayerData counts_of(const Node& node) {
  LayerData layer;
  layer.cycles = node.number_or_null("cycles");
  layer.time_us = node.number_or_null("time_us");
  layer.io_cycles = node.number_or_null("io_cycles");
  layer.launches = node.number_or_null("launches");
  layer.batches = node.number_or_null("batches");
  layer.broadcasts = node.number_or_null("broadcasts");
  const Node work = node.at("work");
  layer.entries = work.number_or_null("entries");
  layer.padding = work.number_or_null("padding");
  layer.padding_skipped = work.number_or_null("padding_skipped");
  layer.pe_min = work.number_or_null("per_pe_min");
  layer.pe_mean = work.number_or_null("per_pe_mean");
  layer.pe_max = work.number_or_null("per_pe_max");
  if (const auto list = work.find("per_pe")) {
    for (const Node& item : list->items()) layer.per_pe.push_back(item.number());
  }
  layer.load_balance = node.number_or_null("load_balance");
  const Node stalls = node.at("stalls");
  layer.queue_full = stalls.number_or_null("queue_full_cycles");
  layer.starved = stalls.number_or_null("starved_pe_cycles");
  layer.transfer = stalls.number_or_null("act_transfer_cycles");
  const Node reads = node.at("sram_reads");
  layer.spmat_reads = reads.number_or_null("spmat");
  layer.ptr_reads = reads.number_or_null("ptr");
  layer.act_reads = reads.number_or_null("act");
  node.at("pe_cycles");
  if (const auto account = node.find("pe_cycles")) {
    layer.pe_cycles.emplace();
    for (unsigned r = 0; r < kCycleReasons; ++r) (*layer.pe_cycles)[r] = account->number(kCycleReasonKeys[r]);
  }
  node.at("floors");
  if (const auto floors = node.find("floors")) {
    layer.floor_nonzeros = floors->number("nonzeros");
    layer.floor_broadcasts = floors->number("broadcasts");
    if (const auto distance = floors->find("distance")) layer.floor_distance = distance->number(true);
  }
  node.at("golden_match");
  if (const auto match = node.find("golden_match")) layer.golden_match = match->flag();
  layer.mismatches = node.number_or_null("mismatches");
  node.at("saturated");
  if (const auto saturated = node.find("saturated")) layer.saturated = saturated->flag();
  node.at("quantisation");
  if (const auto lost = node.find("quantisation")) {
    for (const char* of : {"weights", "biases", "activations", "sums"}) {
      if (const auto loss = lost->find(of)) {
        layer.losses.push_back({of, loss->number("zeroed"), loss->number("clamped"), loss->number("max_relative_error")});
      }
    }
  }
  node.at("energy");
  if (const auto energy = node.find("energy")) layer.energy = energy_of(*energy);
  return layer;
}

LayerData layer_of(const Node& node) {
  LayerData layer = counts_of(node);
  layer.rows = node.number("rows");
  layer.columns = node.number("columns");
  node.at("float_error");
  if (const auto error = node.find("float_error")) {
    layer.error_max = error->number("max_abs");
    layer.error_rms = error->number("rms");
    layer.error_of = error->text("reference");
  }
  if (const auto sharing = node.find("weight_sharing"); sharing && sharing->at("clustered").flag()) {
    layer.shared_from = sharing->number("distinct");
    layer.shared_rms = sharing->number("rms");
  }
  if (const auto paper = node.find("paper")) {
    layer.paper_us = paper->number("time_us");
    layer.paper_balance = paper->number_or_null("load_balance");
  }
  return layer;
}

std::vector<std::pair<std::string, std::string>> pairs_of(const Node& node) {
  if (!node.json().is_object()) node.fail("an object");
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [key, value] : node.json().items()) pairs.emplace_back(key, value_text(value));
  return pairs;
}

InputData input_of(const Node& node) {
  const auto text_at = [&](const char* key) {
    const auto value = node.find(key);
    return value ? value->text() : std::string();
  };
  InputData input{node.text("role"), text_at("layer"), node.text("path"), "", text_at("dtype"), text_at("sha256")};
  if (const auto shape = node.find("shape")) {
    for (const Node& size : shape->items()) input.shape += (input.shape.empty() ? "" : " x ") + value_text(size.json());
  }
  return input;
}

RunData run_of(const std::string& file, const Node& node) {
  RunData run;
  run.file = file;
  run.command = node.text("command");
  run.version = node.text("version");
  node.at("engine");
  const auto engine = node.find("engine");
  if (!engine) {
    throw UserError(file + ": key 'engine' is null, as eie " + run.command +
                    " runs no device: expected a report of run, network, bench, compare or sweep");
  }
  run.engine = engine->text();
  run.config = node.text("config");
  run.n_pe = node.number("n_pe");
  run.clock_mhz = node.number("clock_mhz");
  run.seed = node.number_or_null("seed");
  run.configuration = pairs_of(node.at("configuration"));
  run.options = pairs_of(node.at("options"));
  for (const Node& input : node.at("inputs").items()) run.inputs.push_back(input_of(input));
  run.warnings = node.texts("warnings");
  node.at("area");
  if (const auto area = node.find("area")) run.area = area_of(*area);
  if (run.command == "network" || run.command == "bench") node.at("layers").items();
  if (const auto layers = node.find("layers")) {
    run.list = true;
    run.all = counts_of(node);
    for (const Node& item : layers->items()) {
      run.layers.push_back(layer_of(item));
      run.layers.back().name = item.text("name");
    }
    if (run.layers.empty()) layers->fail("at least one layer");
    if (const auto samples = node.find("samples")) run.samples = samples->number();
    if (const auto accuracy = node.find("accuracy")) run.accuracy = accuracy->number();
    if (const auto accuracy = node.find("float_accuracy")) run.float_accuracy = accuracy->number();
  } else {
    run.layers.push_back(layer_of(node));
    run.all = run.layers.front();
    if (const auto samples = node.find("samples")) run.samples = samples->number("count");
  }
  if (!run.all.cycles) node.at("cycles").fail("a number");
  return run;
}

std::string difference_of(const Node& node) {
  const auto texts = [](const Node& list) {
    std::string text;
    for (const Node& item : list.items()) text += (text.empty() ? "" : " and ") + item.text();
    return text;
  };
  return "Engines " + texts(node.at("engines")) + " differ on " + node.text("config") + " in launch " +
         value_text(node.at("launch").json()) + ", " + node.text("block") + ", " + node.text("what") + ": " +
         texts(node.at("values")) + ".";
}

/// What a point is for: points that did other work are not held against each other.
constexpr const char* kWork[] = {"network", "layer", "seed", "technology"};

PointData point_of(const Node& node, std::size_t index, const std::vector<std::string>& keys,
                   const std::set<std::string>& varying) {
  PointData point;
  const auto number = [&](const char* key) {
    const auto value = node.find(key);
    return value ? Number(value->number()) : Number();
  };
  point.index = index;
  if (const Number given = number("index")) point.index = static_cast<std::size_t>(std::min(*given, 1e15));
  point.status = node.text("status");
  if (const auto reason = node.find("reason")) point.reason = reason->text();
  for (const char* of : kWork) {
    const auto value = node.find(of);
    const bool always = of == std::string("network") || of == std::string("layer");
    if (!value || (!always && varying.count(of) == 0)) continue;
    point.work +=
        (point.work.empty() ? "" : ", ") + std::string(always ? "" : of) + (always ? "" : " ") + value_text(value->json());
  }
  for (const std::string& key : keys) {
    const auto value = node.find(key.c_str());
    point.keys.push_back(value ? value_text(value->json()) : "-");
  }
  point.cycles = number("cycles");
  point.time_us = number("time_us");
  point.energy_uj = number("energy_uj");
  point.power_mw = number("power_mw");
  point.area_mm2 = number("area_mm2");
  point.load_balance = number("load_balance");
  if (const auto pareto = node.find("pareto")) point.pareto = pareto->flag();
  return point;
}

SweepRows sweep_of(const std::string& file, const Node& node) {
  static const std::set<std::string> kResults = {"index",     "status",   "reason",   "digest",       "cycles", "time_us",
                                                 "energy_uj", "power_mw", "area_mm2", "load_balance", "pareto"};
  SweepRows sweep;
  sweep.file = file;
  if (const auto version = node.find("version")) sweep.version = version->text();
  if (const auto options = node.find("options")) sweep.options = pairs_of(*options);
  if (const auto total = node.find("points_total")) sweep.total = total->number();
  if (const auto sample = node.find("sample")) {
    const std::size_t points = sample->at("points").items().size();
    sweep.sample =
        std::to_string(static_cast<std::size_t>(std::min(sample->number("agreed"), 1e15))) + " of " + std::to_string(points);
    for (const Node& difference : sample->at("differences").items()) sweep.differences.push_back(value_text(difference.json()));
  }
  const std::vector<Node> points = node.at("points").items();
  if (points.empty()) node.at("points").fail("at least one point");
  // What varies: what is no result, and not the same in every point.
  std::vector<std::string> names;
  std::map<std::string, std::set<std::string>> values;
  for (const Node& point : points) {
    if (!point.json().is_object()) point.fail("an object");
    for (const auto& [key, value] : point.json().items()) {
      if (kResults.count(key) != 0 || value.is_structured()) continue;
      if (values.count(key) == 0) names.push_back(key);
      values[key].insert(value_text(value));
    }
  }
  std::set<std::string> varying;
  for (const std::string& name : names) {
    if (values[name].size() < 2) continue;
    varying.insert(name);
    if (std::find(std::begin(kWork), std::end(kWork), name) == std::end(kWork)) sweep.keys.push_back(name);
  }
  for (const Node& point : points) sweep.points.push_back(point_of(point, sweep.points.size(), sweep.keys, varying));
  return sweep;
}

}  // namespace

const std::string* RunData::option(const std::string& name) const {
  for (const auto& [key, value] : options) {
    if (key == name) return &value;
  }
  return nullptr;
}

void add_report(ReportData& data, const std::string& file, std::string_view text) {
  Json json = parse(file, text);
  const Node node(file, json);
  const std::string end = std::string(": expected ") + kExpected + " (" + kReportSchema + ")";
  if (!json.is_object()) throw UserError(file + ": is no object" + end);
  if (!json.contains("schema")) throw UserError(file + ": has no key 'schema'" + end);
  if (const std::string schema = value_text(json["schema"]); schema != kReportSchema) {
    throw UserError(file + ": key 'schema' is '" + schema + "'" + end + ", which is what version " + kVersion + " reads");
  }
  const bool is_sweep = json.contains("kind") && json["kind"] == "sweep";
  const std::string command = is_sweep ? "sweep" : node.text("command");
  if (command == "sweep") {
    data.sweeps.push_back(sweep_of(file, node));
  } else if (command == "compare") {
    for (const Node& run : node.at("runs").items()) {
      data.runs.push_back(run_of(file, run));
      data.runs.back().command = "compare";
    }
    for (const Node& difference : node.at("differences").items()) data.differences.push_back(difference_of(difference));
  } else if (command == "run" || command == "export" || command == "network" || command == "bench") {
    data.runs.push_back(run_of(file, node));
  } else {
    throw UserError(file + ": key 'command' is '" + command + "': expected run, network, bench, compare or sweep");
  }
  data.sources.push_back(std::move(json));
}

void label_runs(ReportData& data) {
  const auto same = [&](const RunData& a) {
    return std::count_if(data.runs.begin(), data.runs.end(), [&](const RunData& b) { return a.label == b.label; }) > 1;
  };
  for (RunData& run : data.runs) run.label = run.config;
  // What tells two of one configuration apart: the engine, or an option that says how, or the number.
  const auto lengthen = [&](const auto& text_of) {
    std::vector<std::string> labels;
    for (const RunData& run : data.runs) labels.push_back(run.label);
    std::vector<std::string> longer = labels;
    for (std::size_t k = 0; k < data.runs.size(); ++k) {
      if (!same(data.runs[k])) continue;
      std::set<std::string> texts;
      for (std::size_t n = 0; n < data.runs.size(); ++n) {
        if (labels[n] == labels[k]) texts.insert(text_of(data.runs[n], n));
      }
      if (texts.size() > 1) longer[k] += ", " + text_of(data.runs[k], k);
    }
    for (std::size_t k = 0; k < data.runs.size(); ++k) data.runs[k].label = longer[k];
  };
  lengthen([](const RunData& run, std::size_t) { return run.engine; });
  for (const char* option : {"balance", "technology", "load", "seed", "act-density"}) {
    lengthen([option](const RunData& run, std::size_t) {
      const std::string* value = run.option(option);
      return std::string(option) + " " + (value == nullptr ? "-" : *value);
    });
  }
  lengthen([](const RunData&, std::size_t k) { return "report " + std::to_string(k + 1); });
}

}  // namespace eie::tb
