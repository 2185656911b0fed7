// SPDX-License-Identifier: Apache-2.0
// The programming model of the device: register offsets, fields and memory windows.
//
// This header is the one source of the register map. It is plain C++17 without SystemC, so that the hardware, the TLM model,
// the driver and a host program can all include it. The constants name places and bits; the table behind them (kRegisters) says
// of each register what it is called, what its fields mean, who may write them and when. From it are made: access rights and
// masks of the models, the driver's C header, the tables of docs/registers.md, and the IP-XACT, SystemRDL and JSON descriptions
// of `eie info --registers`. hw/host_registers.h decodes by itself, and is held against the table by
// tb/test/unit/hw/register_map_test.cpp.
//
// All registers are 64 bits wide at multiples of 8 bytes and are read and written by whole 32-bit halves; memory windows
// take every pattern of bytes, and with ECC whole halves too. Anything else, an address outside the map, a write to a read-only
// register and any access to a PE memory window while STATUS.busy is set are answered with SLVERR and change nothing. A write of
// no bytes is answered with OKAY and changes nothing.
#pragma once

#include <cstdint>

namespace eie::reg {

// --- Identification (read only) ------------------------------------------------------------------------
constexpr std::uint32_t kId = 0x000;
constexpr std::uint32_t kVersion = 0x008;
constexpr std::uint32_t kCap0 = 0x010;  // CAP0 to CAP3: the keys of the configuration
constexpr std::uint32_t kCap1 = 0x018;
constexpr std::uint32_t kCap2 = 0x020;
constexpr std::uint32_t kCap3 = 0x028;

constexpr std::uint64_t kIdValue = 0x31454945;  // "EIE1", least significant byte first
constexpr unsigned kVersionMinorLsb = 0;
constexpr std::uint64_t kVersionMinorMask = 0xFFFF;
constexpr unsigned kVersionMajorLsb = 16;
constexpr std::uint64_t kVersionMajorMask = 0xFFFF;
constexpr std::uint64_t kVersionValue = 0x10000;  // 1.0

constexpr unsigned kCapNPeLsb = 0;  // CAP0
constexpr std::uint64_t kCapNPeMask = 0xFFFF;
constexpr unsigned kCapQueueDepthLsb = 16;
constexpr std::uint64_t kCapQueueDepthMask = 0xFFFF;
constexpr unsigned kCapLookAheadLsb = 32;
constexpr std::uint64_t kCapLookAheadMask = 0xFFFF;
constexpr unsigned kCapRegistersLsb = 48;
constexpr std::uint64_t kCapRegistersMask = 0xFFFF;
constexpr unsigned kCapDataWidthLsb = 0;  // CAP1
constexpr std::uint64_t kCapDataWidthMask = 0xFF;
constexpr unsigned kCapAccWidthLsb = 8;
constexpr std::uint64_t kCapAccWidthMask = 0xFF;
constexpr unsigned kCapCodeWidthLsb = 16;
constexpr std::uint64_t kCapCodeWidthMask = 0xFF;
constexpr unsigned kCapRunWidthLsb = 24;
constexpr std::uint64_t kCapRunWidthMask = 0xFF;
constexpr unsigned kCapPointerWidthLsb = 32;
constexpr std::uint64_t kCapPointerWidthMask = 0xFF;
constexpr unsigned kCapSpmatWidthLsb = 40;
constexpr std::uint64_t kCapSpmatWidthMask = 0xFFFF;
constexpr unsigned kCapSpmatDepthLsb = 0;  // CAP2
constexpr std::uint64_t kCapSpmatDepthMask = 0xFFFFFFFF;
constexpr unsigned kCapPointerDepthLsb = 32;
constexpr std::uint64_t kCapPointerDepthMask = 0xFFFFFFFF;
constexpr unsigned kCapActDepthLsb = 0;  // CAP3
constexpr std::uint64_t kCapActDepthMask = 0xFFFFFFFF;
constexpr unsigned kCapLnzdFanInLsb = 32;
constexpr std::uint64_t kCapLnzdFanInMask = 0xFF;
constexpr std::uint64_t kCapEcc = std::uint64_t{1} << 40;
constexpr std::uint64_t kCapSkipPadding = std::uint64_t{1} << 41;
constexpr std::uint64_t kCapPeCounters = std::uint64_t{1} << 42;
constexpr unsigned kCapLog2StrideLsb = 48;
constexpr std::uint64_t kCapLog2StrideMask = 0xFF;

// --- Control -------------------------------------------------------------------------------------------
constexpr std::uint32_t kCtrl = 0x040;
constexpr std::uint32_t kStatus = 0x048;
constexpr std::uint32_t kIrqStatus = 0x050;
constexpr std::uint32_t kIrqEnable = 0x058;

constexpr std::uint64_t kCtrlStart = 1u << 0;
constexpr std::uint64_t kCtrlSoftReset = 1u << 1;
constexpr std::uint64_t kStatusBusy = 1u << 0;
constexpr std::uint64_t kStatusDone = 1u << 1;
constexpr std::uint64_t kStatusError = 1u << 2;
constexpr std::uint64_t kStatusSaturated = 1u << 3;
constexpr std::uint64_t kStatusUncorrected = 1u << 4;  // ECC
constexpr std::uint64_t kIrqDone = 1u << 0;            // of IRQ_STATUS and IRQ_ENABLE
constexpr std::uint64_t kIrqUncorrected = 1u << 1;     // ECC

// --- Layer descriptor (read/write; a write while busy gets SLVERR) ---------------------------------------
constexpr std::uint32_t kInLength = 0x080;
constexpr std::uint32_t kOutLength = 0x088;
constexpr std::uint32_t kPointerBase = 0x090;
constexpr std::uint32_t kInAddress = 0x098;
constexpr std::uint32_t kOutAddress = 0x0A0;
constexpr std::uint32_t kBiasAddress = 0x0A8;
constexpr std::uint32_t kLayerCtrl = 0x0B0;

constexpr unsigned kShiftLsb = 0;
constexpr std::uint64_t kShiftMask = 0x3F;
constexpr std::uint64_t kLayerRelu = 1u << 8;
constexpr std::uint64_t kLayerBias = 1u << 9;
constexpr std::uint64_t kLayerFirst = 1u << 10;
constexpr std::uint64_t kLayerLast = 1u << 11;
constexpr std::uint64_t kLayerSrcResident = 1u << 12;
constexpr std::uint64_t kLayerCtrlMask = 0x1F3F;

// --- Counters (read only, 64 bits, latched at done; those of one launch) ---------------------------------
constexpr std::uint32_t kCycles = 0x100;
constexpr std::uint32_t kBroadcasts = 0x108;
constexpr std::uint32_t kQueueFullCycles = 0x110;
constexpr std::uint32_t kActTransferCycles = 0x118;
constexpr std::uint32_t kBatches = 0x120;
constexpr std::uint64_t kCounterMask = 0xFFFFFFFFFF;  // 40 bits, those of ECC and of the PEs too

// --- Counters of ECC (read only, 40 bits, since reset; no registers without ECC) -------------------------
constexpr std::uint32_t kEccCorrected = 0x140;
constexpr std::uint32_t kEccDetected = 0x148;

// --- Codebook (read/write while idle; entry 0 is fixed at 0) ---------------------------------------------
constexpr std::uint32_t kCodebook = 0x1000;  // entry c at kCodebook + 8 * c, signed, sign-extended from data_width bits
constexpr std::uint32_t kRegisterSpace = 0x2000;

// --- PE windows ------------------------------------------------------------------------------------------
constexpr std::uint64_t kWindowBase = 0x10000000;

// Counters of one PE, 64-bit words at the counter region of its window (read only, cleared at start; not there without
// pe_counters). kPeCounterList says what they count.
constexpr unsigned kPeEntries = 0;
constexpr unsigned kPePadding = 1;
constexpr unsigned kPeStarved = 2;
constexpr unsigned kPeSpmatReads = 3;
constexpr unsigned kPePtrReads = 4;
constexpr unsigned kPeActReads = 5;
constexpr unsigned kPePaddingSkipped = 6;
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

// --- The table -------------------------------------------------------------------------------------------

/// What a read or a write of a field does. A field that the host cannot write keeps its value, whatever is written.
enum class Access : unsigned char {
  kConstant,         // the same value in every read
  kReadOnly,         // the device changes it
  kReadWrite,        // reads what was written
  kWriteOneToClear,  // the device sets it, a 1 that is written clears it
  kWriteOneToSet     // a 1 that is written is an order; the register cannot be read
};

/// What a register takes while a launch runs (STATUS.busy); anything else gets SLVERR and changes nothing.
enum class WhileBusy : unsigned char { kAll, kAllButStart, kReads, kNothing };

/// Which configurations have a register or a field. A field that is not there reads 0; a register or a memory gets SLVERR.
enum class Needs : unsigned char { kNothing, kEcc, kCountersOfPes };

/// Bits of a field that depend on the configuration (field_bits); kFixed: those of its row.
enum class Width : unsigned char {
  kFixed,
  kVectorLength,  // log2(act_depth * 64 / data_width * n_pe) + 1
  kBatchLength,   // log2(registers * n_pe) + 1
  kPointerIndex,  // log2(pointer_depth)
  kActWord,       // log2(act_depth)
  kActValue,      // log2(act_depth * 64 / data_width)
  kData,          // data_width
  kAboveData      // the bits above these
};

/// Reset value of a field that holds the key of the configuration that it is named after.
constexpr std::uint64_t kOfConfiguration = ~std::uint64_t{0};

struct Field {
  const char* name;
  const char* stem;    // of its constants in C: EIE_<stem>, and with more than one bit EIE_<stem>_LSB and _MASK; "": none
  std::uint64_t bits;  // in place; 0 where the width says it
  Access access;
  const char* meaning;
  Width width = Width::kFixed;
  std::uint64_t reset = 0;  // of the field alone, from bit 0 on
  Needs needs = Needs::kNothing;
};

constexpr unsigned kMostFields = 6;

struct Register {
  const char* name;
  std::uint32_t offset;
  WhileBusy while_busy;
  Needs needs;
  const char* meaning;
  Field fields[kMostFields];  // from bit 0 up; those behind the last have no name
};

/// In the order of their offsets. Access, mask and reset value of a register follow from its fields (below). The last row
/// stands for the 2^code_width registers of the codebook.
// clang-format off
constexpr Register kRegisters[] = {
    {"ID", kId, WhileBusy::kAll, Needs::kNothing, "identification",
     {{"id", "", 0xFFFFFFFF, Access::kConstant, "EIE1 in ASCII, in memory order", Width::kFixed, kIdValue}}},
    {"VERSION", kVersion, WhileBusy::kAll, Needs::kNothing, "version of the programming model",
     {{"minor", "VERSION_MINOR", kVersionMinorMask << kVersionMinorLsb, Access::kConstant, "minor version", Width::kFixed,
       kVersionValue >> kVersionMinorLsb & kVersionMinorMask},
      {"major", "VERSION_MAJOR", kVersionMajorMask << kVersionMajorLsb, Access::kConstant, "major version", Width::kFixed,
       kVersionValue >> kVersionMajorLsb & kVersionMajorMask}}},
    {"CAP0", kCap0, WhileBusy::kAll, Needs::kNothing, "configuration: counts",
     {{"n_pe", "CAP_N_PE", kCapNPeMask << kCapNPeLsb, Access::kConstant, "processing elements", Width::kFixed, kOfConfiguration},
      {"queue_depth", "CAP_QUEUE_DEPTH", kCapQueueDepthMask << kCapQueueDepthLsb, Access::kConstant,
       "usable entries of an activation queue", Width::kFixed, kOfConfiguration},
      {"look_ahead", "CAP_LOOK_AHEAD", kCapLookAheadMask << kCapLookAheadLsb, Access::kConstant,
       "descriptors between pointer read and Spmat read", Width::kFixed, kOfConfiguration},
      {"registers", "CAP_REGISTERS", kCapRegistersMask << kCapRegistersLsb, Access::kConstant,
       "source registers of a PE, and as many destination registers", Width::kFixed, kOfConfiguration}}},
    {"CAP1", kCap1, WhileBusy::kAll, Needs::kNothing, "configuration: widths in bits",
     {{"data_width", "CAP_DATA_WIDTH", kCapDataWidthMask << kCapDataWidthLsb, Access::kConstant,
       "of an activation and of a codebook value", Width::kFixed, kOfConfiguration},
      {"acc_width", "CAP_ACC_WIDTH", kCapAccWidthMask << kCapAccWidthLsb, Access::kConstant, "of an accumulator", Width::kFixed,
       kOfConfiguration},
      {"code_width", "CAP_CODE_WIDTH", kCapCodeWidthMask << kCapCodeWidthLsb, Access::kConstant, "of a weight code",
       Width::kFixed, kOfConfiguration},
      {"run_width", "CAP_RUN_WIDTH", kCapRunWidthMask << kCapRunWidthLsb, Access::kConstant, "of a zero run", Width::kFixed,
       kOfConfiguration},
      {"pointer_width", "CAP_POINTER_WIDTH", kCapPointerWidthMask << kCapPointerWidthLsb, Access::kConstant, "of a pointer",
       Width::kFixed, kOfConfiguration},
      {"spmat_width", "CAP_SPMAT_WIDTH", kCapSpmatWidthMask << kCapSpmatWidthLsb, Access::kConstant, "of an Spmat SRAM row",
       Width::kFixed, kOfConfiguration}}},
    {"CAP2", kCap2, WhileBusy::kAll, Needs::kNothing, "configuration: depths of Spmat and Ptr",
     {{"spmat_depth", "CAP_SPMAT_DEPTH", kCapSpmatDepthMask << kCapSpmatDepthLsb, Access::kConstant, "rows", Width::kFixed,
       kOfConfiguration},
      {"pointer_depth", "CAP_POINTER_DEPTH", kCapPointerDepthMask << kCapPointerDepthLsb, Access::kConstant,
       "pointers, both banks together", Width::kFixed, kOfConfiguration}}},
    {"CAP3", kCap3, WhileBusy::kAll, Needs::kNothing, "configuration: depth of Act, options",
     {{"act_depth", "CAP_ACT_DEPTH", kCapActDepthMask << kCapActDepthLsb, Access::kConstant,
       "64-bit words of the activation SRAM", Width::kFixed, kOfConfiguration},
      {"lnzd_fan_in", "CAP_LNZD_FAN_IN", kCapLnzdFanInMask << kCapLnzdFanInLsb, Access::kConstant, "children of an LNZD node",
       Width::kFixed, kOfConfiguration},
      {"ecc", "CAP_ECC", kCapEcc, Access::kConstant, "SRAMs with error correction", Width::kFixed, kOfConfiguration},
      {"skip_padding", "CAP_SKIP_PADDING", kCapSkipPadding, Access::kConstant,
       "padding is read together with the entry behind it", Width::kFixed, kOfConfiguration},
      {"pe_counters", "CAP_PE_COUNTERS", kCapPeCounters, Access::kConstant, "each PE has counters", Width::kFixed,
       kOfConfiguration},
      {"log2_stride", "CAP_LOG2_STRIDE", kCapLog2StrideMask << kCapLog2StrideLsb, Access::kConstant,
       "log2 of the stride of the PE windows in bytes", Width::kFixed, kOfConfiguration}}},
    {"CTRL", kCtrl, WhileBusy::kAllButStart, Needs::kNothing, "orders",
     {{"start", "CTRL_START", kCtrlStart, Access::kWriteOneToSet, "start a launch"},
      {"soft_reset", "CTRL_SOFT_RESET", kCtrlSoftReset, Access::kWriteOneToSet,
       "reset all but the AXI4-Lite channels and the memories; wins over start"}}},
    {"STATUS", kStatus, WhileBusy::kAll, Needs::kNothing, "state of the device",
     {{"busy", "STATUS_BUSY", kStatusBusy, Access::kReadOnly, "a launch runs"},
      {"done", "STATUS_DONE", kStatusDone, Access::kReadOnly, "set at the end of a launch, cleared by the next start"},
      {"error", "STATUS_ERROR", kStatusError, Access::kWriteOneToClear, "sticky: a bad image dropped a write"},
      {"saturated", "STATUS_SATURATED", kStatusSaturated, Access::kWriteOneToClear, "sticky: an accumulator saturated"},
      {"uncorrected", "STATUS_UNCORRECTED", kStatusUncorrected, Access::kWriteOneToClear,
       "sticky: a memory word had a double error", Width::kFixed, 0, Needs::kEcc}}},
    {"IRQ_STATUS", kIrqStatus, WhileBusy::kAll, Needs::kNothing, "pending interrupts",
     {{"done", "IRQ_DONE", kIrqDone, Access::kWriteOneToClear, "a launch has ended"},
      {"uncorrected", "IRQ_UNCORRECTED", kIrqUncorrected, Access::kWriteOneToClear, "a memory word had a double error",
       Width::kFixed, 0, Needs::kEcc}}},
    {"IRQ_ENABLE", kIrqEnable, WhileBusy::kAll, Needs::kNothing, "interrupts that raise irq",
     {{"done", "IRQ_DONE", kIrqDone, Access::kReadWrite, "enables IRQ_STATUS.done"},
      {"uncorrected", "IRQ_UNCORRECTED", kIrqUncorrected, Access::kReadWrite, "enables IRQ_STATUS.uncorrected", Width::kFixed, 0,
       Needs::kEcc}}},
    {"IN_LENGTH", kInLength, WhileBusy::kReads, Needs::kNothing, "columns of this launch",
     {{"value", "", 0, Access::kReadWrite, "columns, at least 1", Width::kVectorLength}}},
    {"OUT_LENGTH", kOutLength, WhileBusy::kReads, Needs::kNothing, "rows of this launch",
     {{"value", "", 0, Access::kReadWrite, "rows, 1 to registers * n_pe", Width::kBatchLength}}},
    {"POINTER_BASE", kPointerBase, WhileBusy::kReads, Needs::kNothing, "index of column 0's pointer in the pointer SRAM",
     {{"value", "", 0, Access::kReadWrite, "pointers", Width::kPointerIndex}}},
    {"IN_ADDRESS", kInAddress, WhileBusy::kReads, Needs::kNothing, "first word of the inputs in the activation SRAM",
     {{"value", "", 0, Access::kReadWrite, "words", Width::kActWord}}},
    {"OUT_ADDRESS", kOutAddress, WhileBusy::kReads, Needs::kNothing, "first local activation (not word) of the outputs",
     {{"value", "", 0, Access::kReadWrite, "activations", Width::kActValue}}},
    {"BIAS_ADDRESS", kBiasAddress, WhileBusy::kReads, Needs::kNothing, "first word of the biases in the activation SRAM",
     {{"value", "", 0, Access::kReadWrite, "words", Width::kActWord}}},
    {"LAYER_CTRL", kLayerCtrl, WhileBusy::kReads, Needs::kNothing, "what this launch does",
     {{"shift", "SHIFT", kShiftMask << kShiftLsb, Access::kReadWrite,
       "right shift of a product, rounded; 0 to 2 * data_width - 2"},
      {"relu", "LAYER_RELU", kLayerRelu, Access::kReadWrite, "clamp negative outputs to 0 (with last)"},
      {"bias", "LAYER_BIAS", kLayerBias, Access::kReadWrite, "with first: start from the biases instead of 0"},
      {"first", "LAYER_FIRST", kLayerFirst, Access::kReadWrite, "start new sums; otherwise they carry over"},
      {"last", "LAYER_LAST", kLayerLast, Access::kReadWrite, "end of the sums: ReLU, clamp, store"},
      {"src_resident", "LAYER_SRC_RESIDENT", kLayerSrcResident, Access::kReadWrite,
       "inputs are the outputs of the launch before: no load"}}},
    {"CYCLES", kCycles, WhileBusy::kAll, Needs::kNothing, "of the latest launch, latched at done",
     {{"value", "", kCounterMask, Access::kReadOnly, "rising edges with busy set"}}},
    {"BROADCASTS", kBroadcasts, WhileBusy::kAll, Needs::kNothing, "of the latest launch, latched at done",
     {{"value", "", kCounterMask, Access::kReadOnly, "non-zero activations broadcast"}}},
    {"QUEUE_FULL_CYCLES", kQueueFullCycles, WhileBusy::kAll, Needs::kNothing, "of the latest launch, latched at done",
     {{"value", "", kCounterMask, Access::kReadOnly, "cycles in which only a full queue held back a candidate at the root"}}},
    {"ACT_TRANSFER_CYCLES", kActTransferCycles, WhileBusy::kAll, Needs::kNothing, "of the latest launch, latched at done",
     {{"value", "", kCounterMask, Access::kReadOnly, "cycles that load or store activations or biases"}}},
    {"BATCHES", kBatches, WhileBusy::kAll, Needs::kNothing, "of the latest launch, latched at done",
     {{"value", "", kCounterMask, Access::kReadOnly, "batches of the launch"}}},
    {"ECC_CORRECTED", kEccCorrected, WhileBusy::kAll, Needs::kEcc, "since reset",
     {{"value", "", kCounterMask, Access::kReadOnly, "reads of memory words in which an error was corrected"}}},
    {"ECC_DETECTED", kEccDetected, WhileBusy::kAll, Needs::kEcc, "since reset",
     {{"value", "", kCounterMask, Access::kReadOnly, "reads of memory words with errors that could not be corrected"}}},
    {"CODEBOOK", kCodebook, WhileBusy::kNothing, Needs::kNothing, "values of the weight codes, one register a code",
     {{"value", "", 0, Access::kReadWrite, "signed; that of code 0 is fixed at 0", Width::kData},
      {"sign", "", 0, Access::kReadOnly, "copies of the sign of value", Width::kAboveData}}},
};

/// The memories of a PE's window, in the order of their offsets (window_layout).
struct Memory {
  const char* name;
  Region region;
  bool writable;
  Needs needs;
  const char* meaning;
};
constexpr Memory kMemories[] = {
    {"spmat", Region::kSpmat, true, Needs::kNothing, "entries (code and run of a weight), ascending from bit 0 of a row"},
    {"ptr", Region::kPtr, true, Needs::kNothing, "column pointers, 4 bytes each; even ones in low halves of 64-bit words"},
    {"act", Region::kAct, true, Needs::kNothing, "activations, biases and outputs, 64 / data_width to a word"},
    {"counters", Region::kCounters, false, Needs::kCountersOfPes, "counters of the PE, cleared at start"},
};

/// The counters of a PE, 8 bytes each from the start of their region; the host reads them while no launch runs.
struct Counter {
  const char* name;
  unsigned number;
  const char* meaning;
};
constexpr Counter kPeCounterList[kPeCounters] = {
    {"entries", kPeEntries, "entries that reached the arithmetic unit, padding included"},
    {"padding", kPePadding, "padding entries (code 0) among them"},
    {"starved", kPeStarved, "busy cycles without an entry; entries - padding_skipped + starved = CYCLES"},
    {"spmat_reads", kPeSpmatReads, "Spmat SRAM row fetches"},
    {"ptr_reads", kPePtrReads, "pointer SRAM bank reads, two a column"},
    {"act_reads", kPeActReads, "activation SRAM words read for loads and biases"},
    {"padding_skipped", kPePaddingSkipped, "padding entries that took no cycle of their own; 0 without skip_padding"},
};
// clang-format on

// --- What follows from it --------------------------------------------------------------------------------

/// What of a configuration the widths depend on.
struct Shape {
  std::uint64_t n_pe;
  std::uint64_t spmat_depth;  // rows
  std::uint64_t spmat_width;  // bits
  std::uint64_t pointer_depth;
  std::uint64_t act_depth;  // 64-bit words
  std::uint64_t registers;
  unsigned code_width;
  unsigned data_width;
  bool ecc;
  bool pe_counters;
};

/// That of a configuration that hw/ is compiled with (config.h).
template <class Cfg>
constexpr Shape shape_of() {
  return {Cfg::kPes,       Cfg::kSpmatDepth, Cfg::kSpmatWidth, Cfg::kPointerDepth, Cfg::kActDepth,
          Cfg::kRegisters, Cfg::kCodeWidth,  Cfg::kDataWidth,  Cfg::kEcc,          Cfg::kPeCounters};
}

constexpr bool has(Needs needs, const Shape& shape) {
  return needs == Needs::kNothing || (needs == Needs::kEcc ? shape.ecc : shape.pe_counters);
}

/// Bits of a field in place; 0 if the configuration does not have it.
constexpr std::uint64_t field_bits(const Field& field, const Shape& shape) {
  const std::uint64_t act_values = shape.act_depth * (64 / shape.data_width);
  const std::uint64_t data = ~std::uint64_t{0} >> (64 - shape.data_width);
  if (!has(field.needs, shape)) return 0;
  switch (field.width) {
    case Width::kVectorLength:
      return 2 * act_values * shape.n_pe - 1;
    case Width::kBatchLength:
      return 2 * shape.registers * shape.n_pe - 1;
    case Width::kPointerIndex:
      return shape.pointer_depth - 1;
    case Width::kActWord:
      return shape.act_depth - 1;
    case Width::kActValue:
      return act_values - 1;
    case Width::kData:
      return data;
    case Width::kAboveData:
      return ~data;
    default:
      return field.bits;
  }
}

constexpr unsigned lsb_of(std::uint64_t bits) {
  unsigned lsb = 0;
  while (lsb < 63 && (bits >> lsb & 1) == 0) ++lsb;
  return lsb;
}
constexpr unsigned width_of(std::uint64_t bits) {
  unsigned width = 0;
  for (std::uint64_t rest = bits >> lsb_of(bits); (rest & 1) != 0; rest >>= 1) ++width;
  return width;
}

constexpr bool is_writable(Access access) { return access != Access::kConstant && access != Access::kReadOnly; }
constexpr bool is_readable(Access access) { return access != Access::kWriteOneToSet; }

/// The host can read it. A write-only register has no field that can be read.
constexpr bool is_readable(const Register& row) {
  for (const Field& field : row.fields) {
    if (field.name != nullptr && is_readable(field.access)) return true;
  }
  return false;
}
/// A write is taken. A read-only register has no field that can be written.
constexpr bool is_writable(const Register& row) {
  for (const Field& field : row.fields) {
    if (field.name != nullptr && is_writable(field.access)) return true;
  }
  return false;
}

/// Bits that read what was written to them.
constexpr std::uint64_t kept_bits(const Register& row, const Shape& shape) {
  std::uint64_t bits = 0;
  for (const Field& field : row.fields) {
    if (field.name != nullptr && field.access == Access::kReadWrite) bits |= field_bits(field, shape);
  }
  return bits;
}

/// The row of the register at an offset below kCodebook, a multiple of 8; null if there is none.
constexpr const Register* find_register(std::uint64_t offset) {
  for (const Register& row : kRegisters) {
    if (row.offset == offset && offset < kCodebook) return &row;
  }
  return nullptr;
}

/// Bytes of a memory that are in use, from its offset on.
constexpr std::uint64_t memory_bytes(Region region, const Shape& shape) {
  switch (region) {
    case Region::kSpmat:
      return shape.spmat_depth * shape.spmat_width / 8;
    case Region::kPtr:
      return shape.pointer_depth * 4;
    case Region::kAct:
      return shape.act_depth * 8;
    default:
      return std::uint64_t{kPeCounters} * 8;
  }
}
constexpr std::uint64_t memory_offset(Region region, const WindowLayout& window) {
  switch (region) {
    case Region::kSpmat:
      return 0;
    case Region::kPtr:
      return window.ptr_offset;
    case Region::kAct:
      return window.act_offset;
    default:
      return window.counter_offset;
  }
}

static_assert(kLayerCtrlMask == kept_bits(*find_register(kLayerCtrl), Shape{1, 2, 64, 4, 4, 8, 4, 8, false, true}),
              "LAYER_CTRL's mask is that of its fields");

}  // namespace eie::reg
