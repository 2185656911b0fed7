// SPDX-License-Identifier: Apache-2.0
// The period of the simulated clock. The kernel counts time in whole steps of its resolution (1 ps unless
// sc_set_time_resolution says otherwise), so that not every clock can be had.
#pragma once

#include <string>
#include <systemc>

#include "tlm/config/device_config.h"

namespace eie {

/// Larger errors of the period are refused; those over kExactPeriod are warned of.
constexpr double kLargestPeriodError = 1e-3;
constexpr double kExactPeriod = 1e-9;

/// The period of a clock in whole steps of the kernel's resolution. SC_REPORT_ERROR eie/clock/resolution when
/// that is no step at all or off by more than 0.1 %, and SC_REPORT_WARNING eie/clock/inexact when it is off
/// by more than one in 10^9: cycles stay what they are, but nanoseconds in waves and in the rest of the
/// platform are not those of clock_mhz. `what` names the clock in the message.
sc_core::sc_time clock_period(double clock_mhz, const std::string& what);

/// The same of a device. Throws InvalidConfig as check() does.
sc_core::sc_time clock_period(const DeviceConfig& config);

}  // namespace eie
