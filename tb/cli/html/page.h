// SPDX-License-Identifier: Apache-2.0
// The page that `eie report` writes (docs/report.md).
#pragma once

#include <string>
#include <string_view>

#include "tb/cli/html/read/report_data.h"

namespace eie::tb {

/// One HTML file with everything in it. `data` has at least one run or sweep, and its runs have labels.
std::string report_page(const ReportData& data);

/// The content of tb/cli/html/web/<name>, as the build embeds it. Throws std::logic_error if there is none.
std::string_view report_web_file(std::string_view name);

}  // namespace eie::tb
