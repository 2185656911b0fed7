// SPDX-License-Identifier: Apache-2.0
// Lines and numbers of text formats.
#pragma once

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace eie::tb {

/// The lines of a text, numbered from 1, without line ends (LF, CRLF, or CR where there is no LF) and a byte-order mark.
class TextLines {
 public:
  explicit TextLines(std::string_view text) : text_(text) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
    if (text_.find('\n') == std::string_view::npos) end_ = '\r';
  }
  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    std::size_t end = text_.find(end_, at_);
    if (end == std::string_view::npos) end = text_.size();
    line = text_.substr(at_, end - at_);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    at_ = end + 1;
    ++number_;
    return true;
  }
  /// Of the line that was read last.
  std::size_t number() const { return number_; }

 private:
  std::string_view text_;
  char end_ = '\n';
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\r'; }

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the next word of a line; empty at its end.
inline std::string_view take_word(std::string_view& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  std::size_t end = 0;
  while (end < line.size() && !is_blank(line[end])) ++end;
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

/// Takes a leading plus off, which from_chars does not know.
inline std::string_view without_plus(std::string_view text) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+';
  return plus ? text.substr(1) : text;
}

/// The whole text as a number; NaN and infinities are numbers too. Numbers that are not 0 but too small for double
/// precision count as `vanished`.
inline bool parse_real(std::string_view text, double& value, std::size_t& vanished) {
  text = without_plus(text);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ptr != text.data() + text.size()) return false;
  if (parsed.ec == std::errc::result_out_of_range) {
    value = std::strtod(std::string(text).c_str(), nullptr);
    vanished += value == 0 ? 1 : 0;
  }
  return parsed.ec != std::errc::invalid_argument;
}

/// What a reader says of such numbers; empty without any.
inline std::string vanished_text(std::size_t count) {
  return count == 0 ? ""
                    : "holds " + std::to_string(count) + (count == 1 ? " number" : " numbers") +
                          " too small for double precision, taken as 0";
}

template <class T>
bool parse_whole(std::string_view text, T& value) {
  text = without_plus(text);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

}  // namespace eie::tb
