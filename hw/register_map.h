// SPDX-License-Identifier: Apache-2.0
// The programming model of the device: register offsets, fields and memory windows.
//
// This header is the one source of the register map (docs/registers.md describes it). It is plain C++17
// without SystemC, so that the hardware, the TLM model, the driver and a host program can all include it.
//
// All registers are 64 bits wide at multiples of 8 bytes and are read and written by whole 32-bit halves; memory windows
// take every pattern of bytes, and with ECC whole halves too. Anything else, an address outside the map, a write to a read-only
// register and any access to a PE memory window while STATUS.busy is set are answered with SLVERR and change nothing. A write of
// no bytes is answered with OKAY and changes nothing.
#pragma once

#include <cstdint>

namespace eie::reg {

// --- Identification (read only) ------------------------------------------------------------------------
constexpr std::uint32_t kId = 0x000;       // ASCII "EIE1"
constexpr std::uint32_t kVersion = 0x008;  // major << 16 | minor
constexpr std::uint32_t kCap0 = 0x010;     // n_pe[15:0] queue_depth[31:16] look_ahead[47:32] registers[63:48]
constexpr std::uint32_t kCap1 = 0x018;     // data[7:0] acc[15:8] code[23:16] run[31:24] pointer[39:32] spmat[55:40]
constexpr std::uint32_t kCap2 = 0x020;     // spmat_depth[31:0] (rows) pointer_depth[63:32] (pointers)
constexpr std::uint32_t kCap3 = 0x028;     // act_depth[31:0] (words) lnzd_fan_in[39:32] ecc[40] skip_padding[41]
                                           // pe_counters[42] log2 window stride[55:48]

// --- Control -------------------------------------------------------------------------------------------
constexpr std::uint32_t kCtrl = 0x040;       // write only: bit 0 start, bit 1 soft reset
constexpr std::uint32_t kStatus = 0x048;     // bit 0 busy, 1 done (read only); 2 error, 3 saturated, 4 uncorrected
                                             // (write one to clear)
constexpr std::uint32_t kIrqStatus = 0x050;  // bit 0 done, 1 uncorrected; write one to clear
constexpr std::uint32_t kIrqEnable = 0x058;  // bit 0 done, 1 uncorrected

constexpr std::uint64_t kCtrlStart = 1u << 0;
constexpr std::uint64_t kCtrlSoftReset = 1u << 1;
constexpr std::uint64_t kStatusBusy = 1u << 0;
constexpr std::uint64_t kStatusDone = 1u << 1;         // set at the end of a launch, cleared by the next start
constexpr std::uint64_t kStatusError = 1u << 2;        // sticky, write one to clear: a bad image dropped a write
constexpr std::uint64_t kStatusSaturated = 1u << 3;    // sticky, write one to clear: an accumulator saturated
constexpr std::uint64_t kStatusUncorrected = 1u << 4;  // ECC; sticky, write one to clear: a memory word had a double error
constexpr std::uint64_t kIrqDone = 1u << 0;
constexpr std::uint64_t kIrqUncorrected = 1u << 1;  // ECC

// --- Layer descriptor (read/write; a write while busy gets SLVERR) ---------------------------------------
constexpr std::uint32_t kInLength = 0x080;     // columns of this launch, >= 1
constexpr std::uint32_t kOutLength = 0x088;    // rows of this launch, 1 .. registers * n_pe
constexpr std::uint32_t kPointerBase = 0x090;  // index of column 0's pointer in the pointer SRAM
constexpr std::uint32_t kInAddress = 0x098;    // first word of the source activations in the activation SRAM
constexpr std::uint32_t kOutAddress = 0x0A0;   // first local activation (not word) of the outputs
constexpr std::uint32_t kBiasAddress = 0x0A8;  // first word of the biases in the activation SRAM
constexpr std::uint32_t kLayerCtrl = 0x0B0;    // see below

constexpr unsigned kShiftLsb = 0;  // shift[5:0] of LAYER_CTRL
constexpr std::uint64_t kShiftMask = 0x3F;
constexpr std::uint64_t kLayerRelu = 1u << 8;          // clamp negative outputs to 0 (with kLayerLast)
constexpr std::uint64_t kLayerBias = 1u << 9;          // with kLayerFirst: preload the biases instead of 0
constexpr std::uint64_t kLayerFirst = 1u << 10;        // start new sums (otherwise they carry over)
constexpr std::uint64_t kLayerLast = 1u << 11;         // end of the sums: ReLU, clamp, store
constexpr std::uint64_t kLayerSrcResident = 1u << 12;  // inputs are the outputs of the launch before: no load
constexpr std::uint64_t kLayerCtrlMask = 0x1F3F;

// --- Counters (read only, 64 bits, latched at done; those of one launch) ---------------------------------
constexpr std::uint32_t kCycles = 0x100;             // rising edges with busy set
constexpr std::uint32_t kBroadcasts = 0x108;         // non-zero activations broadcast
constexpr std::uint32_t kQueueFullCycles = 0x110;    // a candidate at the root held back only by a full queue
constexpr std::uint32_t kActTransferCycles = 0x118;  // cycles that load or store activations or biases
constexpr std::uint32_t kBatches = 0x120;

// --- Counters of ECC (read only, 40 bits, since reset; no registers without ECC) -------------------------
constexpr std::uint32_t kEccCorrected = 0x140;  // reads of memory words in which an error was corrected
constexpr std::uint32_t kEccDetected = 0x148;   // reads of memory words with errors that could not be

// --- Codebook (read/write while idle; entry 0 is fixed at 0) ---------------------------------------------
constexpr std::uint32_t kCodebook = 0x1000;  // entry c at kCodebook + 8 * c, signed, sign-extended from data_width bits
constexpr std::uint32_t kRegisterSpace = 0x2000;

// --- PE windows ------------------------------------------------------------------------------------------
constexpr std::uint64_t kWindowBase = 0x10000000;

// Counters of one PE, 64-bit words at the counter region of its window (read only, cleared at start; not there without
// pe_counters).
constexpr unsigned kPeEntries = 0;         // entries that reached the arithmetic unit, padding included
constexpr unsigned kPePadding = 1;         // padding entries (code 0) among them
constexpr unsigned kPeStarved = 2;         // busy cycles without an entry: entries - padding skipped + starved = cycles
constexpr unsigned kPeSpmatReads = 3;      // Spmat SRAM row fetches
constexpr unsigned kPePtrReads = 4;        // pointer SRAM bank reads
constexpr unsigned kPeActReads = 5;        // activation SRAM words read
constexpr unsigned kPePaddingSkipped = 6;  // padding entries that took no cycle of their own; 0 without skip_padding
constexpr unsigned kPeCounters = 7;

enum class Region : unsigned { kSpmat = 0, kPtr = 1, kAct = 2, kCounters = 3, kCodes = 4 };

constexpr std::uint64_t next_pow2(std::uint64_t n) {
  std::uint64_t p = 1;
  while (p < n) p <<= 1;
  return p;
}

/// Where the memories of one PE lie inside its window; sizes and offsets in bytes, each a power of two and
/// each region aligned to its own size.
struct WindowLayout {
  std::uint64_t spmat_bytes;  // spmat_depth rows of spmat_width bits
  std::uint64_t ptr_bytes;    // 4 bytes a pointer: 64-bit beat = even pointer low, odd pointer high
  std::uint64_t act_bytes;    // 8 bytes a word
  std::uint64_t ptr_offset;   // spmat is at offset 0
  std::uint64_t act_offset;
  std::uint64_t counter_offset;
  std::uint64_t stride;  // of the windows
};

constexpr std::uint64_t kCounterBytes = 64;

/// spmat_depth in rows, spmat_width in bits, pointer_depth in pointers, act_depth in 64-bit words.
constexpr WindowLayout window_layout(std::uint64_t spmat_depth, std::uint64_t spmat_width, std::uint64_t pointer_depth,
                                     std::uint64_t act_depth) {
  WindowLayout w{};
  w.spmat_bytes = next_pow2(spmat_depth * spmat_width / 8);
  w.ptr_bytes = next_pow2(pointer_depth * 4);
  w.act_bytes = next_pow2(act_depth * 8);
  auto align = [](std::uint64_t at, std::uint64_t size) { return (at + size - 1) / size * size; };
  w.ptr_offset = align(w.spmat_bytes, w.ptr_bytes);
  w.act_offset = align(w.ptr_offset + w.ptr_bytes, w.act_bytes);
  w.counter_offset = align(w.act_offset + w.act_bytes, kCounterBytes);
  w.stride = next_pow2(w.counter_offset + kCounterBytes);
  return w;
}

}  // namespace eie::reg
