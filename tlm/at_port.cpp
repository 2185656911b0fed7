// SPDX-License-Identifier: Apache-2.0
#include "tlm/at_port.h"

#include <utility>

namespace eie {
namespace {

// Inside the event queue only; no initiator sees them.
DECLARE_EXTENDED_PHASE(eie_perform);
DECLARE_EXTENDED_PHASE(eie_end_request);
DECLARE_EXTENDED_PHASE(eie_respond);
DECLARE_EXTENDED_PHASE(eie_refuse);

}  // namespace

AtPort::AtPort(AtTarget& target, tlm::tlm_target_socket<64>& socket, std::string id, const AtRules& rules)
    : target_(target), socket_(socket), id_(std::move(id)), rules_(rules), peq_(this, &AtPort::on_phase) {}

tlm::tlm_sync_enum AtPort::receive(Payload& tx, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    if (!tx.has_mm()) {
      SC_REPORT_WARNING((id_ + "/memory_manager").c_str(), "nb_transport needs a payload with a memory manager");
      tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    tx.acquire();
    peq_.notify(tx, phase, delay);
  } else if (phase == tlm::END_RESP) {
    peq_.notify(tx, phase, delay);
  }
  return tlm::TLM_ACCEPTED;  // ignorable phases too
}

void AtPort::perform_after(Payload& tx, const sc_core::sc_time& delay) { peq_.notify(tx, eie_perform, delay); }

void AtPort::end_request_after(Payload& tx, const sc_core::sc_time& delay) {
  if (rules_.phases == AtPhases::kFour) peq_.notify(tx, eie_end_request, delay);
}

void AtPort::respond_after(Payload& tx, const sc_core::sc_time& delay) { peq_.notify(tx, eie_respond, delay); }

void AtPort::on_phase(Payload& tx, const tlm::tlm_phase& phase) {
  if (phase == tlm::BEGIN_REQ) {
    begin_request(tx);
  } else if (phase == eie_perform) {
    target_.perform_request(tx);
  } else if (phase == eie_end_request) {
    end_request(tx);
  } else if (phase == eie_respond) {
    target_.complete_request(tx);
    if (rules_.phases == AtPhases::kFour) end_request(tx);
    begin_response(tx);
  } else if (phase == eie_refuse) {
    begin_response(tx);
  } else {
    end_response(tx);
  }
}

void AtPort::begin_request(Payload& tx) {
  if (request_ == nullptr) {
    request_ = waiting_ = &tx;
    accept_waiting();
    return;
  }
  SC_REPORT_WARNING((id_ + "/request_exclusion").c_str(), "BEGIN_REQ before the END_REQ of the request before");
  tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  ++open_;
  if (rules_.refusal == sc_core::SC_ZERO_TIME) {
    begin_response(tx);
  } else {
    peq_.notify(tx, eie_refuse, rules_.refusal);
  }
}

void AtPort::accept_waiting() {
  if (waiting_ == nullptr || open_ >= rules_.most_open) return;
  Payload& tx = *waiting_;
  waiting_ = nullptr;
  ++open_;
  target_.accept_request(tx);
}

/// END_REQ, once.
void AtPort::end_request(Payload& tx) {
  if (request_ != &tx) return;
  request_ = nullptr;
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket_->nb_transport_bw(tx, phase, delay);
}

void AtPort::begin_response(Payload& tx) {
  due_.push_back(&tx);
  send_response();
}

void AtPort::send_response() {
  if (due_.empty() || sent_) return;
  Payload& tx = *due_.front();
  sent_ = true;
  if (request_ == &tx) request_ = nullptr;  // BEGIN_RESP stands for END_REQ too
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum answer = socket_->nb_transport_bw(tx, phase, delay);
  if (answer != tlm::TLM_ACCEPTED) peq_.notify(tx, tlm::END_RESP, delay);  // over, or END_RESP on the return path
}

void AtPort::end_response(Payload& tx) {
  if (!sent_ || due_.front() != &tx) {
    SC_REPORT_WARNING((id_ + "/end_resp").c_str(), "END_RESP without a BEGIN_RESP of the same payload");
    return;
  }
  due_.pop_front();
  sent_ = false;
  tx.release();
  send_response();
  --open_;
  accept_waiting();
}

}  // namespace eie
