// SPDX-License-Identifier: Apache-2.0
// eie why and eie stalls: answers about a run without a wave viewer, made of its events.
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "tb/cli/commands.h"
#include "tb/cli/commands/window_command.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/program.h"
#include "tb/cli/report/answers.h"
#include "tb/cli/report/text_table.h"
#include "tb/layers/input_files.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

po::typed_value<std::string>* number() { return po::value<std::string>()->value_name("N"); }

void add_layer(Options& options) {
  options.add_positional({"weights", "activations"});
  options.add_config();
  add_layer_files(options);
  options.add()("engine", po::value<std::string>()->value_name("hw|tlm|rtl")->default_value("tlm"),
                "which engine runs it: the answers are the same, tlm is the fastest");
  add_layer_formats(options);
}

/// Runs the layer on its engine; the sink is told of every launch.
struct Observed {
  HwConfig config;
  std::vector<InputFile> inputs;      // with --json
  std::vector<std::string> warnings;  // on stderr too
};

Observed run_observed(const Options& options, const std::string& command, EventSink& sink) {
  Observed observed;
  const LayerFiles files = layer_files(options);
  FileRoles roles;
  add_layer_inputs(options, roles);
  if (options.has("json")) roles.output("--json", options.text("json"));
  const HwConfig& config = observed.config = options.config();
  const LayerInputs activations = layer_inputs(options, files, config);
  const std::unique_ptr<Device> device = options.engine(config);
  device->observe(sink);
  const std::vector<PreparedLayer> layers =
      prepare_layers({files}, activations.values, config, balance_of(options, files.weights));
  note(command, layers.front().weights.note);
  note(command, left_out_note(files));
  const bool reported = command == "stalls" && options.has("json");
  InputFiles read = layer_input_files(options, options.config_file(), layers.front(), reported);
  Driver driver(*device, config, LoadMode::kBackdoor);
  run_layers(driver, LoadMode::kBackdoor, layers, activations.values, config, {});
  device->finish();
  observed.inputs = read.files();
  observed.warnings = layers.front().fixed.warnings;
  for (const std::string& text : observed.warnings) {
    std::fprintf(stderr, "eie %s: warning: %s\n", command.c_str(), text.c_str());
  }
  return observed;
}

/// What is asked: exactly one of a PE's cycle, a column and a wait.
struct Question {
  std::optional<std::uint64_t> launch;
  std::optional<std::uint64_t> pe;
  std::optional<std::uint64_t> cycle;
  std::optional<std::uint64_t> column;
  std::optional<std::uint64_t> stall;
};

Question question_of(const Options& options) {
  auto value = [&](const char* name) {
    return options.has(name) ? std::optional<std::uint64_t>(options.number(name)) : std::nullopt;
  };
  Question q{value("launch"), value("pe"), value("cycle"), value("column"), value("stall")};
  const int asked = (q.pe || q.cycle ? 1 : 0) + (q.column ? 1 : 0) + (q.stall ? 1 : 0);
  if (asked != 1 || q.pe.has_value() != q.cycle.has_value()) {
    throw UserError("what to explain is not clear: expected --pe K with --cycle C, or --column J, or --stall N");
  }
  for (const char* name : {"launch", "stall"}) {
    if (options.has(name)) options.number_from_1(name);
  }
  return q;
}

/// Keeps the launch that the question is about.
class Witness final : public EventSink {
 public:
  explicit Witness(const Question& question) : question_(question) {}

  void launch(const LaunchEvents& events) override {
    launches_ = std::max(launches_, events.context.launch);
    if (found_ || (question_.launch && *question_.launch != events.context.launch)) return;
    const LaunchContext& context = events.context;
    columns_ = std::max(columns_, context.first_column + context.columns);
    if (question_.column &&
        (*question_.column < context.first_column || *question_.column >= context.first_column + context.columns)) {
      return;
    }
    if (question_.stall) {
      std::vector<Wait> waits = waits_of(events);
      const std::uint64_t before = waits_;
      waits_ += waits.size();
      if (*question_.stall > waits_) return;
      wait_ = std::move(waits[static_cast<std::size_t>(*question_.stall - before - 1)]);
    }
    found_ = events;
  }

  /// Throws UserError when the run has no such launch, PE, cycle, column or wait.
  std::vector<std::string> answer(const HwConfig& config) const {
    if (question_.pe && *question_.pe >= config.n_pe) {
      throw UserError("--pe " + std::to_string(*question_.pe) + ": expected a PE from 0 to " + std::to_string(config.n_pe - 1));
    }
    if (question_.launch && *question_.launch > launches_) {
      throw UserError("--launch " + std::to_string(*question_.launch) + ": expected a launch from 1 to " +
                      std::to_string(launches_));
    }
    if (!found_ && question_.column) {
      throw UserError("--column " + std::to_string(*question_.column) + ": no launch asked about has it; expected one below " +
                      std::to_string(columns_));
    }
    if (!found_) {
      throw UserError("--stall " + std::to_string(question_.stall.value_or(0)) + ": " +
                      (waits_ == 0 ? std::string("no column waited for a full queue")
                                   : "expected a number from 1 to " + std::to_string(waits_)));
    }
    if (question_.cycle && *question_.cycle >= found_->activity.cycles) {
      throw UserError("--cycle " + std::to_string(*question_.cycle) + ": expected a cycle from 0 to " +
                      std::to_string(found_->activity.cycles - 1) + ", " + launch_text(found_->context));
    }
    if (question_.column) return why_column(*found_, static_cast<std::uint32_t>(*question_.column));
    if (question_.stall) return why_wait(*found_, wait_);
    return why_pe(*found_, static_cast<unsigned>(*question_.pe), static_cast<std::uint32_t>(*question_.cycle));
  }

  /// The PEs that a viewer should see.
  std::vector<unsigned> pes() const {
    std::vector<unsigned> pes;
    if (question_.pe) {
      pes.push_back(static_cast<unsigned>(*question_.pe));
      const PeEvent& event = event_at(*found_, pes.front(), static_cast<std::uint32_t>(*question_.cycle));
      if (event.held_by != kNoPe && event.held_by != pes.front()) pes.push_back(event.held_by);
    } else if (question_.stall) {
      pes.push_back(wait_.held_by);
    } else {
      for (const Wait& wait : waits_of(*found_)) {
        if (wait.column == *question_.column) pes.push_back(wait.held_by);
      }
    }
    return pes;
  }
  std::uint64_t launch_number() const { return found_->context.launch; }

 private:
  const Question question_;
  std::optional<LaunchEvents> found_;
  Wait wait_;
  std::uint64_t launches_ = 0;
  std::uint64_t columns_ = 0;
  std::uint64_t waits_ = 0;
};

/// All waits of a run.
struct WaitLog : EventSink {
  void launch(const LaunchEvents& events) override {
    for (Wait& wait : waits_of(events)) waits.push_back(std::move(wait));
    cycles += events.activity.cycles;
    n_pe = events.activity.pe.size();
  }
  std::vector<Wait> waits;
  std::uint64_t cycles = 0;
  std::uint64_t n_pe = 0;
};

/// A line of the table of stalls.
struct Sum {
  std::uint64_t stalls = 0;
  std::uint64_t cycles = 0;
  std::uint64_t pe_cycles = 0;
  Wait longest;
  void add(const Wait& wait) {
    if (stalls == 0 || wait.cycles > longest.cycles) longest = wait;
    ++stalls;
    cycles += wait.cycles;
    pe_cycles += wait.pe_cycles;
  }
};

/// By cost, the dearest first; equal ones by number.
std::vector<std::pair<std::uint64_t, Sum>> sums_by(const WaitLog& log, bool by_pe) {
  std::map<std::uint64_t, Sum> sums;
  for (const Wait& wait : log.waits) sums[by_pe ? wait.held_by : wait.column].add(wait);
  std::vector<std::pair<std::uint64_t, Sum>> sorted(sums.begin(), sums.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.second.pe_cycles, a.second.cycles) > std::make_pair(b.second.pe_cycles, b.second.cycles);
  });
  return sorted;
}

}  // namespace

Options why_options() {
  Options options(
      "why W A --pe K --cycle C | --column J | --stall N [options]",
      "Says in two lines why. --pe and --cycle: what a PE did in a cycle of a launch, since when, and who held it. --column:\n"
      "when a column was broadcast, what it waited for, who was slow with it. --stall: the N-th wait of the run, and what\n"
      "the PE with the full queue was busy with. Then the command that shows it in a wave viewer. Cycles count from 0 in\n"
      "each launch, columns and rows are the layer's. A PE's cycle is judged at its arithmetic unit, three cycles behind\n"
      "the broadcast.");
  options.add()("pe", number(), "the PE, from 0; with --cycle");
  options.add()("cycle", number(), "the cycle of the launch, from 0; with --pe");
  options.add()("column", number(), "the column, from 0");
  options.add()("stall", number(), "the wait, from 1: `eie stalls` counts them");
  options.add()("launch", number(), "the launch, from 1; default: the first that the question is about");
  add_layer(options);
  return options;
}

int why_command(const std::vector<std::string>& arguments) {
  Options options = why_options();
  if (!options.parse(arguments)) return kExitDone;
  const Question question = question_of(options);
  Witness witness(question);
  const HwConfig config = run_observed(options, "why", witness).config;
  for (const std::string& line : witness.answer(config)) std::printf("%s\n", line.c_str());
  std::printf("to see it: %s\n", window_command(options, witness.launch_number(), witness.pes()).c_str());
  flush_stdout();
  return kExitDone;
}

Options stalls_options() {
  Options options("stalls W A [options]",
                  "Tells which PEs' full queues held broadcasts back: a column that waits holds back every PE. The dearest come\n"
                  "first: the cost is what the other PEs had no work for. `eie why --stall N` explains one wait.");
  options.add()("by", po::value<std::string>()->value_name("pe|column")->default_value("pe"),
                "pe: whose queue was full, the last to make room; column: which column waited");
  options.add()("top", number()->default_value("10"), "so many lines; 0: all");
  options.add_json();
  add_layer(options);
  return options;
}

int stalls_command(const std::vector<std::string>& arguments) {
  Options options = stalls_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string by = options.text("by");
  if (by != "pe" && by != "column") throw UserError("--by is '" + by + "': expected pe or column");
  const std::uint64_t top = options.number("top");
  check_writable(options.text("json"));
  WaitLog log;
  const Observed observed = run_observed(options, "stalls", log);
  const HwConfig& config = observed.config;
  const auto sums = sums_by(log, by == "pe");
  std::uint64_t cycles = 0;
  std::uint64_t pe_cycles = 0;
  for (const Wait& wait : log.waits) {
    cycles += wait.cycles;
    pe_cycles += wait.pe_cycles;
  }

  const std::size_t shown = top == 0 ? sums.size() : std::min<std::size_t>(sums.size(), static_cast<std::size_t>(top));
  if (options.has("json")) {
    Json json = {{"schema", kReportSchema},
                 {"version", kVersion},
                 {"command", "stalls"},
                 {"engine", options.text("engine")},
                 {"config", config.name},
                 {"n_pe", config.n_pe},
                 {"by", by},
                 {"cycles", log.cycles},
                 {"stalls", log.waits.size()},
                 {"stall_cycles", cycles},
                 {"pe_cycles", pe_cycles}};
    json.update(what_ran_json(config, options.values(), observed.inputs));
    json["warnings"] = observed.warnings;
    json["lines"] = Json::array();
    for (std::size_t k = 0; k < shown; ++k) {
      const auto& [key, sum] = sums[k];
      json["lines"].push_back({{by, key},
                               {"stalls", sum.stalls},
                               {"cycles", sum.cycles},
                               {"pe_cycles", sum.pe_cycles},
                               {"longest",
                                {{"launch", sum.longest.launch},
                                 {"cycle", sum.longest.cycle},
                                 {"cycles", sum.longest.cycles},
                                 {"column", sum.longest.column},
                                 {"pe", sum.longest.held_by}}}});
    }
    write_json(json, options.text("json"));
  }
  std::FILE* const out = options.table();
  std::fprintf(out, "%s, %s of %s; %s without work for them\n", counted(log.waits.size(), "stall").c_str(),
               counted(cycles, "cycle").c_str(), thousands(log.cycles).c_str(), counted(pe_cycles, "PE cycle").c_str());
  if (!sums.empty()) {
    TextTable table;
    table.add_column(by == "pe" ? "PE" : "column");
    for (const char* head : {"stalls", "cycles", "PE cycles", "share (%)"}) table.add_column(head);
    for (const char* head : {"launch", "cycle", "cycles", by == "pe" ? "column" : "PE"}) {
      table.add_column(head, TextTable::Align::kRight, "longest");
    }
    for (std::size_t k = 0; k < shown; ++k) {
      const auto& [key, sum] = sums[k];
      table.add_row({std::to_string(key), thousands(sum.stalls), thousands(sum.cycles), thousands(sum.pe_cycles),
                     pe_cycles == 0 ? "-" : fixed(100 * static_cast<double>(sum.pe_cycles) / static_cast<double>(pe_cycles), 1),
                     std::to_string(sum.longest.launch), std::to_string(sum.longest.cycle), std::to_string(sum.longest.cycles),
                     std::to_string(by == "pe" ? sum.longest.column : sum.longest.held_by)});
    }
    table.print(out);
    const Wait& dearest = sums.front().second.longest;
    std::fprintf(out, "to see the first: %s\n", window_command(options, dearest.launch, {dearest.held_by}).c_str());
  }
  flush_stdout();
  return kExitDone;
}

}  // namespace eie::tb
