// SPDX-License-Identifier: Apache-2.0
// Which interesting crossings of conditions a device has been through: counts by cycle, from the same view that events are made
// of.
//
// With EIE_COVERED=FILE in the environment the engine hw adds a line of JSON to FILE when a device goes away;
// scripts/functional_coverage merges the lines of all tests into docs/reports/functional_coverage.md and UCIS XML. A crossing is
// a list of conditions with their values; a bin is one value of each. Bins that the configuration or the design cannot reach are
// named in that script.
//
//   stall_column_bypass   an entry that is not padding: queues full at its PE, elsewhere, nowhere; its column is the batch's
//   last, or
//                         not; its accumulator was written one entry ago, two cycles ago, or earlier (the bypass paths)
//   run_padding_row       an entry: run 0, between, the largest; padding or not; last of its Spmat row or not; first use of that
//   row
//                         or not
//   batch_stall           a batch, at its end: first, middle, last or only one of its launch; a queue was full in it or not; 0, 1
//   or
//                         more broadcasts
//   bank_entries          pointers at the SRAM outputs: column even or odd; 0, 1, up to a row's, or more entries
//   saturation_bypass     an entry that is not padding: its sum saturated or not; bypass as above
//   ecc                   a word with an error: Spmat, pointer, activation; corrected or not
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tb/engines/watch/cycle_watcher.h"

namespace eie::tb {

/// Counts of one crossing's bins.
class Crossing {
 public:
  struct Condition {
    std::string name;
    std::vector<std::string> values;
  };
  Crossing(std::string name, std::vector<Condition> conditions);

  /// One hit; a value a condition.
  void hit(std::initializer_list<std::size_t> values);

  const std::string& name() const { return name_; }
  const std::vector<Condition>& conditions() const { return conditions_; }
  /// In the order of nested loops over the conditions, the last one innermost.
  const std::vector<std::uint64_t>& bins() const { return bins_; }

 private:
  std::string name_;
  std::vector<Condition> conditions_;
  std::vector<std::uint64_t> bins_;
};

class FunctionalCoverage {
 public:
  explicit FunctionalCoverage(const DeviceConfig& config);

  /// To be called for each cycle, in order.
  void add(const CycleView& view, const CycleFacts& facts, const LaunchContext& context);

  const std::vector<Crossing>& crossings() const { return crossings_; }
  /// One line, without its end.
  std::string json() const;
  /// Appends that line. Tests run side by side: a line is one write.
  void append_to(const std::string& file) const;

 private:
  enum Which : std::size_t { kStallColumnBypass, kRunPaddingRow, kBatchStall, kBankEntries, kSaturationBypass, kEcc };
  struct PeHistory {
    std::array<std::uint32_t, 3> rows = {kNoRow, kNoRow, kNoRow};  // that were written one cycle ago, two, three
    std::array<int, 4> bypass = {-1, -1, -1, -1};                  // of the entry of this cycle, one ago ...; -1: none
    std::deque<std::uint32_t> bases;                               // first entry of columns on their way
    std::uint32_t base = 0;
    std::uint32_t position = 0;
    std::uint32_t spmat_row = ~std::uint32_t{0};  // that was read last
    std::uint32_t fresh_column = 0;
  };

  void add_pe(const PeView& view, const PeFacts& facts, PeHistory& pe, std::size_t stall, std::uint32_t last_column);
  void add_entry(const PeView& view, const PeFacts& facts, PeHistory& pe, std::size_t stall, bool last_column);
  void end_batch(bool last);

  DeviceConfig config_;
  std::vector<Crossing> crossings_;
  std::vector<PeHistory> pes_;
  // Of the batch at hand
  std::uint64_t batch_ = 0;
  std::uint64_t broadcasts_ = 0;
  bool stalled_ = false;
  std::uint32_t last_broadcast_ = kNoColumn;
  bool exhausted_ = false;
  std::uint64_t launch_batches_ = 0;
};

}  // namespace eie::tb
