// SPDX-License-Identifier: Apache-2.0
// transport_dbg of targets that are made of 64-bit words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <tlm>

namespace eie {

/// Does any bytes at any address, from the first one on, and returns how many. `peek(address, word)` and
/// `poke(address, word)` are for whole words at multiples of 8; where one of them returns false the transfer ends.
template <class Peek, class Poke>
unsigned debug_bytes(tlm::tlm_generic_payload& tx, Peek&& peek, Poke&& poke) {
  const unsigned length = tx.get_data_length();
  unsigned done = 0;
  while ((tx.is_read() || tx.is_write()) && done < length) {
    const std::uint64_t address = tx.get_address() + done;
    const auto lane = static_cast<unsigned>(address % 8);
    const unsigned bytes = std::min(8 - lane, length - done);
    unsigned char* const data = tx.get_data_ptr() + done;
    std::uint64_t word = 0;
    unsigned char* const lanes = reinterpret_cast<unsigned char*>(&word) + lane;  // little-endian hosts only, as PortAccess
    if ((tx.is_read() || bytes < 8) && !peek(address - lane, word)) break;
    if (tx.is_read()) {
      std::memcpy(data, lanes, bytes);
    } else {
      std::memcpy(lanes, data, bytes);
      if (!poke(address - lane, word)) break;
    }
    done += bytes;
  }
  return done;
}

}  // namespace eie
