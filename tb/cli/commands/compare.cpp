// SPDX-License-Identifier: Apache-2.0
// eie compare: one layer on several configurations or engines.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tb/cli/commands.h"
#include "tb/cli/compare/compared_run.h"
#include "tb/cli/compare/read_log.h"
#include "tb/cli/in_child.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/faults/flip.h"
#include "tb/faults/places.h"
#include "tb/formats/file_bytes.h"
#include "tb/formats/matrix_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

/// The engines differ here.
struct Difference {
  std::size_t expected = 0;  // run
  std::size_t seen = 0;
  ReadPlace place;
  LoggedRead at;  // with the cycles of the engine whose waves can be seen, if it is one of the two
  std::string expected_value;
  std::string seen_value;
  std::optional<FirstDifference> first;  // the cycle, if it could be found
  std::string waves;                     // the command
};

std::vector<std::string> distinct(const std::string& option, const std::vector<std::string>& texts) {
  std::vector<std::string> seen;
  for (const std::string& text : texts) {
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) {
      throw UserError("--" + option + " " + text + " is given twice: expected different ones to compare");
    }
    seen.push_back(text);
  }
  return seen;
}

std::vector<ComparedRun> runs_of(const Options& options) {
  const std::vector<std::string> configs = distinct("config", options.texts("config"));
  const std::vector<std::string> engines = distinct("engine", options.texts("engine"));
  if (configs.size() * engines.size() < 2) {
    throw UserError("one configuration and one engine are given: expected several of --config or --engine to compare");
  }
  std::vector<ComparedRun> runs;
  for (const std::string& text : configs) {
    const std::string path = find_data_file(DataKind::kConfig, "--config", text);
    const HwConfig config = load_config(path, options.changes());
    for (const std::string& engine : engines) {
      ComparedRun run;
      run.named = {config, text, path, options.changes()};
      run.engine = engine;
      run.label = engines.size() > 1 ? (configs.size() > 1 ? config.name + " " : "") + engine : config.name;
      runs.push_back(std::move(run));
    }
  }
  for (const std::string& text : options.texts("flip")) {
    const std::size_t colon = text.find(':');
    const std::string engine = text.substr(0, colon);
    if (colon == std::string::npos || std::find(engines.begin(), engines.end(), engine) == engines.end()) {
      throw UserError("--flip " + text + ": expected one of the engines that are compared first, such as " + engines.front() +
                      ":pe=3,spmat=306,bit=1");
    }
    for (ComparedRun& run : runs) {
      if (run.engine == engine) run.flips.push_back(parse_flip(text.substr(colon + 1), run.named.config));
    }
  }
  std::vector<std::string> labels;
  for (const ComparedRun& run : runs) labels.push_back(run.label);
  for (ComparedRun& run : runs) {  // two files may hold the same name
    if (std::count(labels.begin(), labels.end(), run.label) > 1)
      run.label = run.named.text + (engines.size() > 1 ? " " + run.engine : "");
  }
  return runs;
}

/// In a child: the run, as a JSON text, the first mismatch and what was read.
std::string do_run(const ComparedRun& run, const Options& options, const LayerFiles& files, LoadMode mode) {
  const HwConfig& config = run.named.config;
  const LayerInputs inputs = layer_inputs(options, files, config);
  const auto device = std::make_unique<FaultyDevice>(named_engine(run.engine, run.named), config, run.flips);
  Report report;
  report.command = "run";
  report.config = config;
  report.technology = options.technology();
  report.memory = options.memory();
  report.engine = run.engine;
  report.seed = inputs.seed;
  Progress progress;
  progress.show(run.label + ": preparing");
  const std::vector<PreparedLayer> layers = prepare_layers({files}, inputs.values, config, balance_of(options, files.weights));
  ReadLog log(*device);
  Driver driver(log, config, mode);
  driver.set_progress([&](const std::string&, std::size_t n, std::size_t count) {
    if (!inputs.several) progress.show(run.label + ": launch", n, count);
  });
  NetworkRun result = run_layers(driver, mode, layers, inputs.values, config, [&](std::size_t s, std::size_t count) {
    if (inputs.several) progress.show(run.label + ": sample", s, count);
  });
  progress.clear();
  device->check_all_done();
  report.layers = std::move(result.reports);
  find_places(layers, config, run.flips, report.layers);
  report.options = options.values();
  report.inputs = layer_input_files(options, run.named.path, layers.front(), options.has("json")).files();
  const auto& verdict = report.layers.front().verdict;
  const Json answer = {{"report", to_json(report)}, {"mismatch", verdict && !verdict->match() ? verdict->first : ""}};
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace) + '\0' + pack_reads(log.reads());
}

void take(ComparedRun& run, const std::string& answer) {
  const std::size_t end = answer.find('\0');
  const Json json = Json::parse(answer.substr(0, end));
  run.report = json["report"];
  run.mismatch = json["mismatch"].get<std::string>();
  run.reads = unpack_reads(answer.substr(end + 1));
}

/// `eie run` of the same layer, as one line for a shell.
std::string run_command_line(const Options& options, const NamedConfig& named) {
  std::string line = "eie run " + shell_word(options.text("weights"));
  if (options.has("activations")) line += " " + shell_word(options.text("activations"));
  line += " --config " + shell_word(named.text);
  for (const ConfigChange& change : named.changes) line += " --set " + shell_word(change.text());
  for (const char* name : {"act-density", "bias", "weight-frac", "act-frac", "out-frac", "calibration"}) {
    if (options.has(name)) line += " --" + std::string(name) + " " + shell_word(options.text(name));
  }
  for (const char* name : {"seed", "load", "balance", "balance-window"}) {
    if (!options.defaulted(name)) line += " --" + std::string(name) + " " + shell_word(options.text(name));
  }
  return line + (options.flag("relu") ? " --relu" : "");
}

// The first lane of an activation word that differs, or the whole values.
void tell_values(Difference& d, const HwConfig& config, std::uint64_t a, std::uint64_t b) {
  if (d.place.block == "act_rw" && d.at.address - reg::kWindowBase >= config.window().act_offset && a != b &&
      d.place.what.rfind("activation SRAM", 0) == 0) {
    for (unsigned lane = 0; lane < config.lanes(); ++lane) {
      auto value = [&](std::uint64_t word) {
        const unsigned left = 64 - config.data_width * (lane + 1);
        return static_cast<std::int64_t>(word << left) >> (64 - config.data_width);
      };
      if (value(a) == value(b)) continue;
      d.place.what += ", value " + std::to_string(lane) + " of " + std::to_string(config.lanes());
      d.expected_value = std::to_string(value(a));
      d.seen_value = std::to_string(value(b));
      return;
    }
  }
  d.expected_value = std::to_string(a);
  d.seen_value = std::to_string(b);
}

/// The command that shows the difference: on an engine with waves, that with the fault if there is one.
std::string waves_command(const Difference& d, const ComparedRun& expected, const ComparedRun& seen, const Options& options) {
  const ComparedRun* shown = nullptr;
  for (const ComparedRun* run : {&seen, &expected}) {
    if (run->engine != "tlm" && !run->flips.empty()) shown = run;
  }
  const std::string engine = shown == nullptr ? "hw" : shown->engine;
  std::string line = run_command_line(options, expected.named) + " --engine " + engine;
  for (const ComparedRun* run : {&seen, &expected}) {
    for (const Flip& flip : run->flips) line += " --flip " + shell_word(flip.text);
  }
  if (!d.first) {
    return line + " --trace difference.vcd --trace-scope " +
           shell_word(d.place.pe ? "*.pe_" + std::to_string(*d.place.pe) + ".*" : "*." + d.place.block + "*") +
           " --trace-scope " + shell_word("*.ccu") + " --trace-from " + std::to_string(d.at.start) + " --trace-to " +
           std::to_string(d.at.end);
  }
  constexpr std::uint64_t kBefore = 40;  // as many cycles as a view shows
  constexpr std::uint64_t kAfter = 40;
  line += " --trace difference.fst";
  if (d.first->pe) line += " --trace-pe " + std::to_string(*d.first->pe);
  if (!d.first->clock) return line + " --trace-launch " + std::to_string(d.first->launch);
  return line + " --trace-from " + std::to_string(*d.first->clock - std::min(kBefore, *d.first->clock)) + " --trace-to " +
         std::to_string(*d.first->clock + kAfter);
}

std::optional<Difference> difference(const std::vector<ComparedRun>& runs, std::size_t a, std::size_t b, const Options& options,
                                     const LayerFiles& files, LoadMode mode) {
  const ComparedRun& expected = runs[a];
  const ComparedRun& seen = runs[b];
  const std::optional<std::size_t> k = first_difference(expected.reads, seen.reads);
  if (!k) return std::nullopt;
  Difference d;
  d.expected = a;
  d.seen = b;
  const bool both = *k < expected.reads.size() && *k < seen.reads.size();
  const ComparedRun& waves = seen.engine == "hw" ? seen : expected;
  d.at = *k < waves.reads.size() ? waves.reads[*k] : (*k < expected.reads.size() ? expected : seen).reads[*k];
  d.place = place_of(expected.named.config, d.at.address);
  if (both && expected.reads[*k].address == seen.reads[*k].address) {
    tell_values(d, expected.named.config, expected.reads[*k].value, seen.reads[*k].value);
  } else {
    d.expected_value = *k < expected.reads.size() ? std::to_string(expected.reads[*k].value) : "nothing";
    d.seen_value = *k < seen.reads.size() ? std::to_string(seen.reads[*k].value) : "nothing";
  }
  d.first = find_cycle(expected, seen, d.at, options, files, mode);
  d.waves = waves_command(d, expected, seen, options);
  return d;
}

std::string text_of(const Difference& d, const std::vector<ComparedRun>& runs) {
  const auto values = [&](const std::string& a, const std::string& b) {
    return ": " + runs[d.expected].engine + " has " + a + ", " + runs[d.seen].engine + " has " + b;
  };
  const auto place = [](const std::optional<unsigned>& pe, const std::string& block, const std::string& what) {
    return (pe ? "PE " + std::to_string(*pe) + ", " : "") + block + ", " + what;
  };
  const std::string launch = "launch " + std::to_string(d.at.launch) + ", cycles " + std::to_string(d.at.start) + " to " +
                             std::to_string(d.at.end) + ", ";
  const std::string read = place(d.place.pe, d.place.block, d.place.what) + values(d.expected_value, d.seen_value);
  if (!d.first) return launch + read;
  return "launch " + std::to_string(d.first->launch) + ", cycle " + std::to_string(d.first->cycle) + ", " +
         place(d.first->pe, d.first->block, d.first->what) + values(d.first->a, d.first->b) +
         "; what a host reads of it first: " + read;
}

Json json_of(const Difference& d, const std::vector<ComparedRun>& runs) {
  Json first = nullptr;
  if (d.first) {
    first = {{"launch", d.first->launch}, {"cycle", d.first->cycle}, {"pe", d.first->pe ? Json(*d.first->pe) : Json(nullptr)},
             {"block", d.first->block},   {"what", d.first->what},   {"values", {d.first->a, d.first->b}}};
  }
  return {{"config", runs[d.seen].named.config.name},
          {"engines", {runs[d.expected].engine, runs[d.seen].engine}},
          {"first", std::move(first)},
          {"launch", d.at.launch},
          {"cycles", {d.at.start, d.at.end}},
          {"pe", d.place.pe ? Json(*d.place.pe) : Json(nullptr)},
          {"block", d.place.block},
          {"what", d.place.what},
          {"values", {d.expected_value, d.seen_value}},
          {"waves", d.waves}};
}

/// A line of the table: a number of a report, as it is printed.
struct Metric {
  const char* head;
  const char* keys;  // of the report, from the outside in, with / between
  int digits;
  double factor;
};
constexpr Metric kMetrics[] = {
    {"cycles", "cycles", 0, 1},
    {"time (us)", "time_us", 3, 1},
    {"mean of a sample (cycles)", "samples/cycles_mean", 1, 1},
    {"load balance (%)", "load_balance", 1, 100},
    {"launches", "launches", 0, 1},
    {"broadcasts", "broadcasts", 0, 1},
    {"entries", "work/entries", 0, 1},
    {"padding entries", "work/padding", 0, 1},
    {"queue full (cycles)", "stalls/queue_full_cycles", 0, 1},
    {"activation transfer (cycles)", "stalls/act_transfer_cycles", 0, 1},
    {"starved (PE cycles)", "stalls/starved_pe_cycles", 0, 1},
    {"port load (beats)", "io_cycles", 0, 1},
    {"Spmat reads", "sram_reads/spmat", 0, 1},
    {"Ptr reads", "sram_reads/ptr", 0, 1},
    {"Act reads", "sram_reads/act", 0, 1},
    {"energy (uJ)", "energy/uj", 3, 1},
    {"power (mW)", "energy/power_mw", 1, 1},
    {"frames/J", "energy/frames_per_j", 0, 1},
    {"area (mm2)", "area/mm2", 2, 1},
    {"loaded once (us)", "cold_start/once/us", 3, 1},
    {"first frame, cold (us)", "cold_start/cold/us", 3, 1},
    {"frame, warm (us)", "cold_start/warm/us", 3, 1},
    {"first frame, cold (uJ)", "cold_start/cold/uj", 3, 1},
    {"frame, warm (uJ)", "cold_start/warm/uj", 3, 1},
};

std::optional<double> number_at(const Json& report, const Metric& metric) {
  const Json::json_pointer at(std::string("/") + metric.keys);
  if (!report.contains(at) || !report[at].is_number()) return std::nullopt;
  return report[at].get<double>() * metric.factor;
}

std::optional<double> ratio_of(const ComparedRun& run, const ComparedRun& first, const Metric& metric) {
  const auto a = number_at(first.report, metric);
  const auto b = number_at(run.report, metric);
  if (!a || !b || *a == 0) return std::nullopt;
  return *b / *a;
}

void print_table(const std::vector<ComparedRun>& runs, const LayerFiles& files, std::FILE* out) {
  const Json& first = runs.front().report;
  const std::uint64_t samples = first["samples"]["count"];
  std::fprintf(out, "%s: %s x %s, %s\n", files.weights.c_str(), counted(first["rows"].get<std::uint64_t>(), "row").c_str(),
               counted(first["columns"].get<std::uint64_t>(), "column").c_str(), counted(samples, "sample").c_str());
  TextTable table;
  table.add_column("", TextTable::Align::kLeft);
  for (const ComparedRun& run : runs) {
    table.add_column(run.label);
    if (&run != &runs.front()) table.add_column("ratio");
  }
  for (const Metric& metric : kMetrics) {
    if (metric.keys == std::string("samples/cycles_mean") && samples == 1) continue;
    std::vector<std::string> cells = {metric.head};
    bool any = false;
    for (const ComparedRun& run : runs) {
      const auto value = number_at(run.report, metric);
      any = any || value;
      cells.push_back(value ? fixed(*value, metric.digits) : "-");
      if (&run == &runs.front()) continue;
      const auto ratio = ratio_of(run, runs.front(), metric);
      cells.push_back(ratio ? fixed(*ratio, 3) : "-");
    }
    if (any) table.add_row(std::move(cells));
  }
  std::vector<std::string> golden = {"golden model"};
  for (const ComparedRun& run : runs) {
    golden.push_back(run.report["golden_match"].get<bool>() ? "match" : "MISMATCH");
    if (&run != &runs.front()) golden.emplace_back("");
  }
  table.add_row(std::move(golden));
  table.print(out, "  ");
  for (const ComparedRun& run : runs) {
    for (const Json& warning : run.report["warnings"]) {
      std::fprintf(out, "warning         %s: %s\n", run.label.c_str(), warning.get<std::string>().c_str());
    }
  }
}

}  // namespace

Options compare_options() {
  Options options("compare W A --config NAME --config NAME [options]",
                  "Runs one layer on several configurations, or on several engines (--engine hw --engine "
                  "rtl), and prints what came\n"
                  "of it side by side, with ratios to the first. Engines must agree in everything that a "
                  "host can read; the first\n"
                  "difference is named, with the command that shows it in waves.");
  options.add_positional({"weights", "activations"});
  options.add()("config",
                po::value<std::vector<std::string>>()->value_name("NAME|FILE")->composing()->default_value({"eie64"}, "eie64"),
                "a configuration, may be repeated");
  options.add()("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
                "change a key of all of them, may be repeated; default: as in their files");
  add_layer_files(options);
  options.add()("engine",
                po::value<std::vector<std::string>>()->value_name("hw|tlm|rtl")->composing()->default_value({"hw"}, "hw"),
                "an engine, may be repeated");
  options.add()("load", po::value<std::string>()->value_name("backdoor|port")->default_value("backdoor"), "as for run");
  add_layer_formats(options);
  options.add()("jobs", po::value<std::string>()->value_name("N")->default_value("1"), "do so many runs at a time");
  options.add()("flip", po::value<std::vector<std::string>>()->value_name("ENGINE:pe=K,spmat=I,bit=B")->composing(),
                "flip a bit on one engine alone, as for run, to see what is found; may be repeated; default: none");
  options.add_technology();
  options.add_memory();
  options.add_json();
  return options;
}

int compare_command(const std::vector<std::string>& arguments) {
  Options options = compare_options();
  if (!options.parse(arguments)) return kExitDone;
  const LayerFiles files = layer_files(options);
  const LoadMode mode = options.load_mode();
  const std::size_t jobs = options.jobs();
  std::vector<ComparedRun> runs = runs_of(options);
  options.technology();  // a fault in it is said here, once
  options.memory();
  FileRoles roles;
  for (const ComparedRun& run : runs) roles.input("--config", run.named.path);
  add_layer_files_read(options, roles);
  roles.output("--json", options.text("json"));
  check_writable(options.text("json"));

  // The children inherit what has to be parsed, and pipes.
  open_matrix(files.weights);
  note("compare", left_out_note(files));
  layer_inputs(options, files, runs.front().named.config);
  if (std::filesystem::is_fifo(file_of(files.bias))) FileBytes::map(file_of(files.bias), "a vector");

  std::vector<std::function<std::string()>> works;
  for (const ComparedRun& run : runs)
    works.push_back([&run, &options, &files, mode] { return do_run(run, options, files, mode); });
  const std::vector<std::string> answers = in_children(works, jobs);
  for (std::size_t k = 0; k < runs.size(); ++k) take(runs[k], answers[k]);

  std::vector<Difference> differences;
  for (std::size_t k = 1; k < runs.size(); ++k) {
    // The first engine of the same configuration.
    for (std::size_t a = 0; a < k; ++a) {
      if (runs[a].named.text != runs[k].named.text) continue;
      if (const auto d = difference(runs, a, k, options, files, mode)) differences.push_back(*d);
      break;
    }
  }
  if (options.has("json")) {
    Json json = {{"schema", kReportSchema}, {"version", kVersion}, {"command", "compare"}};
    json["runs"] = Json::array();
    json["ratios"] = Json::array();
    for (const ComparedRun& run : runs) {
      json["runs"].push_back(run.report);
      Json ratios = {{"config", run.named.config.name}, {"engine", run.engine}};
      for (const Metric& metric : kMetrics) {
        const std::string key = metric.keys + std::string(metric.keys).rfind('/') + 1;
        const auto ratio = ratio_of(run, runs.front(), metric);
        ratios[key] = ratio ? Json(*ratio) : Json(nullptr);
      }
      json["ratios"].push_back(std::move(ratios));
    }
    json["differences"] = Json::array();
    for (const Difference& d : differences) json["differences"].push_back(json_of(d, runs));
    write_json(json, options.text("json"));
  }
  std::FILE* const out = options.table();
  print_table(runs, files, out);
  for (const Difference& d : differences) {
    std::fprintf(out, "  first difference of %s and %s: %s\n  to see it: %s\n", runs[d.expected].label.c_str(),
                 runs[d.seen].label.c_str(), text_of(d, runs).c_str(), d.waves.c_str());
  }
  flush_stdout();
  for (const ComparedRun& run : runs) {
    for (const Json& warning : run.report["warnings"]) {
      std::fprintf(stderr, "eie compare: warning: %s: %s\n", run.label.c_str(), warning.get<std::string>().c_str());
    }
  }
  if (!differences.empty()) {
    std::fprintf(stderr, "eie compare: engines differ: %s\n", text_of(differences.front(), runs).c_str());
    return kExitMismatch;
  }
  for (const ComparedRun& run : runs) {
    if (run.mismatch.empty()) continue;
    std::fprintf(stderr, "eie compare: %s does not match the golden model: %s\n", run.label.c_str(), run.mismatch.c_str());
    return kExitMismatch;
  }
  return kExitDone;
}

}  // namespace eie::tb
