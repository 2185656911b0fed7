// SPDX-License-Identifier: Apache-2.0
// What a configuration holds, and the largest layer that it computes in one launch.
#pragma once

#include <cstdint>

#include "tb/config/config.h"

namespace eie::tb {

struct Capacity {
  // Of one PE.
  std::uint64_t spmat_bits = 0;
  std::uint64_t ptr_bits = 0;
  std::uint64_t act_bits = 0;
  std::uint64_t entries = 0;  // that Spmat holds and pointers address
  std::uint64_t pointers = 0;
  std::uint64_t activations = 0;

  // Of all PEs, in one launch without biases: each the largest, the others allowing (docs/configurations.md).
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;   // with that many rows
  std::uint64_t nonzeros = 0;  // spread evenly, padding included
};

Capacity capacity_of(const HwConfig& config);

}  // namespace eie::tb
