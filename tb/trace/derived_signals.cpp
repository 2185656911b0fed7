#include "tb/trace/derived_signals.h"

#include <cmath>

namespace eie::tb {
namespace {

/// Short, so that a cycle of the usual view is wide enough for them. In the order of CycleReason.
constexpr const char* kWords[kCycleReasons] = {"work", "pad", "empty", "held", "none", "fill", "drain", "move"};

}  // namespace

DerivedSignals::DerivedSignals(const DeviceConfig& config) : config_(config), watcher_(config), pe_(config.n_pe) {}

void DerivedSignals::add_to(WaveRecorder& recorder) const {
  const auto bits = [&recorder](const char* scope, const char* name, unsigned width, const void* data, unsigned bytes) {
    WaveSignal signal;
    signal.variable = {scope, name, WaveKind::kBits, width};
    signal.data = data;
    signal.bytes = bytes;
    recorder.add(std::move(signal));
  };
  const auto value = [&recorder](const std::string& scope, const char* name, WaveKind kind, const void* data) {
    WaveSignal signal;
    signal.variable = {scope, name, kind, 1};
    signal.data = data;
    recorder.add(std::move(signal));
  };
  bits("launch", "cycle", 32, &cycle_, 4);
  bits("launch", "launch_cycle", 32, &launch_cycle_, 4);
  bits("launch", "launch", 32, &launch_, 4);
  bits("launch", "batch", 32, &batch_, 4);
  value("launch", "state", WaveKind::kText, &state_);
  bits("broadcast", "valid", 1, &broadcast_, 1);
  value("broadcast", "column", WaveKind::kText, &broadcast_column_.text());
  value("broadcast", "value", WaveKind::kReal, &broadcast_value_);
  bits("broadcast", "any_full", 1, &any_full_, 1);
  value("broadcast", "full_pes", WaveKind::kText, &full_pes_);
  bits("broadcast", "stalled", 1, &stalled_, 1);
  value("broadcast", "stalled_column", WaveKind::kText, &stalled_column_.text());
  for (unsigned p = 0; p < config_.n_pe; ++p) {
    const std::string scope = "pe_" + std::to_string(p);
    const PeSignals& pe = pe_[p];
    value(scope, "why", WaveKind::kText, &pe.why);
    value(scope, "column_head", WaveKind::kText, &pe.column_head.text());
    value(scope, "column_pointer", WaveKind::kText, &pe.column_pointer.text());
    value(scope, "column_entry", WaveKind::kText, &pe.column_entry.text());
    value(scope, "column_sum", WaveKind::kText, &pe.column_sum.text());
    value(scope, "row", WaveKind::kText, &pe.row.text());
    value(scope, "sum", WaveKind::kReal, &pe.sum);
  }
}

void DerivedSignals::Number::set(std::uint32_t number) {
  if (number == number_) return;
  number_ = number;
  text_ = number == kNoColumn ? "-" : std::to_string(number);
}

void DerivedSignals::watch(std::uint64_t clock, const CycleView& view, const std::vector<SumView>& sums) {
  const CycleFacts& facts = watcher_.watch(view);
  cycle_ = static_cast<std::uint32_t>(clock);
  if (!facts.in_launch && !in_launch_) return;
  in_launch_ = facts.in_launch;
  if (facts.in_launch && facts.first) ++launches_;
  const std::uint64_t announced = watcher_.context().launch;
  launch_ = static_cast<std::uint32_t>(!facts.in_launch ? 0 : announced != 0 ? announced : launches_);
  launch_cycle_ = static_cast<std::uint32_t>(facts.cycle);
  batch_ = static_cast<std::uint32_t>(facts.batch);
  const char* state = facts.in_launch ? kLaunchStateNames[static_cast<unsigned>(facts.state)] : "-";
  if (state_ != state) state_ = state;
  broadcast_ = facts.broadcast ? 1 : 0;
  broadcast_column_.set(facts.broadcast_column);
  broadcast_value_ = std::ldexp(static_cast<double>(facts.broadcast_value), -watcher_.context().act_frac);
  stalled_ = facts.stalled ? 1 : 0;
  stalled_column_.set(facts.stalled_column);
  full_.clear();
  for (unsigned p = 0; p < config_.n_pe; ++p) {
    if (facts.pe[p].full) full_.push_back(static_cast<std::uint16_t>(p));
    watch_pe(p, facts.pe[p], sums[p]);
  }
  any_full_ = full_.empty() ? 0 : 1;
  if (full_ != full_before_) {
    full_pes_ = full_.empty() ? "-" : "";
    for (const std::uint16_t p : full_) full_pes_ += (full_pes_.empty() ? "" : ",") + std::to_string(p);
    full_before_ = full_;
  }
}

void DerivedSignals::watch_pe(unsigned p, const PeFacts& facts, const SumView& sum) {
  PeSignals& pe = pe_[p];
  const std::uint16_t held_by = facts.reason == CycleReason::kHeld ? facts.held_by : kNoPe;
  if (!in_launch_) {
    pe.why = "-";
    pe.reason = CycleReason::kFill;
  } else if (pe.why == "-" || pe.reason != facts.reason || pe.held_by != held_by) {
    pe.why = kWords[static_cast<unsigned>(facts.reason)];
    if (held_by != kNoPe) pe.why += std::to_string(held_by);
    pe.reason = facts.reason;
    pe.held_by = held_by;
  }
  pe.column_head.set(facts.head_column);
  pe.column_pointer.set(facts.pointer_column);
  pe.column_entry.set(facts.entry_column[0]);
  const bool writes = in_launch_ && sum.write;
  pe.column_sum.set(writes ? facts.entry_column[3] : kNoColumn);
  pe.row.set(writes ? static_cast<std::uint32_t>(watcher_.context().first_row) + sum.local_row * config_.n_pe + p : kNoRow);
  if (writes) pe.sum = std::ldexp(static_cast<double>(sum.sum), -watcher_.context().out_frac);
}

}  // namespace eie::tb
