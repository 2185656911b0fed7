// SPDX-License-Identifier: Apache-2.0
// What a configuration struct `Cfg` must say, what follows from it, and which combinations are legal.
//
// A Cfg is a struct of `static constexpr` values that CMake generates from a YAML file in configs/ (one struct,
// one translation unit with the explicit instantiation of Eie<Cfg>).
#pragma once

#include <cstdint>

namespace eie {

constexpr unsigned log2_ceil(std::uint64_t n) {
  unsigned bits = 0;
  while ((std::uint64_t{1} << bits) < n) ++bits;
  return bits;
}
constexpr bool is_pow2(std::uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }
constexpr unsigned at_least_one(unsigned n) { return n == 0 ? 1 : n; }
constexpr unsigned larger(unsigned a, unsigned b) { return a > b ? a : b; }
constexpr unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }

/// Widths and counts derived from a configuration. Widths are in bits.
template <class Cfg>
struct Params {
  // Geometry
  static constexpr unsigned kLog2Pes = log2_ceil(Cfg::kPes);
  static constexpr unsigned kPeWidth = at_least_one(kLog2Pes);  // a PE number
  static constexpr unsigned kLnzdLevels = (kLog2Pes + log2_ceil(Cfg::kLnzdFanIn) - 1) / log2_ceil(Cfg::kLnzdFanIn);

  // Register files and activation SRAM
  static constexpr unsigned kRowWidth = log2_ceil(Cfg::kRegisters);  // a local row / register
  static constexpr unsigned kColumnWidth = kRowWidth + kLog2Pes;     // a column inside a batch
  static constexpr unsigned kBatchColumns = Cfg::kRegisters * Cfg::kPes;
  static constexpr unsigned kLanes = 64 / Cfg::kDataWidth;  // activations a 64-bit word
  static constexpr unsigned kLog2Lanes = log2_ceil(kLanes);
  static constexpr unsigned kActAddressWidth = log2_ceil(Cfg::kActDepth);
  static constexpr unsigned kLengthWidth = kActAddressWidth + kLog2Lanes + kLog2Pes + 1;  // a vector's length

  // Entries
  static constexpr unsigned kEntryWidth = Cfg::kCodeWidth + Cfg::kRunWidth;
  static constexpr unsigned kCodes = 1u << Cfg::kCodeWidth;
  static constexpr unsigned kEntriesPerRow = Cfg::kSpmatWidth / kEntryWidth;
  static constexpr unsigned kLog2EntriesPerRow = log2_ceil(kEntriesPerRow);
  static constexpr unsigned kSpmatAddressWidth = log2_ceil(Cfg::kSpmatDepth);
  // Padding entries skipped at once: those of a row before an entry, and those at the end of the row before.
  static constexpr unsigned kSkippedWidth = kLog2EntriesPerRow + 1;

  // Pointers: two banks, even and odd
  static constexpr unsigned kPtrAddressWidth = log2_ceil(Cfg::kPointerDepth);
  static constexpr unsigned kPtrBankDepth = Cfg::kPointerDepth / 2;
  static constexpr unsigned kPtrBankAddressWidth = kPtrAddressWidth - 1;

  // Code words of the SRAMs with ECC, and masked parts without it (docs/ecc.md). Bits.
  static constexpr unsigned kSpmatPart = Cfg::kEcc ? 32 : 8;
  static constexpr unsigned kPtrPart = Cfg::kEcc ? Cfg::kPointerWidth : 8;
  static constexpr unsigned kActPart = Cfg::kEcc ? Cfg::kDataWidth : 8;
  // Words with errors that are read in a cycle: in a PE from two pointer banks, Spmat and activations
  static constexpr unsigned kPeFaultsWidth = 3;
  static constexpr unsigned kFaultsWidth = kLog2Pes + kPeFaultsWidth;

  // Arithmetic
  static constexpr unsigned kProductWidth = 2 * Cfg::kDataWidth;
  static constexpr unsigned kSumWidth = smaller(Cfg::kAccWidth + 2, larger(Cfg::kAccWidth, kProductWidth) + 1);
  static constexpr unsigned kShiftWidth = 6;  // 0 .. 2D-2

  // Host: a 64-bit beat addresses word `kWordWidth` of a region
  static constexpr unsigned kHostWordWidth =
      larger(larger(kSpmatAddressWidth + log2_ceil(larger(Cfg::kSpmatWidth, 64) / 64), kPtrBankAddressWidth),
             larger(larger(kActAddressWidth, Cfg::kCodeWidth), 3));

  static_assert(is_pow2(Cfg::kPes) && Cfg::kPes <= 256, "n_pe: a power of two from 1 to 256");
  static_assert(Cfg::kQueueDepth >= 1 && Cfg::kQueueDepth <= 256, "queue_depth: 1 to 256");
  static_assert(Cfg::kLookAhead <= 64, "look_ahead: 0 to 64");
  static_assert(Cfg::kDataWidth == 8 || Cfg::kDataWidth == 16 || Cfg::kDataWidth == 32, "data_width: 8, 16, 32");
  static_assert(Cfg::kAccWidth >= Cfg::kDataWidth && Cfg::kAccWidth <= 48, "acc_width: data_width to 48");
  static_assert(is_pow2(Cfg::kRegisters) && Cfg::kRegisters >= kLanes, "registers: a power of two, >= one word");
  static_assert(is_pow2(Cfg::kSpmatDepth) && Cfg::kSpmatDepth >= 2, "spmat_depth: a power of two");
  static_assert(is_pow2(Cfg::kPointerDepth) && Cfg::kPointerDepth >= 4, "pointer_depth: a power of two");
  static_assert(is_pow2(Cfg::kActDepth) && Cfg::kActDepth >= 4, "act_depth: a power of two");
  static_assert(is_pow2(Cfg::kSpmatWidth) && Cfg::kSpmatWidth >= 32 && Cfg::kSpmatWidth <= 512,
                "spmat_width: 32, 64, 128, 256 or 512");
  static_assert(kEntryWidth == 4 || kEntryWidth == 8 || kEntryWidth == 16, "code_width + run_width: 4, 8 or 16 (it divides 64)");
  static_assert(Cfg::kPointerWidth >= 8 && Cfg::kPointerWidth <= 20, "pointer_width: 8 to 20");
  static_assert(Cfg::kLnzdFanIn == 2 || Cfg::kLnzdFanIn == 4, "lnzd_fan_in: 2 or 4");
};

}  // namespace eie
