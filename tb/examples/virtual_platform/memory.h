// SPDX-License-Identifier: Apache-2.0
// A memory: an access takes `latency` and a clock period a 64-bit beat. DMI, byte enables, debug.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace eie::platform {

class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory, 64> SC_NAMED(socket);

  Memory(const sc_core::sc_module_name& name, std::size_t bytes, const sc_core::sc_time& period, const sc_core::sc_time& latency)
      : sc_module(name), bytes_(bytes), period_(period), latency_(latency) {
    socket.register_b_transport(this, &Memory::b_transport);
    socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &Memory::transport_dbg);
  }

 private:
  using Payload = tlm::tlm_generic_payload;

  bool holds(const Payload& tx) const {
    return tx.get_address() < bytes_.size() && tx.get_data_length() <= bytes_.size() - tx.get_address();
  }

  void b_transport(Payload& tx, sc_core::sc_time& delay) {
    const unsigned length = tx.get_data_length();
    delay += latency_ + period_ * ((length + 7) / 8);
    tx.set_dmi_allowed(true);
    if (tx.get_command() == tlm::TLM_IGNORE_COMMAND) {
      tx.set_response_status(tlm::TLM_OK_RESPONSE);
    } else if (!holds(tx)) {
      tx.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else if (tx.get_streaming_width() < length || length == 0) {
      tx.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    } else if (tx.get_byte_enable_ptr() != nullptr && tx.get_byte_enable_length() == 0) {
      tx.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    } else {
      copy(tx);
      tx.set_response_status(tlm::TLM_OK_RESPONSE);
    }
  }

  void copy(Payload& tx) {
    unsigned char* here = &bytes_[tx.get_address()];
    unsigned char* there = tx.get_data_ptr();
    const unsigned char* enables = tx.get_byte_enable_ptr();
    if (enables == nullptr) {
      std::memcpy(tx.is_read() ? there : here, tx.is_read() ? here : there, tx.get_data_length());
      return;
    }
    for (unsigned k = 0; k < tx.get_data_length(); ++k) {
      if (enables[k % tx.get_byte_enable_length()] != TLM_BYTE_ENABLED) continue;
      (tx.is_read() ? there : here)[k] = (tx.is_read() ? here : there)[k];
    }
  }

  bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    dmi.set_dmi_ptr(bytes_.data());
    dmi.set_start_address(0);
    dmi.set_end_address(bytes_.size() - 1);
    dmi.allow_read_write();
    dmi.set_read_latency(latency_ + period_);
    dmi.set_write_latency(latency_ + period_);
    return true;
  }

  unsigned transport_dbg(Payload& tx) {
    if (tx.get_address() >= bytes_.size()) return 0;
    const auto length = static_cast<unsigned>(std::min<std::uint64_t>(tx.get_data_length(), bytes_.size() - tx.get_address()));
    unsigned char* here = &bytes_[tx.get_address()];
    if (tx.is_read()) std::memcpy(tx.get_data_ptr(), here, length);
    if (tx.is_write()) std::memcpy(here, tx.get_data_ptr(), length);
    return length;
  }

  std::vector<unsigned char> bytes_;
  const sc_core::sc_time period_;
  const sc_core::sc_time latency_;
};

}  // namespace eie::platform
