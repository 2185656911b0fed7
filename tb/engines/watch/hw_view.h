// SPDX-License-Identifier: Apache-2.0
// The wires of the signal-level device as a CycleView.
#pragma once

#include <cstdint>
#include <vector>

#include "hw/eie.h"
#include "tb/engines/watch/cycle_view.h"

namespace eie::tb {

static_assert(static_cast<unsigned>(LaunchState::kIdle) == static_cast<unsigned>(CcuState::kIdle) &&
                  static_cast<unsigned>(LaunchState::kClear) == static_cast<unsigned>(CcuState::kClear) &&
                  static_cast<unsigned>(LaunchState::kBias) == static_cast<unsigned>(CcuState::kBias) &&
                  static_cast<unsigned>(LaunchState::kLoad) == static_cast<unsigned>(CcuState::kLoad) &&
                  static_cast<unsigned>(LaunchState::kArm) == static_cast<unsigned>(CcuState::kArm) &&
                  static_cast<unsigned>(LaunchState::kCompute) == static_cast<unsigned>(CcuState::kCompute) &&
                  static_cast<unsigned>(LaunchState::kDrain) == static_cast<unsigned>(CcuState::kDrain) &&
                  static_cast<unsigned>(LaunchState::kStore) == static_cast<unsigned>(CcuState::kStore) &&
                  static_cast<unsigned>(LaunchState::kFinish) == static_cast<unsigned>(CcuState::kFinish),
              "the states of events are those of the CCU");

/// Between two rising edges. The synthesis view keeps some registers to itself: there is nothing to watch there.
template <class Cfg>
void fill_view([[maybe_unused]] const Eie<Cfg>& device, [[maybe_unused]] CycleView& view) {
#if !EIE_SYNTHESIS_VIEW
  const Ccu<Cfg>& ccu = device.ccu;
  view.busy = ccu.busy.read();
  view.pe.resize(Cfg::kPes);
  if constexpr (Cfg::kEcc) {
    for (unsigned p = 0; p < Cfg::kPes; ++p) {
      const Pe<Cfg>& pe = device.pe[p];
      view.pe[p].corrected =
          static_cast<std::uint8_t>((pe.spmat_read.corrected.read() ? 1U : 0U) | (pe.ptr_read.corrected.read() != 0 ? 2U : 0U) |
                                    (pe.act_rw.corrected.read() ? 4U : 0U));
      view.pe[p].detected =
          static_cast<std::uint8_t>((pe.spmat_read.detected.read() ? 1U : 0U) | (pe.ptr_read.detected.read() != 0 ? 2U : 0U) |
                                    (pe.act_rw.detected.read() ? 4U : 0U));
    }
  }
  if (!view.busy) return;
  view.state = static_cast<LaunchState>(ccu.state());
  view.root_valid = ccu.root.read().valid;
  view.root_exhausted = ccu.root_exhausted.read();
  view.root_column = ccu.root.read().column.to_uint();
  view.any_full = ccu.any_full.read();
  const Activation<Cfg>& broadcast = device.pe[0].broadcast.read();
  view.broadcast = broadcast.valid;
  view.broadcast_column = broadcast.column.to_uint();
  view.broadcast_value = static_cast<std::int32_t>(broadcast.value.to_int64());
  for (unsigned p = 0; p < Cfg::kPes; ++p) {
    const Pe<Cfg>& pe = device.pe[p];
    PeView& to = view.pe[p];
    const Activation<Cfg>& head = pe.ptr_read.head.read();
    to.accept = head.valid && (pe.act_queue.head_ready.read() || (Cfg::kSkipPadding && pe.act_queue.column_ready.read()));
    to.full = device.collect.full[p].read();
    to.head_column = head.column.to_uint();
    to.fresh = pe.ptr_read.is_fresh();
    to.fresh_entries = pe.ptr_read.fresh_entries();
    to.address_valid = pe.spmat_read.is_addressing();
    to.address_first = pe.spmat_read.is_first_address();
    to.address = pe.spmat_read.entry_address.read().address.to_uint();
    const Entry<Cfg>& entry = pe.arith_unit.entry.read();
    to.entry_valid = entry.valid;
    to.entry_first = entry.first;
    to.code = entry.code.to_uint();
    to.run = entry.run.to_uint();
    if constexpr (Cfg::kSkipPadding) to.skipped = entry.skipped.to_uint();
    to.saturated = device.collect.saturated[p].read();
    to.row_error = pe.arith_unit.error.read();
    to.pointer_error = pe.ptr_read.error.read();
  }
#endif
}

}  // namespace eie::tb
