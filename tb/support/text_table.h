// Tables of text whose columns line up whatever is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace eie::tb {

/// 1234567 as "1,234,567".
std::string thousands(std::uint64_t value);

/// "1 launch", "1,234 launches".
std::string counted(std::uint64_t count, const std::string& one, const std::string& several);
std::string counted(std::uint64_t count, const std::string& one);

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

/// Characters of a UTF-8 text.
std::size_t text_width(const std::string& text);

}  // namespace eie::tb
