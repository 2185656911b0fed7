// SPDX-License-Identifier: Apache-2.0
// The list of keys (tlm/config/config_keys.h) as text, for scripts/config_keys.
#pragma once

#include <string>

namespace eie::tb {

/// A line a key in the order of a file, fields separated by tabs: name, type as in a JSON schema ("string", "integer",
/// "boolean", "number"), range, meaning, the paper's value, and where it stands in the CAP registers ("CAP0 47:32", or "-").
std::string key_table();

}  // namespace eie::tb
