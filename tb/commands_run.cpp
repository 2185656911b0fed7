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

namespace eie::tb {
namespace {

namespace po = boost::program_options;

Options make_options() {
  Options options("run --config FILE --weights W.npy --activations A.npy [options]",
                  "Computes y = W a + b on the device and compares it, bit for bit, with the golden model.");
  options.add_config();
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  auto number = [] { return po::value<std::string>()->value_name("N"); };
  add_layer_files(options);
  options.add_engine();
  add_layer_formats(options);
  options.add()("output", file(), "write y as .npy float64; default: none");
  options.add()("raw-output", file(), "write the integers of y as .npy int32; default: none");
  options.add_json();
  options.add()("trace", file(), "write a VCD trace; default: none");
  options.add()("trace-scope", po::value<std::vector<std::string>>()->value_name("GLOB")->composing(),
                "hierarchical names to trace, may be repeated; default: everything");
  options.add()("trace-from", number(), "first clock cycle of the trace; default: 0");
  options.add()("trace-to", number(), "last clock cycle of the trace; default: the end");
  return options;
}

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
  const std::string trace = options.text("trace");
  if (!trace.empty()) {
    files.output("the save file of --trace", std::filesystem::path(trace).replace_extension(".gtkw").string());
  }
}

std::vector<double> real_outputs(const std::vector<std::int32_t>& outputs, int frac) {
  std::vector<double> y;
  for (const std::int32_t value : outputs) y.push_back(std::ldexp(value, -frac));
  return y;
}

}  // namespace

int run_command(const std::vector<std::string>& arguments) {
  Options options = make_options();
  if (!options.parse(arguments)) return kExitDone;
  const LayerFiles files = layer_files(options);
  options.required("activations");
  const LoadMode mode = options.load_mode();
  const TraceOptions trace = trace_options(options);
  check_files(options);

  Report report;
  report.command = "run";
  report.config = options.config();
  for (const char* name : {"output", "raw-output", "json", "trace"}) check_writable(options.text(name));
  const Eigen::MatrixXd inputs = layer_activations(options);
  const std::unique_ptr<Device> device = options.engine(report.config, trace);
  report.engine = device->engine();
  report.options = options.values();
  InputFiles read = layer_input_files(options, options.has("json"));

  Progress progress;
  progress.show("preparing " + files.weights);
  const std::vector<PreparedLayer> layers = prepare_layers({files}, inputs, report.config);
  Driver driver(*device, report.config, mode);
  driver.set_progress([&](const std::string&, std::size_t n, std::size_t count) {
    progress.show("launch " + std::to_string(n + 1) + " of " + std::to_string(count));
  });
  NetworkRun run = run_layers(driver, mode, layers, inputs, report.config, {});
  progress.clear();
  device->finish();
  report.layers = std::move(run.reports);
  report.inputs = read.files();

  const std::vector<std::int32_t>& outputs = run.outputs.front();
  if (options.has("output")) {
    write_npy(options.text("output"), real_outputs(outputs, layers.front().formats.out_frac));
  }
  if (options.has("raw-output")) write_npy(options.text("raw-output"), outputs);
  return finish(report, options.text("json"));
}

}  // namespace eie::tb
