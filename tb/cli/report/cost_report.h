// SPDX-License-Identifier: Apache-2.0
// Energy and area in a report: keys for programs, lines for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tb/cli/report/report.h"
#include "tb/cost/cost.h"

namespace eie::tb {

/// All layers of a report as one, as far as their cost goes: counters and samples.
LayerReport all_layers(const Report& report);

/// Key `energy` of a layer that ran; null without a technology.
void add_energy(nlohmann::ordered_json& j, const Report& report, const LayerReport& layer);
/// Key `area` of the machine; null without a technology.
void add_area(nlohmann::ordered_json& j, const Report& report);

/// "7.15 uJ, 586.5 mW, ... (paper45)", or why it is not known; empty where nothing ran.
std::string energy_text(const Report& report, const LayerReport& layer);
std::string area_text(const Report& report);

}  // namespace eie::tb
