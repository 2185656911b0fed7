// SPDX-License-Identifier: Apache-2.0
// An address decoder: every initiator reaches every target; an address is translated to an offset in the target's range.
//
// Loosely timed: an access takes `latency` more. No arbitration: initiators do not slow one another down. DMI regions and
// their invalidation are translated, debug accesses too. An access that no range holds gets TLM_ADDRESS_ERROR_RESPONSE.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "tb/examples/virtual_platform/platform_map.h"

namespace eie::platform {

class Bus : public sc_core::sc_module {
 public:
  using TargetSocket = tlm_utils::simple_target_socket_tagged<Bus, 64>;
  using InitiatorSocket = tlm_utils::simple_initiator_socket_tagged<Bus, 64>;

  sc_core::sc_vector<TargetSocket> from;   // one an initiator
  sc_core::sc_vector<InitiatorSocket> to;  // one a range

  Bus(const sc_core::sc_module_name& name, unsigned initiators, const std::vector<Range>& ranges, const sc_core::sc_time& latency)
      : sc_module(name), from("from", initiators), to("to", ranges.size()), ranges_(ranges), latency_(latency) {
    for (unsigned k = 0; k < initiators; ++k) {
      const int id = static_cast<int>(k);
      from[k].register_b_transport(this, &Bus::b_transport, id);
      from[k].register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr, id);
      from[k].register_transport_dbg(this, &Bus::transport_dbg, id);
    }
    for (std::size_t k = 0; k < ranges.size(); ++k) {
      to[k].register_invalidate_direct_mem_ptr(this, &Bus::invalidate, static_cast<int>(k));
    }
  }

 private:
  using Payload = tlm::tlm_generic_payload;

  /// The range that holds `bytes` bytes from `address` on; ranges_.size() if there is none.
  std::size_t decode(std::uint64_t address, std::uint64_t bytes) const {
    std::size_t k = 0;
    for (; k < ranges_.size(); ++k) {
      const std::uint64_t offset = address - ranges_[k].base;
      if (address >= ranges_[k].base && offset < ranges_[k].bytes && bytes <= ranges_[k].bytes - offset) break;
    }
    return k;
  }

  void b_transport(int, Payload& tx, sc_core::sc_time& delay) {
    const std::uint64_t address = tx.get_address();
    const std::size_t k = decode(address, tx.get_data_length());
    delay += latency_;
    if (k == ranges_.size()) {
      tx.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    tx.set_address(address - ranges_[k].base);
    to[k]->b_transport(tx, delay);
    tx.set_address(address);
  }

  bool get_direct_mem_ptr(int, Payload& tx, tlm::tlm_dmi& dmi) {
    const std::uint64_t address = tx.get_address();
    const std::size_t k = decode(address, 1);
    if (k == ranges_.size()) return false;
    const Range& range = ranges_[k];
    tx.set_address(address - range.base);
    const bool granted = to[k]->get_direct_mem_ptr(tx, dmi);
    tx.set_address(address);
    dmi.set_start_address(range.base + dmi.get_start_address());
    dmi.set_end_address(range.base + std::min<std::uint64_t>(dmi.get_end_address(), range.bytes - 1));
    dmi.set_read_latency(dmi.get_read_latency() + latency_);
    dmi.set_write_latency(dmi.get_write_latency() + latency_);
    return granted;
  }

  unsigned transport_dbg(int, Payload& tx) {
    const std::uint64_t address = tx.get_address();
    const std::size_t k = decode(address, 1);
    if (k == ranges_.size()) return 0;
    const unsigned length = tx.get_data_length();
    const std::uint64_t offset = address - ranges_[k].base;
    tx.set_address(offset);
    tx.set_data_length(static_cast<unsigned>(std::min<std::uint64_t>(length, ranges_[k].bytes - offset)));
    const unsigned done = to[k]->transport_dbg(tx);
    tx.set_address(address);
    tx.set_data_length(length);
    return done;
  }

  void invalidate(int id, sc_dt::uint64 start, sc_dt::uint64 end) {
    const Range& range = ranges_[static_cast<std::size_t>(id)];
    if (start >= range.bytes) return;
    end = std::min<sc_dt::uint64>(end, range.bytes - 1);
    for (TargetSocket& initiator : from) initiator->invalidate_direct_mem_ptr(range.base + start, range.base + end);
  }

  const std::vector<Range> ranges_;
  const sc_core::sc_time latency_;
};

}  // namespace eie::platform
