// SPDX-License-Identifier: Apache-2.0
// A generic payload seen as accesses of the 64-bit port: which words it touches, which bytes of each, and what the
// base protocol's attributes ask for (IEEE 1666-2011, 14). Shared by the TLM model and by the adaptor in front of hw/.
#pragma once

#include <cstdint>
#include <cstring>
#include <sstream>
#include <string>
#include <systemc>
#include <tlm>
#include <utility>

#include "tlm/model/address_map.h"
#include "tlm/strobe.h"

namespace eie {

/// Port timing in clock edges after the one at or before which a transaction arrives: the first beat takes effect, and the
/// response to the last one is there. A further beat takes a cycle more. docs/models/eie_tlm.md has the measurements.
constexpr unsigned kPortEffect = 3;
constexpr unsigned kPortWriteLatency = 4;
constexpr unsigned kPortReadLatency = 7;

/// The response status for an answer of the device.
inline tlm::tlm_response_status status_of(model::Access access) {
  switch (access) {
    case model::Access::kOk:
      return tlm::TLM_OK_RESPONSE;
    case model::Access::kNoSuchAddress:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case model::Access::kNotAllowed:
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    default:
      return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
}

/// One 64-bit word of a transaction.
struct PortBeat {
  std::uint64_t address = 0;  // a multiple of 8
  std::uint64_t data = 0;     // to be written
  unsigned strobe = 0;        // bytes of the word that are enabled, a bit each; 0: none is
};

class PortAccess {
 public:
  explicit PortAccess(tlm::tlm_generic_payload& tx) : tx_(tx) {}

  bool is_write() const { return tx_.is_write(); }

  /// TLM_OK_RESPONSE if the attributes are such that a memory can try: any address and length, any byte enables, no
  /// streaming.
  tlm::tlm_response_status check() const {
    if (tx_.get_command() != tlm::TLM_READ_COMMAND && tx_.get_command() != tlm::TLM_WRITE_COMMAND) {
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    const std::uint64_t length = tx_.get_data_length();
    if (tx_.get_data_ptr() == nullptr || length == 0) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (tx_.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (tx_.get_address() + (length - 1) < tx_.get_address()) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    const unsigned char* enables = tx_.get_byte_enable_ptr();
    if (enables == nullptr) return tlm::TLM_OK_RESPONSE;
    if (tx_.get_byte_enable_length() == 0) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    for (unsigned byte = 0; byte < tx_.get_byte_enable_length(); ++byte) {
      if (enables[byte] != TLM_BYTE_ENABLED && enables[byte] != TLM_BYTE_DISABLED) {
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
      }
    }
    return tlm::TLM_OK_RESPONSE;
  }

  /// What registers ask for beyond that: words of 32 or 64 bits, aligned, in bursts of any length; byte enables in whole
  /// halves for writes and at will for reads.
  tlm::tlm_response_status check_halves() const {
    if (tx_.get_data_length() % 4 != 0) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (tx_.get_address() % 4 != 0) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (tx_.is_read() || tx_.get_byte_enable_ptr() == nullptr) return tlm::TLM_OK_RESPONSE;
    for (std::uint64_t half = 0; half < tx_.get_data_length(); half += 4) {
      for (unsigned byte = 1; byte < 4; ++byte) {
        if (enabled(half + byte) != enabled(half)) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
      }
    }
    return tlm::TLM_OK_RESPONSE;
  }

  /// 64-bit words touched; those of which a write enables nothing never get to the port.
  std::uint64_t beats() const { return (last_word() - first_word()) / 8 + 1; }

  PortBeat beat(std::uint64_t k) const {
    PortBeat beat;
    beat.address = first_word() + 8 * k;
    if (is_whole(beat.address)) {
      beat.strobe = kWholeWord;
      if (tx_.is_write()) std::memcpy(&beat.data, tx_.get_data_ptr() + (beat.address - tx_.get_address()), 8);
      return beat;
    }
    for (unsigned byte = 0; byte < 8; ++byte) {
      if (!touches(beat.address + byte)) continue;
      beat.strobe |= 1u << byte;
      if (tx_.is_write()) {
        beat.data |= std::uint64_t{tx_.get_data_ptr()[beat.address + byte - tx_.get_address()]} << (8 * byte);
      }
    }
    return beat;
  }

  /// Puts the word read in beat `k` where the transaction wants it.
  void give(std::uint64_t k, std::uint64_t data) {
    const std::uint64_t word = first_word() + 8 * k;
    if (is_whole(word)) {
      std::memcpy(tx_.get_data_ptr() + (word - tx_.get_address()), &data, 8);
      return;
    }
    for (unsigned byte = 0; byte < 8; ++byte) {
      if (!touches(word + byte)) continue;
      tx_.get_data_ptr()[word + byte - tx_.get_address()] = static_cast<unsigned char>(data >> (8 * byte));
    }
  }

 private:
  std::uint64_t first_word() const { return tx_.get_address() & ~std::uint64_t{7}; }
  std::uint64_t last() const { return tx_.get_address() + (tx_.get_data_length() - 1); }
  std::uint64_t last_word() const { return last() & ~std::uint64_t{7}; }
  bool touches(std::uint64_t at) const { return at >= tx_.get_address() && at <= last() && enabled(at - tx_.get_address()); }
  bool is_whole(std::uint64_t word) const {
    return tx_.get_byte_enable_ptr() == nullptr && word >= tx_.get_address() && last() - word >= 7 && word <= last();
  }
  bool enabled(std::uint64_t byte) const {
    const unsigned char* enables = tx_.get_byte_enable_ptr();
    return enables == nullptr || enables[byte % tx_.get_byte_enable_length()] == TLM_BYTE_ENABLED;
  }

  tlm::tlm_generic_payload& tx_;
};

/// The first access before reset is released is reported: a platform that forgets to release it sees nothing but errors.
class InResetWarning {
 public:
  /// `id` starts the name of the report: "eie/tlm".
  explicit InResetWarning(std::string id) : id_(std::move(id)) {}
  /// Reset is high: whoever accesses the device in a later one does so knowingly.
  void released() { due_ = false; }
  void warn(const tlm::tlm_generic_payload& tx) {
    if (!due_) return;
    due_ = false;
    std::ostringstream text;
    text << "access at 0x" << std::hex << tx.get_address() << " while rst_n is low: expected rst_n high for a clock edge "
         << "first; this and later ones get TLM_GENERIC_ERROR_RESPONSE (reported once)";
    SC_REPORT_WARNING((id_ + "/in_reset").c_str(), text.str().c_str());
  }

 private:
  std::string id_;
  bool due_ = true;
};

/// What can be said of a transaction before any beat: one that leaves the map somewhere changes nothing. Words of which a
/// write enables no byte do not count.
inline tlm::tlm_response_status check_access(tlm::tlm_generic_payload& tx, const model::AddressMap& map) {
  if (tx.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  const PortAccess access(tx);
  tlm::tlm_response_status status = access.check();
  for (std::uint64_t k = 0; status == tlm::TLM_OK_RESPONSE && k < access.beats(); ++k) {
    const PortBeat beat = access.beat(k);
    if (access.is_write() && beat.strobe == 0) continue;
    const model::AddressMap::Place at = map.locate(beat.address);
    if (map.is_by_halves(at, access.is_write())) status = access.check_halves();
    if (status == tlm::TLM_OK_RESPONSE) status = status_of(map.allows(at, access.is_write()));
  }
  return status;
}

}  // namespace eie
