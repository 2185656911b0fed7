// SPDX-License-Identifier: Apache-2.0
// eie convert: matrices, networks and containers from one kind of file into another, and images of the device's memories.
#include <algorithm>
#include <filesystem>
#include <regex>

#include "tb/cli/commands.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/compress/container.h"
#include "tb/formats/write/write_matrix.h"
#include "tb/host/memory_images.h"
#include "tb/layers/convert/network_convert.h"
#include "tb/layers/network_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/thousands.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

const std::vector<std::string> kTargets = {"npy", "npz", "mtx", "csv", "tsv", "eie", "yaml", "readmemh", "readmemb"};
constexpr const char* kFolders = "yaml, readmemh or readmemb";

/// What OUT is to be: --to, or by its ending.
std::string target_of(const Options& options, const std::string& out) {
  std::string target = options.text("to");
  if (target.empty()) {
    const std::string ending = fs::path(out).extension().string();
    target = ending.empty() ? "" : ending.substr(1);
    if (std::find(kTargets.begin(), kTargets.begin() + 6, target) != kTargets.begin() + 6) return target;
    throw UserError("OUT is '" + out + "': expected one of .npy, .npz, .mtx, .csv, .tsv, .eie, or a folder with --to " +
                    kFolders);
  }
  if (std::find(kTargets.begin(), kTargets.end(), target) != kTargets.end()) return target;
  throw UserError("--to is '" + target + "': expected " + listed(kTargets) + nearest_text(target, kTargets));
}

/// IN: a network, or a matrix as a network of one layer.
struct Source {
  bool network = false;
  std::string path;  // of the network, found by name
  std::string name;
  std::vector<LayerFiles> layers;
};

Source source_of(const Options& options) {
  Source source;
  const std::string in = options.required("in");
  source.network = names_network(in);
  source.path = source.network ? options.data_file(DataKind::kNetwork, "in") : in;
  const fs::path file = file_of(source.path);
  source.name = file.stem().string();
  if (source.network) {
    for (const char* name : {"bias", "relu"}) {
      if (options.has(name) && !options.defaulted(name)) {
        throw UserError("--" + std::string(name) + " with a network: expected its own layers to say it");
      }
    }
    NetworkFile network = load_network(source.path);
    for (const std::string& text : network.notes) note("convert", text);
    if (!network.inputs.empty()) note("convert", source.path + ": inputs and labels are left out: files of their own");
    source.layers = std::move(network.layers);
    return source;
  }
  LayerFiles layer;
  layer.weights = in;
  layer.name = in.size() > file.string().size() ? in.substr(file.string().size() + 1) : source.name;
  layer.bias = options.text("bias");
  layer.relu = options.flag("relu");
  if (layer.bias.empty() && is_simulator_folder(in) && simulator_folder_has_bias(in)) layer.bias = file.string() + ":bias";
  if (is_container_file(in)) {
    const ContainerMember member = container_member(in);
    if (!member.bias) {
      const StoredLayer& stored = member.stored();
      layer.name = stored.name;
      if (layer.bias.empty() && !stored.bias.empty()) layer.bias = file_of(in) + ":" + stored.name + ".bias";
      layer.relu = layer.relu || stored.relu;
      layer.formats = {stored.weight_frac, stored.act_frac, stored.out_frac};
    }
  }
  source.layers.push_back(std::move(layer));
  return source;
}

void refuse_unused(const Options& options, const std::string& target, const std::vector<const char*>& names) {
  for (const char* name : names) {
    if (!options.has(name) || options.defaulted(name)) continue;
    throw UserError("--" + std::string(name) + " with --to " + target +
                    ": expected it not to be given: nothing of it is written");
  }
}

std::string sizes_text(const CompressedNetwork& network) {
  std::string text;
  for (const CompressedLayer& layer : network.layers) {
    text += "  " + layer.name + ": " + std::to_string(layer.rows) + " x " + std::to_string(layer.columns) + ", " +
            counted(layer.codes.row.size(), "weight") + ", " + counted(layer.codebook.used, "shared value");
    if (layer.codebook.clustered()) {
      char error[48];
      std::snprintf(error, sizeof error, "%.3g", layer.codebook.rms_error);
      text += " of " + std::to_string(layer.codebook.distinct) + ", rms error " + error;
    }
    text += "\n";
  }
  return text;
}

std::string to_matrix(const Source& source, const std::string& out, const std::string& target) {
  if (source.network && source.layers.size() != 1) {
    throw UserError(source.path + ": has " + counted(source.layers.size(), "layer") + ": expected one for --to " + target +
                    (is_container_file(source.path) ? ", or " + source.path + ":LAYER" : ""));
  }
  const LayerFiles& layer = source.layers.front();
  const std::unique_ptr<MatrixFile> matrix = open_matrix(
      layer.weights, {"a matrix or a vector", [](const std::vector<std::size_t>& shape) { return shape.size() <= 2; }});
  if (!matrix->note().empty()) note("convert", matrix->name() + " " + matrix->note());
  write_matrix(out, "." + target, *matrix);
  if (!layer.bias.empty() || layer.relu)
    note("convert", layer.weights + ": bias and ReLU are left out: " + out + " is its weights");
  return out + ": " + matrix->shape_text() + ", float64\n";
}

std::string to_container(const Source& source, const std::string& out, const HwConfig& config) {
  std::vector<std::string> notes;
  Container container;
  if (source.network && is_container_file(source.path)) {
    container = read_container(source.path);
  } else {
    container.network = share_network(source.name, source.layers, config, notes);
  }
  for (const std::string& text : notes) note("convert", text);
  write_container(out, container.network, config, container.options);
  return out + ": encoded for " + config.name + "\n" + sizes_text(container.network);
}

std::string to_folder(const Source& source, const std::string& out, const Options& options) {
  std::vector<std::string> notes;
  StagedFolder folder(out, is_of_network_folder, options.flag("force"));
  try {
    write_network_folder(folder.staging(), source.layers, ".npz", notes);
  } catch (const UserError& error) {
    throw UserError(folder.with_final_names(error.what()));
  }
  folder.commit();
  for (const std::string& text : notes) note("convert", text);
  return out + "/network.yaml: " + counted(source.layers.size(), "layer") + "\n";
}

bool is_of_images(const std::string& name) { return std::regex_match(name, std::regex("launch[0-9]+")); }

/// The images of one launch, and what loads them.
void write_images(const std::string& folder, std::uint64_t launch, const MemoryContents& contents, const HwConfig& config,
                  bool binary, bool activations) {
  make_folder(folder);
  std::vector<std::string> files;
  std::vector<std::string> arrays;
  auto write = [&folder](const std::string& name, const std::string& text) {
    AtomicFile file(folder + "/" + name);
    file.write(text.data(), text.size());
    file.commit();
  };
  for (unsigned pe = 0; pe < config.n_pe; ++pe) {
    for (const PeMemory memory : kPeMemories) {
      if (memory == PeMemory::kAct && !activations) continue;
      const std::string words = contents.text(pe, memory, binary);
      if (words.empty()) continue;
      const std::string array = "pe_" + std::to_string(pe) + "." + memory_array(memory);
      files.push_back("pe" + std::to_string(pe) + "_" + memory_name(memory) + (binary ? ".memb" : ".memh"));
      arrays.push_back(array);
      write(files.back(), "// eie " + std::string(kVersion) + ", configuration " + config.name + ", launch " +
                              std::to_string(launch) + ", PE " + std::to_string(pe) + ": " + memory_name(memory) + ", words of " +
                              std::to_string(memory_width(memory, config)) + " bits, for " + array + "\n" + words);
    }
  }
  write("load.sv", image_loader(config, files, arrays));
}

std::string to_images(const Source& source, const std::string& out, const Options& options, bool binary) {
  const HwConfig config = options.config();
  check_address_range(config);
  if (config.ecc) {
    throw UserError("--config " + config.name + ": has ecc: expected a configuration without, as images have no check bits");
  }
  const bool activations = options.has("activations");
  const std::string& weights = source.layers.front().weights;
  const Eigen::MatrixXd inputs = activations
                                     ? load_samples(options.text("activations"), weights, 0)
                                     : Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(open_matrix(weights)->columns()), 1);
  if (inputs.cols() != 1) {
    throw UserError(options.text("activations") + ": holds " + std::to_string(inputs.cols()) + " samples: expected one");
  }
  StagedFolder folder(out, is_of_images, options.flag("force"));
  Progress progress;
  progress.show("preparing " + source.path);
  const std::vector<PreparedLayer> layers = prepare_layers(source.layers, inputs, config);
  for (const PreparedLayer& layer : layers) note("convert", layer.weights.note);
  const std::unique_ptr<Device> device = make_engine("tlm", config, {});
  std::uint64_t launches = 0;
  NetworkRun run;
  try {
    MemoryRecorder recorder(*device, config, [&](std::uint64_t launch, const MemoryContents& contents) {
      progress.show("images of launch " + std::to_string(launch));
      write_images(folder.staging() + "/launch" + std::to_string(launch), launch, contents, config, binary, activations);
      launches = launch + 1;
    });
    Driver driver(recorder, config, LoadMode::kPort);
    run = run_layers(driver, LoadMode::kPort, layers, inputs, config, {});
  } catch (const UserError& error) {
    throw UserError(folder.with_final_names(error.what()));
  }
  progress.clear();
  for (const LayerReport& report : run.reports) {
    if (!report.verdict->match())
      throw DeviceError("engine tlm and the golden model differ on these images: " + report.verdict->first);
  }
  folder.commit();
  return out + ": images of " + counted(launches, "launch", "launches") + " on " + config.name + ", " +
         (activations ? "activations and outputs compared with the golden model" : "without activations") + "\n";
}

}  // namespace

Options convert_options() {
  Options options(
      "convert IN OUT [options]",
      "IN: a matrix (.npy, .npz, .mtx, .smtx, .csv, FILE:MEMBER, ...), or a network (NET.yaml, NET.eie, MODEL.onnx).\n"
      "OUT, by its ending or --to:\n"
      "  npy npz mtx csv tsv   a matrix of float64; npz is scipy.sparse's, and stays sparse as mtx does\n"
      "  eie                   a container, encoded for --config; weights are shared if they have to be\n"
      "  yaml                  a folder with network.yaml and the files of its layers\n"
      "  readmemh readmemb     a folder with the images of the memories of --config, a file a PE and memory, words as\n"
      "                        the SRAMs have them, in launch<n>/ for each launch, and load.sv that loads them\n"
      "What is written is read back the same (docs/formats.md).");
  options.add_positional({"in", "out"});
  auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  options.add()("in", text("FILE"), "what is read; required");
  options.add()("out", text("FILE"), "what is written; required");
  options.add()("to", text("npy|npz|mtx|csv|tsv|eie|yaml|readmemh|readmemb"), "the kind of OUT; default: by its ending");
  options.add_config();
  options.add()("bias", text("FILE"), "of a matrix that becomes a network: b, one value a row; default: none");
  options.add()("relu", po::bool_switch(), "of a matrix that becomes a network: clamp negative outputs to 0; default: off");
  options.add()("activations", text("FILE"),
                "readmemh, readmemb: inputs, one value a column, for the activation memory; default: "
                "no images of it");
  options.add()("force", po::bool_switch(), "replace what another conversion left in the folder OUT; default: refuse");
  return options;
}

int convert_command(const std::vector<std::string>& arguments) {
  Options options = convert_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string out = options.required("out");
  const std::string target = target_of(options, out);
  const bool images = target == "readmemh" || target == "readmemb";
  const bool folder = images || target == "yaml";
  const bool matrix = !folder && target != "eie";
  if (!images) refuse_unused(options, target, {"activations"});
  if (matrix) refuse_unused(options, target, {"bias", "relu"});
  if (!folder) refuse_unused(options, target, {"force"});
  if (!images && target != "eie") refuse_unused(options, target, {"config", "set"});
  const Source source = source_of(options);
  FileRoles roles;
  roles.input("IN", source.path);
  for (const LayerFiles& layer : source.layers) {
    roles.input("weights", layer.weights);
    roles.input("bias", layer.bias);
  }
  roles.input("--activations", options.text("activations"));
  if (target == "eie" || images) roles.input("--config", options.config_file());
  if (!folder) {
    roles.output("OUT", out);
    check_writable(out);
  }
  std::string done;
  if (matrix) {
    done = to_matrix(source, out, target);
  } else if (images) {
    done = to_images(source, out, options, target == "readmemb");
  } else {
    done = target == "yaml" ? to_folder(source, out, options) : to_container(source, out, options.config());
  }
  std::fputs(done.c_str(), out == "-" ? stderr : stdout);
  flush_stdout();
  return kExitDone;
}

}  // namespace eie::tb
