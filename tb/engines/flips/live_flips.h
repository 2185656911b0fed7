// SPDX-License-Identifier: Apache-2.0
// Bits that flip in the middle of a launch, in an engine whose registers lie in memory under the names that waves have.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tb/engines/waves/wave_recorder.h"
#include "tb/host/device.h"

namespace eie::tb {

class LiveFlips {
 public:
  /// `signals`: all of the device. Those of a PE's blocks that hold a value over the clock edge are registers here: what a block
  /// decides within a cycle and the wires between the blocks are not.
  explicit LiveFlips(const std::vector<WaveSignal>& signals);

  /// Throws UserError for a register that is not there, and for a bit that it does not have.
  void check(const BitFlip& flip) const;
  /// For the launch that the next rise of `busy` begins.
  void add(const BitFlip& flip);

  /// To be called at the beginning of every cycle; `memory` flips a bit of a memory's word. Returns the PE whose register has
  /// flipped, or -1 (the last one, if there are several).
  int step(bool busy, const std::function<void(const BitFlip&)>& memory);

  /// Those whose launch is over.
  const std::vector<std::string>& missed() const { return missed_; }

 private:
  struct Register {
    unsigned char* data;
    unsigned bytes;
    unsigned width;
    bool is_signed;
  };
  /// In words, arrays as ranges: "act_queue.column_[0..6]".
  std::string names() const;
  static void flip(const Register& at, unsigned bit);

  std::map<std::string, Register> registers_;  // "pe_3.arith_unit.sum3_"
  std::vector<std::string> in_order_;          // of PE 0, without the PE
  std::vector<BitFlip> pending_;
  std::vector<std::string> missed_;
  bool busy_ = false;
  std::uint64_t cycle_ = 0;
};

}  // namespace eie::tb
