// SPDX-License-Identifier: Apache-2.0
// The programming model of the DMA engine (tlm/dma/dma.h): registers and descriptors. docs/models/eie_dma.md describes it.
//
// This header is the one source, plain C++17 without SystemC; a host program can include it.
//
// All registers are 64 bits wide at multiples of 8 bytes; accesses of 32 and 64 bits, aligned. A refused access (outside the
// map, a write to a read-only register, a read of CTRL, a start or a write of HEAD while busy) changes nothing.
#pragma once

#include <cstdint>

namespace eie::dma {

// --- Registers -----------------------------------------------------------------------------------------
constexpr std::uint32_t kId = 0x00;            // read only; ASCII "EDMA"
constexpr std::uint32_t kVersion = 0x08;       // read only; major << 16 | minor
constexpr std::uint32_t kCap = 0x10;           // read only; [15:0] beats of a burst
constexpr std::uint32_t kHead = 0x20;          // address of the first descriptor; not to be written while busy
constexpr std::uint32_t kCtrl = 0x28;          // write only: bit 0 start, bit 1 stop
constexpr std::uint32_t kStatus = 0x30;        // read only: 0 busy, 1 done, 2 error, 3 stopped, [10:8] cause
constexpr std::uint32_t kIrqStatus = 0x38;     // bit 0 done, 1 error, 2 descriptor; write one to clear
constexpr std::uint32_t kIrqEnable = 0x40;     // the same bits
constexpr std::uint32_t kCurrent = 0x48;       // read only; address of the descriptor fetched last
constexpr std::uint32_t kErrorAddress = 0x50;  // read only; what could not be done: see the causes
constexpr std::uint32_t kBeats = 0x80;         // read only; 64-bit beats written since the start
constexpr std::uint32_t kBusyCycles = 0x88;    // read only; clock cycles from the start to the end of the chain
constexpr std::uint32_t kDescriptors = 0x90;   // read only; descriptors completed since the start
constexpr std::uint32_t kRegisterSpace = 0x100;

constexpr std::uint64_t kIdValue = 0x414D4445;  // "EDMA", least significant byte first
constexpr std::uint64_t kVersionValue = 1u << 16;

constexpr std::uint64_t kCtrlStart = 1u << 0;
constexpr std::uint64_t kCtrlStop = 1u << 1;  // ends the chain between two bursts; no effect when idle

constexpr std::uint64_t kStatusBusy = 1u << 0;
constexpr std::uint64_t kStatusDone = 1u << 1;     // the chain came to its end; the next start clears done, error, stopped
constexpr std::uint64_t kStatusError = 1u << 2;    // it ended early
constexpr std::uint64_t kStatusStopped = 1u << 3;  // CTRL.stop ended it
constexpr unsigned kCauseLsb = 8;
constexpr std::uint64_t kCauseMask = 0x7;

// Causes of an error, and what ERROR_ADDRESS holds.
constexpr std::uint64_t kCauseNone = 0;
constexpr std::uint64_t kCauseDescriptor = 1;   // a descriptor could not be read: its address
constexpr std::uint64_t kCauseAlignment = 2;    // a descriptor not at a multiple of 64, or with a field not a multiple of 8:
                                                // its address
constexpr std::uint64_t kCauseSource = 3;       // a read was refused: first address of the burst
constexpr std::uint64_t kCauseDestination = 4;  // a write was refused: first address of the burst

constexpr std::uint64_t kIrqDone = 1u << 0;  // the chain has ended without error, or was stopped
constexpr std::uint64_t kIrqError = 1u << 1;
constexpr std::uint64_t kIrqDescriptor = 1u << 2;  // a descriptor with kFlagInterrupt has been completed

// --- Descriptors ---------------------------------------------------------------------------------------
// Eight 64-bit words in memory, at a multiple of 64. A descriptor copies `rows` rows of `bytes` bytes; row r goes from
// source + r * source stride to destination + r * destination stride. Rows of 0 bytes or 0 rows: nothing is copied.
// Addresses, strides and bytes are multiples of 8.
constexpr unsigned kDescSource = 0;  // words
constexpr unsigned kDescDestination = 1;
constexpr unsigned kDescSize = 2;  // [31:0] bytes of a row, [63:32] rows
constexpr unsigned kDescFlags = 3;
constexpr unsigned kDescNext = 4;               // address of the next descriptor, unless kFlagLast
constexpr unsigned kDescSourceStride = 5;       // bytes, modulo 2^64
constexpr unsigned kDescDestinationStride = 6;  // bytes, modulo 2^64; word 7 is not used
constexpr unsigned kDescWords = 8;
constexpr unsigned kDescBytes = 64;

constexpr std::uint64_t kFlagLast = 1u << 0;       // ends the chain
constexpr std::uint64_t kFlagInterrupt = 1u << 1;  // raise kIrqDescriptor when it is completed

}  // namespace eie::dma
