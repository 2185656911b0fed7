// SPDX-License-Identifier: Apache-2.0
// Whether engine rtl has a configuration in this build.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tb/engines/compiled.h"

namespace eie::tb {

inline bool has_rtl(const std::string& name) {
  const std::vector<CompiledEngine>& built = compiled_rtl_engines();
  return std::any_of(built.begin(), built.end(), [&](const CompiledEngine& entry) { return entry.config.name == name; });
}

}  // namespace eie::tb
