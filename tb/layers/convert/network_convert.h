// SPDX-License-Identifier: Apache-2.0
// Networks from one kind of file into another.
#pragma once

#include <string>
#include <vector>

#include "tb/compress/container.h"
#include "tb/layers/network.h"

namespace eie::tb {

/// The layers as a container holds them, weights shared in `config.code_width` bits: at most 2^code_width - 1 values a layer are
/// kept as they are, more are clustered. `notes` are what was assumed in reading the files. Throws UserError.
CompressedNetwork share_network(const std::string& name, const std::vector<LayerFiles>& layers, const HwConfig& config,
                                std::vector<std::string>& notes);

/// Writes network.yaml, layer<k>_weights<ending> and layer<k>_bias.npy into a folder that is there: a network for `eie network`
/// without inputs. `notes`: what of the layers YAML has no word for. Throws UserError.
void write_network_folder(const std::string& folder, const std::vector<LayerFiles>& layers, const std::string& ending,
                          std::vector<std::string>& notes);

/// True for the files that write_network_folder() writes.
bool is_of_network_folder(const std::string& name);

}  // namespace eie::tb
