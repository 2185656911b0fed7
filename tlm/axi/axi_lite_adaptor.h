// SPDX-License-Identifier: Apache-2.0
// TLM-2.0 target in front of a 64-bit AXI4-Lite subordinate: generic payloads become beats of the five channels.
//
// Ports
//   socket       64-bit target: b_transport (it waits, so it has to be called from a thread process) and nb_transport
//   clk, rst_n   of the subordinate
//   aw*, w*, b*, ar*, r*   AXI4-Lite manager
//
// One transaction is on the channels at a time, its beats back to back. Timing is that of the TLM model (port_access.h):
// the first beat goes out at the first edge after the transaction arrives.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <systemc>
#include <tlm>
#include <vector>

#include "tlm/at_port.h"
#include "tlm/axi/axi_lite_wires.h"
#include "tlm/config/device_config.h"
#include "tlm/model/address_map.h"
#include "tlm/port_access.h"

namespace eie {

class AxiLiteAdaptor : public sc_core::sc_module,
                       public AxiLiteManagerPorts,
                       private tlm::tlm_fw_transport_if<>,
                       private AtTarget {
 public:
  using Payload = tlm::tlm_generic_payload;

  tlm::tlm_target_socket<64> SC_NAMED(socket);
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);

  SC_HAS_PROCESS(AxiLiteAdaptor);
  /// `debug` answers transport_dbg: it returns the number of bytes done.
  AxiLiteAdaptor(const sc_core::sc_module_name& name, const DeviceConfig& config, std::function<unsigned(Payload&)> debug);

 private:
  /// A transaction that waits for the channels or is on them.
  struct Job {
    Payload* tx = nullptr;
    sc_core::sc_time arrival;
    sc_core::sc_event* done = nullptr;  // b_transport; null: nb_transport
  };

  void b_transport(Payload& tx, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(Payload& tx) override { return debug_(tx); }

  void submit(const Job& job);
  void on_reset_released() {
    if (rst_n.read()) in_reset_.released();
  }
  void tick();
  void begin();
  void end();
  void finish(tlm::tlm_response_status status);
  void accept_request(Payload& tx) override;

  const model::AddressMap map_;
  const sc_core::sc_time period_;
  const std::function<unsigned(Payload&)> debug_;
  InResetWarning in_reset_{"eie/adaptor"};

  std::deque<Job> jobs_;  // the first one is on the channels once active_
  sc_core::sc_event submitted_;
  bool active_ = false;
  AxiLiteManager manager_;
  AxiLiteRequests requests_;
  std::vector<AxiLiteBeat> writes_;  // of the transaction on the channels
  std::vector<std::uint64_t> reads_;

  AtPort at_port_;  // nb_transport
};

}  // namespace eie
