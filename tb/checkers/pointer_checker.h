// SPDX-License-Identifier: Apache-2.0
// Pointer read checker: each accepted column j gives the entry addresses p[j] to p[j+1] - 1 (hw/ptr_read.h). The
// pointers are those that the memory holds, read through its back door in the cycle in which the column is accepted.
//
//   unexpected   no entry address while no accepted column has entries left: never more than p[j+1] - p[j]
//   bubble       one in every cycle while one has: never fewer, no cycle lost
//   address      ascending from p[j], one at a time, the columns in the order of their acceptance
//   first        set with a column's first entry and only with it
//   value        the activation is that of its column
//   look_ahead   a column is accepted only into room: at most look_ahead columns wait behind the one that is going out
//   error        a pulse two cycles after a column whose pointers run backwards, else none
//   drained      only after a cycle with `drain` and without a column
//   reset        no entry address, not drained, no error after a reset
//
// With skipped padding a column stays at entry_address, first entry and length, until Spmat read takes it.
#pragma once

#include <deque>

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct PointerSample {
  bool rst_n = true;
  Activation<Cfg> head;
  bool head_ready = false;
  std::uint64_t begin = 0;  // p[j] and p[j+1] of the head
  std::uint64_t end = 0;
  EntryAddress<Cfg> entry_address;
  bool column_ready = false;  // with skipped padding
  bool drain = false;
  bool drained = false;
  bool error = false;
};

template <class Cfg>
class PointerChecker : public ChannelChecker<PointerSample<Cfg>> {
 public:
  using Sample = PointerSample<Cfg>;

  PointerChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>("pointer", where,
                               {"unexpected", "bubble", "address", "first", "value", "look_ahead", "error", "drained", "reset"},
                               violations) {}

 private:
  enum Rule : unsigned { kUnexpected, kBubble, kAddress, kFirst, kValue, kLookAhead, kError, kDrained, kReset };
  struct Column {
    std::uint64_t next = 0;
    std::uint64_t end = 0;
    bool first = true;
    std::int64_t value = 0;
  };

  void clear() override {
    columns_.clear();
    backwards_ = error_due_ = false;
  }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.entry_address.valid && !s.drained && !s.error, [&] { return this->seen(s.entry_address); });
  }

  void check(const Sample& s) override {
    const EntryAddress<Cfg>& entry = s.entry_address;
    if (entry.valid) {
      this->require(kUnexpected, !columns_.empty(), [&] { return this->seen(entry); });
      if (!columns_.empty()) {
        const Column& column = columns_.front();
        this->require(kAddress, entry.address == column.next, [&] { return this->differs(column.next, entry); });
        this->require(kFirst, entry.first == column.first, [&] { return this->differs(column.first, entry); });
        this->require(kValue, entry.value == column.value, [&] { return this->differs(column.value, entry); });
        if constexpr (Cfg::kSkipPadding) {
          this->require(kAddress, entry.length == column.end - column.next, [&] { return this->differs(column.end, entry); });
        }
      }
    } else {
      this->require(kBubble, columns_.empty(), [&] { return this->differs(columns_.front().next, entry); });
    }
    if (accepts(s)) {
      const std::size_t waiting = columns_.size() - (leaves(s) ? 1 : 0);
      this->require(kLookAhead, waiting <= Cfg::kLookAhead,
                    [&] { return std::to_string(waiting) + " columns have entries left"; });
    }
    this->require(kError, s.error == error_due_, [&] { return this->differs(error_due_, s.error); });
    if (s.drained) {
      const Sample& before = this->previous();
      const bool going = before.entry_address.valid || (Cfg::kSkipPadding && !before.column_ready);
      this->require(kDrained, before.drain && !before.head.valid && !going,
                    [&] { return this->seen(before.head) + this->seen(before.entry_address); });
    }
  }

  void advance(const Sample& s) override {
    if (s.entry_address.valid && !columns_.empty()) {
      if (leaves(s)) {
        columns_.pop_front();
      } else if (!Cfg::kSkipPadding) {
        ++columns_.front().next;
        columns_.front().first = false;
      }
    }
    error_due_ = backwards_;
    backwards_ = false;
    if (accepts(s)) {
      backwards_ = s.end < s.begin;
      if (s.begin < s.end) columns_.push_back({s.begin, s.end, true, s.head.value});
    }
  }

  static bool accepts(const Sample& s) { return s.head.valid && (s.head_ready || (Cfg::kSkipPadding && s.column_ready)); }

  /// The column that goes out makes room in this cycle: its last entry is out, or Spmat read takes it.
  bool leaves(const Sample& s) const {
    if (columns_.empty()) return false;
    return Cfg::kSkipPadding ? s.column_ready : columns_.front().next + 1 == columns_.front().end;
  }

  std::deque<Column> columns_;  // accepted, with entries left
  bool backwards_ = false;      // the column accepted in the cycle before
  bool error_due_ = false;
};

}  // namespace eie::tb
