// The configurations that are Verilated for engine rtl.
#include "tb/engines/hw_registry.h"
#include "rtl_cfg_list.h"

namespace eie::tb {

#define EIE_RTL_DECLARE(name) std::unique_ptr<Device> make_rtl_##name(const TraceOptions& trace);
EIE_FOR_EACH_RTL_CFG(EIE_RTL_DECLARE)  // generated/rtl_engine_NAME.cpp
#undef EIE_RTL_DECLARE

const std::vector<HwEntry>& rtl_engines() {
  static const std::vector<HwEntry> engines = {
#define EIE_RTL_ENTRY(name) {compiled_config<cfg::name>(), &make_rtl_##name},
      EIE_FOR_EACH_RTL_CFG(EIE_RTL_ENTRY)
#undef EIE_RTL_ENTRY
  };
  return engines;
}

}  // namespace eie::tb
