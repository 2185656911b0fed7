// SPDX-License-Identifier: Apache-2.0
// Prepares a network for the platform's memory (sw/network_blob.h) with the project's encoder.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "tb/host/placement.h"
#include "tb/layers/network.h"

namespace eie::platform {

/// The bytes of the blob, with room for the outputs.
struct Blob {
  std::vector<std::uint64_t> words;
  std::uint64_t outputs = 0;    // offset in bytes
  std::uint64_t out_bytes = 0;  // of a sample in a PE
};

/// `samples` are columns of quantised inputs. Throws tb::UserError, starting with `label`, when the layers do not fit the
/// device together: what a CPU has to reload between launches is beyond this example.
Blob make_blob(const std::string& label, const std::vector<tb::PreparedLayer>& layers,
               const std::vector<std::vector<std::int32_t>>& samples, const tb::HwConfig& config);

}  // namespace eie::platform
