// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/html/read/node.h"

#include <cstddef>

#include "tb/support/error.h"

namespace eie::tb {

Node::Node(const Node& parent, const Json& json, const std::string& key)
    : file_(parent.file_), json_(&json), place_(parent.place_.empty() ? key : parent.place_ + "/" + key) {}

void Node::fail(const std::string& expected) const {
  constexpr std::size_t kMost = 60;
  std::string value = json_->is_structured() ? (json_->is_array() ? "a list" : "an object")
                                             : json_->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (value.size() > kMost) value = value.substr(0, kMost) + "...";
  throw UserError(*file_ + ": " + (place_.empty() ? "the file" : "key '" + place_ + "'") + " is " + value + ": expected " +
                  expected);
}

Node Node::at(const char* key) const {
  if (!json_->is_object()) fail("an object");
  const auto found = json_->find(key);
  if (found == json_->end()) {
    throw UserError(*file_ + ": key '" + (place_.empty() ? key : place_ + "/" + key) +
                    "' is missing: expected a report as this version writes it; run the command again, with --json");
  }
  return Node(*this, *found, key);
}

std::optional<Node> Node::find(const char* key) const {
  if (!json_->is_object()) fail("an object");
  const auto found = json_->find(key);
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return Node(*this, *found, key);
}

std::vector<Node> Node::items() const {
  if (!json_->is_array()) fail("a list");
  std::vector<Node> items;
  items.reserve(json_->size());
  for (std::size_t k = 0; k < json_->size(); ++k) items.push_back(Node(*this, (*json_)[k], std::to_string(k)));
  return items;
}

std::string Node::text() const {
  if (!json_->is_string()) fail("a text");
  return json_->get<std::string>();
}

double Node::number(bool any_sign) const {
  if (!json_->is_number()) fail("a number");
  const double value = json_->get<double>();
  if (!any_sign && value < 0) fail("a number from 0 on");
  return value;
}

bool Node::flag() const {
  if (!json_->is_boolean()) fail("true or false");
  return json_->get<bool>();
}

std::optional<double> Node::number_or_null(const char* key) const {
  const Node value = at(key);
  if (value.json_->is_null()) return std::nullopt;
  return value.number();
}

std::vector<std::string> Node::texts(const char* key) const {
  std::vector<std::string> texts;
  for (const Node& item : at(key).items()) texts.push_back(item.text());
  return texts;
}

std::string value_text(const Node::Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_array()) {
    std::string text;
    for (const auto& item : value) text += (text.empty() ? "" : ", ") + value_text(item);
    return text;
  }
  return value.dump(-1, ' ', false, Node::Json::error_handler_t::replace);
}

}  // namespace eie::tb
