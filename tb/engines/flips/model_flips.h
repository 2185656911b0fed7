// SPDX-License-Identifier: Apache-2.0
// Flips in the middle of a launch for the engines on the device model of tlm/: TlmEngine and ModelDevice share it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tb/host/device.h"
#include "tb/support/error.h"
#include "tlm/model/address_map.h"
#include "tlm/model/flip_replay.h"

namespace eie::tb {

/// `Model` has flip_in_next_launch() and missed_flips() (tlm/model/device_model.h).
template <class Model>
class ModelFlips {
 public:
  ModelFlips(Model& model, const DeviceConfig& config) : model_(model), map_(config) {}

  static void check(const BitFlip& flip) {
    if (flip.register_name.empty()) return;
    throw UserError("--flip " + flip.text +
                    ": engine tlm computes when things happen and has no registers: expected --engine hw");
  }

  void add(const BitFlip& flip) {
    check(flip);
    const MemoryFlip bit = bit_of(flip);
    model_.flip_in_next_launch(bit);
    texts_.emplace_back(bit, flip.text);
  }

  /// Of a memory.
  MemoryFlip bit_of(const BitFlip& flip) const {
    const model::AddressMap::Place at = map_.locate(flip.address);
    MemoryFlip bit;
    bit.cycle = flip.cycle;
    bit.pe = at.pe;
    bit.memory = at.target == model::AddressMap::Target::kSpmat ? MemoryFlip::Memory::kSpmat
                 : at.target == model::AddressMap::Target::kPtr ? MemoryFlip::Memory::kPtr
                                                                : MemoryFlip::Memory::kAct;
    bit.word = at.word;
    bit.bit = flip.bit;
    return bit;
  }

  std::vector<std::string> missed() const {
    std::vector<std::string> texts;
    for (const MemoryFlip& bit : model_.missed_flips()) {
      for (const auto& [flip, text] : texts_) {
        if (flip.cycle == bit.cycle && flip.pe == bit.pe && flip.word == bit.word && flip.bit == bit.bit) texts.push_back(text);
      }
    }
    return texts;
  }

 private:
  Model& model_;
  model::AddressMap map_;
  std::vector<std::pair<MemoryFlip, std::string>> texts_;
};

}  // namespace eie::tb
