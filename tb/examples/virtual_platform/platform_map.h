// SPDX-License-Identifier: Apache-2.0
// Addresses, interrupt lines and timing of the platform.
#pragma once

#include <cstdint>

#include "tb/examples/virtual_platform/sw/platform_address.h"
#include "tlm/dma/dma_registers.h"

namespace eie::platform {

struct Range {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
};

// Memory map.
constexpr Range kMemory{0x00000000, 64 << 20};
constexpr Range kDma{PLATFORM_DMA, dma::kRegisterSpace};
constexpr Range kEie{PLATFORM_EIE, 0x80000000};
constexpr std::uint64_t kDescriptors = PLATFORM_DESCRIPTORS;  // in the memory, up to the blob
constexpr std::uint64_t kBlob = PLATFORM_BLOB;
constexpr Range kFirmware{PLATFORM_FIRMWARE, 2 << 20};  // of a RISC-V core; sw/riscv/link.ld

// Interrupt lines of the CPU.
constexpr unsigned kEieIrq = PLATFORM_EIE_IRQ;
constexpr unsigned kDmaIrq = PLATFORM_DMA_IRQ;

// Timing, in clock cycles of the device, which is the clock of everything.
constexpr unsigned kBusCycles = 1;
constexpr unsigned kMemoryCycles = 4;

}  // namespace eie::platform
