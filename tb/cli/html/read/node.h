// SPDX-License-Identifier: Apache-2.0
// A value of a report with the place where it stands, for messages.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace eie::tb {

/// Every access throws UserError for a key that is missing and a value of another type: file, place, value, what was expected.
class Node {
 public:
  using Json = nlohmann::ordered_json;

  /// `file` and `json` outlive it.
  Node(const std::string& file, const Json& json) : file_(&file), json_(&json) {}

  Node at(const char* key) const;
  /// Nothing where the key is missing or null.
  std::optional<Node> find(const char* key) const;
  std::vector<Node> items() const;  // of a list
  std::string text() const;
  /// From 0 on unless `any_sign`.
  double number(bool any_sign = false) const;
  bool flag() const;
  const Json& json() const { return *json_; }

  // The value of a key of this object.
  std::string text(const char* key) const { return at(key).text(); }
  double number(const char* key) const { return at(key).number(); }
  /// Nothing for null; the key must be there.
  std::optional<double> number_or_null(const char* key) const;
  std::vector<std::string> texts(const char* key) const;

  [[noreturn]] void fail(const std::string& expected) const;

 private:
  Node(const Node& parent, const Json& json, const std::string& key);

  const std::string* file_;
  const Json* json_;
  std::string place_;  // layers/2/cycles; empty: the whole report
};

/// A value as one reads it: texts as they are, lists with commas, `-` for null.
std::string value_text(const Node::Json& value);

}  // namespace eie::tb
