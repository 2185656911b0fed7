// SPDX-License-Identifier: Apache-2.0
// The CPU: runs a C program natively in a thread. Its accesses to the bus, its waits for interrupts and the time it reads go
// through the functions of struct eie_bus. It is temporally decoupled (a quantum keeper); instructions between accesses cost
// nothing, an access costs one period more than the bus says.
//
// Memory is reached through a direct pointer where a target gives one and the address is below `uncached`; devices above
// it are asked for every access, as software does with registers and windows.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>
#include <utility>

#include "tb/examples/virtual_platform/sw/eie.h"

namespace eie::platform {

class Cpu : public sc_core::sc_module {
 public:
  static constexpr unsigned kIrqLines = 2;
  tlm_utils::simple_initiator_socket<Cpu, 64> SC_NAMED(socket);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(irq, kIrqLines);

  SC_HAS_PROCESS(Cpu);
  Cpu(const sc_core::sc_module_name& name, const sc_core::sc_time& period, std::uint64_t uncached)
      : sc_module(name), period_(period), uncached_(uncached), bus_{this, &Cpu::write, &Cpu::read, &Cpu::wait_line} {
    socket.register_invalidate_direct_mem_ptr(this, &Cpu::invalidate);
    dmi_.init();
    dmi_.allow_none();
    SC_THREAD(run);
  }

  /// The program; call before the simulation starts. When it returns the simulation stops.
  void set_program(std::function<void()> program) { program_ = std::move(program); }
  bool ended() const { return ended_; }

  /// What the program is given.
  const eie_bus* bus() const { return &bus_; }
  /// The program's time in clock cycles; `context` is that of bus().
  static std::uint64_t cycles(void* context) {
    const Cpu& cpu = *static_cast<Cpu*>(context);
    return cpu.keeper_.get_current_time().value() / cpu.period_.value();
  }

 private:
  void run() {
    keeper_.reset();
    program_();
    keeper_.sync();
    ended_ = true;
    sc_core::sc_stop();
  }

  static int write(void* context, std::uint64_t address, std::uint64_t data, unsigned bytes) {
    return static_cast<Cpu*>(context)->access(tlm::TLM_WRITE_COMMAND, address, &data, bytes);
  }

  static int read(void* context, std::uint64_t address, std::uint64_t* data, unsigned bytes) {
    *data = 0;
    return static_cast<Cpu*>(context)->access(tlm::TLM_READ_COMMAND, address, data, bytes);
  }

  static int wait_line(void* context, unsigned line) {
    Cpu& cpu = *static_cast<Cpu*>(context);
    if (line >= kIrqLines) return -1;
    cpu.keeper_.sync();
    while (!cpu.irq[line].read()) cpu.wait(cpu.irq[line].posedge_event());
    cpu.keeper_.reset();
    return 0;
  }

  /// Little endian, as is the machine that simulates.
  int access(tlm::tlm_command command, std::uint64_t address, std::uint64_t* data, unsigned bytes) {
    const bool reads = command == tlm::TLM_READ_COMMAND;
    keeper_.inc(period_);
    if (address >= dmi_.get_start_address() && address <= dmi_.get_end_address() &&
        bytes - 1 <= dmi_.get_end_address() - address && (reads ? dmi_.is_read_allowed() : dmi_.is_write_allowed())) {
      unsigned char* place = dmi_.get_dmi_ptr() + (address - dmi_.get_start_address());
      std::memcpy(reads ? static_cast<void*>(data) : place, reads ? static_cast<void*>(place) : data, bytes);
      keeper_.inc(reads ? dmi_.get_read_latency() : dmi_.get_write_latency());
      if (keeper_.need_sync()) keeper_.sync();
      return 0;
    }
    tlm::tlm_generic_payload tx;
    tx.set_command(command);
    tx.set_address(address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(data));
    tx.set_data_length(bytes);
    tx.set_streaming_width(bytes);
    sc_core::sc_time delay = keeper_.get_local_time();
    socket->b_transport(tx, delay);
    keeper_.set(delay);
    if (keeper_.need_sync()) keeper_.sync();
    if (tx.is_dmi_allowed() && address < uncached_ && !socket->get_direct_mem_ptr(tx, dmi_)) dmi_.allow_none();
    return tx.is_response_ok() ? 0 : -1;
  }

  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end) {
    if (start <= dmi_.get_end_address() && end >= dmi_.get_start_address()) dmi_.allow_none();
  }

  const sc_core::sc_time period_;
  const std::uint64_t uncached_;
  const eie_bus bus_;
  std::function<void()> program_;
  tlm_utils::tlm_quantumkeeper keeper_;
  tlm::tlm_dmi dmi_;
  bool ended_ = false;
};

}  // namespace eie::platform
