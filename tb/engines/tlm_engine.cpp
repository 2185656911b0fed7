// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/tlm_engine.h"

#include <cstring>

#include "tlm/strobe.h"

namespace eie::tb {

TlmEngine::TlmEngine(const sc_core::sc_module_name& name, const HwConfig& config) : sc_module(name), ModelEngine(config, "dut") {
  socket.bind(*this);
  socket.bind(model_.socket);
  model_.rst_n(rst_n_);
  model_.irq(irq_);
  SC_METHOD(on_interrupt);
  sensitive << irq_.posedge_event();
  dont_initialize();
}

/// Reset, once, before the first access.
void TlmEngine::start() {
  if (started_) return;
  started_ = true;
  rst_n_.write(false);
  pass(3 * model_.clock_period());
  rst_n_.write(true);
  pass(2 * model_.clock_period());
}

/// Simulated time goes on; the interrupt may pause it on the way.
void TlmEngine::pass(const sc_core::sc_time& delay) {
  const sc_core::sc_time end = sc_core::sc_time_stamp() + delay;
  do {
    sc_core::sc_start(end - sc_core::sc_time_stamp(), sc_core::SC_RUN_TO_TIME);
  } while (sc_core::sc_time_stamp() < end);
}

void TlmEngine::transport(bool write, std::uint64_t address, unsigned char* data, std::size_t bytes, unsigned strobe) {
  start();
  unsigned char enables[8];
  for (unsigned byte = 0; byte < 8; ++byte) enables[byte] = (strobe >> byte & 1) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
  tlm::tlm_generic_payload tx;
  tx.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  tx.set_address(address);
  tx.set_data_ptr(data);
  tx.set_data_length(static_cast<unsigned>(bytes));
  tx.set_streaming_width(static_cast<unsigned>(bytes));
  if (strobe != kWholeWord) {
    tx.set_byte_enable_ptr(enables);
    tx.set_byte_enable_length(8);
  }
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(tx, delay);
  pass(delay);
  if (tx.is_response_error()) refuse(write ? "write" : "read", address);
}

void TlmEngine::write(std::uint64_t address, std::uint64_t data, unsigned bytes) {
  unsigned char buffer[8];
  std::memcpy(buffer, &data, 8);
  transport(true, address, buffer, bytes);
}

std::uint64_t TlmEngine::read(std::uint64_t address, unsigned bytes) {
  std::uint64_t data = 0;
  unsigned char buffer[8] = {};
  transport(false, address, buffer, bytes);
  std::memcpy(&data, buffer, 8);
  return data;
}

/// Beats at consecutive addresses become bursts.
void TlmEngine::write_stream(const std::vector<Beat>& beats) {
  std::vector<std::uint64_t> data;
  for (std::size_t k = 0; k < beats.size();) {
    const Beat& first = beats[k];
    const std::uint64_t address = first.address & ~std::uint64_t{7};  // the strobe names the bytes
    data.clear();
    if (first.strobe != kWholeWord) {
      data.push_back(first.data);
      transport(true, address, reinterpret_cast<unsigned char*>(data.data()), 8, first.strobe);
      ++k;
      continue;
    }
    while (k < beats.size() && beats[k].strobe == kWholeWord &&
           (beats[k].address & ~std::uint64_t{7}) == address + 8 * data.size()) {
      data.push_back(beats[k++].data);
    }
    transport(true, address, reinterpret_cast<unsigned char*>(data.data()), data.size() * 8);
  }
}

std::vector<std::uint64_t> TlmEngine::read_stream(const std::vector<std::uint64_t>& addresses) {
  std::vector<std::uint64_t> data(addresses.size());
  for (std::size_t k = 0; k < addresses.size();) {
    std::size_t n = 1;
    while (k + n < addresses.size() && addresses[k + n] == addresses[k] + 8 * n) ++n;
    transport(false, addresses[k], reinterpret_cast<unsigned char*>(data.data() + k), n * 8);
    k += n;
  }
  return data;
}

void TlmEngine::debug(bool write, std::uint64_t address, std::uint64_t& data) {
  tlm::tlm_generic_payload& tx = debug_tx_;  // one for all: making one takes longer than the access
  tx.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  tx.set_address(address);
  tx.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
  tx.set_data_length(8);
  tx.set_streaming_width(8);
  start();
  if (socket->transport_dbg(tx) != 8) refuse("back-door access", address);
}

void TlmEngine::backdoor_write(std::uint64_t address, std::uint64_t data) { debug(true, address, data); }

std::uint64_t TlmEngine::backdoor_read(std::uint64_t address) {
  std::uint64_t data = 0;
  debug(false, address, data);
  return data;
}

void TlmEngine::wait_interrupt(std::uint64_t limit_cycles) {
  start();
  const std::uint64_t limit = now_cycles() + limit_cycles;
  while (!irq_.read()) {
    if (now_cycles() >= limit) {
      throw DeviceError("watchdog: no interrupt within " + std::to_string(limit_cycles) + " cycles");
    }
    sc_core::sc_start(model_.clock_period() * static_cast<double>(limit) - sc_core::sc_time_stamp(), sc_core::SC_RUN_TO_TIME);
  }
}

std::uint64_t TlmEngine::now_cycles() const {
  return static_cast<std::uint64_t>(sc_core::sc_time_stamp() / model_.clock_period());
}

}  // namespace eie::tb
