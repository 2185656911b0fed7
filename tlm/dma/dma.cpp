// SPDX-License-Identifier: Apache-2.0
#include "tlm/dma/dma.h"

#include <algorithm>

#include "tlm/debug_bytes.h"
#include "tlm/port_access.h"

namespace eie {

EieDma::EieDma(const sc_core::sc_module_name& name, const DmaConfig& config) : sc_module(name), config_(config) {
  if (config.burst_beats < 1 || config.burst_beats > kMaxBurstBeats) {
    SC_REPORT_ERROR("eie/dma/config", "burst_beats: expected 1 to 256");
  }
  if (config.clock_period == sc_core::SC_ZERO_TIME) SC_REPORT_ERROR("eie/dma/config", "clock_period is 0");
  for (Burst& buffer : buffers_) buffer.data.resize(std::size_t{8} * config.burst_beats);
  socket.register_b_transport(this, &EieDma::b_transport);
  socket.register_transport_dbg(this, &EieDma::transport_dbg);
  SC_THREAD(run);
  SC_METHOD(on_reset);
  sensitive << rst_n;
  SC_METHOD(drive_irq);
  sensitive << irq_event_;
  dont_initialize();
}

// --- Registers -----------------------------------------------------------------------------------------------

/// The access waits for its time, so that it finds the registers as they are then.
void EieDma::b_transport(Payload& tx, sc_core::sc_time& delay) {
  delay += time_of(kRegisterLatency);
  wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  tx.set_dmi_allowed(false);
  if (tx.get_command() == tlm::TLM_IGNORE_COMMAND) {
    tx.set_response_status(tlm::TLM_OK_RESPONSE);
    return;
  }
  tlm::tlm_response_status status = PortAccess(tx).check();
  if (status == tlm::TLM_OK_RESPONSE) status = PortAccess(tx).check_halves();
  if (status == tlm::TLM_OK_RESPONSE) status = rst_n.read() ? access(tx) : tlm::TLM_GENERIC_ERROR_RESPONSE;
  tx.set_response_status(status);
}

/// A burst that is refused somewhere changes nothing.
tlm::tlm_response_status EieDma::access(Payload& tx) {
  PortAccess access(tx);
  // A burst of this length is refused in any case; bounded, so that its beats need not be counted one by one.
  if (access.beats() > dma::kRegisterSpace / 8) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  for (std::uint64_t k = 0; k < access.beats(); ++k) {
    const PortBeat beat = access.beat(k);
    if (access.is_write() && beat.strobe == 0) continue;
    const bool starts = (beat.strobe & 1) != 0 && (beat.data & dma::kCtrlStart) != 0;
    const tlm::tlm_response_status status = check(beat.address, access.is_write(), starts);
    if (status != tlm::TLM_OK_RESPONSE) return status;
  }
  for (std::uint64_t k = 0; k < access.beats(); ++k) {
    const PortBeat beat = access.beat(k);
    if (access.is_write()) {
      if (beat.strobe != 0) write_register(beat.address, beat.data, strobe_bits(beat.strobe));
    } else {
      std::uint64_t data = 0;
      read_register(beat.address, data);
      access.give(k, data);
    }
  }
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status EieDma::check(std::uint64_t address, bool is_write, bool starts) const {
  const bool busy = (status_ & dma::kStatusBusy) != 0;
  std::uint64_t ignored = 0;
  switch (address) {
    case dma::kHead:
      return is_write && busy ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
    case dma::kCtrl:
      if (!is_write) return tlm::TLM_COMMAND_ERROR_RESPONSE;
      return starts && busy ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
    case dma::kIrqStatus:
    case dma::kIrqEnable:
      return tlm::TLM_OK_RESPONSE;
    default:
      if (!read_register(address, ignored)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
      return is_write ? tlm::TLM_COMMAND_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  }
}

bool EieDma::read_register(std::uint64_t address, std::uint64_t& data) const {
  const bool busy = (status_ & dma::kStatusBusy) != 0;
  switch (address) {
    case dma::kId:
      data = dma::kIdValue;
      break;
    case dma::kVersion:
      data = dma::kVersionValue;
      break;
    case dma::kCap:
      data = config_.burst_beats;
      break;
    case dma::kHead:
      data = head_;
      break;
    case dma::kStatus:
      data = status_;
      break;
    case dma::kIrqStatus:
      data = irq_status_;
      break;
    case dma::kIrqEnable:
      data = irq_enable_;
      break;
    case dma::kCurrent:
      data = current_;
      break;
    case dma::kErrorAddress:
      data = error_address_;
      break;
    case dma::kBeats:
      data = beats_;
      break;
    case dma::kBusyCycles:
      data = busy ? edge_at_or_after(sc_core::sc_time_stamp()) - start_edge_ : busy_cycles_;
      break;
    case dma::kDescriptors:
      data = descriptors_;
      break;
    default:
      return false;
  }
  return true;
}

void EieDma::write_register(std::uint64_t address, std::uint64_t data, std::uint64_t mask) {
  constexpr std::uint64_t kIrqBits = dma::kIrqDone | dma::kIrqError | dma::kIrqDescriptor;
  const std::uint64_t ones = data & mask;
  switch (address) {
    case dma::kHead:
      head_ = (head_ & ~mask) | ones;
      break;
    case dma::kCtrl:
      if ((ones & dma::kCtrlStart) != 0) {
        status_ = dma::kStatusBusy;
        beats_ = descriptors_ = busy_cycles_ = error_address_ = 0;
        start_edge_ = edge_at_or_after(sc_core::sc_time_stamp());
        stop_ = false;
        start_ = true;
        start_event_.notify(sc_core::SC_ZERO_TIME);
      }
      if ((ones & dma::kCtrlStop) != 0 && (status_ & dma::kStatusBusy) != 0) stop_ = true;
      break;
    case dma::kIrqStatus:
      irq_status_ &= ~ones;
      break;
    case dma::kIrqEnable:
      irq_enable_ = ((irq_enable_ & ~mask) | ones) & kIrqBits;
      break;
    default:
      break;
  }
  irq_event_.notify(sc_core::SC_ZERO_TIME);
}

/// Registers can be read; a debugger does not program the engine.
unsigned EieDma::transport_dbg(Payload& tx) {
  return debug_bytes(
      tx, [this](std::uint64_t address, std::uint64_t& word) { return read_register(address, word); },
      [](std::uint64_t, std::uint64_t) { return false; });
}

// --- The engine ----------------------------------------------------------------------------------------------

bool EieDma::Descriptor::aligned() const { return (source | destination | bytes | source_stride | destination_stride) % 8 == 0; }

void EieDma::run() {
  for (;;) {
    while (!start_) wait(start_event_);
    start_ = false;
    resets_at_start_ = resets_;
    run_chain();
  }
}

void EieDma::run_chain() {
  edge_ = std::max(start_edge_, edge_at_or_after(sc_core::sc_time_stamp())) + 1;
  std::uint64_t address = head_;
  Descriptor descriptor;
  do {
    if (fetch(address, descriptor) == End::kAborted) return;
    if (copy(descriptor) == End::kAborted) return;
    ++descriptors_;
    if ((descriptor.flags & dma::kFlagInterrupt) != 0) {
      if (!synchronise()) return;
      raise(dma::kIrqDescriptor);
    }
    address = descriptor.next;
  } while ((descriptor.flags & dma::kFlagLast) == 0);
  if (synchronise()) finish(dma::kStatusDone, dma::kIrqDone);
}

EieDma::End EieDma::fetch(std::uint64_t address, Descriptor& descriptor) {
  current_ = address;
  if (address % dma::kDescBytes != 0) return fail(dma::kCauseAlignment, address);
  std::array<std::uint64_t, dma::kDescWords> words{};
  bool done = false;
  const std::uint64_t cycles =
      transfer(tlm::TLM_READ_COMMAND, address, reinterpret_cast<unsigned char*>(words.data()), dma::kDescBytes, done);
  if (pass(cycles) == End::kAborted) return End::kAborted;
  if (!done) return fail(dma::kCauseDescriptor, address);
  descriptor.source = words[dma::kDescSource];
  descriptor.destination = words[dma::kDescDestination];
  descriptor.bytes = words[dma::kDescSize] & 0xFFFFFFFFu;
  descriptor.rows = words[dma::kDescSize] >> 32;
  descriptor.flags = words[dma::kDescFlags];
  descriptor.next = words[dma::kDescNext];
  descriptor.source_stride = words[dma::kDescSourceStride];
  descriptor.destination_stride = words[dma::kDescDestinationStride];
  return descriptor.aligned() ? End::kGoesOn : fail(dma::kCauseAlignment, address);
}

EieDma::End EieDma::copy(const Descriptor& descriptor) {
  std::uint64_t row = 0;
  std::uint64_t offset = 0;
  bool to_read = descriptor.bytes != 0 && descriptor.rows != 0;
  bool to_write = false;
  for (unsigned step = 0; to_read || to_write; ++step) {
    Burst& incoming = buffers_[step % 2];
    Burst& outgoing = buffers_[1 - step % 2];
    std::uint64_t cycles = 0;
    bool written = true;
    bool read = true;
    std::uint64_t source = 0;
    if (to_write) {
      cycles = transfer(tlm::TLM_WRITE_COMMAND, outgoing.destination, outgoing.data.data(), outgoing.bytes, written);
    }
    const bool reads = to_read && written && !reset_since_start();
    if (reads) {
      source = descriptor.source + row * descriptor.source_stride + offset;
      incoming.destination = descriptor.destination + row * descriptor.destination_stride + offset;
      std::uint64_t bytes = std::min(descriptor.bytes - offset, std::uint64_t{8} * config_.burst_beats);
      bytes = std::min(bytes, kBurstBoundary - source % kBurstBoundary);
      bytes = std::min(bytes, kBurstBoundary - incoming.destination % kBurstBoundary);
      incoming.bytes = static_cast<unsigned>(bytes);
      cycles = std::max(cycles, transfer(tlm::TLM_READ_COMMAND, source, incoming.data.data(), incoming.bytes, read));
      offset += bytes;
      if (offset == descriptor.bytes) {
        offset = 0;
        to_read = ++row != descriptor.rows;
      }
    }
    if (reset_since_start()) return End::kAborted;
    if (to_write && written) beats_ += outgoing.bytes / 8;
    if (pass(cycles) == End::kAborted) return End::kAborted;
    if (!written) return fail(dma::kCauseDestination, outgoing.destination);
    if (!read) return fail(dma::kCauseSource, source);
    to_write = reads;
  }
  return End::kGoesOn;
}

/// A burst at the engine's local time; returns the cycles it takes. A target that waits moves the simulation on; the
/// other transfer of the step then starts late for the simulation, but is not counted later.
std::uint64_t EieDma::transfer(tlm::tlm_command command, std::uint64_t address, unsigned char* data, unsigned bytes, bool& done) {
  tx_.set_command(command);
  tx_.set_address(address);
  tx_.set_data_ptr(data);
  tx_.set_data_length(bytes);
  tx_.set_streaming_width(bytes);
  tx_.set_byte_enable_ptr(nullptr);
  tx_.set_dmi_allowed(false);
  tx_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const sc_core::sc_time begin = std::max(time_of(edge_), sc_core::sc_time_stamp());
  sc_core::sc_time delay = begin - sc_core::sc_time_stamp();
  initiator->b_transport(tx_, delay);
  done = tx_.is_response_ok();
  const sc_core::sc_time taken = sc_core::sc_time_stamp() + delay - std::min(begin, sc_core::sc_time_stamp() + delay);
  return std::max(edge_at_or_after(taken), std::uint64_t{bytes / 8});
}

/// The engine's local time goes on. Here a stop is noticed, and a reset.
EieDma::End EieDma::pass(std::uint64_t cycles) {
  if (reset_since_start()) return End::kAborted;
  edge_ = std::max(edge_ + cycles, edge_at_or_after(sc_core::sc_time_stamp()));
  if (time_of(edge_) >= sc_core::sc_time_stamp() + config_.quantum && !synchronise()) return End::kAborted;
  if (!stop_) return End::kGoesOn;
  if (synchronise()) finish(dma::kStatusStopped, dma::kIrqDone);
  return End::kAborted;
}

/// Lets the simulation catch up. False when a reset came meanwhile.
bool EieDma::synchronise() {
  const sc_core::sc_time target = time_of(edge_);
  if (target > sc_core::sc_time_stamp()) wait(target - sc_core::sc_time_stamp(), reset_event_);
  return !reset_since_start();
}

EieDma::End EieDma::fail(std::uint64_t cause, std::uint64_t address) {
  if (synchronise()) {
    error_address_ = address;
    finish(dma::kStatusError | cause << dma::kCauseLsb, dma::kIrqError);
  }
  return End::kAborted;
}

void EieDma::finish(std::uint64_t status, std::uint64_t cause) {
  status_ = status;
  busy_cycles_ = edge_ - start_edge_;
  raise(cause);
}

// --- Signals -------------------------------------------------------------------------------------------------

void EieDma::on_reset() {
  if (rst_n.read()) return;
  ++resets_;
  head_ = status_ = irq_status_ = irq_enable_ = current_ = error_address_ = 0;
  beats_ = busy_cycles_ = descriptors_ = 0;
  start_ = stop_ = false;
  reset_event_.notify(sc_core::SC_ZERO_TIME);
  irq_event_.notify(sc_core::SC_ZERO_TIME);
}

void EieDma::raise(std::uint64_t cause) {
  irq_status_ |= cause;
  irq_event_.notify(sc_core::SC_ZERO_TIME);
}

void EieDma::drive_irq() { irq.write((irq_status_ & irq_enable_) != 0); }

}  // namespace eie
