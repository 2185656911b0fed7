// SPDX-License-Identifier: Apache-2.0
// Addresses, interrupt lines and timing of the platform.
#pragma once

#include <cstdint>

#include "tlm/dma/dma_registers.h"

namespace eie::platform {

struct Range {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
};

// Memory map.
constexpr Range kMemory{0x00000000, 64 << 20};
constexpr Range kDma{0x40000000, dma::kRegisterSpace};
constexpr Range kEie{0x80000000, 0x80000000};
constexpr std::uint64_t kDescriptors = 0x00000000;  // in the memory, up to the blob
constexpr std::uint64_t kBlob = 0x00100000;

// Interrupt lines of the CPU.
constexpr unsigned kEieIrq = 0;
constexpr unsigned kDmaIrq = 1;

// Timing, in clock cycles of the device, which is the clock of everything.
constexpr unsigned kBusCycles = 1;
constexpr unsigned kMemoryCycles = 4;

}  // namespace eie::platform
