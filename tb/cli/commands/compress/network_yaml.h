// SPDX-License-Identifier: Apache-2.0
// A compressed network as files that any command takes: NET.yaml and its weights as .npy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tb/compress/compressed_network.h"
#include "tb/layers/network_file.h"
#include "tb/support/atomic_file.h"

namespace eie::tb {

/// The files of a network in a folder; none for an empty path.
std::vector<std::string> network_yaml_files(const std::string& folder, const NetworkFile& from);

/// The folder, before anything is written. Throws UserError when it holds such a network and `force` is not set.
std::unique_ptr<StagedFolder> stage_network_yaml(const std::string& folder, bool force);

/// network.yaml, layer<k>_weights.npy (float32, rows x columns) and layer<k>_bias.npy (float64). Inputs and labels are those of
/// `from`, by relative paths. Throws UserError.
void write_network_yaml(const StagedFolder& staged, const CompressedNetwork& network, const NetworkFile& from,
                        const std::string& folder);

}  // namespace eie::tb
