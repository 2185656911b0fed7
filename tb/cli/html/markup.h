// SPDX-License-Identifier: Apache-2.0
// Numbers and tables of a page.
#pragma once

#include <string>
#include <vector>

#include "tb/cli/html/read/report_data.h"

namespace eie::tb {

/// Four figures, thousands separated; large ones without a fraction. `-` for nothing.
std::string figures(const Number& value);
/// A count: all of its figures, while a double has them.
std::string count_text(const Number& value);
/// A share as a percentage with one digit behind the point, without the sign.
std::string percent(const Number& share);
/// 0.812
std::string ratio_text(const Number& ratio);
/// "a", "a and b", "a, b and c"
std::string listed_and(const std::vector<std::string>& texts);

/// A cell: text, and what is marked about it ("best") in words.
struct Cell {
  Cell(std::string of) : text(std::move(of)) {}  // NOLINT: a text is a cell
  Cell(const char* of) : text(of) {}             // NOLINT
  Cell(std::string of, std::string with_mark) : text(std::move(of)), mark(std::move(with_mark)) {}
  std::string text, mark;
};

/// A table with heads that name their columns and rows. All texts are escaped.
class HtmlTable {
 public:
  explicit HtmlTable(std::string caption) : caption_(std::move(caption)) {}
  /// `group` stands over neighbours that have the same one. Text columns stand left, numbers right.
  HtmlTable& column(std::string head, bool number = true, std::string group = "");
  HtmlTable& row(std::vector<Cell> cells);
  /// A last row that stays below when the table is sorted.
  HtmlTable& total(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }
  std::size_t rows() const { return rows_.size(); }
  /// `sortable`: JavaScript may sort it by any column.
  std::string html(bool sortable = false) const;

 private:
  struct Column {
    std::string head;
    bool number;
    std::string group;
  };
  std::string row_html(const std::vector<Cell>& cells) const;

  std::string caption_;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_, totals_;
};

std::string paragraph(const std::string& text, const char* of_class = nullptr);
std::string heading(int level, const std::string& text);
/// A part of the page with a heading, reachable as #id.
std::string section(const std::string& id, const std::string& title, const std::string& content);

}  // namespace eie::tb
