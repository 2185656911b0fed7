// SPDX-License-Identifier: Apache-2.0
#include "tb/support/yaml_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <yaml-cpp/eventhandler.h>

#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

std::string place(const std::string& path, const YAML::Mark& mark) {
  return mark.is_null() ? path : path + ":" + std::to_string(mark.line + 1);
}

std::string shown(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar: {
      std::string text = node.Scalar().substr(0, 60);
      for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
      }
      return node.Tag() == "!" ? "\"" + text + "\"" : text;
    }
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a map";
    default:
      return "empty";
  }
}

std::string number(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

// A plain (unquoted) scalar.
bool is_plain(const YAML::Node& node) { return node.IsScalar() && node.Tag() != "!"; }

bool parse_real(const YAML::Node& node, double& result) {
  if (!is_plain(node)) return false;
  const std::string& text = node.Scalar();
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), result);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && std::isfinite(result);
}

/// Counts the documents of a text. yaml-cpp's LoadAll() makes empty ones without end where one begins with a comma (version
/// 0.7): its parser does not go on.
class Documents : public YAML::EventHandler {
 public:
  /// Throws YAML::Exception.
  explicit Documents(const std::string& text) {
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(*this)) ++count_;
  }
  std::size_t count() const { return count_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (count_ > 0 && mark.pos == start_) throw YAML::ParserException(mark, "illegal start of a document");
    start_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::size_t count_ = 0;
  int start_ = -1;
};

}  // namespace

YamlMap::YamlMap(std::string path, const YAML::Node& node, const std::vector<std::string>& keys)
    : path_(std::move(path)), node_(node) {
  if (!node_.IsMap()) {
    throw ConfigError(place(path_, node_.Mark()) + ": found " + shown(node_) + ": expected a map `key: value`");
  }
  std::set<std::string> seen;
  for (const auto& item : node_) {
    const std::string at = place(path_, item.first.Mark());
    if (!item.first.IsScalar()) throw ConfigError(at + ": a key is " + shown(item.first) + ": expected a name");
    const std::string key = item.first.Scalar();
    bool known = false;
    std::string list;
    for (const std::string& name : keys) {
      known = known || key == name;
      list += (list.empty() ? "" : ", ") + std::string(name);
    }
    if (!known) throw ConfigError(at + ": unknown key '" + shown(item.first) + "': expected one of " + list);
    if (!seen.insert(key).second) throw ConfigError(at + ": key '" + key + "' is given twice: expected once");
  }
}

YamlMap YamlMap::load(const std::string& path, const std::vector<std::string>& keys) {
  const std::string cause = why_unreadable(path);
  if (cause == "is a directory") throw ConfigError(path + ": is a directory: expected a YAML file");
  const std::optional<std::string> text = file_text(path);
  if (!text) throw ConfigError(path + ": " + (cause.empty() ? "cannot be read" : cause) + ": expected a readable YAML file");
  const std::string& content = *text;
  const std::size_t wrong = first_not_utf8(content);
  if (wrong != std::string::npos) {
    const auto line = 1 + std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(wrong), '\n');
    throw ConfigError(path + ":" + std::to_string(line) + ": has byte " + printable(content.substr(wrong, 1)) +
                      ", which is not UTF-8: expected YAML in UTF-8 (iconv -f LATIN1 -t UTF-8)");
  }
  try {
    // yaml-cpp takes an open quote at the end of a file for a closed one; not so before an end-of-document mark.
    const std::string closed = content + "\n...\n";
    const std::size_t documents = Documents(closed).count();
    if (documents != 1) throw ConfigError(path + ": has " + std::to_string(documents) + " documents: expected one YAML map");
    return YamlMap(path, YAML::Load(closed), keys);
  } catch (const YAML::Exception& error) {
    throw ConfigError(place(path, error.mark) + ": " + printable(error.msg) + ": expected YAML");
  }
}

void YamlMap::set(const std::string& key, const std::string& value, const std::string& where) {
  node_[key] = value;
  places_[key] = where;
}

// Where a key's value comes from. A value of the file may be at fault only beside one that was set.
std::string YamlMap::place_of(const std::string& key) const {
  const auto found = places_.find(key);
  if (found != places_.end()) return found->second;
  std::string text = place(path_, node_[key].Mark());
  for (const auto& [other, at] : places_) text += " with " + at;
  return text;
}

bool YamlMap::has(const std::string& key) const { return node_[key].IsDefined(); }

YAML::Node YamlMap::value(const std::string& key) const {
  const YAML::Node node = node_[key];
  if (!node.IsDefined()) {
    throw ConfigError(place(path_, node_.Mark()) + ": key '" + key + "' is missing: expected `" + key + ": ...`");
  }
  return node;
}

void YamlMap::fail(const std::string& key, const std::string& expected) const {
  const YAML::Node node = value(key);
  throw ConfigError(place_of(key) + ": key '" + key + "' is " + shown(node) + ": expected " + expected);
}

void YamlMap::fail_value(const std::string& key, const std::string& value, const std::string& expected) const {
  std::string text = value.substr(0, 60);
  for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  throw ConfigError(place_of(key) + ": key '" + key + "' holds " + text + ": expected " + expected);
}

std::optional<std::int64_t> YamlMap::find_integer(const std::string& key) const {
  const YAML::Node node = value(key);
  if (!is_plain(node)) return std::nullopt;
  const std::string& text = node.Scalar();
  std::int64_t result = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), result);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return result;
}

std::int64_t YamlMap::integer(const std::string& key, std::int64_t low, std::int64_t high) const {
  const std::optional<std::int64_t> result = find_integer(key);
  if (!result || *result < low || *result > high) {
    fail(key, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return *result;
}

double YamlMap::real(const std::string& key, double low, double high) const {
  double result = 0;
  if (!parse_real(value(key), result) || result < low || result > high) {
    fail(key, "a number from " + number(low) + " to " + number(high));
  }
  return result;
}

bool YamlMap::boolean(const std::string& key) const {
  const YAML::Node node = value(key);
  const bool yes = is_plain(node) && node.Scalar() == "true";
  if (!yes && !(is_plain(node) && node.Scalar() == "false")) fail(key, "true or false");
  return yes;
}

std::string YamlMap::text(const std::string& key) const {
  const YAML::Node node = value(key);
  if (!node.IsScalar() || node.Scalar().empty()) fail(key, "a text");
  return node.Scalar();
}

std::vector<YamlMap> YamlMap::maps(const std::string& key, const std::vector<std::string>& keys) const {
  const YAML::Node list = value(key);
  if (!list.IsSequence() || list.size() == 0) fail(key, "a list of maps with at least one element");
  std::vector<YamlMap> result;
  for (const auto& item : list) result.push_back(YamlMap(path_, item, keys));
  return result;
}

YamlMap YamlMap::map(const std::string& key, const std::vector<std::string>& keys) const {
  return YamlMap(path_, value(key), keys);
}

bool YamlMap::is_map(const std::string& key) const { return value(key).IsMap(); }

std::vector<std::string> YamlMap::texts(const std::string& key) const {
  const YAML::Node node = value(key);
  constexpr const char* kExpected = "a value, or a list of values with at least one";
  if (node.IsScalar()) {
    if (node.Scalar().empty()) fail(key, kExpected);
    return {node.Scalar()};
  }
  if (!node.IsSequence() || node.size() == 0) fail(key, kExpected);
  std::vector<std::string> result;
  for (const auto& item : node) {
    if (!item.IsScalar() || item.Scalar().empty()) {
      throw ConfigError(place(path_, item.Mark()) + ": key '" + key + "' holds " + shown(item) + ": expected " + kExpected);
    }
    result.push_back(item.Scalar());
  }
  return result;
}

std::vector<std::string> YamlMap::names() const {
  std::vector<std::string> result;
  for (const auto& item : node_) result.push_back(item.first.Scalar());
  return result;
}

std::vector<double> YamlMap::reals(const std::string& key, double low, double high) const {
  const YAML::Node list = value(key);
  const std::string expected = "a list of numbers from " + number(low) + " to " + number(high);
  if (!list.IsSequence()) fail(key, expected);
  std::vector<double> result;
  for (const auto& item : list) {
    double element = 0;
    if (!parse_real(item, element) || element < low || element > high) {
      throw ConfigError(place(path_, item.Mark()) + ": key '" + key + "' holds " + shown(item) + ": expected " + expected);
    }
    result.push_back(element);
  }
  return result;
}

}  // namespace eie::tb
