// SPDX-License-Identifier: Apache-2.0
// Why each PE does what it does in each cycle of a batch: a replay of the timing in recurrence.h that says the reasons.
//
// The arithmetic unit is where a cycle of a PE is judged: an entry arrives there, or not. An entry whose address is out
// in cycle g arrives in g + 1; a column broadcast in cycle b can be the cause of an address from b + 2 on. So what a PE
// lacks in cycle x was decided at the root of the LNZD tree in cycle x - 3.
//
//   work           an entry arrives (padding that takes a cycle among them; the device counts those apart)
//   empty column   the pointer unit spent the slot on a broadcast column without entries in this PE
//   held           the PE has nothing, because the next broadcast waits for a full queue, that of PE `held_by`
//   no candidate   the PE has nothing, because the LNZD tree has no candidate ready between two broadcasts
//   fill           from the first cycle of a batch until its first broadcast could arrive
//   drain          from the PE's last slot to the end of the batch
//   transfer       the CCU loads or stores activations or biases
//
// The tree of hw/ has a candidate ready in every cycle from the first broadcast to the last, so `no candidate` is 0
// (docs/architecture.md has the proof); the account would not add up to the device's cycles otherwise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hw/config.h"
#include "tlm/config/device_config.h"
#include "tlm/model/timing/pe_timing.h"

namespace eie::model {

enum class CycleReason : unsigned { kWork, kPadding, kEmptyColumn, kHeld, kNoCandidate, kFill, kDrain, kTransfer };
constexpr unsigned kCycleReasons = 8;
/// In the order of CycleReason: keys of a report.
constexpr const char* kCycleReasonKeys[kCycleReasons] = {"work",         "padding", "empty_column", "held",
                                                         "no_candidate", "fill",    "drain",        "transfer"};

/// Cycles first .. last - 1 of one PE, counted from the first one of the CCU's state `compute`.
struct CycleSpan {
  unsigned pe = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  CycleReason reason = CycleReason::kFill;
  std::size_t broadcast = 0;  // work, empty column: which; held: the one that waits
  unsigned held_by = 0;       // held: the PE whose full queue is the last to make room (the first of several); a queue of
                              // one entry may be the PE's own
};

/// What the replay of a batch must share with the device's counters.
struct AccountedBatch {
  std::uint64_t cycles = 0;          // of the CCU's states compute and drain
  std::uint64_t compute_cycles = 0;  // of compute alone
  std::uint64_t queue_full_cycles = 0;
};

/// A broadcast and the wait before it. PE p's queue is full from `waited_from` on until cycle `accepted[p]`, if that is not
/// earlier. Cycles count as in a CycleSpan.
struct AccountedBroadcast {
  std::size_t broadcast = 0;
  std::int64_t waited_from = 0;  // equal to `cycle`: it did not wait
  std::int64_t cycle = 0;
  const std::int64_t* accepted = nullptr;  // when each PE took the broadcast that is queue_depth before this one
};

/// Replays a batch of `broadcasts` columns. `slots(i, p)`: cycles that broadcast i takes in PE p, 0 where it has no entry.
/// `visit(span)` is called for spans that together cover every cycle of every PE once, those of each PE ascending; entries are
/// kWork, whether padding or not. `broadcast(b)` is called for each AccountedBroadcast, in order.
template <class Slots, class Visit, class Broadcast>
AccountedBatch account_batch(const DeviceConfig& config, std::size_t broadcasts, Slots&& slots, Visit&& visit,
                             Broadcast&& on_broadcast) {
  struct Pe {
    explicit Pe(const DeviceConfig& config) : timing(config) {}
    PeTiming timing;
    std::int64_t cursor = 0;  // first address cycle that has no reason yet
  };
  /// When all PEs have taken a broadcast, and who was last.
  struct Taken {
    std::int64_t latest = 0;
    unsigned pe = 0;
  };
  const unsigned n = config.n_pe;
  const std::int64_t levels = (log2_ceil(n) + log2_ceil(config.lnzd_fan_in) - 1) / log2_ceil(config.lnzd_fan_in);
  std::vector<Pe> pes(n, Pe(config));
  std::vector<Taken> taken(config.queue_depth);
  std::vector<std::int64_t> accepted_at(std::size_t{n} * config.queue_depth, 0);  // a PE after the other, a slot after the other
  AccountedBatch batch;
  std::int64_t broadcast = levels;
  std::size_t slot = 0;
  // An entry arrives in the cycle after its address.
  auto tell = [&visit](unsigned p, std::int64_t first, std::int64_t last, CycleReason reason, std::size_t i, unsigned held_by) {
    if (first < last) visit(CycleSpan{p, first + 1, last + 1, reason, i, held_by});
  };
  for (std::size_t i = 0; i < broadcasts; ++i) {
    const Taken full = taken[slot];
    const std::int64_t next = std::max(broadcast + 1, full.latest + 1);
    batch.queue_full_cycles += static_cast<std::uint64_t>(next - (broadcast + 1));
    std::int64_t* const accepted_here = accepted_at.data() + slot * n;
    on_broadcast(AccountedBroadcast{i, broadcast + 1, next, accepted_here});
    broadcast = next;
    Taken now;
    for (unsigned p = 0; p < n; ++p) {
      Pe& pe = pes[p];
      const std::int64_t accepted = pe.timing.accept(broadcast);
      const std::int64_t start = pe.timing.start();
      const std::int64_t k = slots(i, p);
      pe.timing.take(k);
      if (pe.cursor < accepted + 1) {  // nothing to do until this column is here
        if (i == 0) visit(CycleSpan{p, 0, 1, CycleReason::kFill, i, 0});
        tell(p, pe.cursor, accepted + 1, i == 0 ? CycleReason::kFill : CycleReason::kHeld, i, full.pe);
        pe.cursor = accepted + 1;
      }
      if (k > 0) {
        tell(p, start, start + k, CycleReason::kWork, i, 0);
        pe.cursor = start + k;
      } else if (pe.cursor == accepted + 1) {
        tell(p, pe.cursor, pe.cursor + 1, CycleReason::kEmptyColumn, i, 0);
        ++pe.cursor;
      }
      accepted_here[p] = accepted;
      if (accepted > now.latest) now = {accepted, p};
    }
    taken[slot] = now;
    slot = slot + 1 == config.queue_depth ? 0 : slot + 1;
  }
  // The CCU's drain, as in recurrence.cpp.
  const std::int64_t exhausted = broadcasts == 0 ? 1 : broadcast + 1;
  std::int64_t idle = exhausted + 1;
  for (const Pe& pe : pes) {
    if (broadcasts == 0) break;
    idle = std::max(idle, pe.timing.idle());
  }
  const std::int64_t cycles = idle + 4;
  for (unsigned p = 0; p < n; ++p) {
    std::int64_t first = pes[p].cursor + 1;
    if (broadcasts == 0) {
      first = exhausted + 1;
      visit(CycleSpan{p, 0, first, CycleReason::kFill, 0, 0});
    }
    visit(CycleSpan{p, first, cycles, CycleReason::kDrain, 0, 0});
  }
  batch.cycles = static_cast<std::uint64_t>(cycles);
  batch.compute_cycles = static_cast<std::uint64_t>(exhausted + 1);
  return batch;
}

template <class Slots, class Visit>
AccountedBatch account_batch(const DeviceConfig& config, std::size_t broadcasts, Slots&& slots, Visit&& visit) {
  return account_batch(config, broadcasts, slots, visit, [](const AccountedBroadcast&) {});
}

}  // namespace eie::model

// In use outside the model, under names that say what they are.
namespace eie {
using model::account_batch;
using model::AccountedBatch;
using model::AccountedBroadcast;
using model::CycleReason;
using model::CycleSpan;
using model::kCycleReasonKeys;
using model::kCycleReasons;
}  // namespace eie
