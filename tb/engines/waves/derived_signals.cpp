// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/waves/derived_signals.h"

#include <cmath>
#include <cstring>
#include <utility>

namespace eie::tb {
namespace {

/// The user's number of a column on the wires.
std::uint32_t named(const LaunchContext& context, std::uint32_t place) {
  return place == kNoColumn ? kNoColumn : static_cast<std::uint32_t>(context.column_at(place));
}

/// Short, so that a cycle of the usual view is wide enough for them. In the order of CycleReason.
constexpr const char* kWords[kCycleReasons] = {"work", "pad", "empty", "held", "none", "fill", "drain", "move"};

void add_bits(WaveRecorder& recorder, const std::string& scope, const std::string& name, const void* data, unsigned bytes,
              unsigned width) {
  WaveSignal s;
  s.variable = {scope, name, WaveKind::kBits, width};
  s.data = data;
  s.bytes = bytes;
  recorder.add(std::move(s));
}
void add_other(WaveRecorder& recorder, const std::string& scope, const std::string& name, WaveKind kind, const void* data) {
  WaveSignal s;
  s.variable = {scope, name, kind, 1};
  s.data = data;
  recorder.add(std::move(s));
}

}  // namespace

std::uint64_t DerivedSignals::Source::bits() const {
  std::uint64_t value = 0;
  std::memcpy(&value, data, bytes);
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

DerivedSignals::DerivedSignals(const HwConfig& config, WaveRecorder& recorder) : config_(config), pes_(config.n_pe) {
  add_bits(recorder, "launch", "cycle", &cycle_, 8, 40);
  add_bits(recorder, "launch", "launch", &launch_, 4, 32);
  add_bits(recorder, "launch", "launch_cycle", &launch_cycle_, 4, 32);
  add_bits(recorder, "launch", "batch", &batch_, 4, 16);
  add_other(recorder, "launch", "state", WaveKind::kText, &state_);
  add_bits(recorder, "broadcast", "valid", &broadcast_, 1, 1);
  add(recorder, "broadcast", "column", broadcast_column_);
  add_other(recorder, "broadcast", "value", WaveKind::kReal, &broadcast_value_);
  add_bits(recorder, "broadcast", "stalled", &stalled_, 1, 1);
  add(recorder, "broadcast", "stalled_column", stalled_column_);
  add_bits(recorder, "broadcast", "any_full", &any_full_, 1, 1);
  add_other(recorder, "broadcast", "full_pes", WaveKind::kText, &full_pes_);
  for (unsigned p = 0; p < config.n_pe; ++p) {
    const std::string scope = "pe_" + std::to_string(p);
    PeWaves& pe = pes_[p];
    const auto source = [&](const char* name) {
      const WaveSignal* s = recorder.find("eie." + scope, name);
      return s == nullptr ? Source() : Source{static_cast<const unsigned char*>(s->data), s->bytes, s->variable.width};
    };
    pe.write = source("access__write");
    pe.write_row = source("access__write_row");
    pe.write_sum = source("access__sum");
    pe.shown = recorder.selects({scope, "why", WaveKind::kText, 1});
    add_other(recorder, scope, "why", WaveKind::kText, &pe.why);
    add(recorder, scope, "column_head", pe.head);
    add(recorder, scope, "column_pointer", pe.pointer);
    add(recorder, scope, "column_entry", pe.entry);
    add(recorder, scope, "column_sum", pe.column);
    add(recorder, scope, "row", pe.row);
    add_other(recorder, scope, "sum", WaveKind::kReal, &pe.sum);
  }
}

void DerivedSignals::add(WaveRecorder& recorder, const std::string& scope, const std::string& name, const Number& number) {
  WaveSignal s;
  s.variable = {scope, name, WaveKind::kBits, 32};
  s.data = &number.value;
  s.bytes = 4;
  s.known = {&number.known, &number.known};
  recorder.add(std::move(s));
}

void DerivedSignals::update(std::uint64_t cycle, const CycleFacts& facts, const LaunchContext& context) {
  cycle_ = cycle;
  if (!facts.in_launch) {
    if (in_launch_) forget();
    return;
  }
  in_launch_ = true;
  if (facts.first) ++launches_;
  launch_ = static_cast<std::uint32_t>(context.launch != 0 ? context.launch : launches_);
  launch_cycle_ = static_cast<std::uint32_t>(facts.cycle);
  batch_ = static_cast<std::uint32_t>(facts.batch);
  const char* const state = kLaunchStateNames[static_cast<unsigned>(facts.state)];
  if (state_ != state) state_ = state;
  broadcast_ = facts.broadcast;
  broadcast_column_.set(facts.broadcast ? named(context, facts.broadcast_column) : kNoColumn, kNoColumn);
  if (facts.broadcast) broadcast_value_ = std::ldexp(facts.broadcast_value, -context.act_frac);
  stalled_ = facts.stalled;
  stalled_column_.set(named(context, facts.stalled_column), kNoColumn);
  full_.clear();
  for (unsigned p = 0; p < pes_.size(); ++p) {
    if (facts.pe[p].full) full_.push_back(static_cast<std::uint16_t>(p));
    if (pes_[p].shown) update_pe(p, facts.pe[p], context);
  }
  any_full_ = !full_.empty();
  if (full_ != full_before_) {
    full_pes_ = full_.empty() ? kNone : "";
    for (const std::uint16_t p : full_) full_pes_ += (full_pes_.empty() ? "" : ",") + std::to_string(p);
    full_before_ = full_;
  }
}

/// Between launches there is nothing to say; values that are numbers keep the last one.
void DerivedSignals::forget() {
  in_launch_ = broadcast_ = stalled_ = any_full_ = false;
  launch_ = launch_cycle_ = batch_ = 0;
  state_ = full_pes_ = kNone;
  full_before_.clear();
  broadcast_column_.known = stalled_column_.known = false;
  for (PeWaves& pe : pes_) {
    pe.why = kNone;
    for (Number* n : {&pe.head, &pe.pointer, &pe.entry, &pe.column, &pe.row}) n->known = false;
  }
}

void DerivedSignals::update_pe(unsigned p, const PeFacts& from, const LaunchContext& context) {
  PeWaves& to = pes_[p];
  const std::uint16_t held_by = from.reason == CycleReason::kHeld ? from.held_by : kNoPe;
  if (to.why == kNone || to.reason != from.reason || to.held_by != held_by) {
    to.why = kWords[static_cast<unsigned>(from.reason)];
    if (held_by != kNoPe) to.why += std::to_string(held_by);
    to.reason = from.reason;
    to.held_by = held_by;
  }
  to.head.set(named(context, from.head_column), kNoColumn);
  to.pointer.set(named(context, from.pointer_column), kNoColumn);
  to.entry.set(named(context, from.entry_column[0]), kNoColumn);
  const bool writes = to.write.data != nullptr && to.write.bits() != 0;
  to.column.set(writes ? named(context, from.entry_column[3]) : kNoColumn, kNoColumn);
  to.row.known = writes;
  if (!writes) return;
  to.row.value = static_cast<std::uint32_t>(context.row_at(to.write_row.bits() * config_.n_pe + p + context.first_row));
  const unsigned unused = 64 - to.write_sum.width;
  to.sum = std::ldexp(static_cast<double>(static_cast<std::int64_t>(to.write_sum.bits() << unused) >> unused), -context.out_frac);
}

}  // namespace eie::tb
