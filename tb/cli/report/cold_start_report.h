// SPDX-License-Identifier: Apache-2.0
// Cold start in a report (docs/cold_start.md): keys for programs, lines for people.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "tb/cli/report/report.h"

namespace eie::tb {

std::vector<const LayerReport*> pointers_to(const std::vector<LayerReport>& layers);

/// Key `cold_start` of layers that ran, one after another; null without a memory.
void add_cold_start(nlohmann::ordered_json& j, const Report& report, const std::vector<const LayerReport*>& layers);

/// Nothing without a memory.
void print_cold_start(const Report& report, const std::vector<const LayerReport*>& layers, std::FILE* out);
/// A table with a row a layer, and all of them below it.
void print_cold_starts(const Report& report, std::FILE* out);

}  // namespace eie::tb
