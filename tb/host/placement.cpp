// SPDX-License-Identifier: Apache-2.0
#include "tb/host/placement.h"

#include <algorithm>

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

}  // namespace

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
