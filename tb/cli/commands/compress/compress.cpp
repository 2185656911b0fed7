// SPDX-License-Identifier: Apache-2.0
// eie compress: a network made smaller, and how small it is.
#include "tb/compress/compress.h"

#include <filesystem>
#include <memory>

#include "tb/cli/commands.h"
#include "tb/cli/commands/compress/network_yaml.h"
#include "tb/cli/commands/compress/request.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/cli/report/compression_report.h"
#include "tb/compress/container.h"
#include "tb/formats/container/stored_network.h"
#include "tb/layers/network_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

/// The network as files, and its files as matrices.
struct OpenNetwork {
  std::string name;
  NetworkFile files;
  std::vector<std::unique_ptr<MatrixFile>> matrices;
  std::vector<LayerInput> layers;
};

OpenNetwork open_network(const Options& options) {
  OpenNetwork network;
  const std::string text = options.required("network");
  if (is_container_file(text)) {
    throw UserError("--network " + text + ": is a container, compressed already: expected a network of float weights");
  }
  if (is_weights(text)) {
    network.files.layers.push_back(weights_layer(text));
    network.name = network.files.layers.front().name;
  } else {
    const std::string path = options.data_file(DataKind::kNetwork, "network");
    network.files = load_network(path);
    network.name = fs::path(path).stem().string();
  }
  for (const LayerFiles& files : network.files.layers) {
    network.matrices.push_back(open_matrix(files.weights));
    LayerInput layer;
    layer.name = files.name;
    layer.weights = network.matrices.back().get();
    if (!files.bias.empty()) layer.bias = read_vector(files.bias, layer.weights->rows());
    layer.relu = files.relu;
    layer.formats = files.formats;
    network.layers.push_back(std::move(layer));
  }
  return network;
}

/// What the options ask for.
CompressionRequest request_of(const Options& options, const HwConfig& config) {
  CompressionRequest request;
  for (const char* name : {"density", "threshold", "rate", "prune-balance", "window", "start", "seed", "bits"}) {
    if (!options.has(name)) continue;
    request.words[name] = options.text(name);
    if (!options.defaulted(name)) request.given.insert(name);
  }
  request.code_width = static_cast<unsigned>(options.integer("bits", 2, 8).value_or(static_cast<int>(config.code_width)));
  request.index_bits = static_cast<unsigned>(options.integer("index-bits", 1, 8).value_or(static_cast<int>(config.run_width)));
  request.seed = options.number("seed");
  request.window = static_cast<std::size_t>(options.number_from_1("window"));
  request.spelled = [](const std::string& option) { return "--" + option; };
  return request;
}

void set_calibration(const Options& options, const OpenNetwork& network, CompressOptions& how) {
  const std::uint64_t limit = options.number("calibration-samples");
  if (!options.has("calibration")) {
    if (options.defaulted("calibration-samples")) return;
    throw UserError("--calibration-samples is '" + options.text("calibration-samples") +
                    "' without --calibration: expected both or neither");
  }
  const std::string path = options.text("calibration");
  const Eigen::MatrixXd samples = load_samples(path, network.files.layers.front().weights, limit);
  const std::size_t columns = network.layers.front().weights->columns();
  if (static_cast<std::size_t>(samples.rows()) != columns) {
    throw UserError(path + ": has shape (" + std::to_string(samples.cols()) + ", " + std::to_string(samples.rows()) +
                    "): expected " + std::to_string(columns) + " columns, one for each input of the network");
  }
  how.calibration = samples.transpose();
}

void check_files(const Options& options, const OpenNetwork& network, const std::string& network_file) {
  FileRoles files;
  files.input("--config", options.config_file());
  files.input("--network", network_file);
  files.input("inputs", network.files.inputs);
  files.input("labels", network.files.labels);
  files.input("--calibration", options.text("calibration"));
  for (const LayerFiles& layer : network.files.layers) {
    files.input("weights", layer.weights);
    files.input("bias", layer.bias);
  }
  files.output("--output", options.text("output"));
  for (const std::string& path : network_yaml_files(options.text("output-yaml"), network.files)) {
    files.output("--output-yaml", path);
  }
  files.output("--json", options.text("json"));
}

}  // namespace

Options compress_options() {
  Options options(
      "compress NETWORK -o NET.eie [options]",
      "Prunes a network, shares its weights and tells how much storage it takes, with and without Huffman coding, after Deep\n"
      "Compression (docs/compression.md). NETWORK: a YAML file as of `eie network`, an ONNX model, or one file of weights. "
      "Without\n"
      "--density, --threshold or --rate no weight is pruned. Nothing is retrained.");
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  options.add_positional({"network"});
  options.add()("network", text("NAME|FILE"), "the network: a YAML file, an ONNX model or a file of weights; required");
  options.add_config();
  options.add()("density", text("D|LAYER=D,..."),
                "keep so large a part of the weights, the largest; for all layers, or by name; default: no pruning");
  options.add()("threshold", text("T|LAYER=T,..."), "keep the weights of this magnitude or more; default: no pruning");
  options.add()("rate", text("R"),
                "prune the layers without a density or threshold until the network is R times smaller, Huffman-coded; by\n"
                "sensitivity with --calibration, else thresholds in proportion to the layers' deviations; default: no pruning");
  options.add()("calibration", file(), "samples x features: tells output errors, and sensitivity for --rate; default: none");
  options.add()("calibration-samples", text("N")->default_value("256"), "the first N samples of it; 0: all");
  options.add()("prune-balance", text("none|pe|windows")->default_value("none"),
                "none: keep the largest weights; pe: as many in each PE; windows: as many in each PE within each window");
  options.add()("window", text("N")->default_value("64"), "columns of a window");
  options.add()("bits", text("N"),
                "bits of a code, 2 to 8: 2^N - 1 shared values and 0; default: code_width of the configuration");
  options.add()("index-bits", text("N"), "bits of a relative index in storage, 1 to 8; default: run_width of the configuration");
  options.add()("start", text("best|linear|density|random")->default_value("best"),
                "where k-means starts; best: the one of them, and of more, with the least error");
  options.add()("seed", text("N")->default_value("1"), "seed of random starts");
  options.add()("output,o", file(), "write the compressed network as a container, NET.eie (docs/formats.md); default: none");
  options.add()("output-yaml", text("DIR"),
                "write DIR/network.yaml with its weights as .npy, shared values as float32; default: none");
  options.add()("force", po::bool_switch(), "replace the network that DIR holds; default: refuse");
  options.add_json();
  return options;
}

int compress_command(const std::vector<std::string>& arguments) {
  Options options = compress_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string network_text = options.required("network");
  CompressionReport report;
  report.config = options.config();
  const CompressionRequest request = request_of(options, report.config);
  CompressOptions how = compress_options_of(request, report.config.n_pe);
  OpenNetwork network = open_network(options);
  how.name = network.name;
  set_requests(request, network.layers, how);
  const bool weights = is_weights(network_text);
  const std::string network_file = weights ? std::string() : options.data_file(DataKind::kNetwork, "network");
  check_files(options, network, network_file);
  for (const char* name : {"output", "json"}) check_writable(options.text(name));
  std::unique_ptr<StagedFolder> folder;
  if (options.has("output-yaml")) folder = stage_network_yaml(options.text("output-yaml"), options.flag("force"));
  set_calibration(options, network, how);
  InputFiles read(options.has("json"));
  read.add("config", options.config_file());
  read.add("network", network_file);
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const LayerFiles& files = network.files.layers[l];
    read.add_array("weights", files.weights, Wanted::matrix(), files.name);
    read.add_array("bias", files.bias, Wanted::vector(network.layers[l].weights->rows()), files.name);
  }
  if (options.has("calibration")) {
    read.add_array("calibration", options.text("calibration"),
                   wanted_samples(network.files.layers.front().weights,
                                  [columns = network.layers.front().weights->columns()] { return columns; }));
  }

  Progress progress;
  const Compression compression = compress(
      network.layers, how,
      [&progress](const std::string& what, std::size_t done, std::size_t count) { progress.show(what + ", part", done, count); });
  report.compression = &compression;
  report.index_bits = how.index_bits;
  for (const CompressedLayer& layer : compression.network.layers) {
    progress.show("fitting " + layer.name);
    report.fits.push_back(device_fit(layer, how.code_width, report.config));
  }
  progress.clear();
  for (const std::unique_ptr<MatrixFile>& matrix : network.matrices) {
    const MatrixFile& file = *matrix;
    if (!file.note().empty()) note("compress", file.name() + " " + file.note());
  }
  const std::vector<std::string> warnings = compression_warnings(report);
  for (const std::string& text : network.files.notes) note("compress", text);
  if (options.has("output"))
    write_container(options.text("output"), compression.network, report.config, container_words(request));
  if (folder) write_network_yaml(*folder, compression.network, network.files, options.text("output-yaml"));
  if (options.has("json")) {
    write_json(compression_report_json(report, options.values(), read.files()), options.text("json"));
  }
  print_compression(report, options.table());
  flush_stdout();
  for (const std::string& warning : warnings) std::fprintf(stderr, "eie compress: warning: %s\n", warning.c_str());
  if (folder) folder->commit();
  return kExitDone;
}

}  // namespace eie::tb
