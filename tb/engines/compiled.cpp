// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/compiled.h"

#include <sstream>

#include "tlm/config/device_config_check.h"

namespace eie::tb {

std::string first_difference(const HwConfig& config, const HwConfig& expected) {
  std::string difference;
  auto compare = [&difference](const char* name, auto x, auto y) {
    if (!difference.empty() || x == y) return;
    std::ostringstream text;
    text << std::boolalpha << "key '" << name << "' is " << x << ": expected " << y;
    difference = text.str();
  };
  for (const NumberRule& rule : number_rules()) compare(rule.key, config.*rule.value, expected.*rule.value);
  compare("ecc", config.ecc, expected.ecc);
  compare("clock_mhz", config.clock_mhz, expected.clock_mhz);
  return difference;
}

std::size_t index_of_compiled(const std::vector<HwConfig>& compiled, const HwConfig& config, const std::string& engine) {
  std::vector<std::string> names;
  std::string list;
  for (const HwConfig& other : compiled) {
    names.push_back(other.name);
    list += (list.empty() ? "" : ", ") + other.name;
  }
  for (std::size_t i = 0; i < compiled.size(); ++i) {
    if (compiled[i].name != config.name) continue;
    const std::string difference = first_difference(config, compiled[i]);
    if (difference.empty()) return i;
    throw NotCompiled("configuration '" + config.name + "': " + difference + ", as compiled for engine " + engine +
                          "; rebuild, or give it another name and compile that",
                      engine, names);
  }
  throw NotCompiled("configuration '" + config.name + "' is not compiled for engine " + engine +
                        "; compiled are: " + (list.empty() ? "none" : list),
                    engine, names);
}

}  // namespace eie::tb
