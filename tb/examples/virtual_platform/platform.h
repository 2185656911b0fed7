// SPDX-License-Identifier: Apache-2.0
// The platform: CPU, bus, memory, DMA engine and EIE (README.md has the picture).
//
// Device is the class of the EIE model. It has the ports `socket` (64-bit target), `rst_n` and `irq`; EieTlm is one. Core runs
// the software: Cpu natively, RiscvCore (riscv/riscv_core.h) as a processor's instructions.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <utility>

#include "tb/examples/virtual_platform/bus.h"
#include "tb/examples/virtual_platform/cpu.h"
#include "tb/examples/virtual_platform/memory.h"
#include "tb/examples/virtual_platform/platform_map.h"
#include "tlm/dma/dma.h"

namespace eie::platform {

template <class Device, class Core = Cpu>
class Platform : public sc_core::sc_module {
 public:
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(eie_irq);
  sc_core::sc_signal<bool> SC_NAMED(dma_irq);
  Core cpu;
  Bus bus;
  Memory memory;
  EieDma dma;
  Device eie;

  SC_HAS_PROCESS(Platform);
  /// `device_arguments`: those of Device's constructor after the name.
  template <class... Arguments>
  Platform(const sc_core::sc_module_name& name, const DmaConfig& dma_config, Arguments&&... device_arguments)
      : sc_module(name),
        cpu("cpu", dma_config.clock_period, kDma.base),
        bus("bus", 2, {kMemory, kDma, kEie}, kBusCycles * dma_config.clock_period),
        memory("memory", kMemory.bytes, dma_config.clock_period, kMemoryCycles * dma_config.clock_period),
        dma("dma", dma_config),
        eie("eie", std::forward<Arguments>(device_arguments)...) {
    cpu.socket.bind(bus.from[0]);
    dma.initiator.bind(bus.from[1]);
    bus.to[0].bind(memory.socket);
    bus.to[1].bind(dma.socket);
    bus.to[2].bind(eie.socket);
    dma.rst_n(rst_n);
    eie.rst_n(rst_n);
    dma.irq(dma_irq);
    eie.irq(eie_irq);
    cpu.irq[kEieIrq](eie_irq);
    cpu.irq[kDmaIrq](dma_irq);
    SC_METHOD(end_reset);
  }

  static constexpr unsigned kResetCycles = 5;

 private:
  /// The reset is low from the start of the simulation for some cycles.
  void end_reset() {
    if (sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME) {
      next_trigger(kResetCycles * dma.config().clock_period);
    } else {
      rst_n.write(true);
    }
  }
};

}  // namespace eie::platform
