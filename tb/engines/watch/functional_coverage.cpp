// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/watch/functional_coverage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unistd.h>

namespace eie::tb {
namespace {

using Condition = Crossing::Condition;

const Condition kBypass = {"bypass", {"no", "adder output", "register file"}};

std::vector<Crossing> all_crossings() {
  const Condition stall = {"queue full", {"no", "another PE's", "its own"}};
  const Condition last = {"last column", {"no", "yes"}};
  const Condition kind = {"entry", {"weight", "padding"}};
  const Condition run = {"run", {"0", "between", "largest"}};
  return {{"stall_column_bypass", {stall, last, kBypass}},
          {"run_padding_row", {run, kind, {"row end", {"no", "yes"}}, {"row fetch", {"no", "yes"}}}},
          {"batch_stall",
           {{"batch", {"only", "first", "middle", "last"}}, {"queue full", {"no", "yes"}}, {"broadcasts", {"0", "1", "more"}}}},
          {"bank_entries", {{"column", {"even", "odd"}}, {"entries", {"0", "1", "up to a row", "more"}}}},
          {"saturation_bypass", {{"saturated", {"no", "yes"}}, kBypass}},
          {"ecc",
           {{"memory", {"Spmat", "pointer", "activation"}}, {"device", {"idle", "busy"}}, {"error", {"corrected", "detected"}}}}};
}

}  // namespace

Crossing::Crossing(std::string name, std::vector<Condition> conditions)
    : name_(std::move(name)), conditions_(std::move(conditions)) {
  std::size_t count = 1;
  for (const Condition& condition : conditions_) count *= condition.values.size();
  bins_.assign(count, 0);
}

void Crossing::hit(std::initializer_list<std::size_t> values) {
  std::size_t bin = 0;
  const Condition* condition = conditions_.data();
  for (const std::size_t value : values) bin = bin * (condition++)->values.size() + value;
  ++bins_.at(bin);
}

FunctionalCoverage::FunctionalCoverage(const DeviceConfig& config)
    : config_(config), crossings_(all_crossings()), pes_(config.n_pe) {}

void FunctionalCoverage::add(const CycleView& view, const CycleFacts& facts, const LaunchContext& context) {
  for (const PeView& pe : view.pe) {
    for (std::size_t memory = 0; memory < 3; ++memory) {
      if (pe.corrected >> memory & 1U) crossings_[kEcc].hit({memory, view.busy ? 1U : 0U, 0});
      if (pe.detected >> memory & 1U) crossings_[kEcc].hit({memory, view.busy ? 1U : 0U, 1});
    }
  }
  if (!facts.in_launch) {
    if (batch_ != 0) end_batch(true);
    batch_ = 0;
    return;
  }
  if (facts.first) {
    for (PeHistory& pe : pes_) pe = PeHistory();
    launch_batches_ = (context.columns + config_.batch_columns() - 1) / config_.batch_columns();
  }
  if (facts.batch_begins) {
    if (batch_ != 0) end_batch(false);
    batch_ = facts.batch;
    broadcasts_ = 0;
    stalled_ = false;
    exhausted_ = false;
  }
  if (facts.broadcast) {
    ++broadcasts_;
    last_broadcast_ = facts.broadcast_column;
  }
  stalled_ = stalled_ || facts.stalled;
  exhausted_ = exhausted_ || (facts.state == LaunchState::kDrain);
  const bool full = std::any_of(view.pe.begin(), view.pe.end(), [](const PeView& pe) { return pe.full; });
  for (unsigned p = 0; p < config_.n_pe; ++p) {
    const std::size_t stall = view.pe[p].full ? 2 : full ? 1 : 0;
    add_pe(view.pe[p], facts.pe[p], pes_[p], stall, exhausted_ ? last_broadcast_ : kNoColumn);
  }
}

void FunctionalCoverage::add_pe(const PeView& view, const PeFacts& facts, PeHistory& pe, std::size_t stall,
                                std::uint32_t last_column) {
  // What happened in earlier cycles is a cycle older.
  std::rotate(pe.rows.begin(), pe.rows.end() - 1, pe.rows.end());
  std::rotate(pe.bypass.begin(), pe.bypass.end() - 1, pe.bypass.end());
  pe.rows[0] = kNoRow;
  pe.bypass[0] = -1;
  if (view.entry_valid) {
    if (view.entry_first && !pe.bases.empty()) {
      pe.base = pe.bases.front();
      pe.bases.pop_front();
    }
    add_entry(view, facts, pe, stall, facts.column == last_column);
  }
  if (view.address_valid && view.address_first) pe.bases.push_back(view.address);
  if (view.fresh) {
    const std::size_t many = view.fresh_entries > config_.entries_per_row() ? 3 : view.fresh_entries > 1 ? 2 : view.fresh_entries;
    crossings_[kBankEntries].hit({pe.fresh_column & 1, many});
  }
  if (view.accept) pe.fresh_column = view.head_column;
  if (pe.bypass[3] >= 0) crossings_[kSaturationBypass].hit({view.saturated ? 1U : 0U, static_cast<std::size_t>(pe.bypass[3])});
}

void FunctionalCoverage::add_entry(const PeView& view, const PeFacts& facts, PeHistory& pe, std::size_t stall, bool last_column) {
  const std::uint32_t largest = (1U << config_.run_width) - 1;
  const std::uint32_t per_row = config_.entries_per_row();
  const std::uint32_t address = pe.base + facts.entry;
  const std::uint32_t row = address / per_row;
  const bool padding = view.code == 0;
  crossings_[kRunPaddingRow].hit({view.run == 0         ? 0U
                                  : view.run == largest ? 2U
                                                        : 1U,
                                  padding ? 1U : 0U, address % per_row == per_row - 1 ? 1U : 0U, row != pe.spmat_row ? 1U : 0U});
  pe.spmat_row = row;
  if (padding) return;
  const std::size_t bypass = facts.row == pe.rows[1] ? 1 : facts.row == pe.rows[2] ? 2 : 0;
  pe.rows[0] = facts.row;
  pe.bypass[0] = static_cast<int>(bypass);
  crossings_[kStallColumnBypass].hit({stall, last_column ? 1U : 0U, bypass});
}

void FunctionalCoverage::end_batch(bool last) {
  const std::size_t which = launch_batches_ <= 1 ? 0 : batch_ == 1 ? 1 : last ? 3 : 2;
  crossings_[kBatchStall].hit({which, stalled_ ? 1U : 0U, std::min<std::size_t>(broadcasts_, 2)});
}

std::string FunctionalCoverage::json() const {
  nlohmann::ordered_json line;
  line["config"] = config_.name;
  for (const Crossing& crossing : crossings_) {
    nlohmann::ordered_json& to = line["crossings"][crossing.name()];
    for (const Condition& condition : crossing.conditions()) to["conditions"][condition.name] = condition.values;
    to["bins"] = crossing.bins();
  }
  return line.dump();
}

void FunctionalCoverage::append_to(const std::string& file) const {
  const std::string text = json() + "\n";
  const int number = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool done = number >= 0 && write(number, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (number >= 0) close(number);
  if (!done)
    throw std::runtime_error("EIE_COVERED: " + file + ": " + std::strerror(error) + ": expected a file that can be written");
}

}  // namespace eie::tb
