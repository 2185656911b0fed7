// SPDX-License-Identifier: Apache-2.0
// A search of a design space instead of an enumeration: Optuna proposes points, the model answers (docs/sweep.md).
#pragma once

#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "tb/sweep/points.h"
#include "tb/sweep/results/journal.h"

namespace eie::tb {

class Search {
 public:
  /// `objective`: energy_delay, energy_delay_area, time or energy. Throws UserError for another one, and for a sweep with
  /// several layers, networks, seeds or technologies, between which there is nothing to choose.
  Search(const SweepPoints& points, const std::string& objective, std::uint64_t trials);

  /// Asks and answers; points that the journal has are not run again, and the same sweep is searched in the same order: an
  /// ended search goes on. Returns what came of it, for the report. Throws UserError where Optuna is not found.
  nlohmann::ordered_json run(Journal& journal);

 private:
  const SweepPoints& points_;
  std::string objective_;
  std::uint64_t trials_;
};

/// Says what was found; nothing for null.
void print_search(const nlohmann::ordered_json& search, std::FILE* out);

}  // namespace eie::tb
