// SPDX-License-Identifier: Apache-2.0
// How many columns wait in a PE's activation queue, cycle by cycle: the event stream does not say it, but decides it.
#pragma once

#include <cstdint>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/model/events/launch_events.h"

namespace eie::tb {

constexpr std::uint32_t kNotTaken = UINT32_MAX;

/// For each broadcast the cycle in which the pointer unit of a PE takes it from the queue; kNotTaken where the launch was
/// cut off before. Without look-ahead that is two cycles before the column has the arithmetic unit. With descriptors, or
/// skipped padding, it is as early as the columns before it allow (tlm/model/timing/pe_timing.h): at most one a cycle, and only
/// once the column with entries that is as many ago as may wait makes room.
std::vector<std::uint32_t> taken_cycles(const LaunchActivity& activity, unsigned pe, const DeviceConfig& config);

/// The level from a cycle on.
struct QueueLevel {
  std::uint32_t cycle = 0;
  std::uint32_t level = 0;
};

/// Changes of the level, ascending. What is broadcast in a cycle is in the queue from the next one on, and what is taken in
/// a cycle is out of it from the next one on.
std::vector<QueueLevel> queue_levels(const LaunchActivity& activity, const std::vector<std::uint32_t>& taken);

}  // namespace eie::tb
