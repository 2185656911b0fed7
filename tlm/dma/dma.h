// SPDX-License-Identifier: Apache-2.0
// EieDma: a DMA engine that copies chains of descriptors between a memory and the device's windows
// (docs/models/eie_dma.md).
//
// Ports
//   socket     64-bit target: the registers of tlm/dma/dma_registers.h
//   initiator  64-bit initiator: fetches descriptors, reads and writes bursts
//   rst_n      reset, active low
//   irq        level interrupt; may stay unbound
//
// Two burst buffers: a burst is written while the next one is read.
//
//   read    | fetch | burst 0 | burst 1 | burst 2 |         | fetch ...
//   write   |       |         | burst 0 | burst 1 | burst 2 |
//
// A step is as long as the longer of its two transfers. A transfer takes a cycle a beat, or the time that the target
// annotates if that is longer. The next descriptor is fetched when the last write of this one is over.
#pragma once

#include <array>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "tlm/config/clock_period.h"
#include "tlm/dma/dma_registers.h"
#include "tlm/optional_output.h"

namespace eie {

struct DmaConfig {
  /// 800 MHz; eie::clock_period() gives that of a device, or DmaConfig{eie::clock_period(device_config)} all of this.
  sc_core::sc_time clock_period = eie::clock_period(800, "DmaConfig");
  unsigned burst_beats = 16;  // 64-bit beats, 1 to kMaxBurstBeats
  /// How far the engine may run ahead of the simulation. Interrupts and STATUS are exact whatever it is.
  sc_core::sc_time quantum = sc_core::sc_time(1, sc_core::SC_US);
};

class EieDma : public sc_core::sc_module {
 public:
  static constexpr unsigned kMaxBurstBeats = 256;
  /// Clock cycles of a register access.
  static constexpr unsigned kRegisterLatency = 4;
  /// No transfer crosses a multiple of this, as with AXI.
  static constexpr std::uint64_t kBurstBoundary = 4096;

  tlm_utils::simple_target_socket<EieDma, 64> SC_NAMED(socket);
  tlm_utils::simple_initiator_socket<EieDma, 64> SC_NAMED(initiator);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);

  SC_HAS_PROCESS(EieDma);
  /// SC_REPORT_ERROR eie/dma/config for a burst length out of range or a clock period of 0.
  explicit EieDma(const sc_core::sc_module_name& name, const DmaConfig& config = DmaConfig());

  const DmaConfig& config() const { return config_; }

 private:
  void before_end_of_elaboration() override { open_irq_.connect(irq); }

  using Payload = tlm::tlm_generic_payload;
  struct Descriptor {
    std::uint64_t source = 0;
    std::uint64_t destination = 0;
    std::uint64_t bytes = 0;
    std::uint64_t rows = 0;
    std::uint64_t flags = 0;
    std::uint64_t next = 0;
    std::uint64_t source_stride = 0;
    std::uint64_t destination_stride = 0;
    bool aligned() const;
  };
  /// A burst buffer, and where the burst is to be written.
  struct Burst {
    std::uint64_t destination = 0;
    unsigned bytes = 0;
    std::vector<unsigned char> data;
  };
  enum class End { kGoesOn, kAborted };  // kAborted: by a reset, an error or a stop, which have been dealt with

  // Registers
  void b_transport(Payload& tx, sc_core::sc_time& delay);
  unsigned transport_dbg(Payload& tx);
  tlm::tlm_response_status access(Payload& tx);
  tlm::tlm_response_status check(std::uint64_t address, bool is_write, bool starts) const;
  bool read_register(std::uint64_t address, std::uint64_t& data) const;
  void write_register(std::uint64_t address, std::uint64_t data, std::uint64_t mask);

  // The engine
  void run();
  void run_chain();
  End fetch(std::uint64_t address, Descriptor& descriptor);
  End copy(const Descriptor& descriptor);
  std::uint64_t transfer(tlm::tlm_command command, std::uint64_t address, unsigned char* data, unsigned bytes, bool& done);
  End pass(std::uint64_t cycles);
  bool synchronise();
  End fail(std::uint64_t cause, std::uint64_t address);
  void finish(std::uint64_t status, std::uint64_t cause);
  bool reset_since_start() const { return resets_ != resets_at_start_; }

  void on_reset();
  void drive_irq();
  void raise(std::uint64_t cause);

  std::uint64_t edge_at_or_after(const sc_core::sc_time& time) const {
    return (time.value() + config_.clock_period.value() - 1) / config_.clock_period.value();
  }
  sc_core::sc_time time_of(std::uint64_t edge) const { return sc_core::sc_time::from_value(config_.clock_period.value() * edge); }

  OptionalOutput open_irq_;
  const DmaConfig config_;

  // Registers
  std::uint64_t head_ = 0;
  std::uint64_t status_ = 0;
  std::uint64_t irq_status_ = 0;
  std::uint64_t irq_enable_ = 0;
  std::uint64_t current_ = 0;
  std::uint64_t error_address_ = 0;
  std::uint64_t beats_ = 0;
  std::uint64_t busy_cycles_ = 0;  // of the chain before
  std::uint64_t descriptors_ = 0;

  bool start_ = false;  // written, not yet seen by the engine
  bool stop_ = false;
  std::uint64_t start_edge_ = 0;
  std::uint64_t resets_ = 0;
  std::uint64_t resets_at_start_ = 0;
  std::uint64_t edge_ = 0;  // the engine's local time
  Payload tx_;
  std::array<Burst, 2> buffers_;

  sc_core::sc_event start_event_;
  sc_core::sc_event reset_event_;
  sc_core::sc_event irq_event_;
};

}  // namespace eie
