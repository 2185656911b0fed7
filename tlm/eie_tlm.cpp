// SPDX-License-Identifier: Apache-2.0
#include "tlm/eie_tlm.h"

#include <algorithm>

#include "tlm/config/clock_period.h"
#include "tlm/debug_bytes.h"

namespace eie {

EieTlm::EieTlm(const sc_core::sc_module_name& name, const DeviceConfig& config, AtPhases phases)
    : sc_module(name),
      period_(eie::clock_period(config)),
      model_(config),
      at_port_(*this, socket, "eie/tlm", {phases, kOutstanding, period_}) {
  socket.bind(*this);
  SC_METHOD(on_reset_pin);
  sensitive << rst_n;
  SC_METHOD(on_edge);
  sensitive << edge_event_;
  dont_initialize();
}

void EieTlm::decode_now() { model_.decode_now(); }

// --- Accesses ------------------------------------------------------------------------------------------------

/// Beat k takes effect at edge + k. Sets the response; returns the number of beats, 1 for what never gets to the port.
std::uint64_t EieTlm::perform(Payload& tx, std::uint64_t edge) {
  const std::uint64_t first = edge;
  tlm::tlm_response_status status = check(tx);
  if (status == tlm::TLM_OK_RESPONSE && tx.get_command() != tlm::TLM_IGNORE_COMMAND) {
    status = status_of(perform_beats(tx, edge));
    after_access();
  }
  tx.set_response_status(status);
  return std::max<std::uint64_t>(edge - first, 1);
}

tlm::tlm_response_status EieTlm::check(Payload& tx) {
  const tlm::tlm_response_status status = check_access(tx, model_.map());
  const bool in_reset = !rst_n.read() || reset_since_accepted(tx);
  if (status != tlm::TLM_OK_RESPONSE || tx.get_command() == tlm::TLM_IGNORE_COMMAND || !in_reset) return status;
  in_reset_.warn(tx);
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

/// The answer to the first beat that is refused; the others take effect. Moves `edge` on by the beats.
model::Access EieTlm::perform_beats(Payload& tx, std::uint64_t& edge) {
  PortAccess access(tx);
  model::Access refused = model::Access::kOk;
  for (std::uint64_t k = 0; k < access.beats(); ++k) {
    const PortBeat beat = access.beat(k);
    if (access.is_write() && beat.strobe == 0) continue;
    model::Access answer = model::Access::kOk;
    if (access.is_write()) {
      const bool start = beat.address == reg::kCtrl && (beat.strobe & 1) != 0 &&
                         (beat.data & (reg::kCtrlStart | reg::kCtrlSoftReset)) == reg::kCtrlStart;
      if (start) revoke_dmi();
      answer = model_.write(edge++, beat.address, beat.data, beat.strobe);
    } else {
      std::uint64_t data = 0;
      answer = model_.read(edge++, beat.address, data);
      if (answer == model::Access::kOk) access.give(k, data);
    }
    if (refused == model::Access::kOk) refused = answer;
  }
  const auto region = model_.region(tx.get_address());
  tx.set_dmi_allowed(!model_.finish_edge() && region && (tx.is_read() || region->writable));
  return refused;
}

/// Puts what the access brought about onto the kernel's time axis.
void EieTlm::after_access() {
  if (model_.irq_line(edge_of(sc_core::sc_time_stamp())) != irq_level_) edge_event_.notify(sc_core::SC_ZERO_TIME);
  wake_at_next_change();
}

void EieTlm::b_transport(Payload& tx, sc_core::sc_time& delay) {
  const std::uint64_t arrival = edge_of(sc_core::sc_time_stamp() + delay);
  const std::uint64_t beats = perform(tx, arrival + kPortEffect);
  const std::uint64_t latency = tx.is_read() ? kPortReadLatency : kPortWriteLatency;
  delay = time_of(arrival + latency + beats - 1) - sc_core::sc_time_stamp();
}

// --- Non-blocking transport ------------------------------------------------------------------------------------
// One request waits at the port (the initiator may not send a second one before END_REQ) while kOutstanding others are
// not over. END_REQ when the last beat is taken.

tlm::tlm_sync_enum EieTlm::nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  return at_port_.receive(tx, phase, delay);
}

void EieTlm::accept_request(Payload& tx) {
  const std::uint64_t arrival = edge_of(sc_core::sc_time_stamp());
  const std::uint64_t edge = std::max(arrival + kPortEffect, port_free_);
  accepted_[&tx] = arrival;
  at_port_.perform_after(tx, time_of(edge) - sc_core::sc_time_stamp());
}

void EieTlm::perform_request(Payload& tx) {
  const std::uint64_t edge = edge_of(sc_core::sc_time_stamp());
  const std::uint64_t beats = perform(tx, edge);
  port_free_ = edge + beats;
  const std::uint64_t wait = tx.is_read() ? kPortReadLatency - kPortEffect : kPortWriteLatency - kPortEffect;
  at_port_.end_request_after(tx, time_of(beats - 1));
  at_port_.respond_after(tx, time_of(beats - 1 + wait));
}

void EieTlm::complete_request(Payload& tx) {
  if (tx.is_response_ok() && reset_since_accepted(tx)) tx.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  accepted_.erase(&tx);
}

/// A reset ends what is on its way at the port with an error, as in hw/.
bool EieTlm::reset_since_accepted(const Payload& tx) const {
  const auto accepted = accepted_.find(&tx);
  return accepted != accepted_.end() && (!rst_n.read() || last_low_edge_ > accepted->second);
}

// --- DMI and debug -----------------------------------------------------------------------------------------------

bool EieTlm::get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) {
  model_.after(edge_of(sc_core::sc_time_stamp()));
  dmi.init();
  dmi.set_start_address(tx.get_address());
  dmi.set_end_address(tx.get_address());
  const auto region = model_.region(tx.get_address());
  if (!region || model_.finish_edge() || (tx.is_write() && !region->writable)) return false;
  dmi.set_start_address(region->first);
  dmi.set_end_address(region->first + region->bytes - 1);
  dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(region->beats));
  if (region->writable) {
    dmi.allow_read_write();
  } else {
    dmi.allow_read();
  }
  dmi.set_read_latency(period_);
  dmi.set_write_latency(period_);
  dmi_granted_ = true;
  dmi_weights_ = dmi_weights_ || (region->writable && region->weights);
  return true;
}

void EieTlm::revoke_dmi() {
  if (!dmi_granted_) return;
  const std::uint64_t bytes = config().window().stride * config().n_pe;
  socket->invalidate_direct_mem_ptr(reg::kWindowBase, reg::kWindowBase + bytes - 1);
  if (dmi_weights_) model_.touch_weights();
  dmi_granted_ = dmi_weights_ = false;
}

unsigned EieTlm::transport_dbg(Payload& tx) {
  const std::uint64_t edge = edge_of(sc_core::sc_time_stamp());
  return debug_bytes(
      tx, [&](std::uint64_t address, std::uint64_t& word) { return model_.peek(edge, address, word); },
      [&](std::uint64_t address, std::uint64_t word) { return model_.poke(address, word, kWholeWord); });
}

// --- Signals -----------------------------------------------------------------------------------------------------

/// The device sees rst_n at clock edges only: a pulse between two of them is none.
void EieTlm::on_reset_pin() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const std::uint64_t edge = edge_of(now);
  if (rst_n.read()) in_reset_.released();
  if (!rst_n.read()) {
    reset_edge_ = edge + 1;
    edge_event_.notify(time_of(reset_edge_) - now);
  } else if (reset_edge_ != kNever && now < time_of(reset_edge_)) {
    reset_edge_ = kNever;
  } else {
    last_low_edge_ = edge;
  }
}

/// What happens at this edge: reset, and the interrupt line. The line is looked at once an instant, after the reset.
void EieTlm::on_edge() {
  const std::uint64_t edge = edge_of(sc_core::sc_time_stamp());
  if (reset_edge_ <= edge) {
    model_.reset(reset_edge_);
    last_low_edge_ = reset_edge_;
    reset_edge_ = kNever;
  }
  irq_level_ = model_.irq_line(edge);
  irq.write(irq_level_);
  model_.forget_before(edge);
  wake_at_next_change();
}

void EieTlm::wake_at_next_change() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const std::uint64_t next = std::min(reset_edge_, model_.next_irq_change(edge_of(now)));
  if (next != kNever) edge_event_.notify(time_of(next) - now);
}

}  // namespace eie
