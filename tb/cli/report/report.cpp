#include "tb/cli/report/report.h"

#include <algorithm>
#include <utility>

#include "tb/support/atomic_file.h"
#include "tb/cli/report/text_table.h"
#include "tlm/config/device_config_check.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

struct PeRange {
  std::uint64_t total = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  double mean = 0;
};

PeRange range_of(const std::vector<std::uint64_t>& values) {
  PeRange r;
  if (values.empty()) return r;
  for (const std::uint64_t v : values) r.total += v;
  r.low = *std::min_element(values.begin(), values.end());
  r.high = *std::max_element(values.begin(), values.end());
  r.mean = static_cast<double>(r.total) / static_cast<double>(values.size());
  return r;
}

struct Sums {
  std::vector<std::uint64_t> entries;
  std::uint64_t padding = 0, starved = 0, spmat = 0, ptr = 0, act = 0;
};

Sums sums_of(const LayerReport& layer) {
  Sums s;
  if (layer.counters) {
    for (const PeCounters& pe : layer.counters->pe) {
      s.entries.push_back(pe.entries);
      s.padding += pe.padding;
      s.starved += pe.starved;
      s.spmat += pe.spmat_reads;
      s.ptr += pe.ptr_reads;
      s.act += pe.act_reads;
    }
  } else if (layer.stored) {
    s.entries = layer.stored->entries;
    s.padding = layer.stored->padding;
  }
  return s;
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

Json seconds_json(const HostSeconds& s) {
  return {{"encode", s.encode}, {"simulate", s.simulate}, {"golden", s.golden}};
}

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
  return {{"count", cycles.size()},     {"cycles_min", range.low}, {"cycles_mean", range.mean},
          {"cycles_max", range.high}, {"cycles", cycles}};
}

Json place_json(const std::optional<FaultPlace>& place) {
  if (!place) return nullptr;
  return {{"sample", place->sample},          {"launch", or_null(place->launch)},     {"cycle", or_null(place->cycle)},
          {"pe", or_null(place->pe)},         {"row", or_null(place->row)},           {"column", or_null(place->column)},
          {"entry", or_null(place->entry)},   {"expected", or_null(place->expected)}, {"seen", or_null(place->seen)}};
}

// "launch 1, cycle 40: PE 3, row 7, column 12, entry 2: expected 5, seen 9"
std::string place_text(const FaultPlace& place, const LayerReport& layer) {
  std::string text;
  auto add = [&](const char* name, const auto& value) {
    if (value) text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(*value);
  };
  if (layer.sample_cycles.size() > 1) text = "sample " + std::to_string(place.sample);
  add("launch", place.launch);
  add("cycle", place.cycle);
  add("PE", place.pe);
  add("row", place.row);
  add("column", place.column);
  add("entry", place.entry);
  if (place.expected && place.seen) {
    text += std::string(place.column ? ": the sum is expected to be " : ": expected ") + std::to_string(*place.expected) + ", seen " +
            std::to_string(*place.seen);
  }
  return text;
}

// The keys that come from the device; all there, null without a device.
void add_device(Json& j, const LayerReport& layer, const HwConfig& config) {
  const bool ran = layer.counters.has_value();
  const Counters c = ran ? *layer.counters : Counters{};
  const Sums sums = sums_of(layer);
  const PeRange work = range_of(sums.entries);
  auto number = [ran](std::uint64_t value) { return ran ? Json(value) : Json(nullptr); };
  j["cycles"] = number(c.cycles);
  j["time_us"] = ran ? Json(layer.time_us(config.clock_mhz)) : Json(nullptr);
  j["io_cycles"] = layer.port_load ? number(c.io_beats) : Json(nullptr);
  j["launches"] = ran ? c.launches : layer.planned_launches;
  j["batches"] = number(c.batches);
  j["broadcasts"] = number(c.broadcasts);
  j["work"] = {{"entries", work.total},
               {"padding", sums.padding},
               {"per_pe_min", work.low},
               {"per_pe_mean", work.mean},
               {"per_pe_max", work.high}};
  j["load_balance"] = ran && c.cycles > 0 ? Json(layer.load_balance()) : Json(nullptr);
  j["stalls"] = {{"queue_full_cycles", number(c.queue_full_cycles)},
                 {"starved_pe_cycles", number(sums.starved)},
                 {"act_transfer_cycles", number(c.act_transfer_cycles)}};
  j["sram_reads"] = {{"spmat", number(sums.spmat)}, {"ptr", number(sums.ptr)}, {"act", number(sums.act)}};
  j["pe_cycles"] = account_json(layer.pe_cycles);
  j["floors"] = ran ? floors_json(c) : Json(nullptr);
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
    j["formats"] = {{"weight_frac", or_null(layer.weight_frac)},
                    {"act_frac", nullptr},
                    {"out_frac", nullptr},
                    {"shift", nullptr}};
  }
  j["codebook"] = layer.codebook;
  if (layer.sharing) {
    j["weight_sharing"] = {{"distinct", layer.sharing->distinct},
                           {"shared", layer.sharing->used},
                           {"clustered", layer.sharing->clustered()},
                           {"start", layer.sharing->start},
                           {"max_abs", layer.sharing->max_error},
                           {"rms", layer.sharing->rms_error}};
  }
  j["golden_match"] = layer.verdict ? Json(layer.verdict->match()) : Json(nullptr);
  j["mismatches"] = layer.verdict ? Json(layer.verdict->mismatches) : Json(nullptr);
  j["saturated"] = layer.verdict ? Json(layer.verdict->saturated) : Json(nullptr);
  j["mismatch_at"] = place_json(layer.mismatch_at);
  j["saturated_at"] = place_json(layer.saturated_at);
  if (layer.float_error) {
    j["float_error"] = {{"max_abs", layer.float_error->max_abs}, {"rms", layer.float_error->rms}};
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

std::string loss_text(const char* name, const std::optional<QuantityLoss>& loss) {
  if (!loss) return "";
  char text[96];
  std::snprintf(text, sizeof text, ", %s %llu/%llu/%.2g", name, static_cast<unsigned long long>(loss->zeroed),
                static_cast<unsigned long long>(loss->clamped), loss->max_relative_error);
  return text;
}

void print_quantisation(const Quantisation& q, const char* indent, std::FILE* out) {
  const std::string text = loss_text("weights", q.weights) + loss_text("biases", q.biases) +
                           loss_text("activations", q.activations) + loss_text("sums", q.sums);
  if (!text.empty()) {
    std::fprintf(out, "%squantisation  became 0/clamped/largest relative error: %s\n", indent, text.c_str() + 2);
  }
}

void print_account(const PeCycles& account, const Counters& counters, std::FILE* out) {
  std::string text;
  for (unsigned r = 0; r < kCycleReasons; ++r) {
    // The machine has none (docs/architecture.md): 0.0 % would look like a measurement.
    if (static_cast<CycleReason>(r) == CycleReason::kNoCandidate && account.by[r] == 0) continue;
    char part[64];
    std::snprintf(part, sizeof part, "%s%s %.1f", text.empty() ? "" : ", ", kCycleReasonKeys[r],
                  100 * static_cast<double>(account.by[r]) / static_cast<double>(account.total()));
    text += part;
  }
  std::replace(text.begin(), text.end(), '_', ' ');
  std::fprintf(out, "  PE cycles     %s %%\n", text.c_str());
  std::fprintf(out, "  bound         %s\n", bound_text(counters, account).c_str());
}

// Beside a sum over several samples: ", 58.7 a sample".
std::string a_sample(std::uint64_t sum, const LayerReport& layer) {
  const std::size_t samples = layer.sample_cycles.size();
  return samples > 1 ? ", " + fixed(static_cast<double>(sum) / static_cast<double>(samples), 1) + " a sample" : "";
}

void print_places(const LayerReport& layer, const std::string& name, std::FILE* out) {
  if (layer.mismatch_at) {
    std::fprintf(out, "  mismatch at   %s%s\n", name.c_str(), place_text(*layer.mismatch_at, layer).c_str());
  }
  if (layer.saturated_at) {
    std::fprintf(out, "  saturated at  %s%s\n", name.c_str(), place_text(*layer.saturated_at, layer).c_str());
  }
  for (const std::string& command : layer.to_see) std::fprintf(out, "  to see it     %s\n", command.c_str());
}

void print_layer(const LayerReport& layer, const Report& report, std::FILE* out) {
  const Sums sums = sums_of(layer);
  const PeRange work = range_of(sums.entries);
  std::fprintf(out, "%s%s%s x %s, %s\n", layer.name.c_str(), layer.name.empty() ? "" : ": ",
               counted(layer.rows, "row").c_str(), counted(layer.columns, "column").c_str(), report.config.name.c_str());
  if (layer.sharing && layer.sharing->clustered()) {
    std::fprintf(out, "  weights       %s clustered into %zu (%s): error at most %.4g, rms %.4g\n",
                 counted(layer.sharing->distinct, "distinct value").c_str(), layer.sharing->used, layer.sharing->start.c_str(),
                 layer.sharing->max_error, layer.sharing->rms_error);
  }
  std::fprintf(out, "  entries       %s%s, %s of them padding; per PE %s to %s\n", thousands(work.total).c_str(),
               a_sample(work.total, layer).c_str(), thousands(sums.padding).c_str(), thousands(work.low).c_str(),
               thousands(work.high).c_str());
  if (layer.counters) {
    const Counters& c = *layer.counters;
    std::fprintf(out, "  cycles        %s (%s us at %g MHz), %s, %s, %s\n", thousands(c.cycles).c_str(),
                 fixed(layer.time_us(report.config.clock_mhz), 3).c_str(), report.config.clock_mhz,
                 counted(c.launches, "launch", "launches").c_str(), counted(c.batches, "batch", "batches").c_str(),
                 counted(c.broadcasts, "broadcast").c_str());
    if (layer.sample_cycles.size() > 1) {
      const PeRange range = range_of(layer.sample_cycles);
      const std::string spread = range.low == range.high ? "" : thousands(range.low) + " to ";
      std::fprintf(out, "  samples       %s, each %s%s, mean %s (%s us)\n", thousands(layer.sample_cycles.size()).c_str(),
                   spread.c_str(), counted(range.high, "cycle").c_str(),
                   fixed(range.mean, 1).c_str(), fixed(range.mean / report.config.clock_mhz, 3).c_str());
    }
    std::fprintf(out, "  load balance  %.1f %%\n", 100 * layer.load_balance());
    std::fprintf(out, "  stalls        queue full %s, activation transfer %s; starved %s\n",
                 thousands(c.queue_full_cycles).c_str(), counted(c.act_transfer_cycles, "cycle").c_str(),
                 counted(sums.starved, "PE cycle").c_str());
    if (layer.pe_cycles) print_account(*layer.pe_cycles, c, out);
    std::fprintf(out, "  SRAM reads    Spmat %s, Ptr %s, Act %s\n", thousands(sums.spmat).c_str(), thousands(sums.ptr).c_str(),
                 thousands(sums.act).c_str());
  }
  if (layer.formats) {
    std::fprintf(out, "  formats       weights %d, activations %d, outputs %d fraction bits, shift %d\n",
                 layer.formats->weight_frac, layer.formats->act_frac, layer.formats->out_frac,
                 layer.formats->shift);
  }
  if (layer.quantisation) print_quantisation(*layer.quantisation, "  ", out);
  if (layer.float_error) {
    std::fprintf(out, "  float error   at most %.4g, rms %.4g\n", layer.float_error->max_abs,
                 layer.float_error->rms);
  }
  if (layer.verdict) {
    std::fprintf(out, "  golden model  %s%s\n", layer.verdict->match() ? "match" : "MISMATCH",
                 layer.verdict->saturated ? ", an accumulator saturated" : "");
    print_places(layer, "", out);
  }
}

void print_bench(const Report& report, std::FILE* out) {
  constexpr auto kRight = TextTable::Align::kRight;
  const std::string here = report.config.name + ", " + report.engine;
  const std::string paper = "paper, 64 PEs at 800 MHz";
  TextTable table;
  table.add_column("layer", TextTable::Align::kLeft);
  table.add_column("cycles", kRight, here);
  table.add_column("time (us)", kRight, here);
  table.add_column("balance (%)", kRight, here);
  table.add_column("golden model", TextTable::Align::kLeft, here);
  table.add_column("time (us)", kRight, paper);
  table.add_column("ratio", kRight, paper);
  table.add_column("balance (%)", kRight, paper);
  for (const LayerReport& layer : report.layers) {
    const double us = layer.time_us(report.config.clock_mhz);
    table.add_row({layer.name, thousands(layer.counters->cycles), fixed(us, 2), fixed(100 * layer.load_balance(), 1),
                   layer.verdict->match() ? "match" : "MISMATCH", fixed(layer.paper->time_us, 1),
                   layer.paper->time_us > 0 ? fixed(us / layer.paper->time_us, 3) : "-",
                   layer.paper->load_balance ? fixed(100 * *layer.paper->load_balance, 1) : "-"});
  }
  table.print(out);
  Quantisation all;
  for (const LayerReport& layer : report.layers) {
    if (layer.quantisation) all.add(*layer.quantisation);
  }
  print_quantisation(all, "", out);
  for (const LayerReport& layer : report.layers) print_places(layer, layer.name + ": ", out);
}

}  // namespace

void Verdict::add(const std::string& where, const LayerResult& device,
                  const std::vector<std::int32_t>& golden, bool golden_saturated, std::size_t sample) {
  for (std::size_t i = 0; i < golden.size(); ++i) {
    if (i < device.outputs.size() && device.outputs[i] == golden[i]) continue;
    if (!first_mismatch) {
      first_mismatch = FirstFault{sample, i, golden[i], i < device.outputs.size() ? device.outputs[i] : 0};
    }
    if (match()) {
      const std::string seen = i < device.outputs.size() ? std::to_string(device.outputs[i]) : "nothing";
      first = where + "output " + std::to_string(i) + ": expected " + std::to_string(golden[i]) + ", seen " +
              seen;
    }
    ++mismatches;
  }
  if (device.saturated != golden_saturated) {
    if (match()) {
      first = where + "saturated: expected " + (golden_saturated ? "true" : "false") + ", seen " +
              (device.saturated ? "true" : "false");
    }
    saturation_differs = true;
  }
  if (device.saturated && !saturated_sample) saturated_sample = sample;
  saturated = saturated || device.saturated;
}

double LayerReport::time_us(double clock_mhz) const {
  return counters ? static_cast<double>(counters->cycles) / clock_mhz : 0;
}

double LayerReport::load_balance() const {
  if (!counters || counters->cycles == 0 || counters->pe.empty()) return 0;
  std::uint64_t entries = 0;
  for (const PeCounters& pe : counters->pe) entries += pe.entries;
  return static_cast<double>(entries) /
         (static_cast<double>(counters->pe.size()) * static_cast<double>(counters->cycles));
}

bool Report::match() const {
  return std::all_of(layers.begin(), layers.end(),
                     [](const LayerReport& layer) { return !layer.verdict || layer.verdict->match(); });
}

Json config_json(const HwConfig& c) {
  Json j = {{"name", c.name}};
  for (const NumberRule& rule : number_rules()) j[rule.key] = c.*rule.value;
  j["ecc"] = c.ecc;
  j["clock_mhz"] = c.clock_mhz;
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

Floors floors_of(const Counters& counters) {
  Floors floors;
  std::uint64_t nonzeros = 0;
  for (const PeCounters& pe : counters.pe) nonzeros += pe.entries - pe.padding;
  if (!counters.pe.empty()) {
    floors.nonzeros = static_cast<double>(nonzeros) / static_cast<double>(counters.pe.size());
  }
  floors.broadcasts = counters.broadcasts;
  const double larger = std::max(floors.nonzeros, static_cast<double>(floors.broadcasts));
  if (larger > 0) floors.distance = static_cast<double>(counters.cycles) / larger - 1;
  return floors;
}

std::string bound_text(const Counters& counters, const PeCycles& account) {
  static const char* const kLosses[kCycleReasons] = {"",
                                                     "padding entries",
                                                     "columns without entries in a PE",
                                                     "waiting for a broadcast that another PE's full queue holds back",
                                                     "waiting for a candidate",
                                                     "the start of batches",
                                                     "waiting for the slowest PE at the end of batches",
                                                     "loads and stores of activations and biases"};
  const Floors floors = floors_of(counters);
  if (!floors.distance) return "nothing is broadcast: what is left is transfers and the start and end of batches";
  const bool by_weights = floors.nonzeros >= static_cast<double>(floors.broadcasts);
  std::string sentence = std::string(by_weights ? "non-zero weights, spread evenly over the PEs" : "broadcasts, one a cycle") +
                         ": " + fixed(by_weights ? floors.nonzeros : static_cast<double>(floors.broadcasts), 0) +
                         " cycles at least, " + fixed(100 * *floors.distance, 1) + " % more were taken";
  unsigned largest = 1;
  for (unsigned r = 1; r < kCycleReasons; ++r) largest = account.by[r] > account.by[largest] ? r : largest;
  if (account.by[largest] > 0) {
    sentence += std::string("; most PE cycles without work: ") + kLosses[largest] + ", " +
                fixed(100 * static_cast<double>(account.by[largest]) / static_cast<double>(account.total()), 1) + " %";
  }
  return sentence;
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

namespace {

void print_trace_window(const Json& window, std::FILE* out) {
  const std::string on = window["on"];
  if (window["file"].is_null()) {
    std::fprintf(out, "waves           none, the run has no %s\n", on == "saturated" ? "saturated sum" : on.c_str());
    return;
  }
  std::fprintf(out, "waves           %s: launch %s, cycles %s to %s; first %s in cycle %s: %s\n",
               window["file"].get<std::string>().c_str(), window["launch"].dump().c_str(), window["from"].dump().c_str(),
               window["to"].dump().c_str(), on == "saturated" ? "saturated sum" : on.c_str(), window["cycle"].dump().c_str(),
               window["what"].get<std::string>().c_str());
}

}  // namespace

Json to_json(const Report& report) {
  Json j = head(report);
  j.update(what_ran_json(report.config, report.options, report.inputs));
  if (!report.flips.is_null()) j["flips"] = report.flips;
  if (!report.trace_window.is_null()) j["trace_window"] = report.trace_window;
  if (!report.list) {
    add_layer(j, report.layers.front(), report.config);
    return j;
  }
  j.update(totals(report));
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

void print_report(const Report& report, std::FILE* out) {
  if (report.command == "bench") {
    print_bench(report, out);
  } else {
    for (const LayerReport& layer : report.layers) print_layer(layer, report, out);
  }
  for (const Json& flip : report.flips) {
    std::fprintf(out, "flip            %s: %s\n", flip["flip"].get<std::string>().c_str(),
                 flip["outcome"].get<std::string>().c_str());
  }
  if (!report.trace_window.is_null()) print_trace_window(report.trace_window, out);
  if (report.samples) {
    std::fprintf(out, "samples         %s\n", thousands(*report.samples).c_str());
    std::uint64_t cycles = 0;
    for (const LayerReport& layer : report.layers) cycles += layer.counters ? layer.counters->cycles : 0;
    if (cycles > 0) {
      const double us = static_cast<double>(cycles) / report.config.clock_mhz / static_cast<double>(*report.samples);
      std::fprintf(out, "latency         %s us a sample, without transfers from and to the host\n", fixed(us, 3).c_str());
      std::fprintf(out, "throughput      %s samples/s at %g MHz\n", fixed(1e6 / us, 0).c_str(), report.config.clock_mhz);
    }
  }
  if (report.accuracy) {
    std::fprintf(out, "accuracy        %.4f (float network %.4f)\n", *report.accuracy,
                 *report.float_accuracy);
  }
  for (const std::string& text : report.warnings()) std::fprintf(out, "warning         %s\n", text.c_str());
}

}  // namespace eie::tb
