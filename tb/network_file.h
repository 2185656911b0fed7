// A network as a YAML file (docs/eie.md): the files of its layers, its samples and their labels.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "network.h"

namespace eie::tb {

struct NetworkFile {
  std::string inputs;
  std::string labels;  // empty: none
  std::vector<LayerFiles> layers;
};

/// Reads NET.yaml; paths in it are relative to it. Throws UserError.
NetworkFile load_network(const std::string& path);

/// The samples as columns: features x samples, at most `limit` samples (0: all). Throws UserError.
Eigen::MatrixXd load_network_inputs(const std::string& path, std::uint64_t limit);

/// The labels of the first `samples` samples, each below `classes`. Throws UserError.
std::vector<std::int64_t> load_network_labels(const std::string& path, std::size_t samples, std::size_t classes);

}  // namespace eie::tb
