// SPDX-License-Identifier: Apache-2.0
// eie inspect: what weights look like, what they become on a configuration, and a forecast of their cycles.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "tb/cli/commands.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/options/options.h"
#include "tb/cli/plot/gnuplot.h"
#include "tb/cli/plot/inspect_plot.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/compress/balance/balance.h"
#include "tb/compress/balance/permuted_source.h"
#include "tb/compress/container.h"
#include "tb/encoding/code_matrix.h"
#include "tb/layers/inspect/inspection.h"
#include "tb/layers/layer_result.h"
#include "tb/layers/network_file.h"
#include "tb/layers/parallel_encode.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::size_t kWeightBins = 100;

/// The cycles of one vector of drawn activations, on engine tlm.
struct Forecast {
  Counters counters;
  double nonzeros_floor = 0;           // weights of the broadcast columns / PEs
  std::optional<double> load_balance;  // none without counters in the PEs
  double floor() const { return std::max(nonzeros_floor, static_cast<double>(counters.broadcasts)); }
  std::optional<double> distance() const {
    return floor() > 0 ? std::optional(static_cast<double>(counters.cycles) / floor() - 1) : std::nullopt;
  }
};

struct InspectedLayer {
  LayerFiles files;
  Codebook codebook;
  Balance balance;
  Inspection inspection;
  Forecast forecast;
  /// Of a matrix alone, the name of its file.
  std::string title() const { return files.name.empty() ? std::filesystem::path(files.weights).filename().string() : files.name; }
};

/// `columns`: what lies at the places of the inputs.
Forecast forecast(const InspectedLayer& layer, const Order& columns, const EncodedLayer& image, const Plan& plan,
                  const Options& options, const HwConfig& config, Driver& driver) {
  const std::vector<std::int32_t> activations = in_places(drawn_activations(options, image.columns, config), columns);
  DeviceLayer run;
  run.name = layer.files.name;
  run.image = &image;
  run.plan = &plan;
  // Cycles do not depend on values: with a codebook of zeros no sum can saturate.
  run.codebook.assign(layer.codebook.values.size(), 0);
  run.relu = layer.files.relu;
  driver.load({run});
  Forecast out;
  out.counters = driver.run(activations).front().counters;
  const Work work = count_work(image, activations);
  out.nonzeros_floor = static_cast<double>(work.total() - work.padding) / config.n_pe;
  LayerReport report;
  report.counters = out.counters;
  out.load_balance = report.load_balance();
  return out;
}

/// `columns`: the order of the rows of the layer before; becomes that of this one.
InspectedLayer look_at(const LayerFiles& files, const Options& options, const HwConfig& config, Driver& driver, Order& columns) {
  InspectedLayer layer;
  layer.files = files;
  StoredWeights stored = share_or_take(files.weights, config);
  SharedWeights& shared = stored.shared;
  note("inspect", shared.note);
  layer.codebook = shared.codebook;
  shared.codes->set_codebook(std::vector<std::int32_t>(layer.codebook.values.size(), 0));
  const std::vector<RowBlock> blocks = split_rows(shared.codes->rows(), config);
  if (!columns.empty() && columns.size() != shared.codes->columns()) {
    throw UserError(files.weights + ": has " + std::to_string(shared.codes->columns()) + " columns: expected " +
                    std::to_string(columns.size()) + ", the rows of the layer before");
  }
  const BalanceChoice choice = balance_of(options, files.weights);
  BalancedRows balanced =
      balance_rows(PermutedSource(*shared.codes, {{}, columns}), config, blocks, {choice.kind, choice.window, {}});
  layer.balance = balanced.balance;
  const PermutedSource placed(*shared.codes, {balanced.rows, columns});
  const bool in_place = balanced.rows.empty() && columns.empty();
  const EncodedLayer image = stored.image && in_place ? std::move(*stored.image) : encode_parallel(placed, config, blocks);
  const Plan plan = plan_launches(image, config, !files.bias.empty(), files.weights);
  layer.inspection = inspect(*shared.codes, image, plan, config);
  layer.forecast = forecast(layer, columns, image, plan, options, config, driver);
  columns = std::move(balanced.rows);
  return layer;
}

Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json bins_json(const Bins& bins) { return {{"low", bins.low}, {"high", bins.high}, {"counts", bins.counts}}; }

Json to_json(const InspectedLayer& layer, const HwConfig& config, const Bins& weights) {
  const Inspection& seen = layer.inspection;
  const PeRange work = range_of(seen.work.entries);
  Json j = {{"name", layer.files.name.empty() ? Json(nullptr) : Json(layer.files.name)},
            {"rows", seen.rows},
            {"columns", seen.columns},
            {"nonzeros", seen.nonzeros},
            {"density", seen.density()}};
  Json codebook = Json::array();
  for (std::size_t c = 0; c < seen.code_counts.size(); ++c) {
    codebook.push_back({{"value", layer.codebook.values[c]}, {"weights", seen.code_counts[c]}});
  }
  j["codebook"] = std::move(codebook);
  j["sharing"] = {{"distinct", layer.codebook.distinct},
                  {"used", layer.codebook.used},
                  {"start", layer.codebook.start},
                  {"max_error", layer.codebook.max_error},
                  {"rms_error", layer.codebook.rms_error}};
  j["weights"] = bins_json(weights);
  j["map"] = {{"rows", seen.map.rows}, {"columns", seen.map.columns}, {"density", seen.map.share}};
  j["runs"] = seen.runs;
  j["work"] = {{"entries", work.total},
               {"padding", seen.work.padding},
               {"per_pe", seen.work.entries},
               {"per_pe_min", work.low},
               {"per_pe_mean", work.mean},
               {"per_pe_max", work.high},
               {"empty_pe_columns", seen.empty_pe_columns}};
  j["launches"] = seen.launches;
  j["fill"] = {{"spmat", seen.fill.spmat}, {"pointers", seen.fill.pointers}, {"registers", seen.fill.rows}};
  const Counters& counters = layer.forecast.counters;
  j["forecast"] = {{"cycles", counters.cycles},
                   {"time_us", static_cast<double>(counters.cycles) / config.clock_mhz},
                   {"broadcasts", counters.broadcasts},
                   {"load_balance", optional(layer.forecast.load_balance)},
                   {"floors",
                    {{"nonzeros", layer.forecast.nonzeros_floor},
                     {"broadcasts", counters.broadcasts},
                     {"distance", optional(layer.forecast.distance())}}}};
  return j;
}

std::string percent(double share, int digits = 1) { return fixed(100 * share, digits); }
std::string percent(const std::optional<double>& share) { return share ? percent(*share) : "-"; }

void print(const std::vector<InspectedLayer>& layers, const Options& options, const HwConfig& config, std::FILE* out) {
  TextTable weights;
  weights.add_column("layer", TextTable::Align::kLeft);
  for (const char* head : {"rows", "columns", "not zero", "%", "distinct", "shared", "rms error"}) weights.add_column(head);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Inspection& seen = layers[l].inspection;
    char error[32];
    std::snprintf(error, sizeof error, "%.3g", layers[l].codebook.rms_error);
    weights.add_row({layers[l].title(), thousands(seen.rows), thousands(seen.columns), thousands(seen.nonzeros),
                     percent(seen.density(), 2), thousands(layers[l].codebook.distinct), thousands(layers[l].codebook.used),
                     layers[l].codebook.clustered() ? error : "0"});
  }
  weights.print(out);

  std::fprintf(out, "\nshared values\n");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    std::fprintf(out, "  %s:", layers[l].title().c_str());
    for (std::size_t c = 1; c <= layers[l].codebook.used; ++c) std::fprintf(out, " %.4g", layers[l].codebook.values[c]);
    std::fprintf(out, "\n");
  }

  std::fprintf(out, "\non %s, %s\n", config.name.c_str(), counted(config.n_pe, "PE").c_str());
  TextTable device;
  device.add_column("layer", TextTable::Align::kLeft);
  for (const char* head : {"entries", "padding %"}) device.add_column(head);
  for (const char* head : {"least", "mean", "most"}) device.add_column(head, TextTable::Align::kRight, "entries a PE");
  device.add_column("launches");
  for (const char* head : {"Spmat", "Ptr", "registers"}) device.add_column(head, TextTable::Align::kRight, "full, %");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Inspection& seen = layers[l].inspection;
    const PeRange work = range_of(seen.work.entries);
    const double padding = work.total > 0 ? static_cast<double>(seen.work.padding) / static_cast<double>(work.total) : 0;
    device.add_row({layers[l].title(), thousands(work.total), percent(padding, 2), thousands(work.low), fixed(work.mean, 1),
                    thousands(work.high), thousands(seen.launches), percent(seen.fill.spmat), percent(seen.fill.pointers),
                    percent(seen.fill.rows)});
  }
  device.print(out, "  ");

  std::fprintf(out, "\nshare of entries by run, %% (padding apart)\n");
  TextTable runs;
  runs.add_column("layer", TextTable::Align::kLeft);
  constexpr std::size_t kMostRuns = 16;
  const std::size_t shown = std::min(kMostRuns, layers.front().inspection.runs.size());
  for (std::size_t r = 0; r < shown; ++r) {
    const bool rest = r + 1 == shown && shown < layers.front().inspection.runs.size();
    runs.add_column(std::to_string(r) + (rest ? "+" : ""));
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Inspection& seen = layers[l].inspection;
    std::vector<std::string> cells = {layers[l].title()};
    for (std::size_t r = 0; r < shown; ++r) {
      std::uint64_t count = seen.runs[r];
      for (std::size_t more = r + 1; r + 1 == shown && more < seen.runs.size(); ++more) count += seen.runs[more];
      cells.push_back(seen.nonzeros > 0 ? percent(static_cast<double>(count) / static_cast<double>(seen.nonzeros)) : "-");
    }
    runs.add_row(std::move(cells));
  }
  runs.print(out, "  ");

  std::fprintf(out, "\nforecast by engine tlm, activations drawn, %s %% of them not zero (seed %s)\n",
               fixed(100 * act_density(options), 1).c_str(), options.text("seed").c_str());
  TextTable cycles;
  cycles.add_column("layer", TextTable::Align::kLeft);
  for (const char* head : {"cycles", "us", "broadcasts", "balance %"}) cycles.add_column(head);
  cycles.add_column("work / PEs", TextTable::Align::kRight, "floor");
  cycles.add_column("above %");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Forecast& seen = layers[l].forecast;
    cycles.add_row({layers[l].title(), thousands(seen.counters.cycles),
                    fixed(static_cast<double>(seen.counters.cycles) / config.clock_mhz, 3), thousands(seen.counters.broadcasts),
                    percent(seen.load_balance), fixed(seen.nonzeros_floor, 1), percent(seen.distance())});
  }
  cycles.print(out, "  ");
}

}  // namespace

Options inspect_options() {
  Options options("inspect FILE [options]",
                  "Says of a matrix of weights or of a network how full it is, how its weights are shared, what it becomes on a\n"
                  "configuration - entries, padding, runs, work of each PE, launches - and how many cycles it takes there on\n"
                  "engine tlm, beside what no arrangement of the work could go below.");
  options.add_positional({"file"});
  options.add_config();
  options.add()("file", po::value<std::string>()->value_name("NAME|FILE"),
                "weights (as for run) or a network (as for network); required");
  options.add()("act-density", po::value<std::string>()->value_name("D")->default_value("1"),
                "the forecast's activations are drawn: a share of D, 0 to 1, is not zero");
  options.add()("seed", po::value<std::string>()->value_name("N")->default_value("1"), "of the drawn activations");
  options.add()("plot", po::value<std::string>()->value_name("FILE.svg|FILE.png"),
                "draw weights and shared values, runs, load of each PE and a map of densities, with gnuplot; default: none");
  add_balance(options, false);
  options.add_json();
  return options;
}

int inspect_command(const std::vector<std::string>& arguments) {
  Options options = inspect_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string file = options.required("file");
  const HwConfig config = options.config();
  act_density(options);
  options.number("seed");
  balance_of(options, "");
  if (options.has("plot")) picture_kind("--plot", options.text("plot"));

  std::vector<LayerFiles> files(1);
  files.front().weights = file;
  const bool network = names_network(file);
  const std::string network_file = network ? options.data_file(DataKind::kNetwork, "file") : "";
  if (network) files = load_network(network_file).layers;
  FileRoles roles;
  roles.input("--config", options.config_file());
  roles.input("FILE", network ? network_file : file);
  for (const LayerFiles& layer : files) {
    if (network) roles.input("weights", layer.weights);
    roles.input("bias", layer.bias);
  }
  for (const char* name : {"plot", "json"}) {
    roles.output(std::string("--") + name, options.text(name));
    check_writable(options.text(name));
  }
  if (options.has("plot")) require_gnuplot();
  InputFiles read(options.has("json"));
  read.add("config", options.config_file());
  read.add("network", network_file);
  for (const LayerFiles& layer : files) read.add_array("weights", layer.weights, Wanted::matrix(), layer.name);

  // One device for all layers: engines are made before any of them runs.
  const auto device = make_engine("tlm", config, {});
  Driver driver(*device, config, LoadMode::kBackdoor);
  Progress progress;
  std::vector<InspectedLayer> layers;
  std::vector<Bins> bins;
  Order columns;
  for (std::size_t l = 0; l < files.size(); ++l) {
    progress.show("layer", l, files.size());
    layers.push_back(look_at(files[l], options, config, driver, columns));
    bins.push_back(weight_bins(files[l].weights, kWeightBins));
  }
  device->finish();
  progress.clear();
  if (options.has("plot")) {
    std::vector<InspectedPicture> pictures;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      pictures.push_back({layers[l].title(), &layers[l].inspection, &layers[l].codebook, bins[l]});
    }
    progress.show("drawing");
    draw_inspection(pictures, options.text("plot"));
    progress.clear();
  }
  if (options.has("json")) {
    Json json = {{"schema", kReportSchema}, {"version", kVersion}, {"command", "inspect"}, {"config", config.name}};
    json.update(what_ran_json(config, options.values(), read.files()));
    json["layers"] = Json::array();
    for (std::size_t l = 0; l < layers.size(); ++l) json["layers"].push_back(to_json(layers[l], config, bins[l]));
    write_json(json, options.text("json"));
  }
  print(layers, options, config, options.table());
  flush_stdout();
  return kExitDone;
}

}  // namespace eie::tb
