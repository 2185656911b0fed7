// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/convert/network_convert.h"

#include <nlohmann/json.hpp>
#include <regex>

#include "tb/formats/matrix_file.h"
#include "tb/formats/npy.h"
#include "tb/formats/write/write_matrix.h"
#include "tb/support/atomic_file.h"

namespace eie::tb {
namespace {

// A string in double quotes, as JSON and YAML both have it.
std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace

CompressedNetwork share_network(const std::string& name, const std::vector<LayerFiles>& layers, const HwConfig& config,
                                std::vector<std::string>& notes) {
  CompressedNetwork network;
  network.name = name;
  network.code_width = config.code_width;
  for (const LayerFiles& files : layers) {
    const SharedWeights shared = share_or_take(files.weights, config).shared;
    if (!shared.note.empty()) notes.push_back(shared.note);
    CompressedLayer layer;
    layer.name = files.name;
    layer.rows = shared.codes->rows();
    layer.columns = shared.codes->columns();
    layer.codes = sparse_codes(*shared.codes);
    layer.codebook = shared.codebook;
    if (!files.bias.empty()) layer.bias = read_vector(files.bias, layer.rows);
    layer.relu = files.relu;
    layer.formats = files.formats;
    network.layers.push_back(std::move(layer));
  }
  return network;
}

void write_network_folder(const std::string& folder, const std::vector<LayerFiles>& layers, const std::string& ending,
                          std::vector<std::string>& notes) {
  std::string text =
      "# Written by eie convert. Inputs: eie network network.yaml --inputs FILE, or a line `inputs: FILE` here.\nlayers:\n";
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerFiles& layer = layers[l];
    const std::string file = "layer" + std::to_string(l);
    const std::unique_ptr<MatrixFile> weights = open_matrix(layer.weights);
    if (!weights->note().empty()) notes.push_back(weights->name() + " " + weights->note());
    write_matrix(folder + "/" + file + "_weights" + ending, ending, *weights);
    text += "  - name: " + quoted(layer.name) + "\n    weights: " + file + "_weights" + ending + "\n";
    if (!layer.bias.empty()) {
      write_npy(folder + "/" + file + "_bias.npy", read_vector(layer.bias, weights->rows()));
      text += "    bias: " + file + "_bias.npy\n";
    }
    text += std::string("    relu: ") + (layer.relu ? "true" : "false") + "\n";
    if (layer.formats.weight_frac) text += "    weight_frac: " + std::to_string(*layer.formats.weight_frac) + "\n";
    if (layer.formats.out_frac) text += "    out_frac: " + std::to_string(*layer.formats.out_frac) + "\n";
    if (layer.formats.act_frac) {
      notes.push_back("layer " + layer.name + ": act_frac " + std::to_string(*layer.formats.act_frac) +
                      " is left out: a YAML network has no such key");
    }
  }
  AtomicFile out(folder + "/network.yaml");
  out.write(text.data(), text.size());
  out.commit();
}

bool is_of_network_folder(const std::string& name) {
  static const std::regex names("network\\.yaml|layer[0-9]+_(weights\\.(npy|npz|mtx|csv|tsv)|bias\\.npy)");
  return std::regex_match(name, names);
}

}  // namespace eie::tb
