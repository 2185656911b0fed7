// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/layer_options.h"

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "tb/cli/help/nearest.h"
#include "tb/encoding/codebook.h"
#include "tb/formats/container/stored_network.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/layers/network_file.h"
#include "tb/layers/workload.h"
#include "tb/support/error.h"

namespace eie::tb {

namespace po = boost::program_options;

namespace {

LayerInputs drawn(const Options& options, const LayerFiles& files, const HwConfig& config) {
  LayerInputs inputs;
  const std::vector<std::int32_t> integers = drawn_activations(options, open_matrix(files.weights)->columns(), config);
  inputs.seed = options.number("seed");
  inputs.values.resize(static_cast<Eigen::Index>(integers.size()), 1);
  const int frac = synthetic_formats(config.data_width).act_frac;
  for (std::size_t j = 0; j < integers.size(); ++j) {
    inputs.values(static_cast<Eigen::Index>(j), 0) = std::ldexp(integers[j], -frac);
  }
  return inputs;
}

// --activations, or those of a simulator's folder; empty: neither.
std::string activation_file(const Options& options, const LayerFiles& files) {
  if (options.has("activations") || options.has("act-density")) return options.text("activations");
  return is_simulator_folder(files.weights) ? file_of(files.weights) + ":act" : "";
}

}  // namespace

double act_density(const Options& options) {
  const std::string text = options.text("act-density");
  double density = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), density);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || !(density >= 0 && density <= 1)) {
    throw UserError("--act-density is '" + text + "': expected a number from 0 to 1, the share that is not zero");
  }
  return density;
}

std::vector<std::int32_t> drawn_activations(const Options& options, std::size_t columns, const HwConfig& config) {
  LayerSpec spec;
  spec.name = "activations";
  spec.inputs = columns;
  spec.activation_density = act_density(options);
  return synthetic_activations(spec, options.number("seed"), config.data_width);
}

void add_layer_files(Options& options) {
  auto file = [] { return po::value<std::string>()->value_name("FILE"); };
  options.add()("weights", file(), "W, rows x columns: .npy, .npz, .mtx, .smtx, .csv, NET.eie:LAYER (docs/formats.md); required");
  options.add()("activations", file(), "a, one value a column, or samples x columns; required without --act-density");
  options.add()("act-density", po::value<std::string>()->value_name("D"),
                "draw activations instead: a share of D, 0 to 1, is not zero");
  options.add()("seed", po::value<std::string>()->value_name("N")->default_value("1"), "of the drawn activations");
  options.add()("bias", file(), "b, one value a row; default: none");
  options.add()("relu", po::bool_switch(), "clamp negative outputs to 0; default: off");
  add_balance(options);
}

void add_layer_formats(Options& options) {
  auto number = [] { return po::value<std::string>()->value_name("N"); };
  options.add()("weight-frac", number(), "fraction bits of the codebook; default: the most that clamp nothing");
  options.add()("act-frac", number(), "fraction bits of the activations; default: the most that clamp nothing");
  options.add()("out-frac", number(),
                "fraction bits of the outputs; default: the most at which no bias, output or partial sum clamps");
}

void add_balance(Options& options, bool calibration) {
  auto text = [] { return po::value<std::string>(); };
  options.add()("balance", text()->value_name("none|rows|windows")->default_value("none"),
                "deal rows to PEs so that work is even, over all columns (rows) or within windows of columns too (windows): "
                "fewer cycles, the same outputs where no sum clamps (docs/balance.md)");
  options.add()("balance-window", text()->value_name("N")->default_value(std::to_string(kBalanceWindow)),
                "columns of a window of --balance");
  if (!calibration) return;
  options.add()("calibration", text()->value_name("FILE"),
                "inputs like those to come, samples x columns: --balance counts a column as often as they use it; default: all "
                "columns count the same");
}

BalanceChoice balance_of(const Options& options, const std::string& weights) {
  const std::string kind = options.text("balance");
  BalanceChoice choice;
  for (const BalanceKind known : {BalanceKind::kRows, BalanceKind::kWindows}) {
    if (kind == balance_name(known)) choice.kind = known;
  }
  if (choice.kind == BalanceKind::kNone) {
    if (kind != balance_name(BalanceKind::kNone)) {
      throw UserError("--balance is '" + kind + "': expected none, rows or windows" +
                      nearest_text(kind, {"none", "rows", "windows"}));
    }
    for (const char* name : {"balance-window", "calibration"}) {
      if (options.has(name) && !options.defaulted(name)) {
        throw UserError("--" + std::string(name) + " is given without --balance: expected --balance rows or windows");
      }
    }
    return choice;
  }
  choice.window = static_cast<std::size_t>(options.number_from_1("balance-window"));
  if (options.has("calibration")) {
    const std::string path = options.text("calibration");
    choice.calibration = load_samples(path, weights, 0);
    const std::size_t columns = open_matrix(weights)->columns();
    if (static_cast<std::size_t>(choice.calibration.rows()) != columns) {
      throw UserError(path + ": has " + std::to_string(choice.calibration.rows()) + " values a sample: expected " +
                      std::to_string(columns) + ", one for each column of " + weights);
    }
    for (Eigen::Index k = 0; k < choice.calibration.size(); ++k) {
      const double value = choice.calibration.data()[k];
      if (std::abs(value) <= kLargestMagnitude) continue;  // not so for nan
      throw UserError(path + ": value " + std::to_string(k % choice.calibration.rows()) + " of sample " +
                      std::to_string(k / choice.calibration.rows()) + " is " + std::to_string(value) +
                      ": expected numbers of magnitude up to 1e150");
    }
    if ((choice.calibration.array() == 0).all()) {
      throw UserError(path + ": holds nothing but zeros: expected inputs like those that the layer will get");
    }
  }
  return choice;
}

void add_layer_files_read(const Options& options, FileRoles& files) {
  for (const char* name : {"weights", "activations", "bias", "calibration"}) {
    files.input(std::string("--") + name, options.text(name));
    if (!options.has(name)) continue;
    for (const std::string& path : onnx_data_files(options.text(name))) files.input(std::string("--") + name, path);
  }
}

void add_layer_inputs(const Options& options, FileRoles& files) {
  files.input("--config", options.config_file());
  add_layer_files_read(options, files);
}

LayerFiles layer_files(const Options& options) {
  LayerFiles files;
  files.weights = options.required("weights");
  files.bias = options.text("bias");
  if (files.bias.empty() && is_simulator_folder(files.weights) && simulator_folder_has_bias(files.weights)) {
    files.bias = file_of(files.weights) + ":bias";
  }
  files.relu = options.flag("relu");
  FormatRequest stored;
  if (is_container_file(files.weights)) {
    const ContainerMember member = container_member(files.weights);
    const StoredLayer& layer = member.stored();
    if (!member.bias) {
      files.relu = files.relu || layer.relu;
      if (files.bias.empty() && !layer.bias.empty()) files.bias = file_of(files.weights) + ":" + layer.name + ".bias";
      stored = {layer.weight_frac, layer.act_frac, layer.out_frac};
    }
  }
  auto frac = [&options](const char* name) { return options.integer(name, kLowestFrac, kHighestFrac); };
  auto or_stored = [](const std::optional<int>& given, const std::optional<int>& kept) { return given ? given : kept; };
  files.formats = {or_stored(frac("weight-frac"), stored.weight_frac), or_stored(frac("act-frac"), stored.act_frac),
                   or_stored(frac("out-frac"), stored.out_frac)};
  if (options.has("act-density") && options.has("activations")) {
    throw UserError("--act-density is given with --activations: expected one of the two");
  }
  if (!options.has("act-density") && !options.defaulted("seed")) {
    throw UserError("--seed is given without --act-density: expected activations to draw");
  }
  if (options.has("act-density")) {
    act_density(options);
  } else if (activation_file(options, files).empty()) {
    throw UserError("--activations is missing: expected --activations FILE, or --act-density D to draw them");
  }
  return files;
}

std::string left_out_note(const LayerFiles& files) {
  const std::string path = file_of(files.weights);
  if (is_container_file(path)) {
    const StoredLayer& layer = container_member(files.weights).stored();
    const bool bias = files.bias == path + ":" + layer.name + ".bias";
    if (!bias && !layer.relu) return "";
    return files.weights + ": " + (bias ? layer.relu ? "bias and ReLU are" : "the bias is" : "ReLU is") +
           " taken from the container too";
  }
  if (!is_onnx_file(path)) return "";
  const std::string name = open_matrix(files.weights)->name();  // with the member that was chosen
  const std::shared_ptr<const OnnxNetwork> network = onnx_network(path);
  for (const OnnxLayer& layer : network->layers) {
    if (name != path + ":" + layer.name) continue;
    const std::string bias = layer.bias.empty() || !files.bias.empty() ? "" : "--bias '" + name + ".bias'";
    const std::string relu = !layer.relu || files.relu ? "" : "--relu";
    const std::string both = bias + (bias.empty() || relu.empty() ? "" : " ") + relu;
    return both.empty() ? "" : name + ": the model's layer has more than weights; " + both + " would take it too";
  }
  return "";
}

LayerInputs layer_inputs(const Options& options, const LayerFiles& files, const HwConfig& config) {
  if (options.has("act-density")) return drawn(options, files, config);
  LayerInputs inputs;
  inputs.values = load_samples(activation_file(options, files), files.weights, 0);
  inputs.several = inputs.values.cols() > 1;
  return inputs;
}

InputFiles layer_input_files(const Options& options, const std::string& config, const PreparedLayer& layer, bool wanted) {
  InputFiles files(wanted);
  files.add("config", config);
  files.add_array("weights", layer.files.weights, Wanted::matrix());
  files.add_array("activations", activation_file(options, layer.files),
                  wanted_samples(layer.files.weights, [columns = layer.image.columns] { return columns; }));
  files.add_array("bias", layer.files.bias, Wanted::vector(layer.image.rows));
  files.add_array("calibration", options.text("calibration"),
                  wanted_samples(layer.files.weights, [columns = layer.image.columns] { return columns; }));
  return files;
}

}  // namespace eie::tb
