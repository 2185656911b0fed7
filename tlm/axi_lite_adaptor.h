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
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <vector>

#include "address_map.h"
#include "device_config.h"
#include "port_access.h"

namespace eie {

class AxiLiteAdaptor : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
 public:
  using Payload = tlm::tlm_generic_payload;

  tlm::tlm_target_socket<64> SC_NAMED(socket);
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(awvalid);
  sc_core::sc_in<bool> SC_NAMED(awready);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(awaddr);
  sc_core::sc_out<bool> SC_NAMED(wvalid);
  sc_core::sc_in<bool> SC_NAMED(wready);
  sc_core::sc_out<sc_dt::sc_uint<64>> SC_NAMED(wdata);
  sc_core::sc_out<sc_dt::sc_uint<8>> SC_NAMED(wstrb);
  sc_core::sc_in<bool> SC_NAMED(bvalid);
  sc_core::sc_out<bool> SC_NAMED(bready);
  sc_core::sc_in<sc_dt::sc_uint<2>> SC_NAMED(bresp);
  sc_core::sc_out<bool> SC_NAMED(arvalid);
  sc_core::sc_in<bool> SC_NAMED(arready);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(araddr);
  sc_core::sc_in<bool> SC_NAMED(rvalid);
  sc_core::sc_out<bool> SC_NAMED(rready);
  sc_core::sc_in<sc_dt::sc_uint<64>> SC_NAMED(rdata);
  sc_core::sc_in<sc_dt::sc_uint<2>> SC_NAMED(rresp);

  SC_HAS_PROCESS(AxiLiteAdaptor);
  /// `debug` answers transport_dbg: it returns the number of bytes done.
  AxiLiteAdaptor(const sc_core::sc_module_name& name, const DeviceConfig& config,
                 std::function<unsigned(Payload&)> debug);

 private:
  /// A transaction that waits for the channels or is on them.
  struct Job {
    Payload* tx = nullptr;
    sc_core::sc_time arrival;
    sc_core::sc_event* done = nullptr;  // b_transport; null: nb_transport
  };
  struct Beat {
    PortBeat access;
    std::uint64_t number = 0;  // of the transaction
  };

  void b_transport(Payload& tx, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(Payload& tx) override { return debug_(tx); }

  void submit(const Job& job);
  tlm::tlm_response_status check(Payload& tx) const;
  void tick();
  void begin();
  void sample();
  void drive();
  void finish(tlm::tlm_response_status status);
  void on_phase(Payload& tx, const tlm::tlm_phase& phase);
  void respond(Payload& tx);
  void send_response();
  void end_response();

  const AddressMap map_;
  const sc_core::sc_time period_;
  const std::function<unsigned(Payload&)> debug_;

  std::deque<Job> jobs_;  // the first one is on the channels once active_
  sc_core::sc_event submitted_;
  bool active_ = false;
  bool idle_ = true;  // nothing to do: no wake-ups
  std::vector<Beat> beats_;
  std::size_t aw_sent_ = 0;
  std::size_t w_sent_ = 0;
  std::size_t ar_sent_ = 0;
  std::size_t answered_ = 0;
  bool refused_ = false;
  std::vector<std::uint64_t> data_;

  // nb_transport
  tlm_utils::peq_with_cb_and_phase<AxiLiteAdaptor> peq_;
  Payload* request_ = nullptr;  // END_REQ not sent yet
  std::deque<Payload*> responses_;
  bool response_sent_ = false;
};

}  // namespace eie
