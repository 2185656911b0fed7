// SPDX-License-Identifier: Apache-2.0
// Engine "tlm": the TLM-2.0 model behind its own socket, accessed loosely timed.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/flips/model_flips.h"
#include "tb/engines/watch/model_observer.h"
#include "tb/host/device.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {

class TlmEngine final : public sc_core::sc_module, public Device, private tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_initiator_socket<64> SC_NAMED(socket);

  SC_HAS_PROCESS(TlmEngine);
  TlmEngine(const sc_core::sc_module_name& name, const HwConfig& config);

  std::string engine() const override { return "tlm"; }
  EieTlm& dut() { return dut_; }

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;
  void backdoor_write(std::uint64_t address, std::uint64_t data) override;
  std::uint64_t backdoor_read(std::uint64_t address) override;
  void wait_interrupt(std::uint64_t limit_cycles) override;
  void announce(const LaunchContext& context) override { observer_.announce(context); }
  void observe(EventSink& sink) override { observer_.add_sink(sink); }
  void check_flip(const BitFlip& flip) override { ModelFlips<EieTlm>::check(flip); }
  void flip_in_next_launch(const BitFlip& flip) override { flips_.add(flip); }
  std::vector<std::string> missed_flips() const override { return flips_.missed(); }
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

  EieTlm dut_;
  ModelObserver<EieTlm> observer_{dut_};
  ModelFlips<EieTlm> flips_;
  bool started_ = false;
  tlm::tlm_generic_payload debug_tx_;
  sc_core::sc_signal<bool> SC_NAMED(rst_n_);
  sc_core::sc_signal<bool> SC_NAMED(irq_);
};

}  // namespace eie::tb
