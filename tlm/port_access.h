// A generic payload seen as accesses of the 64-bit port: which words it touches, which halves of each, and what the
// base protocol's attributes ask for (IEEE 1666-2011, 14). Shared by the TLM model and by the adaptor in front of hw/.
#pragma once

#include <cstdint>
#include <cstring>
#include <tlm>

#include "address_map.h"

namespace eie {

/// Port timing in clock edges after the one at or before which a transaction arrives: the first beat takes effect, and the
/// response to the last one is there. A further beat takes a cycle more. docs/models/eie_tlm.md has the measurements.
constexpr unsigned kPortEffect = 3;
constexpr unsigned kPortWriteLatency = 4;
constexpr unsigned kPortReadLatency = 7;

/// The response status for an answer of the device.
inline tlm::tlm_response_status status_of(Access access) {
  switch (access) {
    case Access::kOk:
      return tlm::TLM_OK_RESPONSE;
    case Access::kNoSuchAddress:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case Access::kNotAllowed:
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    default:
      return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
}

/// One 64-bit word of a transaction.
struct PortBeat {
  std::uint64_t address = 0;  // of the word, or of its high half if only that is touched
  std::uint64_t data = 0;     // to be written
  unsigned halves = 0;        // bit 0 low, bit 1 high; 0: nothing of this word is enabled
};

class PortAccess {
 public:
  explicit PortAccess(tlm::tlm_generic_payload& tx) : tx_(tx) {}

  bool is_write() const { return tx_.is_write(); }

  /// TLM_OK_RESPONSE if the attributes are such that the port can try. Words of 32 or 64 bits, aligned, in bursts of any
  /// length; byte enables in whole halves for writes and at will for reads; no streaming.
  tlm::tlm_response_status check() const {
    if (tx_.get_command() != tlm::TLM_READ_COMMAND && tx_.get_command() != tlm::TLM_WRITE_COMMAND) {
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    const std::uint64_t length = tx_.get_data_length();
    if (tx_.get_data_ptr() == nullptr || length == 0 || length % 4 != 0) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (tx_.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (tx_.get_address() % 4 != 0 || tx_.get_address() + (length - 1) < tx_.get_address()) {
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    return check_enables();
  }

  /// 64-bit words touched; those of which a write enables nothing never get to the port.
  std::uint64_t beats() const { return (last_word() - first_word()) / 8 + 1; }

  PortBeat beat(std::uint64_t k) const {
    PortBeat beat;
    const std::uint64_t word = first_word() + 8 * k;
    for (unsigned half = 0; half < 2; ++half) {
      const std::uint64_t at = word + 4 * half;
      if (at < tx_.get_address() || at >= end() || !enabled(at - tx_.get_address())) continue;
      std::uint32_t value = 0;
      if (tx_.is_write()) std::memcpy(&value, tx_.get_data_ptr() + (at - tx_.get_address()), 4);
      beat.halves |= 1u << half;
      beat.data |= std::uint64_t{value} << (32 * half);
    }
    beat.address = beat.halves == 2 ? word + 4 : word;
    if (tx_.is_read()) beat.halves = 3;
    return beat;
  }

  /// Puts the word read in beat `k` where the transaction wants it.
  void give(std::uint64_t k, std::uint64_t data) {
    const std::uint64_t word = first_word() + 8 * k;
    for (unsigned byte = 0; byte < 8; ++byte) {
      const std::uint64_t at = word + byte;
      if (at < tx_.get_address() || at >= end() || !enabled(at - tx_.get_address())) continue;
      tx_.get_data_ptr()[at - tx_.get_address()] = static_cast<unsigned char>(data >> (8 * byte));
    }
  }

 private:
  std::uint64_t first_word() const { return tx_.get_address() & ~std::uint64_t{7}; }
  std::uint64_t last_word() const { return (tx_.get_address() + tx_.get_data_length() - 1) & ~std::uint64_t{7}; }
  std::uint64_t end() const { return tx_.get_address() + tx_.get_data_length(); }
  bool enabled(std::uint64_t byte) const {
    const unsigned char* enables = tx_.get_byte_enable_ptr();
    return enables == nullptr || enables[byte % tx_.get_byte_enable_length()] == TLM_BYTE_ENABLED;
  }
  tlm::tlm_response_status check_enables() const {
    const unsigned char* enables = tx_.get_byte_enable_ptr();
    if (enables == nullptr) return tlm::TLM_OK_RESPONSE;
    if (tx_.get_byte_enable_length() == 0) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    for (unsigned byte = 0; byte < tx_.get_byte_enable_length(); ++byte) {
      if (enables[byte] != TLM_BYTE_ENABLED && enables[byte] != TLM_BYTE_DISABLED) {
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
      }
    }
    if (tx_.is_read()) return tlm::TLM_OK_RESPONSE;
    for (std::uint64_t half = 0; half < tx_.get_data_length(); half += 4) {
      for (unsigned byte = 1; byte < 4; ++byte) {
        if (enabled(half + byte) != enabled(half)) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
      }
    }
    return tlm::TLM_OK_RESPONSE;
  }

  tlm::tlm_generic_payload& tx_;
};

/// What can be said of a transaction before any beat: one that leaves the map somewhere changes nothing.
inline tlm::tlm_response_status check_access(tlm::tlm_generic_payload& tx, const AddressMap& map) {
  if (tx.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  const PortAccess access(tx);
  tlm::tlm_response_status status = access.check();
  for (std::uint64_t k = 0; status == tlm::TLM_OK_RESPONSE && k < access.beats(); ++k) {
    status = status_of(map.allows(access.beat(k).address, access.is_write()));
  }
  return status;
}

}  // namespace eie
