// SPDX-License-Identifier: Apache-2.0
#include "tb/host/pe_account.h"

#include <algorithm>

#include "tlm/model/timing/slots.h"

namespace eie::tb {
namespace {

/// Cycles that a column takes in a PE. `first`: the entry of the code at which a row of Spmat begins.
std::int64_t slots_of(const PeCode& code, std::size_t column, std::uint32_t first, const HwConfig& config) {
  const std::uint32_t begin = code.pointers[column];
  const std::uint32_t end = code.pointers[column + 1];
  if (!config.skip_padding) return static_cast<std::int64_t>(end) - static_cast<std::int64_t>(begin);
  model::SlotWalk walk(config);
  std::int64_t slots = 0;
  for (std::uint32_t at = begin; at < end; ++at) slots += walk.takes_slot(at - first, code.entries[at], at + 1 == end) ? 1 : 0;
  return slots;
}

/// One launch; false if the replay differs from the device's counters.
bool account_launch(const DeviceLayer& layer, const Launch& launch, const std::vector<std::int32_t>& inputs, const Counters& seen,
                    const HwConfig& config, PeCycles& account) {
  const std::vector<PeCode>& code = layer.image->code[launch.block];
  const std::uint64_t n = config.n_pe;
  std::vector<std::uint64_t> slots(n, 0);
  PeCycles launch_account;
  std::uint64_t cycles = 2;  // idle before the first batch, finish after the last
  launch_account[CycleReason::kFill] += n;
  launch_account[CycleReason::kDrain] += n;
  if (launch.first && layer.bias.empty()) {  // clear
    cycles += 1;
    launch_account[CycleReason::kFill] += n;
  }
  std::uint64_t broadcasts = 0;
  std::uint64_t queue_full_cycles = 0;
  std::uint64_t batches = 0;
  std::vector<std::size_t> columns;
  for (std::size_t done = 0; done < launch.columns;) {
    const std::size_t length = std::min<std::size_t>(launch.columns - done, config.batch_columns());
    columns.clear();
    for (std::size_t j = 0; j < length; ++j) {
      const std::size_t column = launch.first_column + done + j;
      if (inputs[column] != 0) columns.push_back(column);
    }
    const AccountedBatch batch = account_batch(
        config, columns.size(),
        [&](std::size_t i, unsigned p) { return slots_of(code[p], columns[i], code[p].pointers[launch.first_column], config); },
        [&](const CycleSpan& span) {
          const auto length_of = static_cast<std::uint64_t>(span.last - span.first);
          launch_account[span.reason] += length_of;
          if (span.reason == CycleReason::kWork) slots[span.pe] += length_of;
        });
    launch_account[CycleReason::kFill] += n;  // arm
    cycles += 1 + batch.cycles;
    queue_full_cycles += batch.queue_full_cycles;
    broadcasts += columns.size();
    ++batches;
    done += length;
  }
  const std::uint64_t transfer = seen.act_transfer_cycles;
  if (cycles + transfer != seen.cycles || broadcasts != seen.broadcasts || batches != seen.batches ||
      queue_full_cycles != seen.queue_full_cycles || seen.pe.size() != n) {
    return false;
  }
  for (unsigned p = 0; p < n; ++p) {
    const PeCounts& pe = seen.pe[p];
    if (slots[p] + pe.padding_skipped != pe.entries || slots[p] + pe.starved != seen.cycles) return false;
    const std::uint64_t padding = pe.padding - pe.padding_skipped;
    launch_account[CycleReason::kWork] -= padding;
    launch_account[CycleReason::kPadding] += padding;
  }
  launch_account[CycleReason::kTransfer] += n * transfer;
  account.add(launch_account);
  return launch_account.total() == n * seen.cycles;
}

}  // namespace

std::uint64_t PeCycles::total() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t cycles : by) sum += cycles;
  return sum;
}

void PeCycles::add(const PeCycles& other) {
  for (unsigned r = 0; r < kCycleReasons; ++r) by[r] += other.by[r];
}

std::optional<PeCycles> account_cycles(const DeviceLayer& layer, const std::vector<std::int32_t>& inputs,
                                       const LayerResult& result, const HwConfig& config) {
  PeCycles account;
  if (result.launches.size() != layer.plan->launches.size()) return std::nullopt;
  for (std::size_t n = 0; n < result.launches.size(); ++n) {
    if (!account_launch(layer, layer.plan->launches[n], inputs, result.launches[n], config, account)) {
      return std::nullopt;
    }
  }
  return account;
}

}  // namespace eie::tb
