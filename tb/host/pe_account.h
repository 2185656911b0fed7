// SPDX-License-Identifier: Apache-2.0
// Where the PE cycles of a layer go (tlm/model/timing/cycle_account.h has the reasons), on whichever engine it ran.
//
// Work, padding and transfers are counters of the device. What the device does not count - why a PE was starved - comes
// from a replay of each launch's broadcasts, and stands only if the replay has the device's cycles, broadcasts and
// full-queue cycles, and its entries in every PE.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tb/host/driver.h"
#include "tlm/model/timing/cycle_account.h"

namespace eie::tb {

/// PE cycles by reason. Together they are n_pe * cycles.
struct PeCycles {
  std::array<std::uint64_t, kCycleReasons> by{};
  std::uint64_t& operator[](CycleReason reason) { return by[static_cast<unsigned>(reason)]; }
  std::uint64_t operator[](CycleReason reason) const { return by[static_cast<unsigned>(reason)]; }
  std::uint64_t total() const;
  void add(const PeCycles& other);
};

/// The account of a run of one layer on `inputs`. Nothing if the engine keeps another time than the cycle model.
std::optional<PeCycles> account_cycles(const DeviceLayer& layer, const std::vector<std::int32_t>& inputs,
                                       const LayerResult& result, const HwConfig& config);

}  // namespace eie::tb
