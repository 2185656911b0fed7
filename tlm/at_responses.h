// SPDX-License-Identifier: Apache-2.0
// The part of nb_transport that the TLM model and the adaptor in front of hw/ share: what comes in, END_REQ, and responses
// one at a time, each until its END_RESP (IEEE 1666-2011, 15.2).
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <systemc>
#include <tlm>

namespace eie {

class AtResponses {
 public:
  using Payload = tlm::tlm_generic_payload;
  /// Puts a phase into the owner's event queue.
  using Notify = std::function<void(Payload&, const tlm::tlm_phase&, const sc_core::sc_time&)>;

  /// `id` starts the names of reports: "eie/tlm".
  AtResponses(tlm::tlm_target_socket<64>& socket, std::string id, Notify notify)
      : socket_(socket), id_(std::move(id)), notify_(std::move(notify)) {}

  /// nb_transport_fw: BEGIN_REQ and END_RESP go to the event queue; a payload without a memory manager is refused.
  tlm::tlm_sync_enum receive(Payload& tx, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);

  /// A BEGIN_REQ: true if the request is the only one. While another waits for its END_REQ (or for the BEGIN_RESP that
  /// stands for it) this one is reported and gets an error response, which is the caller's to send.
  bool begin_request(Payload& tx);

  /// Whether this is the request that waits for its END_REQ.
  bool is_request(const Payload& tx) const { return request_ == &tx; }
  /// END_REQ.
  void end_request(Payload& tx);

  /// The response to `tx` is due: BEGIN_RESP now, or when those before it are over.
  void begin_response(Payload& tx);

  /// END_RESP: false, and a report, if no response to this payload is out.
  bool end_response(Payload& tx);

 private:
  void send();

  tlm::tlm_target_socket<64>& socket_;
  std::string id_;
  Notify notify_;
  Payload* request_ = nullptr;  // waits for its END_REQ
  std::deque<Payload*> due_;    // the first one may have been sent
  bool sent_ = false;
};

}  // namespace eie
