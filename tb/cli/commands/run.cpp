// SPDX-License-Identifier: Apache-2.0
// eie run: one layer.
#include <cmath>

#include "tb/cli/commands.h"
#include "tb/cli/commands/window_command.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/options/observation.h"
#include "tb/cli/program.h"
#include "tb/cli/report/moments.h"
#include "tb/cli/report/text_table.h"
#include "tb/faults/flip.h"
#include "tb/faults/places.h"
#include "tb/formats/npy.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

/// No file of the command is written twice, or over what it reads.
void check_files(const Options& options) {
  FileRoles files;
  add_layer_inputs(options, files);
  for (const char* name : {"output", "raw-output", "json"}) files.output(std::string("--") + name, options.text(name));
  add_observation_files(options, files);
}

/// The one device, with faults if there are any.
const FaultyDevice* break_device(std::vector<std::unique_ptr<Device>>& devices, const HwConfig& config,
                                 const std::vector<Flip>& flips) {
  if (flips.empty()) return nullptr;
  auto faulty = std::make_unique<FaultyDevice>(std::move(devices.front()), config, flips);
  const FaultyDevice* const device = faulty.get();
  devices.front() = std::move(faulty);
  return device;
}

/// The first write that the device dropped.
class FirstError final : public EventSink {
 public:
  void launch(const LaunchEvents& events) override {
    if (!text.empty() || events.activity.errors.empty()) return;
    const PlaceEvent& place = events.activity.errors.front();
    text =
        "launch " + std::to_string(events.context.launch) + ", cycle " + std::to_string(place.cycle) + ", " + dropped_text(place);
  }
  std::string text;
};

/// What came of the faults.
void add_flips(const std::vector<Flip>& flips, Report& report) {
  const LayerReport& layer = report.layers.front();
  const Verdict& verdict = *layer.verdict;
  const bool corrected = layer.counters && layer.counters->ecc_corrected > 0;
  std::string outcome = corrected ? "corrected, every output is right" : "masked, every output is right";
  if (verdict.mismatches > 0) {
    outcome = counted(verdict.mismatches, "wrong output") + ", the first: " + verdict.first;
  } else if (verdict.saturation_differs) {
    outcome = verdict.first;
  }
  for (const Flip& flip : flips) report.flips.push_back({{"flip", flip.text}, {"outcome", outcome}});
}

/// Rows, or samples x rows.
void write_outputs(const Options& options, const NetworkRun& run, bool several, int out_frac) {
  std::vector<std::int32_t> raw;
  for (const auto& y : run.outputs) raw.insert(raw.end(), y.begin(), y.end());
  std::vector<std::size_t> shape{run.outputs.front().size()};
  if (several) shape.insert(shape.begin(), run.outputs.size());
  if (options.has("output")) {
    std::vector<double> real;
    for (const std::int32_t value : raw) real.push_back(std::ldexp(value, -out_frac));
    write_npy(options.text("output"), real, shape);
  }
  if (options.has("raw-output")) write_npy(options.text("raw-output"), raw, shape);
}

}  // namespace

Options run_options() {
  Options options("run W A [options]",
                  "Computes y = W a + b on the device and compares it, bit for bit, with the golden model. Activations of shape\n"
                  "(M, N) are M samples; without any, --act-density draws them.");
  options.add_positional({"weights", "activations"});
  options.add_config();
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  add_layer_files(options);
  options.add_engine();
  options.add_jobs();
  add_layer_formats(options);
  options.add()("output", file(), "write y as .npy float64, (samples x) rows; - is standard output; default: none");
  options.add()("raw-output", file(), "write the integers of y as .npy int32; default: none");
  options.add_technology();
  options.add_memory();
  options.add_json();
  add_observation(options);
  options.add()("flip", po::value<std::vector<std::string>>()->value_name("pe=K,spmat=I,bit=B")->composing(),
                "flip a bit before launch 1 (or launch=L): of entry I of PE K; ptr=I: of a pointer; act=I: of a word of "
                "activations; check=B for bit=: of its check bits (ecc); with cycle=C in that cycle of the launch; "
                "register=NAME: of a register, as waves name it, on "
                "--engine hw; may be repeated; default: none");
  return options;
}

int run_command(const std::vector<std::string>& arguments) {
  Options options = run_options();
  if (!options.parse(arguments)) return kExitDone;
  const LayerFiles files = layer_files(options);
  const LoadMode mode = options.load_mode();
  check_files(options);
  Observation observation(options, "run");

  Report report;
  report.command = "run";
  report.config = options.config();
  report.technology = options.technology();
  report.memory = options.memory();
  for (const char* name : {"output", "raw-output", "json"}) check_writable(options.text(name));
  const LayerInputs activations = layer_inputs(options, files, report.config);
  const Eigen::MatrixXd& inputs = activations.values;
  report.seed = activations.seed;
  const std::vector<Flip> flips = parse_flips(options.texts("flip"), report.config);
  if (!flips.empty() && options.jobs() > 1)
    throw UserError("--flip with --jobs: expected --jobs 1, samples come one after the other");
  const BalanceChoice balance = balance_of(options, files.weights);
  observation.find(report.config, {files}, inputs, flips, balance);
  auto devices = options.engines(report.config, static_cast<std::size_t>(inputs.cols()), observation.trace());
  const FaultyDevice* const faulty = break_device(devices, report.config, flips);
  report.engine = devices.front()->engine();
  report.options = options.values();
  observation.observe(devices, report.config);
  FirstError first_error;
  if (faulty != nullptr) devices.front()->observe(first_error);

  Progress progress;
  progress.show("preparing " + files.weights);
  const std::vector<PreparedLayer> layers = prepare_layers({files}, inputs, report.config, balance);
  progress.clear();
  note(report.command, layers.front().weights.note);
  note(report.command, left_out_note(files));
  InputFiles read = layer_input_files(options, options.config_file(), layers.front(), options.has("json"));
  Drivers drivers(devices, report.config, mode);
  drivers.front().set_progress([&](const std::string&, std::size_t n, std::size_t count) {
    if (!activations.several) progress.show("launch", n, count);
  });
  NetworkRun run;
  try {
    run = run_layers(drivers.all(), mode, layers, inputs, report.config, [&](std::size_t s, std::size_t count) {
      if (activations.several) progress.show("sample", s, count);
    });
  } catch (const DeviceError& error) {
    observation.keep_broken_waves(*devices.front());
    for (const auto& device : devices) device->finish();
    observation.write_events();
    if (first_error.text.empty()) throw;
    throw DeviceError(std::string(error.what()) + "; after --flip " + options.texts("flip").front() + ": " + first_error.text);
  }
  if (faulty != nullptr) faulty->check_all_done();
  progress.clear();
  report.layers = std::move(run.reports);
  find_places(layers, report.config, flips, report.layers);
  observation.write(*devices.front(), report);
  add_commands(options, report.layers, "run");
  add_flips(flips, report);
  report.inputs = read.files();

  write_outputs(options, run, activations.several, layers.front().formats.out_frac);
  return finish(report, options.text("json"), options.table());
}

}  // namespace eie::tb
