// SPDX-License-Identifier: Apache-2.0
#include "tb/support/page/html.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace eie::tb {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// How many bytes at `at` are one character of UTF-8; 0: they are none.
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) { return at + k < text.size() ? static_cast<unsigned char>(text[at + k]) : 0u; };
  const unsigned first = byte(0);
  const std::size_t bytes = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : 4;
  if (bytes == 4 && (first < 0xF0 || first > 0xF4)) return 0;
  for (std::size_t k = 1; k < bytes; ++k) {
    if ((byte(k) & 0xC0u) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;  // longer than need be
  if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogates
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return bytes;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = character_at(text, at);
    const auto c = static_cast<unsigned char>(text[at]);
    if (bytes == 0 || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
      safe += kReplacement;
    } else if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '"') {
      safe += "&quot;";
    } else if (c == '\'') {
      safe += "&#39;";
    } else {
      safe += text.substr(at, bytes);
    }
    at += std::max<std::size_t>(bytes, 1);
  }
  return safe;
}

std::string script_text(std::string_view json) {
  std::string safe;
  safe.reserve(json.size());
  for (std::size_t at = 0; at < json.size(); ++at) {
    const std::string_view rest = json.substr(at, 3);
    if (json[at] == '<') {
      safe += "\\u003c";
    } else if (rest == "\xE2\x80\xA8" || rest == "\xE2\x80\xA9") {  // line ends to older readers of JavaScript
      safe += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      safe += json[at];
    }
  }
  return safe;
}

std::string filled_page(std::string_view page, const std::vector<std::pair<std::string_view, std::string_view>>& places) {
  std::vector<std::pair<std::size_t, const std::pair<std::string_view, std::string_view>*>> found;
  for (const auto& place : places) {
    const std::size_t at = page.find(place.first);
    if (at == std::string_view::npos) throw std::logic_error("the page has no place " + std::string(place.first));
    found.emplace_back(at, &place);
  }
  std::sort(found.begin(), found.end());
  std::string text;
  std::size_t from = 0;
  for (const auto& [at, place] : found) {
    text.append(page.substr(from, at - from)).append(place->second);
    from = at + place->first.size();
  }
  return text.append(page.substr(from));
}

}  // namespace eie::tb
