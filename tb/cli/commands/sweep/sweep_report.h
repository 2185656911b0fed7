// SPDX-License-Identifier: Apache-2.0
// What came of a sweep: as JSON, and for people.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tb/cli/commands/sweep/hw_sample.h"
#include "tb/sweep/results/table.h"

namespace eie::tb {

struct SweepReport {
  const SweepTable* table = nullptr;
  nlohmann::ordered_json options;
  std::optional<HwSample> sample;
  std::uint64_t found = 0;        // points that an earlier run had done
  double seconds = 0;             // of this run
  nlohmann::ordered_json search;  // of --optimize; null: everything was enumerated
};

/// Writes the report, row after row: it is never in memory as a whole. Throws UserError.
void write_sweep_json(const SweepReport& report, const std::string& path);

/// Prints how many points there are of each kind, and the fronts.
void print_sweep(const SweepReport& report, std::FILE* out);

}  // namespace eie::tb
