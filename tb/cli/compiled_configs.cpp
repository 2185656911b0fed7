#include "tb/cli/compiled_configs.h"

#include <algorithm>

#include "tlm/config/compiled_config.h"
#include "tb/engines/hw_registry.h"
#include "cfg_list.h"

namespace eie::tb {

std::vector<HwConfig> compiled_for_hw() {
#define EIE_VALUES(name) compiled_config<cfg::name>(),
  return {EIE_FOR_EACH_CFG(EIE_VALUES)};
#undef EIE_VALUES
}

bool is_compiled(const HwConfig& config, const std::vector<HwConfig>& compiled) {
  return std::any_of(compiled.begin(), compiled.end(), [&config](const HwConfig& other) {
    return other.name == config.name && first_difference(config, other).empty();
  });
}

}  // namespace eie::tb
