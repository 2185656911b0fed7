// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/container.h"

#include <algorithm>
#include <utility>

#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

/// The configuration whose entries a network with such codes has.
HwConfig with_code_width(HwConfig config, unsigned code_width) {
  if (config.code_width != code_width) {
    config.code_width = code_width;
    config.run_width = 8 - code_width % 8;  // entries of 8 bits; of 16 with codes of 8
  }
  return config;
}

StoredImage stored_image(const EncodedLayer& layer, const HwConfig& config) {
  StoredImage image;
  image.n_pe = config.n_pe;
  image.code_width = config.code_width;
  image.run_width = config.run_width;
  image.registers = config.registers;
  for (std::size_t b = 0; b < layer.blocks.size(); ++b) {
    image.local_rows.push_back(static_cast<std::uint32_t>(layer.blocks[b].local_rows));
    for (const PeCode& pe : layer.code[b]) {
      for (std::size_t j = 0; j < layer.columns; ++j) image.column_entries.push_back(pe.pointers[j + 1] - pe.pointers[j]);
      image.entries.insert(image.entries.end(), pe.entries.begin(), pe.entries.end());
    }
  }
  return image;
}

EncodedLayer encoded_layer(const StoredImage& image, std::size_t rows, std::size_t columns, const HwConfig& config) {
  EncodedLayer layer;
  layer.rows = rows;
  layer.columns = columns;
  layer.code_width = image.code_width;
  layer.blocks = split_rows(rows, config);
  auto entry = image.entries.begin();
  auto count = image.column_entries.begin();
  for (std::size_t b = 0; b < layer.blocks.size(); ++b) {
    layer.code.emplace_back(image.n_pe);
    for (PeCode& pe : layer.code.back()) {
      pe.pointers.reserve(columns + 1);
      pe.pointers.push_back(0);
      for (std::size_t j = 0; j < columns; ++j) pe.pointers.push_back(pe.pointers.back() + *count++);
      const auto end = entry + static_cast<std::ptrdiff_t>(pe.pointers.back());
      pe.entries.assign(entry, end);
      entry = end;
    }
  }
  return layer;
}

[[noreturn]] void refuse(const std::string& path, const CompressedLayer& layer, const std::string& found,
                         const std::string& expected) {
  throw UserError(path + ": layer '" + layer.name + "' has " + found + ": expected " + expected);
}

// What the encoder relies on.
void check_codes(const std::string& path, const CompressedLayer& layer, unsigned code_width) {
  const CodeMatrix::Sparse& codes = layer.codes;
  if (codes.offset.size() != layer.columns + 1 || codes.offset.front() != 0 || codes.offset.back() != codes.row.size() ||
      codes.row.size() != codes.code.size() || !std::is_sorted(codes.offset.begin(), codes.offset.end())) {
    refuse(path, layer, "columns that do not go with its codes", "offsets of all columns");
  }
  for (std::size_t j = 0; j < layer.columns; ++j) {
    for (std::size_t e = codes.offset[j]; e < codes.offset[j + 1]; ++e) {
      if (codes.row[e] >= layer.rows || (e > codes.offset[j] && codes.row[e] <= codes.row[e - 1])) {
        refuse(path, layer, "row " + std::to_string(codes.row[e]) + " in column " + std::to_string(j),
               "ascending rows below " + std::to_string(layer.rows));
      }
      if (codes.code[e] == 0 || codes.code[e] >> code_width != 0) {
        refuse(path, layer, "code " + std::to_string(codes.code[e]) + " in column " + std::to_string(j),
               "1 to " + std::to_string((1u << code_width) - 1));
      }
    }
  }
}

StoredLayer stored_layer(const std::string& path, const CompressedLayer& layer, const HwConfig& config) {
  check_codes(path, layer, config.code_width);
  StoredLayer stored;
  stored.name = layer.name;
  stored.rows = layer.rows;
  stored.columns = layer.columns;
  stored.relu = layer.relu;
  stored.weight_frac = layer.formats.weight_frac;
  stored.act_frac = layer.formats.act_frac;
  stored.out_frac = layer.formats.out_frac;
  stored.bias = layer.bias;
  const Codebook& c = layer.codebook;
  stored.codebook = {c.values, c.used, c.distinct, c.max_error, c.rms_error, c.start};
  stored.codes = {layer.codes.offset, layer.codes.row, layer.codes.code};
  const CodeMatrix matrix(layer.rows, layer.columns, layer.codes);
  stored.image = stored_image(encode(matrix, config, split_rows(layer.rows, config)), config);
  return stored;
}

Codebook codebook_of(const StoredCodebook& stored) {
  Codebook book;
  book.values = stored.values;
  book.used = stored.used;
  book.distinct = stored.distinct;
  book.max_error = stored.max_error;
  book.rms_error = stored.rms_error;
  book.start = stored.start;
  return book;
}

CodeMatrix::Sparse sparse_of(const StoredCodes& stored) { return {stored.offset, stored.row, stored.code}; }

}  // namespace

void write_container(const std::string& path, const CompressedNetwork& network, const HwConfig& config,
                     const ContainerOptions& options) {
  if (network.code_width < 1 || network.code_width > 8) {
    throw UserError(path + ": has codes of " + std::to_string(network.code_width) + " bits: expected 1 to 8");
  }
  const HwConfig image_config = with_code_width(config, network.code_width);
  StoredNetwork stored;
  stored.name = network.name;
  stored.code_width = network.code_width;
  stored.options = options;
  for (const CompressedLayer& layer : network.layers) {
    if (layer.rows == 0 || layer.columns == 0) refuse(path, layer, "no elements", "at least one");
    stored.layers.push_back(stored_layer(path, layer, image_config));
  }
  const std::vector<unsigned char> bytes = container_bytes(stored, path);
  AtomicFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

Container read_container(const std::string& path) {
  const std::shared_ptr<const StoredNetwork> stored = open_container(path);
  Container container;
  container.options = stored->options;
  container.network.name = stored->name;
  container.network.code_width = stored->code_width;
  for (const StoredLayer& from : stored->layers) {
    CompressedLayer layer;
    layer.name = from.name;
    layer.rows = from.rows;
    layer.columns = from.columns;
    layer.codes = sparse_of(from.codes);
    layer.codebook = codebook_of(from.codebook);
    layer.bias = from.bias;
    layer.relu = from.relu;
    layer.formats = {from.weight_frac, from.act_frac, from.out_frac};
    container.network.layers.push_back(std::move(layer));
  }
  return container;
}

bool is_image_for(const StoredImage& image, std::size_t rows, const HwConfig& config) {
  if (image.n_pe != config.n_pe || image.code_width != config.code_width || image.run_width != config.run_width ||
      image.registers != config.registers) {
    return false;
  }
  const std::vector<RowBlock> blocks = split_rows(rows, config);
  return std::equal(blocks.begin(), blocks.end(), image.local_rows.begin(), image.local_rows.end(),
                    [](const RowBlock& block, std::uint32_t local_rows) { return block.local_rows == local_rows; });
}

std::optional<StoredWeights> stored_weights(const std::string& name, const HwConfig& config) {
  if (!is_container_file(name)) return std::nullopt;
  const ContainerMember member = container_member(name);
  if (member.bias) return std::nullopt;
  const StoredLayer& layer = member.stored();
  const std::size_t size = std::size_t{1} << config.code_width;
  if (layer.codebook.used >= size) return std::nullopt;
  for (const std::uint8_t code : layer.codes.code) {
    if (code >= size) return std::nullopt;
  }
  StoredWeights weights;
  weights.shared.codebook = codebook_of(layer.codebook);
  std::vector<double>& values = weights.shared.codebook.values;
  values.resize(size, values.back());
  weights.shared.codes = std::make_unique<CodeMatrix>(layer.rows, layer.columns, sparse_of(layer.codes));
  if (is_image_for(layer.image, layer.rows, config))
    weights.image = encoded_layer(layer.image, layer.rows, layer.columns, config);
  return weights;
}

StoredWeights share_or_take(const std::string& name, const HwConfig& config) {
  if (std::optional<StoredWeights> stored = stored_weights(name, config)) return std::move(*stored);
  StoredWeights weights;
  weights.shared = load_shared_weights(name, config.code_width);
  return weights;
}

}  // namespace eie::tb
