// SPDX-License-Identifier: Apache-2.0
// The signals of a SystemC device, as its modules list them in sc_module::trace().
#pragma once

#include <functional>
#include <string>
#include <systemc>

#include "tb/engines/waves/wave_recorder.h"

namespace eie::tb {

/// Adds all signals of the modules from `top` on down to the recorder, the top module under the name `eie`. After elaboration:
/// ports must be bound.
void add_sc_signals(const sc_core::sc_module& top, WaveRecorder& recorder);
/// The same, to whoever wants them.
void list_sc_signals(const sc_core::sc_module& top, const std::function<void(WaveSignal)>& add);

/// A member's name in the RTL: "in[0].valid" is in_valid[0].
std::string rtl_name(const std::string& member);

}  // namespace eie::tb
