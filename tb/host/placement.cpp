// SPDX-License-Identifier: Apache-2.0
#include "tb/host/placement.h"

#include <algorithm>

#include "hw/register_map.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

std::uint64_t align(std::uint64_t at, std::uint64_t step) { return (at + step - 1) / step * step; }

// Images one after another. False when they do not fit together.
bool place_images(const std::vector<DeviceLayer>& layers, const HwConfig& config, Placement& placement) {
  const std::uint64_t step = std::max(config.entries_per_row(), 64 / config.entry_bits());
  std::vector<std::uint64_t> next_entry(config.n_pe, 0);
  std::uint64_t next_pointer = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (std::size_t n = 0; n < layers[l].plan->launches.size(); ++n) {
      const Launch& launch = layers[l].plan->launches[n];
      ImagePlace& place = placement.images[l][n];
      place.pointer_base = static_cast<std::uint32_t>(next_pointer);
      next_pointer += launch.columns + 1;
      if (next_pointer > config.pointer_depth) return false;
      next_pointer = align(next_pointer, 2);
      for (unsigned k = 0; k < config.n_pe; ++k) {
        const auto& pointers = layers[l].image->pe(launch.block, k).pointers;
        place.entry_base[k] = static_cast<std::uint32_t>(next_entry[k]);
        next_entry[k] += pointers[launch.first_column + launch.columns] - pointers[launch.first_column];
        if (next_entry[k] > config.max_entries()) return false;
        next_entry[k] = align(next_entry[k], step);
      }
    }
  }
  return true;
}

std::uint64_t words_of(std::size_t length, const HwConfig& config) { return config.act_words(config.local_length(length)); }

void place_activations(const std::vector<DeviceLayer>& layers, const HwConfig& config, Placement& placement) {
  // Vector v is the input of layer v and the output of layer v - 1; even ones lie at the bottom.
  std::uint64_t bottom = 0;
  std::uint64_t top = 0;
  std::uint64_t bias_words = 0;
  bool all_resident = true;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::uint64_t in = words_of(layers[l].image->columns, config);
    const std::uint64_t out = words_of(layers[l].image->rows, config);
    bottom = std::max(bottom, l % 2 == 0 ? in : out);
    top = std::max(top, l % 2 == 0 ? out : in);
    all_resident = all_resident && layers[l].plan->act_resident;
    if (layers[l].bias.empty()) continue;
    for (const RowBlock& block : layers[l].image->blocks) bias_words += config.act_words(block.local_rows);
  }
  placement.biases_resident = all_resident && bottom + bias_words + top <= config.act_depth;

  std::uint64_t next_bias = bottom;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (!layers[l].plan->act_resident) continue;
    const std::uint64_t in = words_of(layers[l].image->columns, config);
    const std::uint64_t out = words_of(layers[l].image->rows, config);
    ActPlace& place = placement.acts[l];
    place.in_word = static_cast<std::uint32_t>(l % 2 == 0 ? 0 : config.act_depth - in);
    place.out_word = static_cast<std::uint32_t>(l % 2 == 0 ? config.act_depth - out : 0);
    if (layers[l].bias.empty()) continue;
    for (const RowBlock& block : layers[l].image->blocks) {
      const std::uint64_t bias = placement.biases_resident ? next_bias : (l % 2 == 0 ? in : out);
      place.bias_word.push_back(static_cast<std::uint32_t>(bias));
      next_bias += config.act_words(block.local_rows);
    }
  }
}

/// The words of elements of a vector, in every PE from `word` on.
void add_vector(std::vector<Region>& regions, std::size_t count, std::uint64_t word, const HwConfig& config) {
  const std::uint64_t words = words_of(count, config);
  for (unsigned k = 0; words > 0 && k < config.n_pe; ++k) {
    regions.push_back({config.window_base(k) + config.window().act_offset + word * 8, words});
  }
}

void add_image(LayerTraffic& traffic, const DeviceLayer& layer, const Launch& launch, const ImagePlace& place,
               const HwConfig& config) {
  for (unsigned k = 0; k < config.n_pe; ++k) {
    const auto& pointers = layer.image->pe(launch.block, k).pointers;
    const std::uint64_t entries = pointers[launch.first_column + launch.columns] - pointers[launch.first_column];
    const std::uint64_t base = config.window_base(k);
    const std::uint64_t words = (entries * config.entry_bits() + 63) / 64;
    if (words > 0) traffic.spmat.push_back({base + std::uint64_t{place.entry_base[k]} * config.entry_bits() / 8, words});
    traffic.pointers.push_back(
        {base + config.window().ptr_offset + std::uint64_t{place.pointer_base} * 4, launch.columns / 2 + 1});
  }
}

}  // namespace

LayerTraffic traffic_of(const std::vector<DeviceLayer>& layers, std::size_t l, const Placement& placement,
                        const HwConfig& config) {
  const DeviceLayer& layer = layers[l];
  const EncodedLayer& image = *layer.image;
  const ActPlace& place = placement.acts[l];
  const bool resident = layer.plan->act_resident;
  LayerTraffic traffic;
  traffic.images_stay = placement.images_resident;
  traffic.biases_stay = placement.biases_resident;
  traffic.codebook_stays =
      std::all_of(layers.begin(), layers.end(), [&](const DeviceLayer& other) { return other.codebook == layer.codebook; });
  if (layer.codebook.size() > 1) traffic.codebook.push_back({reg::kCodebook + 8, layer.codebook.size() - 1});
  const Work work = count_work(image, {});
  traffic.entries = work.total();
  traffic.padding = work.padding;
  const bool inputs_on_device = l > 0 && layers[l - 1].plan->act_resident && resident;
  if (resident && !inputs_on_device) add_vector(traffic.inputs, image.columns, place.in_word, config);
  for (std::size_t n = 0; n < layer.plan->launches.size(); ++n) {
    const Launch& launch = layer.plan->launches[n];
    const RowBlock& block = image.blocks[launch.block];
    add_image(traffic, layer, launch, placement.images[l][n], config);
    const std::uint64_t bias_word =
        resident ? (layer.bias.empty() ? 0 : place.bias_word[launch.block]) : words_of(launch.columns, config);
    if (!resident) add_vector(traffic.inputs, launch.columns, 0, config);
    if (launch.first && !layer.bias.empty()) add_vector(traffic.biases, block.rows, bias_word, config);
    traffic.registers.push_back({reg::kInLength, (reg::kLayerCtrl - reg::kInLength) / 8 + 1});
    traffic.registers.push_back({reg::kCtrl, 1});
    if (launch.last && !resident) {
      add_vector(traffic.outputs, block.rows, bias_word + (layer.bias.empty() ? 0 : config.act_words(block.local_rows)), config);
    }
  }
  const bool end = l + 1 == layers.size() || !layers[l + 1].plan->act_resident;
  if (resident && end) add_vector(traffic.outputs, image.rows, place.out_word, config);
  return traffic;
}

Placement place_layers(const std::vector<DeviceLayer>& layers, const HwConfig& config) {
  check_ranges(config);
  Placement placement;
  ImagePlace at_zero;
  at_zero.entry_base.assign(config.n_pe, 0);
  auto clear = [&] {
    placement.images.clear();
    for (const DeviceLayer& layer : layers) placement.images.emplace_back(layer.plan->launches.size(), at_zero);
  };
  clear();
  placement.images_resident = place_images(layers, config, placement);
  if (!placement.images_resident) clear();
  placement.acts.resize(layers.size());
  place_activations(layers, config, placement);
  return placement;
}

}  // namespace eie::tb
