#include "axi_lite_adaptor.h"

#include <utility>

namespace eie {
namespace {

// Inside the event queue only: the response to a payload is due.
DECLARE_EXTENDED_PHASE(eie_adaptor_respond);

}  // namespace

AxiLiteAdaptor::AxiLiteAdaptor(const sc_core::sc_module_name& name, const DeviceConfig& config,
                               std::function<unsigned(Payload&)> debug)
    : sc_module(name),
      map_(config),
      period_(1e6 / config.clock_mhz, sc_core::SC_PS),
      debug_(std::move(debug)),
      peq_(this, &AxiLiteAdaptor::on_phase) {
  socket.bind(*this);
  SC_METHOD(tick);
  sensitive << clk.pos();
  dont_initialize();
}

// --- Transactions --------------------------------------------------------------------------------------------

/// What can be said without asking the device.
tlm::tlm_response_status AxiLiteAdaptor::check(Payload& tx) const {
  if (tx.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  const PortAccess access(tx);
  tlm::tlm_response_status status = access.check();
  for (std::uint64_t k = 0; status == tlm::TLM_OK_RESPONSE && k < access.beats(); ++k) {
    status = status_of(map_.allows(access.beat(k).address, access.is_write()));
  }
  return status;
}

void AxiLiteAdaptor::submit(const Job& job) {
  jobs_.push_back(job);
  submitted_.notify(sc_core::SC_ZERO_TIME);
}

void AxiLiteAdaptor::b_transport(Payload& tx, sc_core::sc_time& delay) {
  wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::sc_event done;
  submit({&tx, sc_core::sc_time_stamp(), &done});
  wait(done);
}

tlm::tlm_sync_enum AxiLiteAdaptor::nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    if (!tx.has_mm()) {
      SC_REPORT_WARNING("eie/adaptor/memory_manager", "nb_transport needs a payload with a memory manager");
      tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    tx.acquire();
    peq_.notify(tx, phase, delay);
  } else if (phase == tlm::END_RESP) {
    peq_.notify(tx, phase, delay);
  }
  return tlm::TLM_ACCEPTED;
}

void AxiLiteAdaptor::on_phase(Payload& tx, const tlm::tlm_phase& phase) {
  if (phase == tlm::BEGIN_REQ) {
    if (request_ != nullptr) {
      SC_REPORT_WARNING("eie/adaptor/request_exclusion", "BEGIN_REQ before the END_REQ of the request before");
      tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      respond(tx);
      return;
    }
    request_ = &tx;
    submit({&tx, sc_core::sc_time_stamp(), nullptr});
  } else if (phase == eie_adaptor_respond) {
    respond(tx);
  } else {
    end_response();
  }
}

/// END_REQ goes out with the last response: the adaptor holds one request.
void AxiLiteAdaptor::respond(Payload& tx) {
  if (request_ == &tx) {
    request_ = nullptr;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(tx, phase, delay);
  }
  responses_.push_back(&tx);
  send_response();
}

void AxiLiteAdaptor::send_response() {
  if (responses_.empty() || response_sent_) return;
  Payload& tx = *responses_.front();
  response_sent_ = true;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum answer = socket->nb_transport_bw(tx, phase, delay);
  if (answer != tlm::TLM_ACCEPTED) peq_.notify(tx, tlm::END_RESP, delay);
}

void AxiLiteAdaptor::end_response() {
  if (!response_sent_) {
    SC_REPORT_WARNING("eie/adaptor/end_resp", "END_RESP without a BEGIN_RESP");
    return;
  }
  Payload* tx = responses_.front();
  responses_.pop_front();
  response_sent_ = false;
  tx->release();
  send_response();
}

bool AxiLiteAdaptor::get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) {
  dmi.init();  // SRAMs of the device are not plain memory: nobody gets a pointer, anywhere
  dmi.set_start_address(tx.get_address());
  dmi.set_end_address(tx.get_address());
  return false;
}

// --- Channels --------------------------------------------------------------------------------------------------

void AxiLiteAdaptor::tick() {
  if (active_) sample();
  if (!active_ && !jobs_.empty() && jobs_.front().arrival < sc_core::sc_time_stamp()) begin();
  drive();
  if (!active_ && jobs_.empty()) next_trigger(submitted_);  // sleeps while nothing is asked for
}

void AxiLiteAdaptor::begin() {
  Payload& tx = *jobs_.front().tx;
  active_ = true;
  beats_.clear();
  data_.clear();
  aw_sent_ = w_sent_ = ar_sent_ = answered_ = 0;
  refused_ = false;
  const tlm::tlm_response_status status = check(tx);
  if (status != tlm::TLM_OK_RESPONSE || tx.get_command() == tlm::TLM_IGNORE_COMMAND || !rst_n.read()) {
    finish(status == tlm::TLM_OK_RESPONSE && !rst_n.read() ? tlm::TLM_GENERIC_ERROR_RESPONSE : status);
    return;
  }
  const PortAccess access(tx);
  for (std::uint64_t k = 0; k < access.beats(); ++k) {
    const PortBeat beat = access.beat(k);
    if (beat.halves != 0) beats_.push_back({beat, k});
  }
  if (beats_.empty()) finish(status);
}

/// What was taken and given at this edge.
void AxiLiteAdaptor::sample() {
  if (!rst_n.read()) {
    finish(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  if (awvalid.read() && awready.read()) ++aw_sent_;
  if (wvalid.read() && wready.read()) ++w_sent_;
  if (arvalid.read() && arready.read()) ++ar_sent_;
  if (bvalid.read() && bready.read()) {
    refused_ = refused_ || bresp.read() != 0;
    ++answered_;
  }
  if (rvalid.read() && rready.read()) {
    refused_ = refused_ || rresp.read() != 0;
    data_.push_back(rdata.read().to_uint64());
    ++answered_;
  }
  if (answered_ != beats_.size()) return;
  PortAccess access(*jobs_.front().tx);
  if (!access.is_write() && !refused_) {
    for (std::size_t k = 0; k < data_.size(); ++k) access.give(beats_[k].number, data_[k]);
  }
  finish(refused_ ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
}

void AxiLiteAdaptor::drive() {
  const bool write = active_ && jobs_.front().tx->is_write();
  const bool aw = write && aw_sent_ < beats_.size();
  const bool w = write && w_sent_ < beats_.size();
  const bool ar = active_ && !write && ar_sent_ < beats_.size();
  awvalid.write(aw);
  wvalid.write(w);
  arvalid.write(ar);
  if (aw) awaddr.write(static_cast<std::uint32_t>(beats_[aw_sent_].access.address));
  if (w) {
    const unsigned halves = beats_[w_sent_].access.halves;
    wdata.write(beats_[w_sent_].access.data);
    wstrb.write(((halves & 1) != 0 ? 0x0Fu : 0u) | ((halves & 2) != 0 ? 0xF0u : 0u));
  }
  if (ar) araddr.write(static_cast<std::uint32_t>(beats_[ar_sent_].access.address));
  bready.write(active_ && write);
  rready.write(active_ && !write);
}

/// The transaction is over; one that never was on the channels takes as long as one beat would.
void AxiLiteAdaptor::finish(tlm::tlm_response_status status) {
  const Job job = jobs_.front();
  jobs_.pop_front();
  active_ = false;
  Payload& tx = *job.tx;
  tx.set_response_status(status);
  const unsigned edges = tx.is_read() ? kPortReadLatency : kPortWriteLatency;
  sc_core::sc_time left = sc_core::SC_ZERO_TIME;
  if (beats_.empty()) left = (edges - 1) * period_;
  if (job.done != nullptr) {
    job.done->notify(left);
  } else {
    peq_.notify(tx, eie_adaptor_respond, left);
  }
}

}  // namespace eie
