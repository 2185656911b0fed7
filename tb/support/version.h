// SPDX-License-Identifier: Apache-2.0
// Version of the programs, and of the layout of their JSON reports.
#pragma once

namespace eie::tb {

constexpr const char* kVersion = "1.0.0";
constexpr const char* kReportSchema = "eie-report/1";

}  // namespace eie::tb
