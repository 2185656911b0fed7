// SPDX-License-Identifier: Apache-2.0
// Strict reading of YAML maps: every key is known, given once, of the right type and in range, or a
// ConfigError names the file, the line and the value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace eie::tb {

/// One map of a YAML file.
class YamlMap {
 public:
  /// Reads a file whose document is one map with no keys but `keys`. Throws ConfigError when the file is
  /// missing, a directory, not YAML or not a map, and on an unknown or duplicate key.
  static YamlMap load(const std::string& path, const std::vector<std::string>& keys);

  /// True when the key is there.
  bool has(const std::string& key) const;

  /// Puts a plain scalar in place of a key's value; a fault in it is reported at `where` instead of file and line.
  void set(const std::string& key, const std::string& value, const std::string& where);

  /// The value if it is a whole number of 64 bits; a missing key is a ConfigError.
  std::optional<std::int64_t> find_integer(const std::string& key) const;

  /// Typed values; a missing key, another type or a value out of range is a ConfigError.
  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high) const;
  double real(const std::string& key, double low, double high) const;
  bool boolean(const std::string& key) const;
  std::string text(const std::string& key) const;

  /// A list of maps with no keys but `keys`; at least one element.
  std::vector<YamlMap> maps(const std::string& key, const std::vector<std::string>& keys) const;

  /// A map with no keys but `keys`.
  YamlMap map(const std::string& key, const std::vector<std::string>& keys) const;

  /// True when the value is a map.
  bool is_map(const std::string& key) const;

  /// Texts, numbers or flags as they are written: a list of them with at least one, or one alone.
  std::vector<std::string> texts(const std::string& key) const;

  /// The keys that are there, in the order of the file.
  std::vector<std::string> names() const;

  /// A list of numbers.
  std::vector<double> reals(const std::string& key, double low, double high) const;

  /// Throws the ConfigError for a key whose value is not what was expected.
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;
  /// The same for one of the values of its list.
  [[noreturn]] void fail_value(const std::string& key, const std::string& value, const std::string& expected) const;

  const std::string& path() const { return path_; }

 private:
  YamlMap(std::string path, const YAML::Node& node, const std::vector<std::string>& keys);
  YAML::Node value(const std::string& key) const;
  std::string place_of(const std::string& key) const;

  std::string path_;
  YAML::Node node_;
  std::map<std::string, std::string> places_;  // of the keys that were set
};

}  // namespace eie::tb
