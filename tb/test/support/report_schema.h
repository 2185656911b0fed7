// SPDX-License-Identifier: Apache-2.0
// Every report of every test is held against tb/layers/report.schema.json, and against what a schema cannot say.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace eie::tb {

/// The first fault of a report, or an empty string.
std::string report_fault(const nlohmann::json& report);

/// Reads the report at `path` and fails the test when it has a fault.
nlohmann::json read_report(const std::string& path);

}  // namespace eie::tb
