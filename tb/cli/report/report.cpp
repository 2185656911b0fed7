// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/report.h"

#include <algorithm>
#include <utility>

#include "tb/cli/report/cold_start_report.h"
#include "tb/cli/report/cost_report.h"
#include "tb/support/atomic_file.h"
#include "tb/support/version.h"
#include "tlm/config/config_keys.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json head(const Report& report) {
  Json j;
  j["schema"] = kReportSchema;
  j["version"] = kVersion;
  j["command"] = report.command;
  j["seed"] = or_null(report.seed);
  j["engine"] = report.engine.empty() ? Json(nullptr) : Json(report.engine);
  j["config"] = report.config.name;
  j["n_pe"] = report.config.n_pe;
  j["clock_mhz"] = report.config.clock_mhz;
  return j;
}

Json seconds_json(const HostSeconds& s) { return {{"encode", s.encode}, {"simulate", s.simulate}, {"golden", s.golden}}; }

Json loss_json(const std::optional<QuantityLoss>& loss) {
  if (!loss) return nullptr;
  return {{"zeroed", loss->zeroed}, {"clamped", loss->clamped}, {"max_relative_error", loss->max_relative_error}};
}

Json account_json(const std::optional<PeCycles>& account) {
  if (!account) return nullptr;
  Json j;
  for (unsigned r = 0; r < kCycleReasons; ++r) j[kCycleReasonKeys[r]] = account->by[r];
  return j;
}

Json floors_json(const Counters& counters) {
  const Floors floors = floors_of(counters);
  return {{"nonzeros", floors.nonzeros}, {"broadcasts", floors.broadcasts}, {"distance", or_null(floors.distance)}};
}

Json quantisation_json(const std::optional<Quantisation>& q) {
  if (!q) return nullptr;
  return {{"weights", loss_json(q->weights)},
          {"biases", loss_json(q->biases)},
          {"activations", loss_json(q->activations)},
          {"sums", loss_json(q->sums)}};
}

// Cycles of single samples, and their spread.
Json samples_json(const std::vector<std::uint64_t>& cycles) {
  const PeRange range = range_of(cycles);
  return {{"count", cycles.size()},
          {"cycles_min", range.low},
          {"cycles_mean", range.mean},
          {"cycles_max", range.high},
          {"cycles", cycles}};
}

Json place_json(const std::optional<FaultPlace>& place) {
  if (!place) return nullptr;
  return {{"sample", place->sample},        {"launch", or_null(place->launch)},     {"cycle", or_null(place->cycle)},
          {"pe", or_null(place->pe)},       {"row", or_null(place->row)},           {"column", or_null(place->column)},
          {"entry", or_null(place->entry)}, {"expected", or_null(place->expected)}, {"seen", or_null(place->seen)}};
}

// The keys that come from the device; all there, null without a device.
void add_device(Json& j, const LayerReport& layer, const HwConfig& config) {
  const bool ran = layer.counters.has_value();
  const Counters c = ran ? *layer.counters : Counters{};
  const PeSums sums = sums_of(layer);
  const PeRange work = range_of(sums.entries);
  auto number = [ran](std::uint64_t value) { return ran ? Json(value) : Json(nullptr); };
  auto of_pes = [&sums](auto value) { return sums.known ? Json(value) : Json(nullptr); };
  auto counted = [&](std::uint64_t value) { return ran ? of_pes(value) : Json(nullptr); };
  j["cycles"] = number(c.cycles);
  j["time_us"] = ran ? Json(layer.time_us(config.clock_mhz)) : Json(nullptr);
  j["io_cycles"] = layer.port_load ? number(c.io_beats) : Json(nullptr);
  j["launches"] = ran ? c.launches : layer.planned_launches;
  j["batches"] = number(c.batches);
  j["broadcasts"] = number(c.broadcasts);
  j["work"] = {
      {"entries", of_pes(work.total)},  {"padding", of_pes(sums.padding)},  {"padding_skipped", counted(sums.padding_skipped)},
      {"per_pe_min", of_pes(work.low)}, {"per_pe_mean", of_pes(work.mean)}, {"per_pe_max", of_pes(work.high)},
      {"per_pe", of_pes(sums.entries)}};
  j["load_balance"] = or_null(layer.load_balance());
  j["stalls"] = {{"queue_full_cycles", number(c.queue_full_cycles)},
                 {"starved_pe_cycles", counted(sums.starved)},
                 {"act_transfer_cycles", number(c.act_transfer_cycles)}};
  j["sram_reads"] = {{"spmat", counted(sums.spmat)}, {"ptr", counted(sums.ptr)}, {"act", counted(sums.act)}};
  j["ecc_corrected"] = config.ecc ? number(c.ecc_corrected) : Json(nullptr);
  j["pe_cycles"] = account_json(layer.pe_cycles);
  j["floors"] = ran && sums.known ? floors_json(c) : Json(nullptr);
}

Json balance_json(const std::optional<Balance>& balance) {
  if (!balance) return nullptr;
  auto evenness = [](const Evenness& e) { return Json(Json::object_t{{"all", e.all}, {"windows", e.windows}}); };
  return {{"kind", balance_name(balance->kind)},
          {"window", balance->window},
          {"calibrated", balance->calibrated},
          {"max_over_mean", {{"before", evenness(balance->before)}, {"after", evenness(balance->after)}}}};
}

void add_layer(Json& j, const LayerReport& layer, const HwConfig& config) {
  j["rows"] = layer.rows;
  j["columns"] = layer.columns;
  add_device(j, layer, config);
  if (layer.formats) {
    j["formats"] = {{"weight_frac", layer.formats->weight_frac},
                    {"act_frac", layer.formats->act_frac},
                    {"out_frac", layer.formats->out_frac},
                    {"shift", layer.formats->shift}};
  } else {
    j["formats"] = {
        {"weight_frac", or_null(layer.weight_frac)}, {"act_frac", nullptr}, {"out_frac", nullptr}, {"shift", nullptr}};
  }
  j["codebook"] = layer.codebook;
  if (layer.sharing) {
    j["weight_sharing"] = {{"distinct", layer.sharing->distinct},     {"shared", layer.sharing->used},
                           {"clustered", layer.sharing->clustered()}, {"start", layer.sharing->start},
                           {"max_abs", layer.sharing->max_error},     {"rms", layer.sharing->rms_error}};
  }
  j["balance"] = balance_json(layer.balance);
  j["golden_match"] = layer.verdict ? Json(layer.verdict->match()) : Json(nullptr);
  j["mismatches"] = layer.verdict ? Json(layer.verdict->mismatches) : Json(nullptr);
  j["saturated"] = layer.verdict ? Json(layer.verdict->saturated) : Json(nullptr);
  j["mismatch_at"] = place_json(layer.mismatch_at);
  j["saturated_at"] = place_json(layer.saturated_at);
  if (layer.float_error) {
    j["float_error"] = {{"max_abs", layer.float_error->max_abs},
                        {"rms", layer.float_error->rms},
                        {"reference", layer.from_shared ? "shared" : "weights"}};
  } else {
    j["float_error"] = nullptr;
  }
  j["quantisation"] = quantisation_json(layer.quantisation);
  j["warnings"] = layer.warnings;
  if (!layer.sample_cycles.empty()) j["samples"] = samples_json(layer.sample_cycles);
  j["host_seconds"] = seconds_json(layer.seconds);
  if (layer.paper) {
    j["paper"] = {{"time_us", layer.paper->time_us},
                  {"ratio", layer.time_us(config.clock_mhz) / layer.paper->time_us},
                  {"load_balance", or_null(layer.paper->load_balance)}};
  }
}

// All layers of a list as one: counts added up, what does not add up left out.
Json totals(const Report& report) {
  LayerReport sum;
  Counters counters;
  std::uint64_t mismatches = 0;
  bool saturated = false;
  HostSeconds seconds;
  std::optional<Quantisation> quantisation;
  sum.pe_cycles = PeCycles{};
  for (const LayerReport& layer : report.layers) {
    if (!layer.pe_cycles) {
      sum.pe_cycles.reset();
    } else if (sum.pe_cycles) {
      sum.pe_cycles->add(*layer.pe_cycles);
    }
    if (layer.quantisation) {
      if (!quantisation) quantisation = Quantisation{};
      quantisation->add(*layer.quantisation);
    }
    if (layer.counters) counters.add(*layer.counters);
    sum.port_load = sum.port_load || layer.port_load;
    if (layer.verdict) {
      mismatches += layer.verdict->mismatches;
      saturated = saturated || layer.verdict->saturated;
    }
    seconds.encode += layer.seconds.encode;
    seconds.simulate += layer.seconds.simulate;
    seconds.golden += layer.seconds.golden;
  }
  sum.counters = std::move(counters);
  Json j;
  add_device(j, sum, report.config);
  j["golden_match"] = report.match();
  j["mismatches"] = mismatches;
  j["saturated"] = saturated;
  j["quantisation"] = quantisation_json(quantisation);
  j["warnings"] = report.warnings();
  j["host_seconds"] = seconds_json(seconds);
  return j;
}

}  // namespace

bool Report::match() const {
  return std::all_of(layers.begin(), layers.end(),
                     [](const LayerReport& layer) { return !layer.verdict || layer.verdict->match(); });
}

Json config_json(const HwConfig& c) {
  Json j;
  for_each_checked_key([&](const auto& key, auto) { j[key.name] = c.*key.value; });
  return j;
}

Json inputs_json(const std::vector<InputFile>& inputs) {
  Json list = Json::array();
  for (const InputFile& file : inputs) {
    Json item = {{"role", file.role}};
    if (!file.layer.empty()) item["layer"] = file.layer;
    item["path"] = file.path;
    item["shape"] = file.dtype.empty() ? Json(nullptr) : Json(file.shape);
    item["dtype"] = file.dtype.empty() ? Json(nullptr) : Json(file.dtype);
    item["sha256"] = file.sha256.empty() ? Json(nullptr) : Json(file.sha256);
    list.push_back(std::move(item));
  }
  return list;
}

Json what_ran_json(const HwConfig& config, const Json& options, const std::vector<InputFile>& inputs) {
  Json j;
  j["configuration"] = config_json(config);
  j["options"] = options.is_null() ? Json::object() : options;
  j["inputs"] = inputs_json(inputs);
  return j;
}

std::vector<std::string> Report::warnings() const {
  std::vector<std::string> all;
  for (const LayerReport& layer : layers) {
    for (const std::string& text : layer.warnings) {
      all.push_back(layer.name.empty() ? text : "layer " + layer.name + ": " + text);
    }
  }
  return all;
}

namespace {}  // namespace

Json to_json(const Report& report) {
  Json j = head(report);
  j.update(what_ran_json(report.config, report.options, report.inputs));
  if (!report.flips.is_null()) j["flips"] = report.flips;
  if (!report.trace_window.is_null()) j["trace_window"] = report.trace_window;
  add_area(j, report);
  if (!report.list) {
    add_layer(j, report.layers.front(), report.config);
    add_energy(j, report, report.layers.front());
    add_cold_start(j, report, {&report.layers.front()});
    return j;
  }
  j.update(totals(report));
  add_energy(j, report, all_layers(report));
  add_cold_start(j, report, pointers_to(report.layers));
  if (report.samples) {
    j["samples"] = *report.samples;
    std::vector<std::uint64_t> cycles(*report.samples, 0);  // of all layers together
    for (const LayerReport& layer : report.layers) {
      for (std::size_t s = 0; s < layer.sample_cycles.size(); ++s) cycles.at(s) += layer.sample_cycles[s];
    }
    j["sample_cycles"] = samples_json(cycles);
    j["accuracy"] = or_null(report.accuracy);
    j["float_accuracy"] = or_null(report.float_accuracy);
  }
  j["layers"] = Json::array();
  for (const LayerReport& layer : report.layers) {
    Json item;
    item["name"] = layer.name;
    item.update(head(report));
    add_layer(item, layer, report.config);
    add_energy(item, report, layer);
    add_cold_start(item, report, {&layer});
    j["layers"].push_back(std::move(item));
  }
  return j;
}

void write_json(const Json& json, const std::string& path) {
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

void write_json(const Report& report, const std::string& path) {
  if (!path.empty()) write_json(to_json(report), path);
}

}  // namespace eie::tb
