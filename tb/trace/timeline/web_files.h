// SPDX-License-Identifier: Apache-2.0
// The sources of the page, tb/trace/web/, as the build embeds them.
#pragma once

#include <string_view>

namespace eie::tb {

/// The content of tb/trace/web/<name>. Throws std::logic_error if there is none.
std::string_view web_file(std::string_view name);

}  // namespace eie::tb
