// SPDX-License-Identifier: Apache-2.0
#include "tlm/at_responses.h"

namespace eie {

tlm::tlm_sync_enum AtResponses::receive(Payload& tx, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    if (!tx.has_mm()) {
      SC_REPORT_WARNING((id_ + "/memory_manager").c_str(), "nb_transport needs a payload with a memory manager");
      tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    tx.acquire();
    notify_(tx, phase, delay);
  } else if (phase == tlm::END_RESP) {
    notify_(tx, phase, delay);
  }
  return tlm::TLM_ACCEPTED;  // ignorable phases too
}

bool AtResponses::begin_request(Payload& tx) {
  if (request_ == nullptr) {
    request_ = &tx;
    return true;
  }
  SC_REPORT_WARNING((id_ + "/request_exclusion").c_str(), "BEGIN_REQ before the END_REQ of the request before");
  tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  return false;
}

void AtResponses::end_request(Payload& tx) {
  request_ = nullptr;
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket_->nb_transport_bw(tx, phase, delay);
}

void AtResponses::begin_response(Payload& tx) {
  due_.push_back(&tx);
  send();
}

void AtResponses::send() {
  if (due_.empty() || sent_) return;
  Payload& tx = *due_.front();
  sent_ = true;
  if (request_ == &tx) request_ = nullptr;  // BEGIN_RESP stands for END_REQ too
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum answer = socket_->nb_transport_bw(tx, phase, delay);
  if (answer != tlm::TLM_ACCEPTED) notify_(tx, tlm::END_RESP, delay);  // over, or END_RESP on the return path
}

bool AtResponses::end_response(Payload& tx) {
  if (!sent_ || due_.front() != &tx) {
    SC_REPORT_WARNING((id_ + "/end_resp").c_str(), "END_RESP without a BEGIN_RESP of the same payload");
    return false;
  }
  due_.pop_front();
  sent_ = false;
  tx.release();
  send();
  return true;
}

}  // namespace eie
