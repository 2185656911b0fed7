// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/text_table.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace eie::tb {
namespace {

constexpr std::size_t kGap = 2;

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Marks over the character before, and characters that are not seen.
constexpr CodeRange kNarrow[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
                                 {0x93C, 0x93C},   {0x941, 0x948},   {0x94D, 0x94D},   {0xE31, 0xE31},   {0xE34, 0xE3A},
                                 {0xE47, 0xE4E},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                                 {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
// East Asian wide and fullwidth characters, and pictures (Unicode 15, EastAsianWidth.txt).
constexpr CodeRange kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                               {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},
                               {0xF900, 0xFAFF},   {0xFE30, 0xFE6B},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},
                               {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool among(const CodeRange (&ranges)[N], char32_t code) {
  return std::any_of(ranges, ranges + N, [code](const CodeRange& r) { return code >= r.first && code <= r.last; });
}

// The character that begins at `at`, which is moved behind it.
char32_t take_character(const std::string& text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  char32_t code = lead < 0xC0 ? lead : lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
    code = code << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  }
  return code;
}

std::string padded(const std::string& text, std::size_t width, TextTable::Align align) {
  const std::string space(width - std::min(width, text_width(text)), ' ');
  return align == TextTable::Align::kLeft ? text + space : space + text;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string fixed(double value, int digits) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  if (!std::isfinite(value)) return text;
  std::string whole = text;
  const bool minus = whole.front() == '-';
  if (minus) whole.erase(0, 1);
  const std::size_t point = std::min(whole.find('.'), whole.size());
  return (minus ? "-" : "") + grouped(whole.substr(0, point)) + whole.substr(point);
}

std::size_t text_width(const std::string& text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = take_character(text, at);
    width += among(kNarrow, code) ? 0 : among(kWide, code) ? 2 : 1;
  }
  return width;
}

void TextTable::add_column(std::string head, Align align, std::string group) {
  columns_.push_back({std::move(head), align, std::move(group)});
}

void TextTable::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(const std::string& indent) const {
  std::vector<std::size_t> width(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    width[c] = text_width(columns_[c].head);
    for (const auto& row : rows_) width[c] = std::max(width[c], text_width(row[c]));
  }
  // A group wider than its columns widens the first of them.
  std::string groups;
  bool grouped = false;
  for (std::size_t c = 0; c < columns_.size();) {
    std::size_t end = c;
    std::size_t wide = 0;
    for (; end < columns_.size() && columns_[end].group == columns_[c].group; ++end) wide += width[end] + (end > c ? kGap : 0);
    const std::size_t wanted = text_width(columns_[c].group);
    if (wanted > wide) {
      width[c] += wanted - wide;
      wide = wanted;
    }
    grouped = grouped || wanted > 0;
    groups += (c == 0 ? "" : std::string(kGap, ' ')) + padded(columns_[c].group, wide, Align::kLeft);
    c = end;
  }
  std::string text;
  if (grouped) text += trimmed(indent + groups) + "\n";
  auto line = [&](const std::function<const std::string&(std::size_t)>& cell) {
    std::string cells = indent;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      cells += (c == 0 ? "" : std::string(kGap, ' ')) + padded(cell(c), width[c], columns_[c].align);
    }
    text += trimmed(cells) + "\n";
  };
  line([this](std::size_t c) -> const std::string& { return columns_[c].head; });
  for (const auto& row : rows_) line([&row](std::size_t c) -> const std::string& { return row[c]; });
  return text;
}

void TextTable::print(std::FILE* out, const std::string& indent) const {
  const std::string lines = text(indent);
  std::fwrite(lines.data(), 1, lines.size(), out);
}

}  // namespace eie::tb
