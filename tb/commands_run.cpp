// eie run: one layer.
#include <cmath>

#include "atomic_file.h"
#include "commands.h"
#include "error.h"
#include "file_roles.h"
#include "layer_options.h"
#include "npy.h"
#include "program.h"
#include "tb/cli/events_option.h"
#include "tb/cli/timeline_option.h"
#include "tb/cli/wave_options.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

/// No file of the command is written twice, or over what it reads.
void check_files(const Options& options) {
  FileRoles files;
  add_layer_inputs(options, files);
  for (const char* name : {"output", "raw-output", "json"}) files.output(std::string("--") + name, options.text(name));
  add_wave_files(options, files);
  check_timeline_option(options, files);
  check_events_option(options, files);
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
  options.add_json();
  add_wave_options(options);
  add_timeline_option(options);
  add_events_option(options);
  return options;
}

int run_command(const std::vector<std::string>& arguments) {
  Options options = run_options();
  if (!options.parse(arguments)) return kExitDone;
  const LayerFiles files = layer_files(options);
  const LoadMode mode = options.load_mode();
  check_files(options);
  const TraceOptions trace = wave_options(options);

  Report report;
  report.command = "run";
  report.config = options.config();
  for (const char* name : {"output", "raw-output", "json"}) check_writable(options.text(name));
  const LayerInputs activations = layer_inputs(options, files, report.config);
  const Eigen::MatrixXd& inputs = activations.values;
  report.seed = activations.seed;
  const auto devices = options.engines(report.config, static_cast<std::size_t>(inputs.cols()), trace);
  report.engine = devices.front()->engine();
  report.options = options.values();
  TimelineOutput timeline(options, report.config, report.command);
  timeline.observe(devices);
  EventsOutput events(options, report.config);
  events.observe(devices);

  Progress progress;
  progress.show("preparing " + files.weights);
  const std::vector<PreparedLayer> layers = prepare_layers({files}, inputs, report.config);
  progress.clear();
  note(report.command, layers.front().weights.note);
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
  } catch (const DeviceError&) {
    for (const auto& device : devices) device->finish();
    events.write();  // they say where it went wrong
    throw;
  }
  progress.clear();
  finish_waves(report.command, *devices.front(), trace);
  timeline.write();
  events.write();
  report.layers = std::move(run.reports);
  report.inputs = read.files();

  write_outputs(options, run, activations.several, layers.front().formats.out_frac);
  return finish(report, options.text("json"), options.table());
}

}  // namespace eie::tb
