// The configurations that are compiled for the hw or the rtl engine: a list of (values, factory), made from a generated macro list.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tlm/config/compiled_config.h"
#include "tb/engines/engines.h"
#include "tb/engines/hw_engine_factory.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {

/// The first key in which a configuration differs from the expected one, with both values, or an empty string.
inline std::string first_difference(const HwConfig& a, const HwConfig& b) {
  std::string difference;
  auto compare = [&difference](const char* name, auto x, auto y) {
    if (!difference.empty() || x == y) return;
    std::ostringstream text;
    text << std::boolalpha << "key '" << name << "' is " << x << ": expected " << y;
    difference = text.str();
  };
  for (const NumberRule& rule : number_rules()) compare(rule.key, a.*rule.value, b.*rule.value);
  compare("ecc", a.ecc, b.ecc);
  compare("clock_mhz", a.clock_mhz, b.clock_mhz);
  return difference;
}

/// The entry of this configuration in a list of what is compiled for `engine`. Throws NotCompiled when there is none (naming
/// those that are) and when the values differ from those that were compiled. An Entry has a member `config`.
template <class Entry>
const Entry& find_compiled(const std::vector<Entry>& entries, const HwConfig& config, const std::string& engine) {
  std::vector<std::string> names;
  std::string compiled;
  for (const Entry& entry : entries) {
    names.push_back(entry.config.name);
    compiled += (compiled.empty() ? "" : ", ") + entry.config.name;
  }
  for (const Entry& entry : entries) {
    if (entry.config.name != config.name) continue;
    const std::string difference = first_difference(config, entry.config);
    if (difference.empty()) return entry;
    throw NotCompiled("configuration '" + config.name + "': " + difference + ", as compiled for engine " + engine +
                          "; rebuild, or give it another name and compile that",
                      engine, names);
  }
  throw NotCompiled("configuration '" + config.name + "' is not compiled for engine " + engine +
                        "; compiled are: " + (compiled.empty() ? "none" : compiled),
                    engine, names);
}

struct HwEntry {
  HwConfig config;
  std::unique_ptr<Device> (*make)(const TraceOptions&);
};

/// Those of engine rtl.
const std::vector<HwEntry>& rtl_engines();

/// Makes the device of `config` from its entry; errors as of find_compiled().
std::unique_ptr<Device> make_compiled(const std::vector<HwEntry>& entries, const HwConfig& config,
                                      const TraceOptions& trace, const std::string& engine = "hw");

}  // namespace eie::tb
