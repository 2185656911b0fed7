// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/compress/network_yaml.h"

#include <filesystem>
#include <regex>
#include <yaml-cpp/yaml.h>

#include "tb/formats/npy.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNetwork = "network.yaml";

std::string weights_name(std::size_t l) { return "layer" + std::to_string(l) + "_weights.npy"; }
std::string bias_name(std::size_t l) { return "layer" + std::to_string(l) + "_bias.npy"; }

bool is_of_network(const std::string& name) {
  static const std::regex names("network\\.yaml|layer[0-9]+_(weights|bias)\\.npy");
  return std::regex_match(name, names);
}

/// `path`, maybe with a member, as the folder's files name it.
std::string from_folder(const std::string& path, const std::string& folder) {
  return fs::absolute(path).lexically_normal().lexically_proximate(fs::absolute(folder).lexically_normal()).string();
}

}  // namespace

std::vector<std::string> network_yaml_files(const std::string& folder, const NetworkFile& from) {
  if (folder.empty()) return {};
  std::vector<std::string> files{folder + "/" + kNetwork};
  for (std::size_t l = 0; l < from.layers.size(); ++l) {
    files.push_back(folder + "/" + weights_name(l));
    if (!from.layers[l].bias.empty()) files.push_back(folder + "/" + bias_name(l));
  }
  return files;
}

std::unique_ptr<StagedFolder> stage_network_yaml(const std::string& folder, bool force) {
  return std::make_unique<StagedFolder>(folder, is_of_network, force);
}

void write_network_yaml(const StagedFolder& staged, const CompressedNetwork& network, const NetworkFile& from,
                        const std::string& folder) {
  std::string text;
  auto quoted = [](const std::string& value) {
    YAML::Emitter one;
    one << YAML::DoubleQuoted << value;
    return std::string(one.c_str());
  };
  if (!from.inputs.empty()) text += "inputs: " + quoted(from_folder(from.inputs, folder)) + "\n";
  if (!from.labels.empty()) text += "labels: " + quoted(from_folder(from.labels, folder)) + "\n";
  text += "layers:\n";
  try {
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      const CompressedLayer& layer = network.layers[l];
      text += "  - name: " + quoted(layer.name) + "\n    weights: " + weights_name(l) + "\n";
      if (!layer.bias.empty()) {
        text += "    bias: " + bias_name(l) + "\n";
        write_npy(staged.staging() + "/" + bias_name(l), layer.bias);
      }
      text += std::string("    relu: ") + (layer.relu ? "true" : "false") + "\n";
      if (layer.formats.weight_frac) text += "    weight_frac: " + std::to_string(*layer.formats.weight_frac) + "\n";
      if (layer.formats.out_frac) text += "    out_frac: " + std::to_string(*layer.formats.out_frac) + "\n";
      std::vector<float> dense(layer.rows * layer.columns, 0.0f);
      for (std::size_t j = 0; j < layer.columns; ++j) {
        for (std::size_t e = layer.codes.offset[j]; e < layer.codes.offset[j + 1]; ++e) {
          dense[layer.codes.row[e] * layer.columns + j] = static_cast<float>(layer.codebook.values[layer.codes.code[e]]);
        }
      }
      write_npy(staged.staging() + "/" + weights_name(l), dense, {layer.rows, layer.columns});
    }
    write_if_changed(staged.staging() + "/" + kNetwork, text);
  } catch (const UserError& error) {
    throw UserError(staged.with_final_names(error.what()));
  }
}

}  // namespace eie::tb
