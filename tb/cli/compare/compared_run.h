// SPDX-License-Identifier: Apache-2.0
// A run of eie compare, and how two of them are run again to find the cycle in which they begin to differ.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tb/cli/compare/first_difference.h"
#include "tb/cli/compare/read_log.h"
#include "tb/cli/options/layer_options.h"
#include "tb/faults/flip.h"

namespace eie::tb {

/// One column of the comparison.
struct ComparedRun {
  NamedConfig named;
  std::string engine;
  std::string label;
  std::vector<Flip> flips;
  // What came of it.
  nlohmann::ordered_json report;
  std::string mismatch;  // the first, in words
  std::vector<LoggedRead> reads;
};

/// Which cycle the difference begins in, whose consequence a host read first at `at`: behind a launch.
std::optional<FirstDifference> find_cycle(const ComparedRun& expected, const ComparedRun& seen, const LoggedRead& at,
                                          const Options& options, const LayerFiles& files, LoadMode mode);

}  // namespace eie::tb
