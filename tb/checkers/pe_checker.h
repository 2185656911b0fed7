// SPDX-License-Identifier: Apache-2.0
// All channels of one PE, read at the ports of its blocks: nothing is bound, nothing is driven.
#pragma once

#include <vector>

#include "hw/pe.h"
#include "tb/checkers/arith_checker.h"
#include "tb/checkers/candidate_checker.h"
#include "tb/checkers/pointer_checker.h"
#include "tb/checkers/queue_checker.h"
#include "tb/checkers/spmat_checker.h"

namespace eie::tb {

template <class Cfg>
class PeChecker {
 public:
  PeChecker(const Pe<Cfg>& pe, Violations& violations)
      : pe_(pe),
        queue_(pe.basename(), violations),
        pointer_(pe.basename(), violations),
        spmat_(pe.basename(), violations),
        arith_(pe.basename(), violations),
        candidate_(pe.basename(), violations) {}

  /// Once a cycle, when its values have settled.
  void sample() {
    sample_queue();
    sample_pointer();
    sample_spmat();
    sample_arith();
    sample_candidate();
  }

  std::vector<const Checker*> checkers() const { return {&queue_, &pointer_, &spmat_, &arith_, &candidate_}; }

 private:
  using P = Params<Cfg>;
  static constexpr unsigned kEntriesPerBeat = 64 / P::kEntryWidth;
  static constexpr std::uint64_t kEntries = std::uint64_t{Cfg::kSpmatDepth} * P::kEntriesPerRow;

  void sample_queue() {
    QueueSample<Cfg> s;
    s.rst_n = pe_.act_queue.rst_n.read();
    s.broadcast = pe_.act_queue.broadcast.read();
    s.head = pe_.act_queue.head.read();
    s.head_ready = pe_.act_queue.head_ready.read() || (Cfg::kSkipPadding && pe_.act_queue.column_ready.read());
    s.full = pe_.act_queue.full.read();
    queue_.sample(s);
  }

  void sample_pointer() {
    PointerSample<Cfg> s;
    s.rst_n = pe_.ptr_read.rst_n.read();
    s.head = pe_.ptr_read.head.read();
    s.head_ready = pe_.ptr_read.head_ready.read();
    if (s.head.valid) {
      s.begin = stored_pointer(s.head.column);
      s.end = stored_pointer(s.head.column + 1);
    }
    s.entry_address = pe_.ptr_read.entry_address.read();
    s.column_ready = Cfg::kSkipPadding && pe_.ptr_read.column_ready.read();
    s.drain = pe_.ptr_read.drain.read();
    s.drained = pe_.ptr_read.drained.read();
    s.error = pe_.ptr_read.error.read();
    pointer_.sample(s);
  }

  void sample_spmat() {
    SpmatSample<Cfg> s;
    s.rst_n = pe_.spmat_read.rst_n.read();
    s.entry_address = pe_.spmat_read.entry_address.read();
    if (s.entry_address.valid) s.stored = stored_entry(s.entry_address.address);
    if constexpr (Cfg::kSkipPadding) {
      s.column_ready = pe_.spmat_read.column_ready.read();
      if (s.entry_address.valid && s.column_ready) {
        const std::uint64_t length = s.entry_address.length.to_uint64();
        for (std::uint64_t k = 0; k < length; ++k) s.column.push_back(stored_entry(s.entry_address.address + k));
      }
    }
    s.entry = pe_.spmat_read.entry.read();
    spmat_.sample(s);
  }

  void sample_arith() {
    ArithSample<Cfg> s;
    s.rst_n = pe_.arith_unit.rst_n.read();
    s.pe = Cfg::kPes > 1 ? pe_.arith_unit.pe.read().to_uint() : 0;
    s.out_length = pe_.arith_unit.out_length.read().to_uint64();
    s.op = pe_.act_rw.control.read().op.to_uint();
    s.entry = pe_.arith_unit.entry.read();
    s.access = pe_.arith_unit.access.read();
    s.accumulated = pe_.arith_unit.accumulated.read().to_int64();
    s.error = pe_.arith_unit.error.read();
    s.saturated = pe_.arith_unit.saturated.read();
    arith_.sample(s);
  }

  void sample_candidate() {
    CandidateSample<Cfg> s;
    s.rst_n = pe_.act_rw.rst_n.read();
    s.pe = Cfg::kPes > 1 ? pe_.act_rw.pe.read().to_uint() : 0;
    s.op = pe_.act_rw.control.read().op.to_uint();
    s.length = pe_.act_rw.control.read().length.to_uint64();
    s.drain = pe_.act_rw.drain.read();
    s.candidate = pe_.act_rw.candidate.read();
    s.exhausted = pe_.act_rw.exhausted.read();
    s.pop = pe_.act_rw.pop.read();
    candidate_.sample(s);
  }

  /// Through the memories' back doors; indices wrap as the memories' addresses do.
  std::uint64_t stored_pointer(std::uint64_t index) const {
    const std::size_t word = static_cast<std::size_t>(index % Cfg::kPointerDepth / 2);
    return index % 2 != 0 ? pe_.ptr_read.odd.peek(word) : pe_.ptr_read.even.peek(word);
  }
  std::uint64_t stored_entry(std::uint64_t index) const {
    const std::uint64_t at = index % kEntries;
    const std::uint64_t beat = pe_.spmat_read.peek(static_cast<std::size_t>(at / kEntriesPerBeat));
    return beat >> (at % kEntriesPerBeat * P::kEntryWidth) & ((std::uint64_t{1} << P::kEntryWidth) - 1);
  }

  const Pe<Cfg>& pe_;
  QueueChecker<Cfg> queue_;
  PointerChecker<Cfg> pointer_;
  SpmatChecker<Cfg> spmat_;
  ArithChecker<Cfg> arith_;
  CandidateChecker<Cfg> candidate_;
};

}  // namespace eie::tb
