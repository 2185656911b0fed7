// SPDX-License-Identifier: Apache-2.0
#include "tb/cost/memory.h"

#include <cmath>

#include "tb/support/yaml_map.h"

namespace eie::tb {

const std::map<std::string, std::string>& memory_values() {
  static const std::map<std::string, std::string> values = {
      {"bandwidth", "GB/s"}, {"refresh", "share"}, {"first_beat", "ns"}, {"energy", "pJ/bit"}, {"burst", "beats"}};
  return values;
}

Memory Memory::load(const std::string& path) {
  struct Range {
    double low, high;
  };
  static const std::map<std::string, Range> ranges = {{"bandwidth", {1e-3, 1e5}},
                                                      {"refresh", {0, 0.9}},
                                                      {"first_beat", {0, 1e6}},
                                                      {"energy", {0, 1e6}},
                                                      {"burst", {1, 256}}};  // EieDma::kMaxBurstBeats
  const YamlMap map = YamlMap::load(path, {"name", "about", "values"});
  std::map<std::string, double> found;
  for (const YamlMap& item : map.maps("values", {"name", "value", "unit", "source"})) {
    const std::string name = item.text("name");
    const auto known = memory_values().find(name);
    if (known == memory_values().end()) item.fail("name", "one of bandwidth, burst, energy, first_beat, refresh");
    if (found.count(name) != 0) item.fail("name", "each value once");
    if (item.text("unit") != known->second) item.fail("unit", known->second);
    if (item.text("source").empty()) item.fail("source", "where the value comes from");
    found[name] = item.real("value", ranges.at(name).low, ranges.at(name).high);
    if (name == "burst" && found[name] != std::floor(found[name])) item.fail("value", "a whole number of beats");
  }
  for (const auto& value : memory_values()) {
    if (found.count(value.first) == 0) map.fail("values", "a value " + value.first + ", in " + value.second);
  }
  return {map.text("name"),
          map.text("about"),
          found["bandwidth"],
          found["refresh"],
          found["first_beat"],
          found["energy"],
          static_cast<unsigned>(found["burst"])};
}

}  // namespace eie::tb
