// SPDX-License-Identifier: Apache-2.0
// Spmat read checker: an entry address in one cycle, the entry stored there in the next (hw/spmat_read.h). The entry is
// what the memory holds, read through its back door.
//
//   latency   an entry exactly one cycle after each address
//   tag       `first` and the activation go with it
//   content   code and run are those at the address
//   reset     no entry after a reset
//
// With skipped padding the block takes a column when it says so, and the rules are these:
//
//   latency   an entry in every cycle from the one behind that until the column is through; then the next one is taken
//   tag       as above, `first` with the first one
//   content   the entry behind as many as it says it skipped; those are padding, each
//   skip      an entry that is padding is the last of its column, or of its row, where the column has padding alone
//   reset     no entry after a reset
#pragma once

#include <vector>

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct SpmatSample {
  bool rst_n = true;
  EntryAddress<Cfg> entry_address;
  std::uint64_t stored = 0;           // the entry there: run above code
  bool column_ready = false;          // with skipped padding: the column at entry_address is taken
  std::vector<std::uint64_t> column;  // its entries then
  Entry<Cfg> entry;
};

template <class Cfg>
class SpmatChecker : public ChannelChecker<SpmatSample<Cfg>> {
 public:
  using Sample = SpmatSample<Cfg>;

  SpmatChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>("spmat", where, rule_names(), violations) {}

 private:
  enum Rule : unsigned { kLatency, kTag, kContent, kReset, kSkip };
  static std::vector<std::string> rule_names() {
    std::vector<std::string> names = {"latency", "tag", "content", "reset"};
    if (Cfg::kSkipPadding) names.push_back("skip");
    return names;
  }

  void clear() override {
    column_.clear();
    next_ = 0;
  }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.entry.valid, [&] { return this->seen(s.entry); });
  }

  void check(const Sample& s) override {
    if constexpr (Cfg::kSkipPadding) {
      check_skipping(s);
    } else {
      check_entry(s);
    }
  }

  void check_entry(const Sample& s) {
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

  void check_skipping([[maybe_unused]] const Sample& s) {
    if constexpr (Cfg::kSkipPadding) {
      const bool at_work = next_ < column_.size();
      this->require(kLatency, s.entry.valid == at_work, [&] { return this->differs(at_work, s.entry); });
      std::size_t last = column_.size();
      if (s.entry.valid && at_work) {
        const std::size_t at = next_ + s.entry.skipped.to_uint();
        last = at + 1;
        this->require(kTag, s.entry.first == (next_ == 0) && s.entry.value == address_.value,
                      [&] { return this->differs(address_, s.entry); });
        const std::uint64_t word = s.entry.run.to_uint64() << Cfg::kCodeWidth | s.entry.code.to_uint64();
        bool same = at < column_.size() && column_[at] == word;
        for (std::size_t k = next_; k < at && k < column_.size(); ++k) same = same && column_[k] == kPadding;
        this->require(kContent, same, [&] {
          return "entry " + std::to_string(next_) + " of the column at " + this->seen(address_) + ": " + this->seen(s.entry);
        });
        if (word == kPadding && at + 1 < column_.size()) {
          bool alone = row_ends(at);
          for (std::size_t k = at; alone && k > 0 && !row_ends(k - 1); --k) alone = column_[k - 1] == kPadding;
          this->require(kSkip, alone, [&] { return this->seen(s.entry); });
        }
      }
      const bool through = last >= column_.size();
      this->require(kLatency, s.column_ready == through, [&] { return this->differs(through, s.column_ready); });
    }
  }

  void advance(const Sample& s) override {
    if constexpr (Cfg::kSkipPadding) {
      if (s.entry.valid) next_ += s.entry.skipped.to_uint() + 1;
      if (s.entry_address.valid && s.column_ready) {
        column_ = s.column;
        address_ = s.entry_address;
        next_ = 0;
      }
    }
  }

  bool row_ends(std::size_t k) const { return (address_.address.to_uint64() + k + 1) % Params<Cfg>::kEntriesPerRow == 0; }

  static constexpr std::uint64_t kPadding = ((std::uint64_t{1} << Cfg::kRunWidth) - 1) << Cfg::kCodeWidth;
  // With skipped padding: the column at work
  EntryAddress<Cfg> address_;
  std::vector<std::uint64_t> column_;
  std::size_t next_ = 0;  // of its entries, the first that did not come yet
};

}  // namespace eie::tb
