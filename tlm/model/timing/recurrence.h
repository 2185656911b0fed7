// SPDX-License-Identifier: Apache-2.0
// When each thing happens in a batch, without a clock.
//
// PEs are coupled by one thing only: a broadcast waits while any queue is full. So a batch is a recurrence over its
// broadcasts i and PEs p (docs/architecture.md has the timing of each block). With k the entries of column i in PE p, Q the
// queue depth and L the look-ahead depth, in cycles from the first one of the CCU's state `compute`:
//
//   broadcast   B(i)    = max(B(i-1) + 1, max over p of A(p, i-Q) + 1)      B(0) = 1 + levels of the LNZD tree
//   accepted    A(p, i) = max(B(i) + 1, A(p, i-1) + max(1, k(p, i-1)))      paper
//   first entry S(p, i) = A(p, i) + 1
//
//   accepted    A(p, i) = max(B(i) + 1, A(p, i-1) + 1, S(p, m-L) - 1)       look-ahead; m counts the columns before i that
//   first entry S(p, i) = max(A(p, i) + 1, end(p))                          have entries in p; end(p): the cycle after the
//                                                                           last entry of the column before
//
//   accepted    A(p, i) = max(B(i) + 1, A(p, i-1) + 1, S(p, m-L-1))         skipped padding; k counts the cycles that a
//                                                                           column takes (slots.h)
//
// pe_timing.h has the same for one PE.
// A step over all PEs is a few vector operations; only max over p of A leaves it, so the history is Q scalars. What a PE
// remembers is relative to the last broadcast, so that 16 bits do unless columns or queues are very long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/model/image.h"

namespace eie::model {

/// Counters of one PE that follow from its columns.
struct PeWork {
  std::uint64_t entries = 0;
  std::uint64_t slots = 0;        // cycles that they took
  std::uint64_t spmat_reads = 0;  // row fetches
};

struct BatchTiming {
  std::uint64_t cycles = 0;             // of the CCU's states compute and drain
  std::uint64_t queue_full_cycles = 0;  // broadcasts held back
};

class Recurrence {
 public:
  explicit Recurrence(const DeviceConfig& config);

  /// Forgets counters and the Spmat row at each PE's SRAM output.
  void begin_launch();

  /// One batch: `columns[i]` is the image's column of broadcast i. Fills `first_entries`, if given, with S(p, i) at
  /// [i * n_pe + p]; where the column has no entry in p, that is the cycle after A(p, i).
  BatchTiming run(const Image& image, const std::vector<std::uint32_t>& columns,
                  std::vector<std::int64_t>* first_entries = nullptr);

  /// Since begin_launch().
  PeWork work(unsigned pe) const { return {entries_[pe], skips_padding_ ? slots_[pe] : entries_[pe], reads_[pe]}; }

  unsigned levels() const { return levels_; }

 private:
  /// Per PE, in cycles after the last broadcast; never below 0, which is as good as any earlier cycle.
  template <class Cycle>
  struct Lanes {
    std::vector<Cycle> free;      // paper: the pointer unit can accept again; else: end
    std::vector<Cycle> accepted;  // A; not for the paper
    std::vector<Cycle> window;    // S of the last columns with entries that may wait, oldest first, [waiting_][n_pe]
  };

  template <class Pointer, class Cycle>
  BatchTiming run_on(Lanes<Cycle>& lanes, const Image& image, const std::vector<std::uint32_t>& columns,
                     std::vector<std::int64_t>* first_entries);

  unsigned n_pe_;
  unsigned queue_depth_;
  unsigned waiting_;        // columns with entries that may wait behind the pointers (pe_timing.h)
  unsigned leaves_before_;  // their first address, to make room
  bool skips_padding_;
  unsigned levels_;    // of the LNZD tree
  unsigned log2_row_;  // entries in an Spmat row
  std::uint32_t row_mask_;
  Lanes<std::int16_t> narrow_;
  Lanes<std::int32_t> wide_;
  std::vector<std::int64_t> latest_;  // max over p of A, of the last Q broadcasts
  std::vector<std::uint32_t> held_;   // Spmat row at the SRAM output
  std::vector<std::uint64_t> entries_;
  std::vector<std::uint64_t> slots_;  // with skipped padding
  std::vector<std::uint64_t> reads_;
};

}  // namespace eie::model
