// SPDX-License-Identifier: Apache-2.0
// What a container (.eie) holds: a network of shared weights, each layer in the device's own form for one configuration.
//
// The file is an HDF5 file behind 512 bytes of text, which have a SHA-256 of all bytes behind them (docs/formats.md). It is
// compared before the HDF5 library sees a byte, so that damage, wherever it is, ends in the same one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tb/formats/container/sparse_codes.h"
#include "tb/formats/file_bytes.h"

namespace eie::tb {

/// The interleaved, relative-indexed CSC of docs/encoding.md, as flat arrays.
struct StoredImage {
  unsigned n_pe = 0;
  unsigned code_width = 0;
  unsigned run_width = 0;
  unsigned registers = 0;
  std::vector<std::uint32_t> local_rows;      // of each row block
  std::vector<std::uint32_t> column_entries;  // [block][PE][column]: entries, padding included
  // [block][PE], column after column: run << code_width | code. The one list has those of up to 8 bits, the other those of 16.
  std::vector<std::uint8_t> narrow;
  std::vector<std::uint16_t> wide;

  bool is_narrow() const { return code_width + run_width <= 8; }
  std::size_t entry_count() const { return is_narrow() ? narrow.size() : wide.size(); }
  /// Calls use(list) with the one that has them.
  template <class Use>
  decltype(auto) with_entries(Use&& use) const {
    return is_narrow() ? use(narrow) : use(wide);
  }
};

/// The values of the codes, and how they fit the weights before these were shared.
struct StoredCodebook {
  std::vector<double> values;  // 2^code_width: 0, the rest ascending
  std::uint64_t used = 0;      // non-zero codes that occur
  std::uint64_t distinct = 0;  // distinct non-zero weights before
  double max_error = 0;
  double rms_error = 0;
  std::string start;
};

struct StoredLayer {
  std::string name;
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool relu = false;
  std::optional<int> weight_frac, act_frac, out_frac;  // none: chosen when it runs
  std::vector<double> bias;                            // one a row, or none
  StoredCodebook codebook;
  StoredImage image;
  SparseCodes codes;  // what the image says; of a file: checked against the writer's
};

struct StoredNetwork {
  std::string name;
  unsigned code_width = 0;
  std::map<std::string, std::string> options;  // how it was made, for people; keys and values are free
  std::vector<StoredLayer> layers;
};

/// True for the bytes of a container, or of what was one: they begin like one, or HDF5 begins where it does in one.
bool is_container(std::string_view bytes);
/// The same of the file of FILE or FILE:MEMBER; false when it cannot be read.
bool is_container_file(const std::string& name);

/// What of a layer is large, when a container is written: codes that lie elsewhere, and an image that is made when its turn
/// comes and goes when it is written.
struct LayerToStore {
  const SparseCodes* codes = nullptr;
  std::function<StoredImage()> image;
};

/// The bytes of a container; the layers of `network` have no codes and no image, which are in `layers`. Throws UserError,
/// starting with `label`, when something is not as described above.
std::vector<unsigned char> container_bytes(const StoredNetwork& network, const std::vector<LayerToStore>& layers,
                                           const std::string& label);

/// All of a container, checked: nothing of a damaged one. Throws UserError `path: ...`.
StoredNetwork parse_container(const std::string& path, const FileBytes& bytes);

/// The container of the file of FILE or FILE:MEMBER, read once (tb/formats/kept_files.h). Throws UserError.
std::shared_ptr<const StoredNetwork> open_container(const std::string& name);

/// The layer that FILE:LAYER names, or FILE alone where it holds one layer; and whether `.bias` stands behind it. Throws
/// UserError, naming the layers that there are.
struct ContainerMember {
  std::shared_ptr<const StoredNetwork> network;
  std::size_t layer = 0;
  bool bias = false;
  const StoredLayer& stored() const { return network->layers[layer]; }
};
ContainerMember container_member(const std::string& name);

/// The codes of an image. Throws Hdf5Error when an entry is outside the matrix.
SparseCodes decode_image(const StoredImage& image, std::size_t rows, std::size_t columns);

/// SHA-256 of rows, columns (64 bits each, little endian), and for each column the number of its codes (32 bits), their rows
/// (32 bits each) and the codes (8 bits each).
std::string digest_of(const SparseCodes& codes, std::size_t rows, std::size_t columns);

}  // namespace eie::tb
