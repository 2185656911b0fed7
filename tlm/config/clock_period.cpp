// SPDX-License-Identifier: Apache-2.0
#include "tlm/config/clock_period.h"

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tlm/config/device_config_check.h"

namespace eie {
namespace {

/// 1250 ps, 1 ns, 10 us
std::string shown(double seconds) {
  static constexpr struct {
    double seconds;
    const char* unit;
  } kUnits[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}, {1e-12, "ps"}, {1e-15, "fs"}};
  std::ostringstream text;
  text.precision(10);
  for (const auto& u : kUnits) {
    // Just below, as 1e-12 in binary is not 10^-12.
    if (seconds < u.seconds * (1 - 1e-9) && u.seconds > 1e-15) continue;
    text << seconds / u.seconds << " " << u.unit;
    break;
  }
  return text.str();
}

/// Whole steps of a resolution, and what is lost by taking so many.
double steps_of(double exact, double resolution) { return std::floor(exact / resolution + 0.5); }
double period_error(double exact, double resolution) {
  return std::abs(steps_of(exact, resolution) * resolution - exact) / exact;
}

}  // namespace

sc_core::sc_time clock_period(double clock_mhz, const std::string& what) {
  const double exact = 1e-6 / clock_mhz;  // seconds
  const double resolution = sc_core::sc_get_time_resolution().to_seconds();
  const double steps = steps_of(exact, resolution);
  const double error = period_error(exact, resolution);
  std::ostringstream text;
  text << what << ": clock_mhz " << clock_mhz << " is a period of " << shown(exact) << ", which the time resolution of "
       << shown(resolution);
  if (steps < 1 || !(error <= kLargestPeriodError)) {
    text << " cannot hold: call sc_set_time_resolution(1, "
         << (period_error(exact, 1e-12) <= kLargestPeriodError ? "SC_PS" : "SC_FS")
         << ") before anything that has a time, or take another clock_mhz";
    SC_REPORT_ERROR("eie/clock/resolution", text.str().c_str());
    throw std::invalid_argument(text.str());  // where errors are only displayed: a period of 0 must not get out
  }
  if (error > kExactPeriod) {
    text << " makes " << shown(steps * resolution) << ": simulated time is off by " << error * 100 << " %";
    SC_REPORT_WARNING("eie/clock/inexact", text.str().c_str());
  }
  return sc_core::sc_time::from_value(static_cast<sc_core::sc_time::value_type>(steps));
}

sc_core::sc_time clock_period(const DeviceConfig& config) {
  check(config);
  return clock_period(config.clock_mhz, "configuration '" + config.name + "'");
}

}  // namespace eie
