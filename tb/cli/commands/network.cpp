// SPDX-License-Identifier: Apache-2.0
// eie network: a chain of layers on many samples.
#include "tb/layers/network.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "tb/cli/commands.h"
#include "tb/cli/commands/window_command.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/options/observation.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/faults/places.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/formats/npy.h"
#include "tb/layers/network_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

/// No file of the command is written twice, or over what it reads.
void check_files(const Options& options, const NetworkFile& network) {
  FileRoles files;
  files.input("--config", options.config_file());
  files.input("--network", options.data_file(DataKind::kNetwork, "network"));
  files.input(options.has("inputs") ? "--inputs" : "inputs", network.inputs);
  files.input(options.has("labels") ? "--labels" : "labels", network.labels);
  files.input("--calibration", options.text("calibration"));
  for (const LayerFiles& layer : network.layers) {
    files.input("weights", layer.weights);
    files.input("bias", layer.bias);
    for (const std::string& path : onnx_data_files(layer.weights)) files.input("weights", path);
  }
  for (const char* name : {"output", "raw-output", "json"}) {
    files.output(std::string("--") + name, options.text(name));
  }
  add_observation_files(options, files);
}

NetworkFile network_file(const Options& options) {
  const std::string path = options.data_file(DataKind::kNetwork, "network");
  NetworkFile network = load_network(path);
  if (options.has("inputs")) {
    network.inputs = options.text("inputs");
    network.labels.clear();  // those of other samples
  }
  if (options.has("labels")) network.labels = options.text("labels");
  if (network.inputs.empty()) throw UserError(path + ": names no inputs: expected --inputs FILE, samples x features");
  for (const std::string& text : network.notes) note("network", text);
  return network;
}

void write_outputs(const Options& options, const NetworkRun& run, int out_frac) {
  const std::vector<std::size_t> shape = {run.outputs.size(), run.outputs.front().size()};
  std::vector<std::int32_t> raw;
  for (const auto& y : run.outputs) raw.insert(raw.end(), y.begin(), y.end());
  if (options.has("raw-output")) write_npy(options.text("raw-output"), raw, shape);
  if (!options.has("output")) return;
  std::vector<double> real;
  for (const std::int32_t value : raw) real.push_back(std::ldexp(value, -out_frac));
  write_npy(options.text("output"), real, shape);
}

}  // namespace

Options network_options() {
  Options options("network NET.yaml|NET.eie|MODEL.onnx [options]",
                  "Runs samples through a chain of layers, whose activations stay on the device where they fit.\n"
                  "NET.yaml: inputs (samples x features), labels (integers, optional), layers: a list of\n"
                  "{name, weights, bias?, relu, weight_frac?, out_frac?}; paths are relative to it. `digits` is one that comes\n"
                  "with the program. MODEL.onnx: a chain of Gemm, MatMul, Relu and what can be folded into them\n"
                  "(docs/formats.md). NET.eie: a compressed network. Both need --inputs.");
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  options.add_config();
  options.add_positional({"network"});
  options.add()("network", po::value<std::string>()->value_name("NAME|FILE"),
                "the network, a YAML file, a container or an ONNX model; required");
  options.add()("inputs", file(), "samples x features; default: those that NET.yaml names");
  options.add()("labels", file(), "their labels, integers; default: those that NET.yaml names, if its inputs are taken");
  options.add()("samples", po::value<std::string>()->value_name("N")->default_value("0"), "run the first N samples; 0: all");
  add_balance(options);
  options.add_engine();
  options.add_jobs();
  options.add()("output", file(), "write the last layer's outputs as .npy float64, samples x rows; default: none");
  options.add()("raw-output", file(), "write their integers as .npy int32; default: none");
  options.add_technology();
  options.add_memory();
  options.add_json();
  add_observation(options);
  return options;
}

int network_command(const std::vector<std::string>& arguments) {
  Options options = network_options();
  if (!options.parse(arguments)) return kExitDone;
  const LoadMode mode = options.load_mode();
  const std::uint64_t limit = options.number("samples");

  Report report;
  report.command = "network";
  report.list = true;
  report.config = options.config();
  report.technology = options.technology();
  report.memory = options.memory();
  const NetworkFile network = network_file(options);
  check_files(options, network);
  for (const char* name : {"output", "raw-output", "json"}) check_writable(options.text(name));
  const Eigen::MatrixXd inputs = load_samples(network.inputs, network.layers.front().weights, limit);
  const auto samples = static_cast<std::size_t>(inputs.cols());
  if (limit > samples) {
    note(report.command,
         network.inputs + " has " + counted(samples, "sample") + ": --samples " + options.text("samples") + " takes all of them");
  }
  Observation observation(options, "network");
  const BalanceChoice balance = balance_of(options, network.layers.front().weights);
  observation.find(report.config, network.layers, inputs, {}, balance);
  const auto devices = options.engines(report.config, samples, observation.trace());
  report.engine = devices.front()->engine();
  report.samples = samples;
  report.options = options.values();

  Progress progress;
  progress.show("preparing");
  const std::vector<PreparedLayer> layers = prepare_layers(network.layers, inputs, report.config, balance);
  progress.clear();
  for (const PreparedLayer& layer : layers) note(report.command, layer.weights.note);
  InputFiles read(options.has("json"));
  read.add("config", options.config_file());
  read.add("network", options.data_file(DataKind::kNetwork, "network"));
  read.add_array("inputs", network.inputs,
                 wanted_samples(network.layers.front().weights, [columns = layers.front().image.columns] { return columns; }));
  read.add_array("labels", network.labels, Wanted::vector(0));
  read.add_array("calibration", options.text("calibration"),
                 wanted_samples(network.layers.front().weights, [columns = layers.front().image.columns] { return columns; }));
  for (const PreparedLayer& layer : layers) {
    read.add_array("weights", layer.files.weights, Wanted::matrix(), layer.files.name);
    read.add_array("bias", layer.files.bias, Wanted::vector(layer.image.rows), layer.files.name);
  }
  std::vector<std::int64_t> labels;
  if (!network.labels.empty()) labels = load_network_labels(network.labels, samples, layers.back().image.rows, limit == 0);
  observation.observe(devices, report.config);
  Drivers drivers(devices, report.config, mode);
  NetworkRun run;
  try {
    run = run_layers(drivers.all(), mode, layers, inputs, report.config,
                     [&](std::size_t s, std::size_t count) { progress.show("sample", s, count); });
  } catch (const DeviceError&) {
    observation.keep_broken_waves(*devices.front());
    throw;
  }
  progress.clear();
  report.layers = std::move(run.reports);
  find_places(layers, report.config, {}, report.layers);
  observation.write(*devices.front(), report);
  add_commands(options, report.layers, "network");
  report.inputs = read.files();
  if (!labels.empty()) {
    const Accuracy accuracy = accuracy_of(run.outputs, layers.back().expected, labels);
    report.accuracy = accuracy.device;
    report.float_accuracy = accuracy.reference;
  }
  write_outputs(options, run, layers.back().formats.out_frac);
  return finish(report, options.text("json"), options.table());
}

}  // namespace eie::tb
