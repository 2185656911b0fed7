// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/compiled_configs.h"

#include <algorithm>

#include "tb/engines/compiled.h"

namespace eie::tb {

bool is_compiled(const HwConfig& config, const std::vector<HwConfig>& compiled) {
  return std::any_of(compiled.begin(), compiled.end(), [&config](const HwConfig& other) {
    return other.name == config.name && first_difference(config, other).empty();
  });
}

}  // namespace eie::tb
