// A file of its own: the headers of engine rtl define the same structs as those of engine hw.
#include "tlm/config/compiled_config.h"
#include "cli_rtl_cfg_list.h"
#include "tb/cli/compiled_configs.h"

namespace eie::tb {

std::vector<HwConfig> compiled_for_rtl() {
#define EIE_VALUES(name) compiled_config<cfg::name>(),
  return {EIE_FOR_EACH_RTL_CFG(EIE_VALUES)};
#undef EIE_VALUES
}

}  // namespace eie::tb
