// SPDX-License-Identifier: Apache-2.0
// The energy of the processor's packages by RAPL, as Linux shows it (/sys/class/powercap).
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace eie::baseline {

class EnergyCounter {
 public:
  /// `folder`: where Linux has intel-rapl:0 and so on; AMD's processors are under that name too.
  explicit EnergyCounter(const std::string& folder) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      std::ifstream file(entry.path() / "name");
      std::string name;
      if (!(file >> name) || name.rfind("package", 0) != 0) continue;
      Zone zone{(entry.path() / "energy_uj").string(), 0, 0};
      std::ifstream(entry.path() / "max_energy_range_uj") >> zone.range;
      if (!read(zone.path)) {  // for root alone, since 2020
        zones_.clear();
        return;
      }
      zones_.push_back(zone);
    }
  }

  bool readable() const { return !zones_.empty(); }

  void start() {
    for (Zone& zone : zones_) zone.start = read(zone.path).value_or(0);
  }

  /// Microjoules of all packages since start(), less than a turn of the counters ago; none where they are not readable.
  std::optional<double> since_start() const {
    if (zones_.empty()) return std::nullopt;
    double sum = 0;
    for (const Zone& zone : zones_) {
      const std::optional<std::uint64_t> now = read(zone.path);
      if (!now) return std::nullopt;
      sum += static_cast<double>(*now >= zone.start ? *now - zone.start : *now + zone.range - zone.start);
    }
    return sum;
  }

 private:
  struct Zone {
    std::string path;
    std::uint64_t range;
    std::uint64_t start;
  };

  static std::optional<std::uint64_t> read(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t value = 0;
    return file >> value ? std::optional<std::uint64_t>(value) : std::nullopt;
  }

  std::vector<Zone> zones_;
};

}  // namespace eie::baseline
