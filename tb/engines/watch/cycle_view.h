// SPDX-License-Identifier: Apache-2.0
// One clock cycle of a device as its wires show it, whichever engine has them: between two rising edges, when all
// combinational logic has settled.
//
// Columns are those on the wires: indices of pointers. hw and rtl fill the same view, and nothing in it is computed.
#pragma once

#include <cstdint>
#include <vector>

#include "tlm/model/events/launch_events.h"

namespace eie::tb {

/// The wires of one PE.
struct PeView {
  // Activation queue
  bool accept = false;  // head valid, and pointer read takes it in this cycle
  bool full = false;
  std::uint32_t head_column = 0;  // with accept
  // Pointer read: the pointers of a column are at the SRAM outputs (with skipped padding they may stay there)
  bool fresh = false;
  std::uint32_t fresh_entries = 0;  // with fresh: how many entries it has here; 0 too where the pointers run backwards
  // Spmat read: it looks for the entry that it gives in the next cycle
  bool address_valid = false;
  bool address_first = false;  // of its column
  std::uint32_t address = 0;   // with address_first
  // Spmat read to the arithmetic unit
  bool entry_valid = false;
  bool entry_first = false;
  std::uint32_t code = 0;
  std::uint32_t run = 0;
  std::uint32_t skipped = 0;  // padding entries before it that took no cycle
  // Pulses
  bool saturated = false;      // of the entry three cycles ago
  bool row_error = false;      // of the entry one cycle ago: it lies beyond the last row
  bool pointer_error = false;  // of the fresh column one cycle ago: its pointers run backwards
  // With ECC, engine hw only: words with errors; bit 0 Spmat, 1 pointers, 2 activations
  std::uint8_t corrected = 0;
  std::uint8_t detected = 0;
};

struct CycleView {
  std::uint64_t clock = 0;  // rising edges before this cycle, from the start of the engine
  bool busy = false;        // STATUS.busy
  LaunchState state = LaunchState::kIdle;
  // Root of the LNZD tree
  bool root_valid = false;
  bool root_exhausted = false;
  std::uint32_t root_column = 0;  // in the batch
  bool any_full = false;
  // CCU to the PEs
  bool broadcast = false;
  std::uint32_t broadcast_column = 0;
  std::int32_t broadcast_value = 0;
  std::vector<PeView> pe;
};

}  // namespace eie::tb
