// SPDX-License-Identifier: Apache-2.0
// A network as a file (docs/eie.md): its layers, its samples and their labels. YAML names files; an ONNX model and a container
// hold the layers.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"
#include "tb/layers/network.h"

namespace eie::tb {

struct NetworkFile {
  std::string inputs;  // empty: the file names none
  std::string labels;  // empty: none
  std::vector<LayerFiles> layers;
  std::vector<std::string> notes;  // what the user should know of it
};

/// Reads NET.yaml, whose paths are relative to it, an ONNX model or a container (.eie), whose layers are members of it. Throws
/// UserError.
NetworkFile load_network(const std::string& path);

/// True for a file of weights, FILE or FILE:MEMBER; false for a network's YAML file, an ONNX model, and what is no file.
bool is_weights(const std::string& text);

/// A file of weights as a layer, named like the file or its member; with the bias of a simulator's folder.
LayerFiles weights_layer(const std::string& text);

/// Activations as columns: features x samples, at most `limit` samples (0: all). A file of shape (N,), (1, N) or, where
/// `weights` do not have just one column, (N, 1) is one sample, one of (M, N) holds M. Throws UserError.
Eigen::MatrixXd load_samples(const std::string& path, const std::string& weights, std::uint64_t limit);

/// What load_samples() chooses of an archive; `columns` are those of the weights, asked for only where it matters.
Wanted wanted_samples(const std::string& weights, const std::function<std::size_t()>& columns);

/// The labels of the first `samples` samples, each below `classes`; `all`: the file has no more. Throws UserError.
std::vector<std::int64_t> load_network_labels(const std::string& path, std::size_t samples, std::size_t classes,
                                              bool all = false);

}  // namespace eie::tb
