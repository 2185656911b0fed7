// SPDX-License-Identifier: Apache-2.0
// ONNX: https://onnx.ai/onnx/repo-docs/IR.html and Operators.html
#include "tb/formats/models/onnx_network.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "tb/formats/kept_files.h"
#include "tb/formats/models/members.h"
#include "tb/formats/models/onnx_chain.h"
#include "tb/formats/readers.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

/// A layer's matrix.
class LayerFile : public DenseFile {
 public:
  LayerFile(const std::string& name, std::shared_ptr<const OnnxNetwork> network, const OnnxLayer& layer)
      : DenseFile(name, "ONNX", {layer.rows, layer.columns}, layer.weights), network_(std::move(network)), layer_(layer) {}
  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<LayerFile>(*this); }

 private:
  void convert(std::size_t first, std::size_t count, double* values) const override {
    DenseFile::convert(first, count, values);
    layer_.scale(first, count, values);
  }

  std::shared_ptr<const OnnxNetwork> network_;
  const OnnxLayer& layer_;  // of it
};

}  // namespace

void OnnxLayer::scale(std::size_t first, std::size_t count, double* values) const {
  for (std::size_t i = 0; i < count; ++i) {
    double* const row = values + i * columns;
    for (std::size_t j = 0; j < columns && !column_scale.empty(); ++j) row[j] *= column_scale[j];
    for (std::size_t j = 0; j < columns && !row_scale.empty(); ++j) row[j] *= row_scale[first + i];
  }
}

std::shared_ptr<const OnnxNetwork> read_onnx_network(const std::string& path, const FileBytes& bytes) {
  OnnxGraph graph(path, parse_onnx(path, bytes));
  auto network = std::make_shared<OnnxNetwork>(OnnxChain(path, graph).read());
  for (const OnnxLayer& layer : network->layers) {
    for (std::size_t i = 0; i < layer.bias.size(); ++i) {
      if (std::isfinite(layer.bias[i])) continue;
      fail_file(path + ":" + layer.name + ".bias", "element [" + std::to_string(i) + "] is infinite", "finite numbers");
    }
  }
  return network;
}

std::shared_ptr<const OnnxNetwork> onnx_network(const std::string& path) {
  const std::string key = "onnx\n" + path;
  if (const auto kept = KeptFiles::parsed(key)) return std::static_pointer_cast<const OnnxNetwork>(kept);
  std::shared_ptr<const OnnxNetwork> network = read_onnx_network(path, FileBytes::map(path, "an ONNX model"));
  KeptFiles::keep_parsed(key, network);
  return network;
}

bool is_onnx(const std::string& path, std::string_view bytes) {
  // Fields in their order: ir_version, then opset_import, the producer's name and version, domain, model_version, doc_string or
  // graph. Writers may begin with another one: then the name tells.
  if (bytes.size() > 3 && bytes[0] == 0x08 && bytes[1] > 0 && bytes[1] < 32 &&
      std::string_view("\x12\x1A\x22\x28\x32\x3A\x42\x72").find(bytes[2]) != std::string_view::npos) {
    return true;
  }
  std::string suffix = std::filesystem::path(path).extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return suffix == ".onnx" && !bytes.empty() && !is_text(bytes);
}

bool is_onnx_file(const std::string& path) {
  FileBytes bytes;
  try {
    bytes = FileBytes::map(path, "a file");
  } catch (const UserError&) {
    return false;  // who reads it says why
  }
  return !is_zip(bytes.text()) && !is_npy(bytes.text()) && !is_safetensors(bytes.text()) && is_onnx(path, bytes.text());
}

std::vector<std::string> onnx_data_files(const std::string& name) {
  const std::string path = file_of(name);
  return is_onnx_file(path) ? onnx_network(path)->data_files : std::vector<std::string>();
}

std::unique_ptr<MatrixFile> open_onnx(const std::string& path, const std::string& member, const Wanted& wanted) {
  const std::shared_ptr<const OnnxNetwork> network = onnx_network(path);
  std::vector<Member> members;
  std::vector<std::pair<const OnnxLayer*, bool>> arrays;  // whether it is the bias
  for (const OnnxLayer& layer : network->layers) {
    members.push_back({layer.name, {layer.rows, layer.columns}});
    arrays.emplace_back(&layer, false);
    if (layer.bias.empty()) continue;
    members.push_back({layer.name + ".bias", {layer.rows}});
    arrays.emplace_back(&layer, true);
  }
  const std::size_t chosen = choose_member(path, member, members, wanted);
  const std::string name = path + ":" + members[chosen].name;
  const auto& [layer, is_bias] = arrays[chosen];
  if (!is_bias) return std::make_unique<LayerFile>(name, network, *layer);
  const FileBytes values(network, reinterpret_cast<const unsigned char*>(layer->bias.data()),
                         layer->bias.size() * sizeof(double));
  return std::make_unique<DenseFile>(name, "ONNX", members[chosen].shape, DenseData{values, {'f', 8, false}, false});
}

}  // namespace eie::tb
