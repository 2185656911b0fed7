// SPDX-License-Identifier: Apache-2.0
// Containers (.eie): a compressed network as one file, its layers encoded for a configuration (docs/formats.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tb/compress/compressed_network.h"
#include "tb/config/config.h"
#include "tb/encoding/encoder.h"
#include "tb/formats/container/stored_network.h"

namespace eie::tb {

/// How a network was made: words for people, kept in the container.
using ContainerOptions = std::map<std::string, std::string>;

struct Container {
  CompressedNetwork network;
  ContainerOptions options;
};

/// Writes a container, whole or not at all. The layers are encoded for `config`; where its codes have another width than the
/// network's, for PEs and registers like its with entries of 8 or 16 bits. Throws UserError: `path: has ...: expected ...` for
/// a network that is none (no layers, two of one name, a codebook that does not ascend, a code or a row beyond), or when the
/// file cannot be written.
void write_container(const std::string& path, const CompressedNetwork& network, const HwConfig& config,
                     const ContainerOptions& options = {});

/// All of a container. Throws UserError when it cannot be read, or is not what was written: then there is nothing of it.
Container read_container(const std::string& path);

/// A layer of a container, ready for a configuration.
struct StoredWeights {
  SharedWeights shared;
  std::optional<EncodedLayer> image;  // where it was encoded for a configuration with the same PEs, widths and registers
};

/// Weights FILE:LAYER of a container, or none: `name` is another file, or its codes do not fit `config.code_width`, so that its
/// values have to be shared anew. Throws UserError for a damaged container and an unknown layer.
std::optional<StoredWeights> stored_weights(const std::string& name, const HwConfig& config);

/// Weights of any file: those of a container as they are, others shared (tb/encoding/code_matrix.h). Throws UserError.
StoredWeights share_or_take(const std::string& name, const HwConfig& config);

/// True when the image has the entries that encode() makes for the row blocks of split_rows(): what counts are the PEs, the
/// widths and the registers.
bool is_image_for(const StoredImage& image, std::size_t rows, const HwConfig& config);

}  // namespace eie::tb
