// SPDX-License-Identifier: Apache-2.0
// What a command found out, as JSON (docs: the report keys) and as a table for people.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/cost/memory.h"
#include "tb/cost/technology.h"
#include "tb/layers/input_files.h"
#include "tb/layers/layer_result.h"

namespace eie::tb {

/// A command's result.
struct Report {
  std::string command;
  std::string engine;  // empty: none ran
  HwConfig config;
  std::shared_ptr<const Technology> technology;  // what energy and area are reckoned with; none: neither is
  std::shared_ptr<const Memory> memory;          // what a cold start loads from; none: not asked for
  std::optional<std::uint64_t> seed;
  nlohmann::ordered_json options;  // of the command line, defaults included
  std::vector<InputFile> inputs;
  std::vector<LayerReport> layers;
  nlohmann::ordered_json flips;         // bits that were flipped, and what came of it; null: none
  nlohmann::ordered_json trace_window;  // of --trace-on: what was recorded; null: not asked for
  bool list = false;                    // several layers under `layers`, totals beside them
  std::optional<std::size_t> samples;
  std::optional<double> accuracy;
  std::optional<double> float_accuracy;

  bool match() const;
  /// Those of the layers, with their names.
  std::vector<std::string> warnings() const;
};

/// Every key of a configuration, in the order of its file.
nlohmann::ordered_json config_json(const HwConfig& config);

/// `inputs` of a report.
nlohmann::ordered_json inputs_json(const std::vector<InputFile>& inputs);

/// `configuration`, `options` and `inputs` of a report.
nlohmann::ordered_json what_ran_json(const HwConfig& config, const nlohmann::ordered_json& options,
                                     const std::vector<InputFile>& inputs);

/// What bounds a layer, in one sentence.
std::string bound_text(const Counters& counters, const PeCycles& account);

/// The full report with the keys of the documentation.
nlohmann::ordered_json to_json(const Report& report);

/// Writes JSON for people and programs, as a whole or not at all; text that is not UTF-8 is marked. Throws UserError.
void write_json(const nlohmann::ordered_json& json, const std::string& path);

/// Writes the JSON report atomically; nothing for an empty path. Throws UserError.
void write_json(const Report& report, const std::string& path);

/// Prints the report for people, and on a mismatch where the first one is.
void print_report(const Report& report, std::FILE* out);

}  // namespace eie::tb
