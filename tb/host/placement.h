// SPDX-License-Identifier: Apache-2.0
// Where the images, activations and biases of one or several layers lie in the device's memories.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/compress/balance/layer_order.h"
#include "tb/config/config.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/encoding/quantise.h"

namespace eie::tb {

/// A layer as the device runs it. The image and the plan are referred to, not copied.
struct DeviceLayer {
  std::string name;
  const EncodedLayer* image = nullptr;
  const Plan* plan = nullptr;
  std::vector<std::int32_t> codebook;  // 2^code_width integers
  std::vector<std::int32_t> bias;      // integers in the output format, one a row; empty: none
  int shift = 0;
  bool relu = false;
  Formats formats{};  // fraction bits, for who looks at numbers; the device needs the shift alone
  /// What lies at the places of image, bias, inputs and outputs, for who names rows and columns; none: each at its own.
  std::shared_ptr<const LayerOrder> order = nullptr;
};

/// Base of a launch's image.
struct ImagePlace {
  std::vector<std::uint32_t> entry_base;  // per PE: index of the launch's first entry
  std::uint32_t pointer_base = 0;         // even
};

/// Base of a layer's activations; only for layers whose activations stay on the device.
struct ActPlace {
  std::uint32_t in_word = 0;
  std::uint32_t out_word = 0;
  std::vector<std::uint32_t> bias_word;  // per row block
};

struct Placement {
  bool images_resident = false;  // all launches of all layers fit together; otherwise each is loaded at 0 when it runs
  bool biases_resident = false;  // all biases fit beside the activations; otherwise each row block's when it starts
  std::vector<std::vector<ImagePlace>> images;  // [layer][launch]
  std::vector<ActPlace> acts;                   // [layer]
};

/// Words of 64 bits that follow one another in the device.
struct Region {
  std::uint64_t address = 0;
  std::uint64_t beats = 0;
};

/// What a host moves for a layer, each once: what Driver does, as addresses. Which of it is moved again for every sample,
/// the flags say.
struct LayerTraffic {
  std::vector<Region> spmat, pointers, biases, codebook;
  std::vector<Region> registers, inputs, outputs;  // for every sample
  bool images_stay = false;
  bool biases_stay = false;
  bool codebook_stays = false;
  std::uint64_t entries = 0;  // stored, padding included
  std::uint64_t padding = 0;
};
LayerTraffic traffic_of(const std::vector<DeviceLayer>& layers, std::size_t layer, const Placement& placement,
                        const HwConfig& config);

/// Vectors of a chain of layers alternate between the bottom and the top of the activation SRAM, so that
/// layer l + 1 finds its inputs where layer l left its outputs; biases lie between.
Placement place_layers(const std::vector<DeviceLayer>& layers, const HwConfig& config);

}  // namespace eie::tb
