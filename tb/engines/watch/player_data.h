// SPDX-License-Identifier: Apache-2.0
// What the wires of the hw device held in each cycle of its first launches, for the page's player.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eie::tb {

/// One signal: its value in each recorded cycle.
struct PlayerSignal {
  std::string name;  // as in waves, below the device: "pe_0.act_queue.head_column", "ccu.state_"
  std::vector<std::int64_t> values;
};

struct PlayerData {
  /// Most values that a page holds: cycles times signals. Some thousand cycles of 4 PEs, some hundred of 64.
  static constexpr std::size_t kValues = 6000000;

  std::string left_out;      // why there is nothing, or less than the run; empty: all is there
  std::uint64_t cycles = 0;  // recorded ones, the first of the first launch on
  std::vector<PlayerSignal> signals;
};

}  // namespace eie::tb
