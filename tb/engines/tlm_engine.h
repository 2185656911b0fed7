// SPDX-License-Identifier: Apache-2.0
// Engine "tlm": the TLM-2.0 model behind its own socket, accessed loosely timed.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/model_engine.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {

class TlmEngine final : public sc_core::sc_module, public ModelEngine<EieTlm>, private tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_initiator_socket<64> SC_NAMED(socket);

  SC_HAS_PROCESS(TlmEngine);
  TlmEngine(const sc_core::sc_module_name& name, const HwConfig& config);

  EieTlm& dut() { return model_; }

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;
  void backdoor_write(std::uint64_t address, std::uint64_t data) override;
  std::uint64_t backdoor_read(std::uint64_t address) override;
  void wait_interrupt(std::uint64_t limit_cycles) override;
  void flip_now(const BitFlip& flip) override { model_.flip_now(bit_of(flip)); }
  std::uint64_t now_cycles() const override;

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void start();
  void pass(const sc_core::sc_time& delay);
  void transport(bool write, std::uint64_t address, unsigned char* data, std::size_t bytes, unsigned strobe = 0xFF);
  void debug(bool write, std::uint64_t address, std::uint64_t& data);
  void on_interrupt() { sc_core::sc_pause(); }

  bool started_ = false;
  tlm::tlm_generic_payload debug_tx_;
  sc_core::sc_signal<bool> SC_NAMED(rst_n_);
  sc_core::sc_signal<bool> SC_NAMED(irq_);
};

}  // namespace eie::tb
