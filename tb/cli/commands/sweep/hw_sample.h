// SPDX-License-Identifier: Apache-2.0
// Points of a sweep, drawn at random and run again on the hardware model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/sweep/results/table.h"

namespace eie::tb {

struct HwSample {
  std::uint64_t asked = 0;
  std::uint64_t compiled = 0;            // points that ran and whose configuration engine hw is compiled for
  std::vector<std::uint64_t> points;     // those drawn, ascending
  std::vector<std::string> differences;  // "point 7: cycles: hw has 12, tlm 13"
};

/// Runs up to `count` of the table's points on engine hw, each in a process of its own, up to `jobs` at a time: cycles, every
/// counter and the outputs must be those of the model. Clocks may differ from the compiled one's. `progress` is called before
/// each. Throws what a process threw.
HwSample sample_on_hw(const SweepTable& table, std::uint64_t count, std::size_t jobs,
                      const std::function<void(std::size_t done, std::size_t all)>& progress);

}  // namespace eie::tb
