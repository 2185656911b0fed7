// SPDX-License-Identifier: Apache-2.0
// Spmat read checker: an entry address in one cycle, the entry stored there in the next (hw/spmat_read.h). The entry is
// what the memory holds, read through its back door.
//
//   latency   an entry exactly one cycle after each address
//   tag       `first` and the activation go with it
//   content   code and run are those at the address
//   reset     no entry after a reset
#pragma once

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct SpmatSample {
  bool rst_n = true;
  EntryAddress<Cfg> entry_address;
  std::uint64_t stored = 0;  // the entry there: run above code
  Entry<Cfg> entry;
};

template <class Cfg>
class SpmatChecker : public ChannelChecker<SpmatSample<Cfg>> {
 public:
  using Sample = SpmatSample<Cfg>;

  SpmatChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>("spmat", where, {"latency", "tag", "content", "reset"}, violations) {}

 private:
  enum Rule : unsigned { kLatency, kTag, kContent, kReset };

  void clear() override {}

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.entry.valid, [&] { return this->seen(s.entry); });
  }

  void check(const Sample& s) override {
    const Sample& before = this->previous();
    const EntryAddress<Cfg>& from = before.entry_address;
    this->require(kLatency, s.entry.valid == from.valid, [&] { return this->differs(from, s.entry); });
    if (s.entry.valid && from.valid) {
      this->require(kTag, s.entry.first == from.first && s.entry.value == from.value,
                    [&] { return this->differs(from, s.entry); });
      const std::uint64_t word = s.entry.run.to_uint64() << Cfg::kCodeWidth | s.entry.code.to_uint64();
      this->require(kContent, word == before.stored, [&] {
        return "entry " + std::to_string(from.address.to_uint64()) + ": " + this->differs(before.stored, word);
      });
    }
  }

  void advance(const Sample&) override {}
};

}  // namespace eie::tb
