// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/engines.h"

#include <cmath>
#include <systemc>

#include "tb/engines/compiled.h"
#include "tb/engines/tlm_engine.h"
#include "tb/support/error.h"
#include "tlm/config/clock_period.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

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

std::unique_ptr<Device> make_engine(const std::string& engine, const HwConfig& config, const TraceOptions& trace) {
  if (engine == "hw" || engine == "tlm") refine_resolution(check(config));
  if (engine == "hw") return find_compiled(compiled_hw_engines(), config, engine).make(trace);
  if (engine == "rtl") return find_compiled(compiled_rtl_engines(), config, engine).make(trace);
  if (engine == "tlm") {
    if (!trace.file.empty()) throw UserError("engine tlm has no signals to trace; use --engine hw with --trace");
    return std::make_unique<TlmEngine>("eie", config);
  }
  throw UserError("engine '" + engine + "' is not built in; expected: hw, tlm or rtl");
}

}  // namespace eie::tb
