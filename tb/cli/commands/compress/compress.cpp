// SPDX-License-Identifier: Apache-2.0
// eie compress: a network made smaller, and how small it is.
#include "tb/compress/compress.h"

#include <filesystem>
#include <memory>

#include "tb/cli/commands.h"
#include "tb/cli/commands/compress/layer_values.h"
#include "tb/cli/commands/compress/network_yaml.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/cli/report/compression_report.h"
#include "tb/compress/container.h"
#include "tb/formats/container/stored_network.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/layers/network_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

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
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const LayerFiles& layer : files.layers) names.push_back(layer.name);
    return names;
  }
};

/// A file of weights is a network of one layer; YAML, an ONNX model and what is there by name are networks.
bool is_weights(const std::string& text) {
  const std::string path = file_of(text);
  std::error_code failure;
  if (!fs::exists(path, failure)) return false;
  if (path != text) return true;  // FILE:MEMBER
  const std::string ending = fs::path(path).extension().string();
  return ending != ".yaml" && ending != ".yml" && !is_onnx_file(path);
}

OpenNetwork open_network(const Options& options) {
  OpenNetwork network;
  const std::string text = options.required("network");
  if (is_container_file(text)) {
    throw UserError("--network " + text + ": is a container, compressed already: expected a network of float weights");
  }
  if (is_weights(text)) {
    LayerFiles layer;
    const std::string path = file_of(text);
    layer.name = path == text ? fs::path(text).stem().string() : text.substr(path.size() + 1);  // of the file, or its member
    layer.weights = text;
    if (is_simulator_folder(text) && simulator_folder_has_bias(text)) layer.bias = file_of(text) + ":bias";
    network.files.layers.push_back(layer);
    network.name = layer.name;
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

double real(const Options& options, const char* name, const LayerValueRange& range) {
  return *layer_values(name, options.text(name), {""}, range).front();
}

PruneBalance balance_of(const Options& options) {
  const std::string text = options.text("prune-balance");
  if (text == "none") return PruneBalance::kNone;
  if (text == "pe") return PruneBalance::kPe;
  if (text == "windows") return PruneBalance::kWindows;
  throw UserError("--prune-balance is '" + text + "': expected none, pe or windows" +
                  nearest_text(text, {"none", "pe", "windows"}));
}

ClusterStart start_of(const Options& options) {
  const std::string text = options.text("start");
  ClusterStart start;
  start.seed = options.number("seed");
  if (text == "density") {
    start.name = kQuantileStart;  // that paper's: evenly spaced in the cumulative distribution
  } else if (text == "best" || text == "linear" || text == "random") {
    start.name = text;
  } else {
    throw UserError("--start is '" + text + "': expected best, linear, density or random" +
                    nearest_text(text, {"best", "linear", "density", "random"}));
  }
  if (!options.defaulted("seed") && text != "best" && text != "random") {
    throw UserError("--seed is '" + options.text("seed") + "' with --start " + text +
                    ": expected --start random or best, the ones that draw");
  }
  return start;
}

/// What each layer is asked for, from --density, --threshold and --rate.
void set_requests(const Options& options, OpenNetwork& network, CompressOptions& how) {
  const auto densities =
      layer_values("density", options.text("density"), network.names(), {0, false, 1, "numbers over 0, up to 1"});
  const auto thresholds =
      layer_values("threshold", options.text("threshold"), network.names(), {0, true, 1e150, "magnitudes from 0 to 1e150"});
  bool all = true;
  bool any_density = options.has("rate");
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    if (densities[l] && thresholds[l]) {
      throw UserError("layer " + network.layers[l].name +
                      " has a value of --density and one of --threshold: expected one of them");
    }
    network.layers[l].density = densities[l];
    network.layers[l].threshold = thresholds[l];
    all = all && (densities[l] || thresholds[l]);
    any_density = any_density || densities[l];
  }
  if (options.has("rate")) {
    how.rate = real(options, "rate", {1, false, 1e6, "a number over 1, up to 1e6"});
    if (all)
      throw UserError("--rate is '" + options.text("rate") +
                      "', and each layer has a value of --density or --threshold: expected layers without");
  }
  how.balance.balance = balance_of(options);
  if (how.balance.balance != PruneBalance::kNone && !any_density) {
    throw UserError("--prune-balance is '" + options.text("prune-balance") +
                    "' without --density or --rate: expected one of them, nothing is pruned to a number");
  }
  how.balance.window = static_cast<std::size_t>(options.number_from_1("window"));
  if (!options.defaulted("window") && how.balance.balance != PruneBalance::kWindows) {
    throw UserError("--window is '" + options.text("window") + "' without --prune-balance windows: expected both or neither");
  }
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

/// What was asked for, as a container keeps it.
ContainerOptions words_of(const Options& options) {
  ContainerOptions words{{"command", "compress"}};
  for (const char* name : {"density", "threshold", "rate", "prune-balance", "window", "start", "seed", "bits"}) {
    if (options.has(name)) words[name] = options.text(name);
  }
  return words;
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
  const unsigned n_pe = report.config.n_pe;
  CompressOptions how;
  how.code_width = static_cast<unsigned>(options.integer("bits", 2, 8).value_or(static_cast<int>(report.config.code_width)));
  how.index_bits = static_cast<unsigned>(options.integer("index-bits", 1, 8).value_or(static_cast<int>(report.config.run_width)));
  how.start = start_of(options);
  how.balance.n_pe = n_pe;
  OpenNetwork network = open_network(options);
  how.name = network.name;
  set_requests(options, network, how);
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
  if (options.has("output")) write_container(options.text("output"), compression.network, report.config, words_of(options));
  if (folder) write_network_yaml(*folder, compression.network, network.files, options.text("output-yaml"));
  if (options.has("json")) {
    nlohmann::ordered_json json{{"schema", kReportSchema},
                                {"version", kVersion},
                                {"command", "compress"},
                                {"config", report.config.name},
                                {"n_pe", n_pe}};
    json.update(what_ran_json(report.config, options.values(), read.files()));
    json["warnings"] = warnings;
    json.update(compression_json(report));
    write_json(json, options.text("json"));
  }
  print_compression(report, options.table());
  flush_stdout();
  for (const std::string& warning : warnings) std::fprintf(stderr, "eie compress: warning: %s\n", warning.c_str());
  if (folder) folder->commit();
  return kExitDone;
}

}  // namespace eie::tb
