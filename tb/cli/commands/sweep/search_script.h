// SPDX-License-Identifier: Apache-2.0
// The program in Python that proposes points: optimize.py, which the program has in it.
#pragma once

#include <string_view>

namespace eie::tb {

/// The text of a file of this folder. Throws std::logic_error for another name.
std::string_view search_script(std::string_view name);

}  // namespace eie::tb
