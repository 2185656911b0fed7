// SPDX-License-Identifier: Apache-2.0
// The parts of the page, as HTML.
#pragma once

#include <string>
#include <vector>

#include "tb/cli/html/read/report_data.h"

namespace eie::tb {

using Runs = std::vector<RunData>;

// Of runs: one, or several side by side.
std::string warnings_section(const ReportData& data);  // empty when there are none
std::string verdict_section(const Runs& runs);         // in short
std::string comparison_section(const Runs& runs);      // two runs or more, else empty
std::string layers_section(const Runs& runs);
std::string cycles_section(const Runs& runs);
std::string energy_section(const Runs& runs);
std::string load_section(const Runs& runs);
std::string exactness_section(const Runs& runs);
std::string what_ran_section(const ReportData& data);

/// Of one sweep, as #id.
std::string sweep_section(const SweepRows& sweep, const std::string& id);

/// "alex6, eie64": a layer of a run among several.
std::string layer_label(const Runs& runs, const RunData& run, const LayerData& layer);
/// All runs have layers of the same names.
bool same_layers(const Runs& runs);

}  // namespace eie::tb
