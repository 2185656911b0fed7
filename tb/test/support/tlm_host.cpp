// SPDX-License-Identifier: Apache-2.0
#include "tb/test/support/tlm_host.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace eie::tb {

/// A transaction of nb_transport.
struct TlmHost::Job {
  TlmRequest request;
  TlmAnswer answer;
  Payload* tx = nullptr;
  sc_core::sc_time start;
  bool taken = false;
  bool over = false;
};

TlmHost::TlmHost(const sc_core::sc_module_name& name) : sc_module(name) {
  socket.bind(*this);
  SC_THREAD(thread);
  SC_METHOD(end_responses);
  sensitive << end_response_;
  dont_initialize();
}
TlmHost::~TlmHost() = default;

void TlmHost::run(std::function<void()> program) {
  program_ = std::move(program);
  finished_ = false;
  go_.notify(sc_core::SC_ZERO_TIME);
  while (!finished_) {
    sc_core::sc_start();
    if (!finished_ && !sc_core::sc_pending_activity()) throw std::runtime_error("the program waits for nothing");
  }
}

void TlmHost::thread() {
  while (true) {
    if (!program_) wait(go_);
    if (!program_) continue;
    program_();
    program_ = nullptr;
    finished_ = true;
    sc_core::sc_pause();
  }
}

void TlmHost::fill(Payload& tx, TlmRequest& request) {
  tx.set_command(request.command);
  tx.set_address(request.address);
  tx.set_data_ptr(request.data.data());
  tx.set_data_length(static_cast<unsigned>(request.data.size()));
  tx.set_streaming_width(request.streaming_width != 0 ? request.streaming_width : static_cast<unsigned>(request.data.size()));
  tx.set_byte_enable_ptr(request.enables.empty() ? nullptr : request.enables.data());
  tx.set_byte_enable_length(static_cast<unsigned>(request.enables.size()));
  tx.set_dmi_allowed(false);
  tx.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

TlmAnswer TlmHost::transport(const TlmRequest& request, const sc_core::sc_time& offset) {
  TlmRequest copy = request;
  Payload tx;
  fill(tx, copy);
  const sc_core::sc_time start = sc_core::sc_time_stamp() + offset;
  sc_core::sc_time delay = offset;
  socket->b_transport(tx, delay);
  wait(delay);
  return {tx.get_response_status(), std::move(copy.data), tx.is_dmi_allowed(), sc_core::sc_time_stamp() - start};
}

unsigned TlmHost::debug(TlmRequest& request) {
  Payload tx;
  fill(tx, request);
  return socket->transport_dbg(tx);
}

bool TlmHost::dmi(const TlmRequest& request, tlm::tlm_dmi& dmi) {
  TlmRequest copy = request;
  Payload tx;
  fill(tx, copy);
  return socket->get_direct_mem_ptr(tx, dmi);
}

void TlmHost::write(std::uint64_t address, std::uint64_t data) {
  TlmRequest request{tlm::TLM_WRITE_COMMAND, address, std::vector<unsigned char>(8), {}, 0};
  std::memcpy(request.data.data(), &data, 8);
  if (transport(request).status != tlm::TLM_OK_RESPONSE) {
    throw std::runtime_error("write at " + std::to_string(address) + " is refused");
  }
}

std::uint64_t TlmHost::read(std::uint64_t address) {
  const TlmAnswer answer = transport({tlm::TLM_READ_COMMAND, address, std::vector<unsigned char>(8), {}, 0});
  if (answer.status != tlm::TLM_OK_RESPONSE) {
    throw std::runtime_error("read at " + std::to_string(address) + " is refused");
  }
  std::uint64_t data = 0;
  std::memcpy(&data, answer.data.data(), 8);
  return data;
}

// --- nb_transport --------------------------------------------------------------------------------------------

TlmHost::Payload* TlmHost::allocate() {
  if (free_.empty()) {
    pool_.push_back(std::make_unique<Payload>(static_cast<tlm::tlm_mm_interface*>(this)));
    return pool_.back().get();
  }
  Payload* tx = free_.back();
  free_.pop_back();
  return tx;
}

void TlmHost::free(Payload* tx) { free_.push_back(tx); }

std::vector<TlmAnswer> TlmHost::transport_nb(const std::vector<TlmRequest>& requests, EndResponse how,
                                             const sc_core::sc_time& think) {
  how_ = how;
  think_ = think;
  over_ = 0;
  jobs_.assign(requests.size(), Job());
  for (std::size_t k = 0; k < requests.size(); ++k) {
    Job& job = jobs_[k];
    job.request = requests[k];
    job.tx = allocate();
    job.tx->acquire();
    fill(*job.tx, job.request);
    job.start = sc_core::sc_time_stamp();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = socket->nb_transport_fw(*job.tx, phase, delay);
    if (answer == tlm::TLM_COMPLETED) {
      job.taken = job.over = true;
      ++over_;
    }
    while (!job.taken) wait(request_taken_);
  }
  while (over_ != jobs_.size()) wait(response_over_);
  std::vector<TlmAnswer> answers;
  for (Job& job : jobs_) {
    job.answer.status = job.tx->get_response_status();
    job.answer.dmi_allowed = job.tx->is_dmi_allowed();
    job.answer.data = std::move(job.request.data);
    answers.push_back(std::move(job.answer));
    job.tx->release();
  }
  return answers;
}

tlm::tlm_sync_enum TlmHost::nb_transport_bw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.tx == &tx && !j.over; });
  if (job == jobs_.end()) return tlm::TLM_ACCEPTED;
  job->taken = true;  // BEGIN_RESP stands for END_REQ too
  request_taken_.notify(sc_core::SC_ZERO_TIME);
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  if (how_ == EndResponse::kLater) {
    ending_ = &*job;
    end_response_.notify(think_);
    return tlm::TLM_ACCEPTED;
  }
  job->over = true;
  job->answer.taken = sc_core::sc_time_stamp() - job->start;
  ++over_;
  response_over_.notify(sc_core::SC_ZERO_TIME);
  delay += think_;
  if (how_ == EndResponse::kCompleted) return tlm::TLM_COMPLETED;
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

void TlmHost::end_responses() {
  Job& job = *ending_;
  tlm::tlm_phase phase = tlm::END_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  job.over = true;
  job.answer.taken = sc_core::sc_time_stamp() - job.start;
  ++over_;
  response_over_.notify(sc_core::SC_ZERO_TIME);
  socket->nb_transport_fw(*job.tx, phase, delay);
}

}  // namespace eie::tb
