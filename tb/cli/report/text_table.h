// SPDX-License-Identifier: Apache-2.0
// Tables of text whose columns line up whatever is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tb/support/thousands.h"

namespace eie::tb {

/// A number with so many digits after the point, thousands separated.
std::string fixed(double value, int digits);

/// Rows of cells under heads. Every column is as wide as its widest cell; two spaces are between columns.
class TextTable {
 public:
  enum class Align { kLeft, kRight };

  /// Columns from left to right. `group` stands over neighbours that have the same one.
  void add_column(std::string head, Align align = Align::kRight, std::string group = "");
  /// As many cells as there are columns; fewer leave the last ones empty.
  void add_row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  /// The lines, with `indent` before each and no spaces at their ends.
  std::string text(const std::string& indent = "") const;
  void print(std::FILE* out, const std::string& indent = "") const;

 private:
  struct Column {
    std::string head;
    Align align;
    std::string group;
  };

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns of a terminal that a UTF-8 text takes: 2 for a wide character, none for one that is put over another.
std::size_t text_width(const std::string& text);

}  // namespace eie::tb
