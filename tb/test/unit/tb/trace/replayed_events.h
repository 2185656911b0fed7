// SPDX-License-Identifier: Apache-2.0
// Events of a made-up launch, from the replay of cycle_account.h: for tests of what is made of events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/host/events.h"
#include "tb/support/random.h"

namespace eie::tb {

struct MadeLaunch {
  std::uint64_t launch = 1;
  std::size_t columns = 60;  // of a batch
  std::size_t batches = 2;
  double density = 0.5;            // of the activations
  std::uint64_t most_entries = 6;  // of a column in a PE
  std::uint64_t seed = 1;
};

inline LaunchEvents made_launch(const DeviceConfig& config, const MadeLaunch& made) {
  Random random(made.seed);
  LaunchEvents events;
  events.context.launch = made.launch;
  events.context.layer = "made";
  events.context.rows = 8 * config.n_pe;
  events.context.columns = made.columns * made.batches;
  LaunchActivity& a = events.activity;
  a.clear(config.n_pe);
  std::uint32_t now = 0;
  auto state = [&](LaunchState s, std::uint32_t cycles) {
    a.states.push_back({now, cycles, s});
    now += cycles;
  };
  auto all = [&](std::uint32_t cycles, CycleReason reason) {
    for (auto& lane : a.pe) append(lane, {now, cycles, kNoColumn, reason, kNoPe});
  };
  all(2, CycleReason::kFill);
  state(LaunchState::kIdle, 1);
  state(LaunchState::kClear, 1);
  for (std::size_t b = 0; b < made.batches; ++b) {
    const auto first = static_cast<std::uint32_t>(b * made.columns);
    a.batches.push_back({now, first, static_cast<std::uint32_t>(made.columns)});
    all(5, CycleReason::kTransfer);
    state(LaunchState::kLoad, 5);
    all(1, CycleReason::kFill);
    state(LaunchState::kArm, 1);
    std::vector<std::uint32_t> columns;
    std::vector<std::vector<std::uint64_t>> entries;
    for (std::uint32_t j = 0; j < made.columns; ++j) {
      if (static_cast<double>(random.below(1000)) >= made.density * 1000) continue;
      columns.push_back(first + j);
      entries.emplace_back();
      for (unsigned p = 0; p < config.n_pe; ++p) entries.back().push_back(random.below(made.most_entries + 1));
    }
    const AccountedBatch batch = account_batch(
        config, columns.size(), [&](std::size_t i, unsigned p) { return entries[i][p]; },
        [&](const CycleSpan& span) {
          if (span.first >= span.last) return;
          PeEvent event{now + static_cast<std::uint32_t>(span.first), static_cast<std::uint32_t>(span.last - span.first),
                        kNoColumn, span.reason, kNoPe};
          const bool work = span.reason == CycleReason::kWork;
          if (work || span.reason == CycleReason::kEmptyColumn || span.reason == CycleReason::kHeld) {
            event.column = columns[span.broadcast];
          }
          if (span.reason == CycleReason::kHeld) event.held_by = static_cast<std::uint16_t>(span.held_by);
          append(a.pe[span.pe], event);
        });
    // Broadcasts are two cycles before the earliest slot: without look-ahead some PE takes each at once or is what holds it.
    std::vector<std::uint32_t> taken(config.queue_depth, 0);
    std::vector<std::size_t> at(config.n_pe, 0);
    std::uint32_t next = now + 2;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::uint32_t latest = 0;
      std::uint16_t last_pe = 0;
      std::uint32_t earliest = UINT32_MAX;
      for (unsigned p = 0; p < config.n_pe; ++p) {
        const auto& lane = a.pe[p];
        while (lane[at[p]].column != columns[i] || lane[at[p]].reason == CycleReason::kHeld) ++at[p];
        const std::uint32_t accepted = lane[at[p]].cycle - 2;
        earliest = std::min(earliest, accepted);
        if (accepted > latest) {
          latest = accepted;
          last_pe = static_cast<std::uint16_t>(p);
        }
      }
      const std::uint32_t room = taken[i % config.queue_depth];
      std::uint32_t broadcast = i == 0 ? earliest - 1 : std::max(next, room + 1);
      if (i != 0 && broadcast > next) a.stalls.push_back({next, broadcast - next, columns[i], {last_pe}});
      a.broadcasts.push_back({broadcast, columns[i], static_cast<std::int32_t>(random.below(200)) - 100});
      taken[i % config.queue_depth] = latest;
      next = broadcast + 1;
    }
    const std::uint32_t compute = columns.empty() ? 2 : next - now + 1;
    state(LaunchState::kCompute, compute);
    state(LaunchState::kDrain, static_cast<std::uint32_t>(batch.cycles) - compute);
  }
  all(4, CycleReason::kTransfer);
  state(LaunchState::kStore, 4);
  all(1, CycleReason::kDrain);
  state(LaunchState::kFinish, 1);
  a.cycles = now;
  return events;
}

}  // namespace eie::tb
