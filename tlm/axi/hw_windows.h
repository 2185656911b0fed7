// SPDX-License-Identifier: Apache-2.0
// Simulation only: the memory windows of a signal-level device through its back door, without simulated time.
#pragma once

#include <cstdint>

#include "hw/eie.h"
#include "tlm/config/compiled_config.h"
#include "tlm/model/address_map.h"

namespace eie {

template <class Cfg>
class HwWindows {
 public:
  explicit HwWindows(Eie<Cfg>& device) : device_(device), map_(compiled_config<Cfg>()) {}

  /// A 64-bit word of Spmat, Ptr or Act; false elsewhere.
  bool peek(std::uint64_t address, std::uint64_t& data) const {
    const model::AddressMap::Place at = map_.locate(address);
    auto& pe = device_.pe[at.pe];
    switch (at.target) {
      case model::AddressMap::Target::kSpmat:
        data = pe.spmat_read.peek(at.word);
        return true;
      case model::AddressMap::Target::kPtr:
        data = pe.ptr_read.odd.peek(at.word) << 32 | pe.ptr_read.even.peek(at.word);
        return true;
      case model::AddressMap::Target::kAct:
        data = pe.act_rw.act.peek(at.word);
        return true;
      default:
        return false;
    }
  }

  bool poke(std::uint64_t address, std::uint64_t data) {
    const model::AddressMap::Place at = map_.locate(address);
    auto& pe = device_.pe[at.pe];
    switch (at.target) {
      case model::AddressMap::Target::kSpmat:
        pe.spmat_read.poke(at.word, data);
        return true;
      case model::AddressMap::Target::kPtr:
        pe.ptr_read.even.poke(at.word, data & 0xFFFFFFFFu);
        pe.ptr_read.odd.poke(at.word, data >> 32);
        return true;
      case model::AddressMap::Target::kAct:
        pe.act_rw.act.poke(at.word, data);
        return true;
      default:
        return false;
    }
  }

  /// Inverts a bit of the word at an address: of its data, or with ECC from 64 on of its check bits, those of its first code
  /// word lowest.
  void flip(std::uint64_t address, unsigned bit) {
    if constexpr (Cfg::kEcc) {
      const model::AddressMap::Place at = map_.locate(address);
      auto& pe = device_.pe[at.pe];
      constexpr unsigned beats = SpmatRead<Cfg>::Memory::kBeats;
      constexpr unsigned checks = PtrRead<Cfg>::Bank::kCheckWidth;
      const bool even = bit < 32 || (bit >= 64 && bit < 64 + checks);
      switch (at.target) {
        case model::AddressMap::Target::kSpmat:
          pe.spmat_read.spmat.flip(at.word / beats, bit, at.word % beats);
          break;
        case model::AddressMap::Target::kPtr:
          if (even) {
            pe.ptr_read.even.flip(at.word, bit);
          } else {
            pe.ptr_read.odd.flip(at.word, bit < 64 ? bit - 32 : bit - checks);
          }
          break;
        default:
          pe.act_rw.act.flip(at.word, bit);
          break;
      }
    } else {
      std::uint64_t word = 0;
      peek(address, word);
      poke(address, word ^ std::uint64_t{1} << bit);
    }
  }

 private:
  Eie<Cfg>& device_;
  model::AddressMap map_;
};

}  // namespace eie
