#include "tb/support/text_table.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace eie::tb {
namespace {

constexpr std::size_t kGap = 2;

std::string separated(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
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

std::string thousands(std::uint64_t value) { return separated(std::to_string(value)); }

std::string counted(std::uint64_t count, const std::string& one, const std::string& several) {
  return thousands(count) + " " + (count == 1 ? one : several);
}

std::string counted(std::uint64_t count, const std::string& one) { return counted(count, one, one + "s"); }

std::string fixed(double value, int digits) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  if (!std::isfinite(value)) return text;
  std::string whole = text;
  const bool minus = whole.front() == '-';
  if (minus) whole.erase(0, 1);
  const std::size_t point = std::min(whole.find('.'), whole.size());
  return (minus ? "-" : "") + separated(whole.substr(0, point)) + whole.substr(point);
}

std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
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
    for (; end < columns_.size() && columns_[end].group == columns_[c].group; ++end)
      wide += width[end] + (end > c ? kGap : 0);
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
