#include "tb/engines/engines.h"

#include "cfg_list.h"
#include "tb/support/error.h"
#include "tb/engines/hw_registry.h"
#include "tb/engines/tlm_engine.h"

#include <cmath>
#include <systemc>

#include "tlm/config/clock_period.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

const std::vector<HwEntry>& hw_engines() {
  static const std::vector<HwEntry> engines = {
#define EIE_HW_ENTRY(name) {compiled_config<cfg::name>(), &HwFactory<cfg::name>::make},
      EIE_FOR_EACH_CFG(EIE_HW_ENTRY)
#undef EIE_HW_ENTRY
  };
  return engines;
}

/// Clocks over 500 MHz may need more than the kernel's picoseconds. A femtosecond does for all legal ones. To ask the kernel
/// for its resolution would fix it.
void refine_resolution(const HwConfig& config) {
  const double steps = 1e6 / config.clock_mhz;  // of 1 ps
  if (std::abs(std::round(steps) - steps) <= steps * kLargestPeriodError) return;
  try {
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  } catch (const sc_core::sc_report&) {
    // A program with times of its own has decided already; clock_period() says whether that will do.
  }
}

}  // namespace

std::unique_ptr<Device> make_compiled(const std::vector<HwEntry>& entries, const HwConfig& config,
                                      const TraceOptions& trace, const std::string& engine) {
  return find_compiled(entries, config, engine).make(trace);
}

std::unique_ptr<Device> make_engine(const std::string& engine, const HwConfig& config,
                                    const TraceOptions& trace) {
  if (engine == "hw" || engine == "tlm") refine_resolution(check(config));
  if (engine == "hw") return make_compiled(hw_engines(), config, trace);
  if (engine == "rtl") return make_compiled(rtl_engines(), config, trace, engine);
  if (engine == "tlm") {
    if (!trace.file.empty()) throw UserError("engine tlm has no signals to trace; use --engine hw with --trace");
    return std::make_unique<TlmEngine>("eie", config);
  }
  throw UserError("engine '" + engine + "' is not built in; expected: hw, tlm or rtl");
}

}  // namespace eie::tb
