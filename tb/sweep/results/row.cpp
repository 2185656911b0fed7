// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/results/row.h"

#include <charconv>
#include <cstdio>
#include <vector>
#include <zlib.h>

namespace eie::tb {
namespace {

constexpr std::size_t kFields = 10;

std::string crc_text(std::string_view text) {
  char digits[16];
  const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  std::snprintf(digits, sizeof digits, "%08lx", crc);
  return digits;
}

// A field of a line has no tab and no line break.
std::string plain(const std::string& text) {
  std::string result = text;
  for (char& c : result) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return result;
}

template <class T>
bool read(const std::string& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}
template <class T>
bool read(const std::string& text, std::optional<T>& value) {
  if (text.empty()) return true;
  value.emplace();
  return read(text, *value);
}

}  // namespace

const char* status_name(SweepStatus status) {
  switch (status) {
    case SweepStatus::kRefused:
      return "refused";
    case SweepStatus::kOver:
      return "over";
    case SweepStatus::kMismatch:
      return "mismatch";
    case SweepStatus::kFailed:
      return "failed";
    default:
      return "ok";
  }
}

std::string row_number(const std::optional<double>& value) {
  if (!value) return "";
  char text[32];  // the shortest that reads back equal
  return std::string(text, std::to_chars(text, text + sizeof text, *value).ptr);
}

std::string sealed_line(const std::string& text) { return text + '\t' + crc_text(text) + '\n'; }

std::optional<std::string> unsealed(std::string_view line) {
  const std::size_t tab = line.rfind('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  const std::string_view text = line.substr(0, tab);
  if (crc_text(text) != line.substr(tab + 1)) return std::nullopt;
  return std::string(text);
}

std::string row_line(const SweepRow& row) {
  std::string text = std::to_string(row.index) + '\t' + row.digest + '\t' + status_name(row.status) + '\t' +
                     (row.cycles ? std::to_string(*row.cycles) : "");
  for (const auto& value : {row.time_us, row.energy_uj, row.power_mw, row.area_mm2, row.load_balance}) {
    text += '\t' + row_number(value);
  }
  return sealed_line(text + '\t' + plain(row.reason));
}

std::optional<SweepRow> row_of_line(std::string_view line) {
  const std::optional<std::string> text = unsealed(line);
  if (!text) return std::nullopt;
  std::vector<std::string> fields(1);
  for (const char c : *text) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (fields.size() != kFields) return std::nullopt;
  SweepRow row;
  row.digest = fields[1];
  row.reason = fields[9];
  bool known = false;
  for (unsigned s = 0; s < kSweepStatuses; ++s) {
    if (fields[2] != status_name(static_cast<SweepStatus>(s))) continue;
    row.status = static_cast<SweepStatus>(s);
    known = true;
  }
  if (!known || !read(fields[0], row.index) || !read(fields[3], row.cycles) || !read(fields[4], row.time_us) ||
      !read(fields[5], row.energy_uj) || !read(fields[6], row.power_mw) || !read(fields[7], row.area_mm2) ||
      !read(fields[8], row.load_balance)) {
    return std::nullopt;
  }
  return row;
}

}  // namespace eie::tb
