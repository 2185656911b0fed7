// SPDX-License-Identifier: Apache-2.0
// The nb_transport side of a 64-bit target: the TLM model's and that of the adaptor in front of hw/ (IEEE 1666-2011, 15.2).
//
//   BEGIN_REQ ---> accept_request ---> (perform_request) ---> END_REQ ---> respond ---> BEGIN_RESP ---> END_RESP
//
// One request is at the port at a time, until its END_REQ; a second one is refused. It is accepted once few enough
// transactions are open. One response is out at a time, until its END_RESP; the others wait in the order in which they are due.
#pragma once

#include <climits>
#include <deque>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>

namespace eie {

/// How a target answers nb_transport: with all four phases of the base protocol, or with BEGIN_REQ and BEGIN_RESP alone.
enum class AtPhases { kFour, kTwo };

/// What is the target's own about its transactions.
class AtTarget {
 public:
  virtual ~AtTarget() = default;
  /// The request is accepted; AtPort::respond() ends it, now or later.
  virtual void accept_request(tlm::tlm_generic_payload& tx) = 0;
  /// The time that was given to AtPort::perform_after() has come.
  virtual void perform_request(tlm::tlm_generic_payload& /*tx*/) {}
  /// The response is due: the last moment to change its status.
  virtual void complete_request(tlm::tlm_generic_payload& /*tx*/) {}
};

struct AtRules {
  AtPhases phases = AtPhases::kFour;
  unsigned most_open = UINT_MAX;                     // accepted or refused, and response not over
  sc_core::sc_time refusal = sc_core::SC_ZERO_TIME;  // until the error response to a second request before END_REQ is due
};

class AtPort {
 public:
  using Payload = tlm::tlm_generic_payload;

  /// `id` starts the names of reports: "eie/tlm".
  AtPort(AtTarget& target, tlm::tlm_target_socket<64>& socket, std::string id, const AtRules& rules);

  /// nb_transport_fw. A payload without a memory manager is refused.
  tlm::tlm_sync_enum receive(Payload& tx, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);

  /// Calls perform_request() after that time.
  void perform_after(Payload& tx, const sc_core::sc_time& delay);
  /// END_REQ after that time; with two phases never. Without it END_REQ goes out with the response.
  void end_request_after(Payload& tx, const sc_core::sc_time& delay);
  /// The response is due after that time: BEGIN_RESP then, or when those before it are over.
  void respond_after(Payload& tx, const sc_core::sc_time& delay);

 private:
  void on_phase(Payload& tx, const tlm::tlm_phase& phase);
  void begin_request(Payload& tx);
  void accept_waiting();
  void end_request(Payload& tx);
  void begin_response(Payload& tx);
  void send_response();
  void end_response(Payload& tx);

  AtTarget& target_;
  tlm::tlm_target_socket<64>& socket_;
  const std::string id_;
  const AtRules rules_;
  tlm_utils::peq_with_cb_and_phase<AtPort> peq_;

  Payload* request_ = nullptr;  // waits for its END_REQ, or for the BEGIN_RESP that stands for it
  Payload* waiting_ = nullptr;  // not accepted yet
  unsigned open_ = 0;
  std::deque<Payload*> due_;  // responses; the first one may have been sent
  bool sent_ = false;
};

}  // namespace eie
