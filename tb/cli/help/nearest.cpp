// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/help/nearest.h"

#include <algorithm>
#include <utility>

namespace eie::tb {

namespace {

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

std::size_t edit_distance(const std::string& a, const std::string& b) {
  // Rows of the table of prefixes of `a`; the one before the last is for swaps.
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

std::vector<std::string> nearest(const std::string& text, const std::vector<std::string>& names) {
  if (text.empty() || text.size() > 100) return {};
  const std::string wrong = lower(text);  // the names are lower-case
  const std::size_t limit = std::max<std::size_t>(1, wrong.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : names) {
    std::size_t edits = edit_distance(wrong, name);
    if (edits == 0) return {name};  // but for its case
    if (wrong.size() >= 3 && name.rfind(wrong, 0) == 0) edits = 1;
    if (edits <= limit) near.emplace_back(edits, name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> found;
  for (const auto& [edits, name] : near) {
    if (found.size() < 3 && edits <= near.front().first + 1) found.push_back(name);
  }
  return found;
}

std::string nearest_text(const std::string& wrong, const std::vector<std::string>& names) {
  const std::vector<std::string> near = nearest(wrong, names);
  return near.empty() ? "" : "; nearest: " + listed(near);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace eie::tb
