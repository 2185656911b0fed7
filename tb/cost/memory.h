// SPDX-License-Identifier: Apache-2.0
// The memory from which a device is loaded: configs/memory/*.yaml (docs/cold_start.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace eie::tb {

/// Names and units of a memory's values, all of them.
const std::map<std::string, std::string>& memory_values();

struct Memory {
  std::string name;
  std::string about;
  double bandwidth = 0;   // GB/s, while a row is open and nothing is refreshed
  double refresh = 0;     // share of the time in which it is not there
  double first_beat = 0;  // ns from the request of a burst to its data
  double energy = 0;      // pJ a bit, read or written
  unsigned burst = 0;     // 64-bit beats of a burst of the DMA engine

  /// Reads a file. Throws ConfigError: a value that is missing, unknown, given twice, without a source, of another unit or out of
  /// range.
  static Memory load(const std::string& path);

  /// Of one burst.
  double burst_ns(std::uint64_t beats) const { return first_beat + 8 * static_cast<double>(beats) / (bandwidth * (1 - refresh)); }
};

}  // namespace eie::tb
