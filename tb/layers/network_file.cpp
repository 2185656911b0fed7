// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/network_file.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "tb/formats/container/stored_network.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/support/error.h"
#include "tb/support/thousands.h"
#include "tb/support/yaml_map.h"

namespace eie::tb {

namespace {

namespace fs = std::filesystem;

NetworkFile onnx_layers(const std::string& path) {
  NetworkFile network;
  const std::shared_ptr<const OnnxNetwork> model = onnx_network(path);
  for (const OnnxLayer& from : model->layers) {
    LayerFiles layer;
    layer.name = from.name;
    layer.weights = path + ":" + from.name;
    if (!from.bias.empty()) layer.bias = layer.weights + ".bias";
    layer.relu = from.relu;
    network.layers.push_back(layer);
  }
  network.notes = model->notes;
  return network;
}

NetworkFile container_layers(const std::string& path) {
  NetworkFile network;
  const std::shared_ptr<const StoredNetwork> stored = open_container(path);
  for (const StoredLayer& from : stored->layers) {
    LayerFiles layer;
    layer.name = from.name;
    layer.weights = path + ":" + from.name;
    if (!from.bias.empty()) layer.bias = layer.weights + ".bias";
    layer.relu = from.relu;
    layer.formats = {from.weight_frac, from.act_frac, from.out_frac};
    network.layers.push_back(layer);
  }
  return network;
}

}  // namespace

NetworkFile load_network(const std::string& path) {
  if (is_container_file(path)) return container_layers(path);
  if (is_onnx_file(path)) return onnx_layers(path);
  const YamlMap map = YamlMap::load(path, {"inputs", "labels", "layers"});
  const fs::path folder = fs::path(path).parent_path();
  auto file = [&folder](const YamlMap& from, const char* key) { return (folder / from.text(key)).string(); };
  NetworkFile network;
  if (map.has("inputs")) network.inputs = file(map, "inputs");
  if (map.has("labels")) network.labels = file(map, "labels");
  auto frac = [](const YamlMap& from, const char* key) {
    return from.has(key) ? std::optional<int>(static_cast<int>(from.integer(key, kLowestFrac, kHighestFrac))) : std::nullopt;
  };
  for (const YamlMap& item : map.maps("layers", {"name", "weights", "bias", "relu", "weight_frac", "out_frac"})) {
    LayerFiles layer;
    layer.name = item.text("name");
    for (const LayerFiles& other : network.layers) {
      if (other.name == layer.name) item.fail("name", "a name that no other layer has");
    }
    layer.weights = file(item, "weights");
    if (item.has("bias")) {
      layer.bias = file(item, "bias");
    } else if (is_simulator_folder(layer.weights) && simulator_folder_has_bias(layer.weights)) {
      layer.bias = file_of(layer.weights) + ":bias";
    }
    layer.relu = item.boolean("relu");
    layer.formats.weight_frac = frac(item, "weight_frac");
    layer.formats.out_frac = frac(item, "out_frac");
    network.layers.push_back(layer);
  }
  return network;
}

Wanted wanted_samples(const std::string& weights, const std::function<std::size_t()>& columns) {
  return {"activations of " + weights, [columns](const std::vector<std::size_t>& shape) {
            const bool matrix = shape.size() == 2;
            return (matrix || shape.size() == 1) &&
                   (shape.back() == columns() || (matrix && shape[1] == 1 && shape[0] == columns()));
          }};
}

bool is_weights(const std::string& text) {
  const std::string path = file_of(text);
  std::error_code failure;
  if (!fs::exists(path, failure)) return false;
  if (path != text) return true;  // FILE:MEMBER
  const std::string ending = fs::path(path).extension().string();
  return ending != ".yaml" && ending != ".yml" && !is_onnx_file(path);
}

LayerFiles weights_layer(const std::string& text) {
  LayerFiles layer;
  const std::string path = file_of(text);
  layer.name = path == text ? fs::path(text).stem().string() : text.substr(path.size() + 1);  // of the file, or its member
  layer.weights = text;
  if (is_simulator_folder(text) && simulator_folder_has_bias(text)) layer.bias = file_of(text) + ":bias";
  return layer;
}

Eigen::MatrixXd load_samples(const std::string& path, const std::string& weights, std::uint64_t limit) {
  std::size_t known = 0;
  auto columns = [&] {  // of the weights, found out only where it matters
    if (known == 0) known = open_matrix(weights)->columns();
    return known;
  };
  const std::unique_ptr<MatrixFile> file = open_matrix(path, wanted_samples(weights, columns));
  const bool upright = file->shape().size() == 2 && file->columns() == 1 && file->rows() > 1 && columns() != 1;
  std::size_t samples = upright ? 1 : file->rows();
  const std::size_t features = upright ? file->rows() : file->columns();
  if (limit != 0) samples = std::min(samples, static_cast<std::size_t>(limit));
  Eigen::MatrixXd inputs(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(samples));
  file->read_rows(0, upright ? features : samples, inputs.data());  // a sample is a row there and a column here
  return inputs;
}

std::vector<std::int64_t> load_network_labels(const std::string& path, std::size_t samples, std::size_t classes, bool all) {
  std::vector<std::int64_t> labels = read_integer_vector(path, 0);
  if (labels.size() < samples || (all && labels.size() != samples)) {
    throw UserError(path + ": has " + counted(labels.size(), "label") + ": expected one for each of " +
                    counted(samples, "sample"));
  }
  labels.resize(samples);
  for (std::size_t s = 0; s < samples; ++s) {
    if (labels[s] < 0 || labels[s] >= static_cast<std::int64_t>(classes)) {
      throw UserError(path + ": element [" + std::to_string(s) + "] is " + std::to_string(labels[s]) + ": expected 0" +
                      (classes == 1 ? ", the one output" : " to " + std::to_string(classes - 1) + ", an output") +
                      " of the last layer");
    }
  }
  return labels;
}

}  // namespace eie::tb
