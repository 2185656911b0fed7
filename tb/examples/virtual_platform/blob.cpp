// SPDX-License-Identifier: Apache-2.0
#include "tb/examples/virtual_platform/blob.h"

#include <string>

#include "tb/examples/virtual_platform/sw/network_blob.h"
#include "tb/support/error.h"

namespace eie::platform {
namespace {

using tb::DeviceLayer;
using tb::HwConfig;
using Words = std::vector<std::uint64_t>;

struct Copy {
  Words data;
  std::uint64_t device = 0;  // from the device's base
  std::uint64_t rows = 1;
  std::uint64_t device_stride = 0;
};

/// A vector as the PEs store it, PE after PE.
Words packed(const std::vector<std::int32_t>& vector, std::size_t first, std::size_t count, const HwConfig& config) {
  const unsigned lanes = config.lanes();
  const std::uint64_t words = config.act_words(config.local_length(count));
  const std::uint64_t mask = (std::uint64_t{1} << config.data_width) - 1;
  Words data(words * config.n_pe, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t local = i / config.n_pe;
    const std::uint64_t value = static_cast<std::uint64_t>(vector[first + i]) & mask;
    data[i % config.n_pe * words + local / lanes] |= value << (local % lanes * config.data_width);
  }
  return data;
}

/// Entries (one copy a PE, as their numbers differ), pointers (the same number in every PE) and biases of a launch.
std::vector<Copy> image_copies(const DeviceLayer& layer, std::size_t n, const tb::ImagePlace& place, const tb::ActPlace& act,
                               const HwConfig& config) {
  const tb::Launch& launch = layer.plan->launches[n];
  const tb::RowBlock& block = layer.image->blocks[launch.block];
  std::vector<Copy> copies;
  Copy pointers;
  pointers.device = config.window_base(0) + config.window().ptr_offset + std::uint64_t{place.pointer_base} * 4;
  pointers.rows = config.n_pe;
  pointers.device_stride = config.window().stride;
  for (unsigned k = 0; k < config.n_pe; ++k) {
    const tb::PeCode& code = layer.image->pe(launch.block, k);
    const std::uint32_t first = code.pointers[launch.first_column];
    Copy entries;
    entries.data = pack_entries(code, first, code.pointers[launch.first_column + launch.columns], config.entry_bits());
    entries.device = config.window_base(k) + std::uint64_t{place.entry_base[k]} * config.entry_bits() / 8;
    if (!entries.data.empty()) copies.push_back(entries);
    auto pointer = [&](std::size_t c) -> std::uint64_t {
      return c > launch.columns ? 0 : code.pointers[launch.first_column + c] - first + place.entry_base[k];
    };
    for (std::size_t c = 0; c <= launch.columns; c += 2) pointers.data.push_back(pointer(c) | pointer(c + 1) << 32);
  }
  copies.push_back(pointers);
  if (launch.first && !layer.bias.empty()) {
    Copy biases;
    biases.data = packed(layer.bias, block.first_row, block.rows, config);
    biases.device = config.window_base(0) + config.window().act_offset + std::uint64_t{act.bias_word[launch.block]} * 8;
    biases.rows = config.n_pe;
    biases.device_stride = config.window().stride;
    copies.push_back(biases);
  }
  return copies;
}

std::uint64_t layer_ctrl(const std::vector<DeviceLayer>& layers, std::size_t l, const tb::Launch& launch,
                         const HwConfig& config) {
  const DeviceLayer& layer = layers[l];
  std::uint64_t control = (static_cast<std::uint64_t>(layer.shift) & reg::kShiftMask) << reg::kShiftLsb;
  if (launch.first) control |= reg::kLayerFirst;
  if (launch.first && !layer.bias.empty()) control |= reg::kLayerBias;
  if (launch.last) control |= reg::kLayerLast;
  if (launch.last && layer.relu) control |= reg::kLayerRelu;
  // The outputs of the layer before are still in the registers: it was one launch, and is one batch of this layer.
  const bool resident = l > 0 && layers[l - 1].plan->launches.size() == 1 && layer.plan->launches.size() == 1 &&
                        layer.image->columns <= config.batch_columns();
  if (resident) control |= reg::kLayerSrcResident;
  return control;
}

/// Appends words; returns their offset in bytes.
std::uint64_t append(Words& words, const Words& more) {
  const std::uint64_t at = words.size() * 8;
  words.insert(words.end(), more.begin(), more.end());
  return at;
}

}  // namespace

Blob make_blob(const std::string& label, const std::vector<tb::PreparedLayer>& prepared,
               const std::vector<std::vector<std::int32_t>>& samples, const HwConfig& config) {
  std::vector<DeviceLayer> layers;
  bool resident = true;
  for (const tb::PreparedLayer& layer : prepared) {
    layers.push_back({layer.files.name, &layer.image, &layer.plan, layer.weights.codes->codebook(), layer.bias,
                      layer.formats.shift, layer.files.relu});
    resident = resident && layer.plan.act_resident;
  }
  const tb::Placement placement = place_layers(layers, config);
  bool has_bias = false;
  for (const DeviceLayer& layer : layers) has_bias = has_bias || !layer.bias.empty();
  if (!resident || !placement.images_resident || (has_bias && !placement.biases_resident)) {
    throw tb::UserError(label + ": its layers do not fit into configuration " + config.name +
                        " together: expected a network that does");
  }

  Blob blob;
  Words& words = blob.words;
  words.assign(BLOB_H_WORDS, 0);
  Words records;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const DeviceLayer& layer = layers[l];
    Words codebook;
    for (const std::int32_t value : layer.codebook) {
      codebook.push_back(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
    }
    const std::uint64_t codebook_at = append(words, codebook);
    const tb::ActPlace& act = placement.acts[l];
    for (std::size_t n = 0; n < layer.plan->launches.size(); ++n) {
      const tb::Launch& launch = layer.plan->launches[n];
      const tb::RowBlock& block = layer.image->blocks[launch.block];
      Words copy_records;
      for (const Copy& copy : image_copies(layer, n, placement.images[l][n], act, config)) {
        const std::uint64_t bytes = copy.data.size() * 8 / copy.rows;
        const Words record = {append(words, copy.data), copy.device, bytes, copy.rows, bytes, copy.device_stride};
        append(copy_records, record);
      }
      const std::uint64_t copies_at = append(words, copy_records);
      const std::uint64_t in_word = act.in_word + config.act_words(config.local_length(launch.first_column));
      append(records, {l, launch.columns, block.rows, placement.images[l][n].pointer_base, in_word,
                       std::uint64_t{act.out_word} * config.lanes() + block.first_local,
                       layer.bias.empty() ? 0 : act.bias_word[launch.block], layer_ctrl(layers, l, launch, config), codebook_at,
                       layer.codebook.size(), copies_at, copy_records.size() / BLOB_C_WORDS});
    }
  }

  words[BLOB_H_MAGIC] = BLOB_MAGIC;
  words[BLOB_H_LAYERS] = layers.size();
  words[BLOB_H_LAUNCHES] = records.size() / BLOB_L_WORDS;
  words[BLOB_H_LAUNCH_RECORDS] = append(words, records);
  words[BLOB_H_SAMPLES] = samples.size();
  words[BLOB_H_IN_WORD] = placement.acts.front().in_word;
  words[BLOB_H_IN_BYTES] = 8 * config.act_words(config.local_length(layers.front().image->columns));
  words[BLOB_H_OUT_WORD] = placement.acts.back().out_word;
  words[BLOB_H_OUT_BYTES] = 8 * config.act_words(config.local_length(layers.back().image->rows));
  words[BLOB_H_ROWS] = layers.back().image->rows;
  const std::uint64_t inputs_at = words.size() * 8;
  for (const auto& sample : samples) append(words, packed(sample, 0, sample.size(), config));
  words[BLOB_H_INPUTS] = inputs_at;
  blob.outputs = words.size() * 8;
  blob.out_bytes = words[BLOB_H_OUT_BYTES];
  words[BLOB_H_OUTPUTS] = blob.outputs;
  words.resize(words.size() + 2 * samples.size() * config.n_pe * blob.out_bytes / 8, 0);
  return blob;
}

}  // namespace eie::platform
