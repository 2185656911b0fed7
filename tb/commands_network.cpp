// eie network: a chain of layers on many samples.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "atomic_file.h"
#include "commands.h"
#include "error.h"
#include "file_roles.h"
#include "network.h"
#include "npy.h"
#include "options.h"
#include "program.h"
#include "yaml_map.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

struct NetworkFile {
  std::string inputs;
  std::string labels;  // empty: none
  std::vector<LayerFiles> layers;
};

NetworkFile load_network(const std::string& path, unsigned data_width) {
  const YamlMap map = YamlMap::load(path, {"inputs", "labels", "layers"});
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  auto file = [&folder](const YamlMap& from, const char* key) { return (folder / from.text(key)).string(); };
  NetworkFile network;
  network.inputs = file(map, "inputs");
  if (map.has("labels")) network.labels = file(map, "labels");
  const int d = static_cast<int>(data_width);
  auto frac = [d](const YamlMap& from, const char* key) {
    return from.has(key) ? std::optional<int>(static_cast<int>(from.integer(key, -d, 2 * d))) : std::nullopt;
  };
  for (const YamlMap& item :
       map.maps("layers", {"name", "weights", "bias", "relu", "weight_frac", "out_frac"})) {
    LayerFiles layer;
    layer.name = item.text("name");
    for (const LayerFiles& other : network.layers) {
      if (other.name == layer.name) item.fail("name", "a name that no other layer has");
    }
    layer.weights = file(item, "weights");
    if (item.has("bias")) layer.bias = file(item, "bias");
    layer.relu = item.boolean("relu");
    layer.formats.weight_frac = frac(item, "weight_frac");
    layer.formats.out_frac = frac(item, "out_frac");
    network.layers.push_back(layer);
  }
  return network;
}

/// No file of the command is written twice, or over what it reads.
void check_files(const Options& options, const NetworkFile& network) {
  FileRoles files;
  files.input("--config", options.text("config"));
  files.input("--network", options.text("network"));
  files.input("inputs", network.inputs);
  files.input("labels", network.labels);
  for (const LayerFiles& layer : network.layers) {
    files.input("weights", layer.weights);
    files.input("bias", layer.bias);
  }
  for (const char* name : {"output", "raw-output", "json"}) {
    files.output(std::string("--") + name, options.text(name));
  }
}

// Inputs as columns: features x samples.
Eigen::MatrixXd load_inputs(const std::string& path, std::uint64_t limit) {
  NpyReader file(path);
  std::size_t samples = file.rows();
  if (limit != 0) samples = std::min(samples, static_cast<std::size_t>(limit));
  Eigen::MatrixXd inputs(static_cast<Eigen::Index>(file.columns()), static_cast<Eigen::Index>(samples));
  std::vector<double> row;
  for (Eigen::Index s = 0; s < inputs.cols(); ++s) {
    file.read_row(row);
    inputs.col(s) = Eigen::Map<const Eigen::VectorXd>(row.data(), inputs.rows());
  }
  return inputs;
}

std::vector<std::int64_t> load_labels(const std::string& path, std::size_t samples, std::size_t classes) {
  std::vector<std::int64_t> labels = load_integer_vector(path, 0);
  if (labels.size() < samples) {
    throw UserError(path + ": has " + std::to_string(labels.size()) + " labels: expected one for each of " +
                    std::to_string(samples) + " samples");
  }
  labels.resize(samples);
  for (std::size_t s = 0; s < samples; ++s) {
    if (labels[s] < 0 || labels[s] >= static_cast<std::int64_t>(classes)) {
      throw UserError(path + ": element [" + std::to_string(s) + "] is " + std::to_string(labels[s]) +
                      ": expected 0 to " + std::to_string(classes - 1) + ", an output of the last layer");
    }
  }
  return labels;
}

// Shares of the samples whose largest output (the first, at a tie) is that of the label.
void judge(Report& report, const std::vector<std::int64_t>& labels, const NetworkRun& run,
           const Eigen::MatrixXd& expected) {
  std::size_t right = 0;
  std::size_t float_right = 0;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    const auto& y = run.outputs[s];
    right += std::max_element(y.begin(), y.end()) - y.begin() == labels[s] ? 1 : 0;
    Eigen::Index best = 0;
    expected.col(static_cast<Eigen::Index>(s)).maxCoeff(&best);
    float_right += best == labels[s] ? 1 : 0;
  }
  const auto samples = static_cast<double>(labels.size());
  report.accuracy = static_cast<double>(right) / samples;
  report.float_accuracy = static_cast<double>(float_right) / samples;
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

int network_command(const std::vector<std::string>& arguments) {
  Options options(
      "network --config FILE --network NET.yaml [options]",
      "Runs samples through a chain of layers, whose activations stay on the device where they fit.\n"
      "NET.yaml: inputs (.npy, samples x features), labels (.npy integers, optional), layers: a list of\n"
      "{name, weights, bias?, relu, weight_frac?, out_frac?}; paths are relative to it.");
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  options.add_config();
  options.add()("network", file(), "the network, a YAML file; required");
  options.add()("samples", po::value<std::string>()->value_name("N")->default_value("0"),
                "run the first N samples; 0: all");
  options.add_engine();
  options.add()("output", file(),
                "write the last layer's outputs as .npy float64, samples x rows; default: none");
  options.add()("raw-output", file(), "write their integers as .npy int32; default: none");
  options.add_json();
  if (!options.parse(arguments)) return kExitDone;
  const LoadMode mode = options.load_mode();
  const std::uint64_t limit = options.number("samples");

  Report report;
  report.command = "network";
  report.list = true;
  report.config = options.config();
  const NetworkFile network = load_network(options.required("network"), report.config.data_width);
  check_files(options, network);
  for (const char* name : {"output", "raw-output", "json"}) check_writable(options.text(name));
  const Eigen::MatrixXd inputs = load_inputs(network.inputs, limit);
  const auto samples = static_cast<std::size_t>(inputs.cols());
  const std::unique_ptr<Device> device = options.engine(report.config);
  report.engine = device->engine();
  report.samples = samples;

  Progress progress;
  progress.show("preparing");
  const std::vector<PreparedLayer> layers = prepare_layers(network.layers, inputs, report.config);
  std::vector<std::int64_t> labels;
  if (!network.labels.empty()) labels = load_labels(network.labels, samples, layers.back().image.rows);
  Driver driver(*device, report.config, mode);
  NetworkRun run =
      run_layers(driver, mode, layers, inputs, report.config, [&](std::size_t s, std::size_t count) {
        progress.show("sample " + std::to_string(s + 1) + " of " + std::to_string(count));
      });
  progress.clear();
  report.layers = std::move(run.reports);
  if (!labels.empty()) judge(report, labels, run, layers.back().expected);
  write_outputs(options, run, layers.back().formats.out_frac);
  return finish(report, options.text("json"));
}

}  // namespace eie::tb
