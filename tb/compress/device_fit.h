// SPDX-License-Identifier: Apache-2.0
// How a compressed layer fits a device: what stands in the way, launches, entries a PE.
#pragma once

#include <cstdint>
#include <string>

#include "tb/compress/compressed_network.h"
#include "tb/config/config.h"

namespace eie::tb {

struct DeviceFit {
  std::string obstacle;       // why the device cannot run it; empty: it can
  std::size_t launches = 0;   // 0 with an obstacle
  bool act_resident = false;  // activations stay on the device
  std::uint64_t entries = 0;  // in the device's format, padding included
  std::uint64_t padding = 0;
  std::uint64_t per_pe_min = 0;
  std::uint64_t per_pe_max = 0;
  /// Mean over the largest: what balance the entries alone allow. 1 without entries.
  double balance = 1;
};

/// Codes of `code_width` bits on a device. Memory: four bytes a column, PE and row block; over 2^28 of
/// them are an obstacle.
DeviceFit device_fit(const CompressedLayer& layer, unsigned code_width, const HwConfig& config);

}  // namespace eie::tb
