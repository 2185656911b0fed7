// eie run: one layer.
#include <cmath>
#include <filesystem>

#include "atomic_file.h"
#include "commands.h"
#include "error.h"
#include "file_roles.h"
#include "layer_options.h"
#include "npy.h"
#include "program.h"
#include "tb/cli/timeline_option.h"
#include "tb/support/cleanup.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

TraceOptions trace_options(const Options& options) {
  TraceOptions trace;
  trace.file = options.text("trace");
  trace.scopes = options.texts("trace-scope");
  if (options.has("trace-from")) trace.from = options.number("trace-from");
  if (options.has("trace-to")) trace.to = options.number("trace-to");
  if (trace.from > trace.to) throw UserError("--trace-from is after --trace-to: expected from <= to");
  if (trace.file.empty() && (!trace.scopes.empty() || options.has("trace-from") || options.has("trace-to"))) {
    throw UserError("--trace is missing: expected --trace FILE with the other --trace options");
  }
  return trace;
}

/// No file of the command is written twice, or over what it reads.
void check_files(const Options& options) {
  FileRoles files;
  add_layer_inputs(options, files);
  for (const char* name : {"output", "raw-output", "json", "trace"}) {
    files.output(std::string("--") + name, options.text(name));
  }
  check_timeline_option(options, files);
  const std::string trace = options.text("trace");
  if (!trace.empty()) {
    files.output("the save file of --trace", std::filesystem::path(trace).replace_extension(".gtkw").string());
  }
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

/// The waves, which vanish when a signal ends the program: half of them are no file of waves.
class Waves {
 public:
  explicit Waves(const std::string& trace) {
    if (trace.empty()) return;
    for (const std::string& file : {trace, std::filesystem::path(trace).replace_extension(".gtkw").string()}) {
      std::error_code ignored;
      const std::filesystem::file_status status = std::filesystem::symlink_status(file, ignored);
      if (std::filesystem::is_regular_file(status) || !std::filesystem::exists(status)) files_.emplace_back(file);
    }
  }
  ~Waves() {
    for (Temporary& file : files_) file.keep();
  }
  Waves(const Waves&) = delete;
  Waves& operator=(const Waves&) = delete;

 private:
  std::vector<Temporary> files_;
};

}  // namespace

Options run_options() {
  Options options("run W A [options]",
                  "Computes y = W a + b on the device and compares it, bit for bit, with the golden model. Activations of shape\n"
                  "(M, N) are M samples; without any, --act-density draws them.");
  options.add_positional({"weights", "activations"});
  options.add_config();
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  auto number = [] { return po::value<std::string>()->value_name("N"); };
  add_layer_files(options);
  options.add_engine();
  options.add_jobs();
  add_layer_formats(options);
  options.add()("output", file(), "write y as .npy float64, (samples x) rows; - is standard output; default: none");
  options.add()("raw-output", file(), "write the integers of y as .npy int32; default: none");
  options.add_json();
  add_timeline_option(options);
  options.add()("trace", file(), "write a VCD trace; default: none");
  options.add()("trace-scope", po::value<std::vector<std::string>>()->value_name("GLOB")->composing(),
                "hierarchical names to trace, may be repeated; default: everything");
  options.add()("trace-from", number(), "first clock cycle of the trace; default: 0");
  options.add()("trace-to", number(), "last clock cycle of the trace; default: the end");
  return options;
}

int run_command(const std::vector<std::string>& arguments) {
  Options options = run_options();
  if (!options.parse(arguments)) return kExitDone;
  const LayerFiles files = layer_files(options);
  const LoadMode mode = options.load_mode();
  const TraceOptions trace = trace_options(options);
  check_files(options);

  Report report;
  report.command = "run";
  report.config = options.config();
  for (const char* name : {"output", "raw-output", "json", "trace"}) check_writable(options.text(name));
  const LayerInputs activations = layer_inputs(options, files, report.config);
  const Eigen::MatrixXd& inputs = activations.values;
  report.seed = activations.seed;
  const auto devices = options.engines(report.config, static_cast<std::size_t>(inputs.cols()), trace);
  report.engine = devices.front()->engine();
  report.options = options.values();
  const Waves waves(trace.file);
  TimelineOutput timeline(options, report.config, report.command);
  timeline.observe(devices);

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
  NetworkRun run = run_layers(drivers.all(), mode, layers, inputs, report.config, [&](std::size_t s, std::size_t count) {
    if (activations.several) progress.show("sample", s, count);
  });
  progress.clear();
  devices.front()->finish();
  timeline.write();
  report.layers = std::move(run.reports);
  report.inputs = read.files();

  write_outputs(options, run, activations.several, layers.front().formats.out_frac);
  return finish(report, options.text("json"), options.table());
}

}  // namespace eie::tb
