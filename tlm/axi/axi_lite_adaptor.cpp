// SPDX-License-Identifier: Apache-2.0
#include "tlm/axi/axi_lite_adaptor.h"

#include <algorithm>
#include <utility>

#include "tlm/config/clock_period.h"
#include "tlm/config/device_config_check.h"

namespace eie {

AxiLiteAdaptor::AxiLiteAdaptor(const sc_core::sc_module_name& name, const DeviceConfig& config,
                               std::function<unsigned(Payload&)> debug)
    : sc_module(name),
      map_(check_32_bit(config)),
      period_(clock_period(config)),
      debug_(std::move(debug)),
      at_port_(*this, socket, "eie/adaptor", {}) {
  socket.bind(*this);
  SC_METHOD(on_reset_released);
  sensitive << rst_n;
  SC_METHOD(tick);
  sensitive << clk.pos();
  dont_initialize();
}

// --- Transactions --------------------------------------------------------------------------------------------

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
  return at_port_.receive(tx, phase, delay);
}

/// Its END_REQ goes out with the last response: the adaptor holds one request.
void AxiLiteAdaptor::accept_request(Payload& tx) { submit({&tx, sc_core::sc_time_stamp(), nullptr}); }

bool AxiLiteAdaptor::get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) {
  dmi.init();  // SRAMs of the device are not plain memory: nobody gets a pointer, anywhere
  dmi.set_start_address(tx.get_address());
  dmi.set_end_address(tx.get_address());
  return false;
}

// --- Channels --------------------------------------------------------------------------------------------------

void AxiLiteAdaptor::tick() {
  if (active_) {
    manager_.tick(answers(), requests_);
    if (!rst_n.read()) {
      requests_ = AxiLiteRequests();
      finish(tlm::TLM_GENERIC_ERROR_RESPONSE);
    } else if (manager_.done()) {
      end();
    }
  }
  if (!active_ && !jobs_.empty() && jobs_.front().arrival < sc_core::sc_time_stamp()) begin();
  drive(requests_);
  if (!active_ && jobs_.empty()) next_trigger(submitted_);  // sleeps while nothing is asked for
}

void AxiLiteAdaptor::begin() {
  Payload& tx = *jobs_.front().tx;
  writes_.clear();
  reads_.clear();
  tlm::tlm_response_status status = check_access(tx, map_);
  if (status == tlm::TLM_OK_RESPONSE && tx.get_command() != tlm::TLM_IGNORE_COMMAND) {
    if (!rst_n.read()) {
      status = tlm::TLM_GENERIC_ERROR_RESPONSE;
      in_reset_.warn(tx);
    } else {
      const PortAccess access(tx);
      for (std::uint64_t k = 0; k < access.beats(); ++k) {
        const PortBeat beat = access.beat(k);
        if (!access.is_write()) {
          reads_.push_back(beat.address);
        } else if (beat.strobe != 0) {
          writes_.push_back({beat.address, beat.data, static_cast<std::uint8_t>(beat.strobe)});
        }
      }
    }
  }
  if (writes_.empty() && reads_.empty()) {
    finish(status);
    return;
  }
  active_ = true;
  manager_.begin(&writes_, &reads_);
  manager_.tick(AxiLiteAnswers(), requests_);  // the first requests
}

/// All responses are in.
void AxiLiteAdaptor::end() {
  const auto refused = [](const std::vector<bool>& errors) {
    return std::find(errors.begin(), errors.end(), true) != errors.end();
  };
  if (refused(manager_.write_errors()) || refused(manager_.read_errors())) {
    finish(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  PortAccess access(*jobs_.front().tx);
  for (std::size_t k = 0; k < reads_.size(); ++k) access.give(k, manager_.read_data()[k]);
  finish(tlm::TLM_OK_RESPONSE);
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
  if (writes_.empty() && reads_.empty()) left = (edges - 1) * period_;
  if (job.done != nullptr) {
    job.done->notify(left);
  } else {
    at_port_.respond_after(tx, left);
  }
}

}  // namespace eie
