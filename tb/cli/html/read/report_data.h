// SPDX-License-Identifier: Apache-2.0
// What reports of the program say, as far as a page shows it (docs/eie.md has the keys).
#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tlm/model/timing/cycle_account.h"

namespace eie::tb {

using Number = std::optional<double>;

struct EnergyLine {
  std::string block, event, unit;
  double count = 0, each = 0, uj = 0;
};
/// `refused` says why there is none; empty: there is one.
struct EnergyData {
  std::string technology, refused;
  double uj = 0, power_mw = 0, gops = 0, dram_uj = 0;
  Number frames, frames_per_s, frames_per_j;
  std::vector<std::string> without;
  std::vector<EnergyLine> parts;
};
struct AreaLine {
  std::string block, what;
  double count = 0, um2 = 0;
};
struct AreaData {
  std::string technology, refused;
  double mm2 = 0;
  std::vector<std::string> without;
  std::vector<AreaLine> parts;
};

/// What fixed point lost of one quantity.
struct LossData {
  std::string of;
  double zeroed = 0, clamped = 0, relative = 0;
};

/// A layer, or all of them together.
struct LayerData {
  std::string name;
  Number rows, columns, cycles, time_us, io_cycles, launches, batches, broadcasts;
  Number entries, padding, padding_skipped, pe_min, pe_mean, pe_max;
  std::vector<double> per_pe;  // empty in a report without the list
  Number load_balance, queue_full, starved, transfer, spmat_reads, ptr_reads, act_reads;
  std::optional<std::array<double, kCycleReasons>> pe_cycles;
  Number floor_nonzeros, floor_broadcasts, floor_distance;
  std::optional<bool> golden_match;
  Number mismatches;
  bool saturated = false;
  std::vector<LossData> losses;
  Number error_max, error_rms;
  std::string error_of;            // weights or shared
  Number shared_from, shared_rms;  // values clustered, and the error of that; nothing: none were
  Number paper_us, paper_balance;
  std::optional<EnergyData> energy;
};

struct InputData {
  std::string role, layer, path, shape, dtype, sha256;
};

/// One run of one configuration: a report of run, export, network or bench, or one of those of compare.
struct RunData {
  std::string file, command, version, engine, config;
  std::string label;  // tells it from the other runs of the page
  double n_pe = 0, clock_mhz = 0;
  Number seed;
  std::vector<std::pair<std::string, std::string>> configuration, options;
  std::vector<InputData> inputs;
  std::vector<std::string> warnings;
  LayerData all;
  std::vector<LayerData> layers;  // one without a name for a single layer
  bool list = false;              // layers with names
  Number samples, accuracy, float_accuracy;
  std::optional<AreaData> area;

  const std::string* option(const std::string& name) const;
};

struct PointData {
  std::string status, reason, work;  // work: layer or network, and seed and technology where there are several
  std::vector<std::string> keys;     // values, in the order of SweepRows::keys
  Number cycles, time_us, energy_uj, power_mw, area_mm2, load_balance;
  bool pareto = false;
  std::size_t index = 0;
};
struct SweepRows {
  std::string file, version;
  Number total;                          // points that there are, done or not
  std::vector<std::string> differences;  // of the sample that was run on engine hw
  std::string sample;                    // how many of it agreed; empty: there was none
  std::vector<std::string> keys;         // what was varied
  std::vector<PointData> points;
  std::vector<std::pair<std::string, std::string>> options;
};

struct ReportData {
  std::vector<RunData> runs;
  std::vector<SweepRows> sweeps;
  std::vector<std::string> differences;  // of engines
  nlohmann::ordered_json sources = nlohmann::ordered_json::array();
};

/// Adds the report in the text of `file`. Throws UserError for what is no report, one of another kind or version, and one
/// that lacks a key.
void add_report(ReportData& data, const std::string& file, std::string_view text);

/// Gives each run a label of its own.
void label_runs(ReportData& data);

}  // namespace eie::tb
