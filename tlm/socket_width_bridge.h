// SPDX-License-Identifier: Apache-2.0
// SocketWidthBridge: between an initiator socket and a target socket of different BUSWIDTH.
//
// Ports
//   target     the initiator's width, e.g. tlm_target_socket<32>; bind the initiator to it
//   initiator  the target's width, e.g. tlm_initiator_socket<64>; bind it to the target
//
// BUSWIDTH is a template argument of a socket, so sockets of two widths do not bind: it does not compile. A
// generic payload does not depend on it on a little-endian host, though: data, byte enables, addresses and
// times go through unchanged, and all six interface methods, in both directions, are forwarded. No time
// passes.
#pragma once

#include <systemc>
#include <tlm>

namespace eie {

template <unsigned From, unsigned To, class Types = tlm::tlm_base_protocol_types>
class SocketWidthBridge : public sc_core::sc_module,
                          private tlm::tlm_fw_transport_if<Types>,
                          private tlm::tlm_bw_transport_if<Types> {
 public:
  using Payload = typename Types::tlm_payload_type;
  using Phase = typename Types::tlm_phase_type;

  tlm::tlm_target_socket<From, Types> SC_NAMED(target);
  tlm::tlm_initiator_socket<To, Types> SC_NAMED(initiator);

  explicit SocketWidthBridge(const sc_core::sc_module_name& name) : sc_module(name) {
    target.bind(*this);
    initiator.bind(*this);
  }

 private:
  void b_transport(Payload& tx, sc_core::sc_time& delay) override { initiator->b_transport(tx, delay); }
  tlm::tlm_sync_enum nb_transport_fw(Payload& tx, Phase& phase, sc_core::sc_time& delay) override {
    return initiator->nb_transport_fw(tx, phase, delay);
  }
  bool get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) override { return initiator->get_direct_mem_ptr(tx, dmi); }
  unsigned transport_dbg(Payload& tx) override { return initiator->transport_dbg(tx); }

  tlm::tlm_sync_enum nb_transport_bw(Payload& tx, Phase& phase, sc_core::sc_time& delay) override {
    return target->nb_transport_bw(tx, phase, delay);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    target->invalidate_direct_mem_ptr(first, last);
  }
};

}  // namespace eie
