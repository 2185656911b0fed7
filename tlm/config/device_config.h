// SPDX-License-Identifier: Apache-2.0
// A hardware configuration as run-time values, and what follows from them. Plain C++17: the tools, the TLM model and
// programs that use the installed model share it. tb/config/config.h reads it from a YAML file.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "hw/register_map.h"

namespace eie {

/// One field per key of the YAML file, under the key's own name (docs/configurations.md).
struct DeviceConfig {
  std::string name;            // of the configuration; letters, digits, '_' and '-'
  unsigned n_pe = 0;           // processing elements, a power of two
  unsigned queue_depth = 0;    // usable entries of an activation queue
  unsigned look_ahead = 0;     // descriptors between pointer read and Spmat read
  unsigned spmat_width = 0;    // bits of an Spmat SRAM row
  unsigned spmat_depth = 0;    // rows
  unsigned pointer_width = 0;  // bits
  unsigned pointer_depth = 0;  // pointers, both banks together
  unsigned act_depth = 0;      // 64-bit words
  unsigned registers = 0;      // source registers and destination registers of a PE, each
  unsigned code_width = 0;     // bits of a weight code
  unsigned run_width = 0;      // bits of a zero run
  unsigned data_width = 0;     // bits of an activation and of a codebook value (D)
  unsigned acc_width = 0;      // bits of an accumulator (A)
  unsigned lnzd_fan_in = 0;    // children of an LNZD node
  bool skip_padding = false;   // a padding entry takes no cycle of its own
  bool ecc = false;            // SRAMs with error correction
  bool pe_counters = true;     // counters in each PE
  double clock_mhz = 0;

  unsigned entry_bits() const { return code_width + run_width; }
  unsigned entries_per_row() const { return spmat_width / entry_bits(); }
  unsigned codes() const { return 1u << code_width; }

  /// Entries that one PE can hold: its Spmat, or what a pointer can address.
  std::uint64_t max_entries() const {
    const std::uint64_t held = std::uint64_t{spmat_depth} * entries_per_row();
    return std::min(held, (std::uint64_t{1} << pointer_width) - 1);
  }

  /// Activations in a 64-bit word of the activation SRAM.
  unsigned lanes() const { return 64 / data_width; }

  /// Columns of a full batch.
  std::uint64_t batch_columns() const { return std::uint64_t{registers} * n_pe; }

  /// Local activations a PE holds of a vector of this length.
  std::uint64_t local_length(std::uint64_t length) const { return (length + n_pe - 1) / n_pe; }

  /// Activation SRAM words for this many local activations.
  std::uint64_t act_words(std::uint64_t local) const { return (local + lanes() - 1) / lanes(); }

  /// What the widths of the registers depend on (hw/register_map.h).
  reg::Shape shape() const {
    return {n_pe, spmat_depth, spmat_width, pointer_depth, act_depth, registers, code_width, data_width, ecc, pe_counters};
  }

  /// Where the memories lie in the window of a PE.
  reg::WindowLayout window() const { return reg::window_layout(spmat_depth, spmat_width, pointer_depth, act_depth); }

  /// First address of the window of PE `pe`.
  std::uint64_t window_base(unsigned pe) const { return reg::kWindowBase + window().stride * pe; }
};

}  // namespace eie
