// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/container.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <utility>

#include "tb/compress/code_columns.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/parallel.h"

namespace eie::tb {
namespace {

constexpr std::size_t kAtATime = std::size_t{1} << 22;  // weights of a part that is encoded on its own, zeros included

/// The configuration whose entries a network with such codes has.
HwConfig with_code_width(HwConfig config, unsigned code_width) {
  if (config.code_width != code_width) {
    config.code_width = code_width;
    config.run_width = 8 - code_width % 8;  // entries of 8 bits; of 16 with codes of 8
  }
  return config;
}

/// The entries of all columns, list after list (block, PE). Parts of the columns are encoded on their own, side by side, so that
/// there is never more than the entries twice.
template <class Entry>
void encode_entries(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks, StoredImage& image,
                    std::vector<Entry>& entries) {
  const std::size_t columns = source.columns();
  const std::size_t lists = blocks.size() * config.n_pe;
  const std::size_t step = std::max<std::size_t>(1, kAtATime / source.rows());
  image.column_entries.resize(lists * columns);
  std::vector<std::vector<Entry>> parts((columns + step - 1) / step);
  std::atomic<std::size_t> next{0};
  in_parallel(std::min(parts.size(), threads_for(parts.size(), 1)), [&](std::size_t) {
    for (std::size_t part = next++; part < parts.size(); part = next++) {
      const std::size_t first = part * step;
      const EncodedLayer some = encode_columns(source, config, blocks, first, std::min(columns, first + step));
      std::size_t size = 0;
      for (const auto& block : some.code) {
        for (const PeCode& pe : block) size += pe.entries.size();
      }
      parts[part].reserve(size);
      std::uint32_t* count = image.column_entries.data() + first;
      for (const auto& block : some.code) {
        for (const PeCode& pe : block) {
          for (std::size_t j = 0; j < some.columns; ++j) count[j] = pe.pointers[j + 1] - pe.pointers[j];
          parts[part].insert(parts[part].end(), pe.entries.begin(), pe.entries.end());
          count += columns;
        }
      }
    }
  });
  if (parts.size() == 1) {
    entries = std::move(parts.front());
    return;
  }
  std::size_t total = 0;
  for (const std::vector<Entry>& part : parts) total += part.size();
  entries.reserve(total);
  std::vector<std::size_t> at(parts.size(), 0);
  for (std::size_t list = 0; list < lists; ++list) {
    const std::uint32_t* const count = image.column_entries.data() + list * columns;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const std::size_t size = std::accumulate(count + part * step, count + std::min(columns, (part + 1) * step), std::size_t{0});
      const auto from = parts[part].begin() + static_cast<std::ptrdiff_t>(at[part]);
      entries.insert(entries.end(), from, from + static_cast<std::ptrdiff_t>(size));
      at[part] += size;
    }
  }
}

StoredImage stored_image(const CompressedLayer& layer, const HwConfig& config) {
  StoredImage image;
  image.n_pe = config.n_pe;
  image.code_width = config.code_width;
  image.run_width = config.run_width;
  image.registers = config.registers;
  const std::vector<RowBlock> blocks = split_rows(layer.rows, config);
  for (const RowBlock& block : blocks) image.local_rows.push_back(static_cast<std::uint32_t>(block.local_rows));
  const CodeColumns source(layer);
  if (image.is_narrow()) {
    encode_entries(source, config, blocks, image, image.narrow);
  } else {
    encode_entries(source, config, blocks, image, image.wide);
  }
  return image;
}

EncodedLayer encoded_layer(const StoredImage& image, std::size_t rows, std::size_t columns, const HwConfig& config) {
  EncodedLayer layer;
  layer.rows = rows;
  layer.columns = columns;
  layer.code_width = image.code_width;
  layer.blocks = split_rows(rows, config);
  auto count = image.column_entries.begin();
  image.with_entries([&](const auto& entries) {
    auto entry = entries.begin();
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
  });
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

/// All but codes and image.
StoredLayer stored_layer(const CompressedLayer& layer) {
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
  std::vector<LayerToStore> layers;
  for (const CompressedLayer& layer : network.layers) {
    if (layer.rows == 0 || layer.columns == 0) refuse(path, layer, "no elements", "at least one");
    check_codes(path, layer, image_config.code_width);
    stored.layers.push_back(stored_layer(layer));
    layers.push_back({&layer.codes, [&layer, &image_config] { return stored_image(layer, image_config); }});
  }
  const std::vector<unsigned char> bytes = container_bytes(stored, layers, path);
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
    layer.codes = from.codes;
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
  weights.shared.codes = std::make_unique<CodeMatrix>(layer.rows, layer.columns, layer.codes);
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
