// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/events/launch_recorder.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace eie::model {

LaunchRecorder::LaunchRecorder(const DeviceConfig& config) : config_(check(config)) { activity_.clear(config.n_pe); }

void LaunchRecorder::begin_launch() {
  activity_.clear(config_.n_pe);
  cycle_ = 0;
}

void LaunchRecorder::add_state(LaunchState state, std::uint64_t cycles) {
  activity_.states.push_back({static_cast<std::uint32_t>(cycle_), static_cast<std::uint32_t>(cycles), state});
}

void LaunchRecorder::pass(LaunchState state, std::uint64_t cycles, CycleReason reason) {
  add_state(state, cycles);
  for (auto& lane : activity_.pe) {
    append(lane, {static_cast<std::uint32_t>(cycle_), static_cast<std::uint32_t>(cycles), kNoColumn, reason, kNoPe});
  }
  cycle_ += cycles;
}

void LaunchRecorder::begin_batch(std::uint64_t first_column, std::uint64_t columns) {
  activity_.batches.push_back({static_cast<std::uint32_t>(cycle_),
                               origin_.first_column + static_cast<std::uint32_t>(first_column),
                               static_cast<std::uint32_t>(columns)});
}

void LaunchRecorder::replay(Image& image, const std::vector<std::uint32_t>& columns) {
  const auto start = static_cast<std::uint32_t>(cycle_);
  Column decoded;
  auto slots = [&](std::size_t i, unsigned p) -> std::int64_t { return image.slots(columns[i], p); };
  auto visit = [&](const CycleSpan& span) {
    PeEvent event;
    event.cycle = start + static_cast<std::uint32_t>(span.first);
    event.cycles = static_cast<std::uint32_t>(span.last - span.first);
    event.reason = span.reason;
    if (span.reason == CycleReason::kWork) {
      add_work(image, columns[span.broadcast], decoded, event, span.pe);
      return;
    }
    const bool held = span.reason == CycleReason::kHeld;
    if (held || span.reason == CycleReason::kEmptyColumn)
      event.column = origin_.first_column + image.number(columns[span.broadcast]);
    if (held) event.held_by = static_cast<std::uint16_t>(span.held_by);
    append(activity_.pe[span.pe], event);
  };
  auto broadcast = [&](const AccountedBroadcast& at) {
    const std::uint32_t column = columns[at.broadcast];
    decoded = image.column(column);
    padding_ = decoded.first_padding;
    add_stalls(at, start, origin_.first_column + image.number(column));
    activity_.broadcasts.push_back(
        {start + static_cast<std::uint32_t>(at.cycle), origin_.first_column + image.number(column), values_[at.broadcast]});
  };
  const AccountedBatch batch = account_batch(config_, columns.size(), slots, visit, broadcast);
  add_state(LaunchState::kCompute, batch.compute_cycles);
  cycle_ += batch.compute_cycles;
  add_state(LaunchState::kDrain, batch.cycles - batch.compute_cycles);
  cycle_ += batch.cycles - batch.compute_cycles;
}

/// A PE's column, cut where padding is. PEs come in order, as Image::padding() has them.
void LaunchRecorder::add_work(const Image& image, std::uint32_t column, const Column& decoded, const PeEvent& work, unsigned pe) {
  std::vector<PeEvent>& lane = activity_.pe[pe];
  PeEvent event = work;
  event.column = origin_.first_column + image.number(column);
  const std::vector<Padding>& padding = image.padding();
  while (padding_ < decoded.last_padding && padding[padding_].pe < pe) ++padding_;
  if (padding_ == decoded.last_padding || padding[padding_].pe != pe) {
    lane.push_back(event);
    return;
  }
  image.padding_slots(column, pe, places_);
  std::uint32_t done = 0;
  auto add = [&](std::uint32_t count, CycleReason reason) {
    append(lane, {event.cycle + done, count, event.column, reason, kNoPe});
    done += count;
  };
  for (const std::uint32_t place : places_) {
    add(place - done, CycleReason::kWork);
    add(1, CycleReason::kPadding);
  }
  add(event.cycles - done, CycleReason::kWork);
}

/// In a wait no queue fills up: the full ones make room one after the other.
void LaunchRecorder::add_stalls(const AccountedBroadcast& at, std::uint32_t start, std::uint32_t column) {
  for (std::int64_t cycle = at.waited_from; cycle < at.cycle;) {
    StallEvent stall;
    std::int64_t until = at.cycle - 1;
    for (unsigned p = 0; p < config_.n_pe; ++p) {
      if (at.accepted[p] < cycle) continue;
      stall.pes.push_back(static_cast<std::uint16_t>(p));
      until = std::min(until, at.accepted[p]);
    }
    stall.cycle = start + static_cast<std::uint32_t>(cycle);
    stall.cycles = static_cast<std::uint32_t>(until + 1 - cycle);
    stall.column = column;
    activity_.stalls.push_back(std::move(stall));
    cycle = until + 1;
  }
}

PlaceEvent LaunchRecorder::in_layer(PlaceEvent place) const {
  place.column += origin_.first_column;
  if (place.row != kNoRow) place.row += origin_.first_row;
  return place;
}

void LaunchRecorder::end_launch() {
  activity_.cycles = cycle_;
  if (cycle_ > kLongestRecordedLaunch) {
    throw std::length_error("a launch of more than 2^32 cycles has no events; run it without an observer");
  }
  // A PE reports an entry before it reports a column without one.
  auto order = [](const PlaceEvent& place) { return std::make_tuple(place.cycle, place.pe, place.entry == kNoEntry); };
  auto sort = [&](std::vector<PlaceEvent>& places) {
    std::stable_sort(places.begin(), places.end(), [&](const PlaceEvent& a, const PlaceEvent& b) { return order(a) < order(b); });
  };
  sort(activity_.saturated);
  sort(activity_.errors);
}

}  // namespace eie::model
