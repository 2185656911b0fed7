// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/html/markup.h"

#include <cmath>
#include <cstddef>
#include <cstdio>

#include "tb/support/page/html.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

constexpr double kExact = 9007199254740992.0;  // 2^53: integers up to it are exact

std::string printed(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::string figures(const Number& value) {
  if (!value) return "-";
  const double v = std::abs(*value);
  if (v < 1e15 && v == std::floor(v)) return (*value < 0 ? "-" : "") + grouped(printed("%.0f", v));
  if (v >= 1e15 || (v != 0 && v < 1e-3)) return printed("%.3g", *value);
  if (v >= 999.95) return (*value < 0 ? "-" : "") + grouped(printed("%.0f", v));
  return printed(v >= 99.995 ? "%.1f" : v >= 9.9995 ? "%.2f" : v >= 0.99995 ? "%.3f" : "%.4f", *value);
}

std::string count_text(const Number& value) {
  if (!value) return "-";
  if (*value > kExact || *value != std::floor(*value)) return figures(value);
  return thousands(static_cast<std::uint64_t>(*value));
}

std::string percent(const Number& share) { return share ? printed("%.1f", 100 * *share) : "-"; }

std::string ratio_text(const Number& ratio) { return ratio ? printed(std::abs(*ratio) >= 1e6 ? "%.3g" : "%.3f", *ratio) : "-"; }

std::string listed_and(const std::vector<std::string>& texts) {
  std::string all;
  for (std::size_t k = 0; k < texts.size(); ++k) all += (k == 0 ? "" : k + 1 == texts.size() ? " and " : ", ") + texts[k];
  return all;
}

HtmlTable& HtmlTable::column(std::string head, bool number, std::string group) {
  columns_.push_back({std::move(head), number, std::move(group)});
  return *this;
}

HtmlTable& HtmlTable::row(std::vector<Cell> cells) {
  rows_.push_back(std::move(cells));
  return *this;
}

HtmlTable& HtmlTable::total(std::vector<Cell> cells) {
  totals_.push_back(std::move(cells));
  return *this;
}

std::string HtmlTable::row_html(const std::vector<Cell>& cells) const {
  std::string html = "<tr>";
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const Cell cell = k < cells.size() ? cells[k] : Cell("");
    const std::string left = columns_[k].number ? "" : " class=\"left\"";
    html += (k == 0 ? "<th scope=\"row\"" : "<td") + left + ">" + html_text(cell.text);
    if (!cell.mark.empty()) html += " <strong class=\"mark-word\">" + html_text(cell.mark) + "</strong>";
    html += k == 0 ? "</th>" : "</td>";
  }
  return html + "</tr>\n";
}

std::string HtmlTable::html(bool sortable) const {
  const std::string caption = html_text(caption_);
  std::string html = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + caption + "\">\n<table" +
                     (sortable ? " class=\"sortable\"" : "") + ">\n<caption>" + caption + "</caption>\n<thead>\n";
  bool grouped_heads = false;
  for (const Column& column : columns_) grouped_heads = grouped_heads || !column.group.empty();
  if (grouped_heads) {
    html += "<tr>";
    for (std::size_t k = 0; k < columns_.size();) {
      std::size_t end = k + 1;
      while (end < columns_.size() && columns_[end].group == columns_[k].group) ++end;
      html += columns_[k].group.empty() ? "<td colspan=\"" + std::to_string(end - k) + "\"></td>"
                                        : "<th scope=\"colgroup\" colspan=\"" + std::to_string(end - k) + "\">" +
                                              html_text(columns_[k].group) + "</th>";
      k = end;
    }
    html += "</tr>\n";
  }
  html += "<tr>";
  for (const Column& column : columns_) {
    html += std::string("<th scope=\"col\"") + (column.number ? "" : " class=\"left\"") + ">" + html_text(column.head) + "</th>";
  }
  html += "</tr>\n</thead>\n<tbody>\n";
  for (const auto& row : rows_) html += row_html(row);
  html += "</tbody>\n";
  if (!totals_.empty()) {
    html += "<tfoot>\n";
    for (const auto& row : totals_) html += row_html(row);
    html += "</tfoot>\n";
  }
  return html + "</table>\n</div>\n";
}

std::string paragraph(const std::string& text, const char* of_class) {
  return (of_class == nullptr ? std::string("<p>") : "<p class=\"" + std::string(of_class) + "\">") + html_text(text) + "</p>\n";
}

std::string heading(int level, const std::string& text) {
  const std::string tag = "h" + std::to_string(level);
  return "<" + tag + ">" + html_text(text) + "</" + tag + ">\n";
}

std::string section(const std::string& id, const std::string& title, const std::string& content) {
  return "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">\n<h2 id=\"" + id + "-title\">" + html_text(title) +
         "</h2>\n" + content + "</section>\n";
}

}  // namespace eie::tb
