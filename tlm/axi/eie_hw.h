// SPDX-License-Identifier: Apache-2.0
// EieHw: the signal-level device of hw/ behind the ports of EieTlm, so that a platform can have either.
//
// Ports: those of EieTlm (socket, rst_n, irq). The clock is inside. b_transport waits, so it has to be called from a
// thread process; there is no DMI; transport_dbg reaches the memory windows.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>

#include "hw/eie.h"
#include "tlm/axi/axi_lite_adaptor.h"
#include "tlm/axi/axi_lite_wires.h"
#include "tlm/axi/hw_windows.h"
#include "tlm/config/clock_period.h"
#include "tlm/config/compiled_config.h"
#include "tlm/debug_bytes.h"
#include "tlm/model/flip_replay.h"
#include "tlm/optional_output.h"

namespace eie {

template <class Cfg>
class EieHw : public sc_core::sc_module {
 public:
  tlm::tlm_target_socket<64>& socket;
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);

  explicit EieHw(const sc_core::sc_module_name& name)
      : sc_module(name),
        socket(adaptor_.socket),
        period_(eie::clock_period(compiled_config<Cfg>())),
        clock_("clock", period_, 0.5, period_),
        adaptor_("adaptor", compiled_config<Cfg>(), [this](tlm::tlm_generic_payload& tx) { return debug(tx); }),
        device_("device"),
        windows_(device_) {
    adaptor_.clk(clock_);
    adaptor_.rst_n(rst_n);
    device_.clk(clock_);
    device_.rst_n(rst_n);
    device_.irq(irq);
    wires_.connect(adaptor_, device_);
  }

  DeviceConfig config() const { return compiled_config<Cfg>(); }
  sc_core::sc_time clock_period() const { return period_; }
  Eie<Cfg>& device() { return device_; }

  /// A bit of a memory flips at this moment (tlm/model/flip_replay.h).
  void flip_now(const MemoryFlip& flip) {
    const reg::WindowLayout window = config().window();
    const std::uint64_t offset = flip.memory == MemoryFlip::Memory::kSpmat ? 0
                                 : flip.memory == MemoryFlip::Memory::kPtr ? window.ptr_offset
                                                                           : window.act_offset;
    windows_.flip(config().window_base(flip.pe) + offset + 8 * flip.word, flip.bit);
  }

 private:
  void before_end_of_elaboration() override { open_irq_.connect(irq); }

  /// Bytes of the memory windows.
  unsigned debug(tlm::tlm_generic_payload& tx) {
    return debug_bytes(
        tx, [this](std::uint64_t address, std::uint64_t& word) { return windows_.peek(address, word); },
        [this](std::uint64_t address, std::uint64_t word) { return windows_.poke(address, word); });
  }

  OptionalOutput open_irq_;
  const sc_core::sc_time period_;
  sc_core::sc_clock clock_;
  AxiLiteAdaptor adaptor_;
  Eie<Cfg> device_;
  HwWindows<Cfg> windows_;

  AxiLiteWires wires_;
};

}  // namespace eie
