// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/compiled.h"

#include <sstream>
#include <type_traits>

#include "tlm/config/config_keys.h"

namespace eie::tb {

std::string first_difference(const HwConfig& config, const HwConfig& expected) {
  std::string difference;
  auto compare = [&difference](const char* name, auto x, auto y) {
    if (!difference.empty() || x == y) return;
    std::ostringstream text;
    text << std::boolalpha << "key '" << name << "' is " << x << ": expected " << y;
    difference = text.str();
  };
  for_each_checked_key([&](const auto& key, auto) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(key)>, TextKey>) {
      compare(key.name, config.*key.value, expected.*key.value);
    }
  });
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
