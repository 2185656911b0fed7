// SPDX-License-Identifier: Apache-2.0
#include "tb/config/config.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "tb/support/yaml_map.h"
#include "tlm/config/device_config_check.h"

namespace eie::host {

namespace {

using tb::YamlMap;

YamlMap open_config(const std::string& path) { return YamlMap::load(path, config_keys()); }

std::string value_of(const YamlMap& map, const TextKey& key) { return map.text(key.name); }
bool value_of(const YamlMap& map, const FlagKey& key) { return map.boolean(key.name); }
double value_of(const YamlMap& map, const RealKey& key) { return map.real(key.name, key.range.low, key.range.high); }
unsigned value_of(const YamlMap& map, const WholeKey& key) {
  const std::string expected = key.range.expected();
  const std::optional<std::int64_t> value = map.find_integer(key.name);
  if (!value) map.fail(key.name, key.range.kind == WholeRange::Kind::kAny ? expected : "an integer, " + expected);
  if (*value < 0 || *value > UINT32_MAX) map.fail(key.name, expected);
  return static_cast<unsigned>(*value);
}

HwConfig read_config(const YamlMap& map) {
  HwConfig c;
  for_each_checked_key([&](const auto& key, auto) {
    if (!key.optional || map.has(key.name)) c.*key.value = value_of(map, key);
  });
  if (const auto fault = find_fault(c)) map.fail(fault->key, fault->expected);
  return c;
}

std::string text_of(const std::string& value) { return value; }
std::string text_of(unsigned value) { return std::to_string(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(double value) {
  char text[32];  // the shortest that reads back equal
  const auto end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

constexpr std::size_t kLongestName = 64;

// FNV-1a: the same everywhere.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// The name of a configuration that differs from the one in the file.
std::string changed_name(const HwConfig& config, const std::function<bool(const std::string& key)>& differs) {
  std::string suffix;
  for (const std::string& key : config_keys()) {
    if (key != "name" && differs(key)) suffix += "-" + key + "-" + config_value(config, key);
  }
  for (char& c : suffix) c = c == '.' || c == '+' ? '_' : c;
  if (config.name.size() + suffix.size() <= kLongestName) return config.name + suffix;
  std::ostringstream hash;
  hash << "-changed-" << std::hex << hash_of(suffix);
  return config.name.substr(0, kLongestName - hash.str().size()) + hash.str();
}

}  // namespace

HwConfig load_config(const std::string& path) { return read_config(open_config(path)); }

HwConfig load_config(const std::string& path, const std::vector<ConfigChange>& changes) {
  YamlMap map = open_config(path);
  // A file may become complete by the changes; then each of them is one.
  std::optional<HwConfig> file;
  try {
    file = read_config(map);
  } catch (const ConfigError&) {
    if (changes.empty()) throw;
  }
  bool renamed = false;
  for (const ConfigChange& change : changes) {
    map.set(change.key, change.value, "--set " + change.text());
    renamed = renamed || change.key == "name";
  }
  HwConfig c = read_config(map);
  if (renamed) return c;
  auto differs = [&](const std::string& key) {
    if (file) return config_value(*file, key) != config_value(c, key);
    return std::any_of(changes.begin(), changes.end(), [&key](const ConfigChange& change) { return change.key == key; });
  };
  c.name = changed_name(c, differs);
  return c;
}

const std::vector<std::string>& config_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names;
    for_each_key([&names](const auto& key, auto) { names.push_back(key.name); });
    return names;
  }();
  return keys;
}

std::string config_value(const HwConfig& config, const std::string& key) {
  std::optional<std::string> text;
  for_each_key([&](const auto& k, auto) {
    if (key == k.name) text = text_of(config.*k.value);
  });
  if (!text) throw std::logic_error("configuration: no key " + key);
  return *text;
}

std::string config_yaml(const HwConfig& config) {
  std::string text;
  for (const std::string& key : config_keys()) text += key + ": " + config_value(config, key) + "\n";
  return text;
}

void check_address_range(const HwConfig& config) {
  try {
    check_32_bit(config);
  } catch (const std::invalid_argument& error) {
    throw UserError(error.what());
  }
}

}  // namespace eie::host
