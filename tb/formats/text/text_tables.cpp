// SPDX-License-Identifier: Apache-2.0
// .smtx (Deep Learning Matrix Collection, Gale et al., SC 2020) and tables of numbers: .csv, .tsv,
// numpy.savetxt.
#include <algorithm>
#include <cmath>

#include "tb/formats/readers.h"
#include "tb/formats/text/text_lines.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

std::string shown(std::string_view word) { return "'" + printable(std::string(word.substr(0, 40))) + "'"; }

// "sep=;": what Excel says of the rest.
char named_separator(std::string_view line) {
  line = trimmed(line);
  return line.size() == 5 && line.substr(0, 4) == "sep=" ? line[4] : '\0';
}

char separator_of(std::string_view line) {
  line = trimmed(line);
  for (const char c : {';', ',', '\t'}) {  // with semicolons, commas are in numbers
    if (line.find(c) != std::string_view::npos) return c;
  }
  return ' ';
}

// A number, or a truth value as pandas writes it.
bool parse_field(std::string_view field, double& value, std::size_t& vanished) {
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
  if (field == "True" || field == "False") {
    value = field == "True" ? 1 : 0;
    return true;
  }
  return parse_real(field, value, vanished);
}

// "1,5", "2d0", "0x1": a number of another language rather than a name.
bool begins_as_number(std::string_view field) {
  const std::size_t at = field.find_first_not_of("\"+-.");
  return at != std::string_view::npos && field[at] >= '0' && field[at] <= '9';
}

// What would make a number of the field.
std::string remedy(std::string_view field, std::size_t column, bool first_line, char separator, bool heading) {
  if (field.empty() && column == 0 && first_line) return "a number (of a pandas table: to_csv(FILE, index=False))";
  if (separator == ';' && field.find(',') != std::string_view::npos) {
    return "a number with a decimal point (sed 's/,/./g')";
  }
  return std::string("a number (") + (heading ? "this is no table of numbers" : "separated by commas, tabs or blanks") + ")";
}

// Three whole numbers with commas: rows, columns, non-zeros. `loose`: blanks do for commas.
bool smtx_sizes(std::string_view line, bool loose, std::size_t (&sizes)[3]) {
  std::string text(line);
  const auto commas = std::count(text.begin(), text.end(), ',');
  if (commas != 2 && !(loose && commas == 0)) return false;
  std::replace(text.begin(), text.end(), ',', ' ');
  std::string_view rest = text;
  for (std::size_t& size : sizes) {
    if (!parse_whole(take_word(rest), size)) return false;
  }
  return trimmed(rest).empty();
}

}  // namespace

bool is_text(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 4096);
  return std::all_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || (byte >= '\t' && byte <= '\r');
  });
}

bool is_smtx(std::string_view text) {
  TextLines lines(text);
  std::string_view line;
  std::size_t sizes[3] = {};
  if (!lines.next(line) || !smtx_sizes(line, false, sizes)) return false;
  if (!lines.next(line) || line.find(',') != std::string_view::npos) return false;
  std::size_t words = 0;
  while (!take_word(line).empty()) ++words;
  return words > 1 && words == sizes[0] + 1;
}

std::unique_ptr<MatrixFile> open_smtx(const std::string& name, std::string_view text) {
  TextLines lines(text);
  std::string_view line;
  std::size_t sizes[3] = {};
  auto fail = [&](const std::string& found, const std::string& expected) { fail_file(name, found, expected); };
  if (!lines.next(line) || !smtx_sizes(line, true, sizes)) {
    fail("line 1 is " + shown(line), "rows, columns, non-zeros of a .smtx matrix");
  }
  const auto [rows, columns, count] = sizes;
  check_sparse_size(name, rows, columns);
  if (count > rows * columns) fail("line 1 has " + std::to_string(count) + " non-zeros", "at most one an element");
  auto take = [&](std::size_t limit, const char* what) {
    std::string_view word = take_word(line);
    std::size_t value = 0;
    if (word.empty()) fail("line " + std::to_string(lines.number()) + " ends early", what);
    if (!parse_whole(word, value) || value > limit) {
      fail("line " + std::to_string(lines.number()) + " has " + shown(word),
           std::string(what) + " from 0 to " + std::to_string(limit));
    }
    return value;
  };
  std::vector<std::size_t> offsets;
  if (!lines.next(line)) fail("ends after line 1", "row offsets");
  for (std::size_t i = 0; i <= rows; ++i) {
    offsets.push_back(take(count, "rows + 1 offsets"));
    if (i > 0 && offsets[i] < offsets[i - 1]) {
      fail("line 2 has offset " + std::to_string(offsets[i]) + " after " + std::to_string(offsets[i - 1]), "ascending ones");
    }
  }
  if (offsets.front() != 0 || offsets.back() != count) {
    fail("line 2 goes from " + std::to_string(offsets.front()) + " to " + std::to_string(offsets.back()),
         "0 to the " + std::to_string(count) + " non-zeros of line 1");
  }
  if (!trimmed(line).empty()) fail("line 2 has more than rows + 1 offsets", std::to_string(rows + 1));
  Triplets elements;
  line = {};
  if (count > 0 && !lines.next(line)) fail("ends after line 2", "column indices");
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<std::size_t> of_row;
    for (std::size_t e = offsets[i]; e < offsets[i + 1]; ++e) {
      of_row.push_back(take(columns - 1, "column indices"));
      elements.add(i, of_row.back(), 1);
    }
    std::sort(of_row.begin(), of_row.end());
    const auto twice = std::adjacent_find(of_row.begin(), of_row.end());
    if (twice != of_row.end()) {
      fail("row " + std::to_string(i) + " has column " + std::to_string(*twice) + " twice", "every column once");
    }
  }
  do {
    if (!trimmed(line).empty())
      fail("line " + std::to_string(lines.number()) + " has more than the column indices", "nothing more");
  } while (lines.next(line));
  return std::make_unique<SparseFile>(name, ".smtx", "bool", std::vector<std::size_t>{rows, columns}, elements,
                                      "holds a pattern without values: every element is taken as 1");
}

std::unique_ptr<MatrixFile> open_table(const std::string& name, std::string_view text) {
  auto fail = [&](const std::string& found, const std::string& expected) { fail_file(name, found, expected); };
  TextLines lines(text);
  std::string_view line;
  std::string note;
  char separator = '\0';  // ' ' for blanks
  std::size_t columns = 0;
  std::size_t rows = 0;
  bool heading = false;
  std::size_t vanished = 0;
  Triplets elements;
  std::vector<std::string_view> fields;
  while (lines.next(line)) {
    const std::size_t comment = line.find('#');  // as numpy.loadtxt
    if (comment != std::string_view::npos) line = line.substr(0, comment);
    if (trimmed(line).empty()) continue;
    if (separator == '\0') {
      separator = named_separator(line);
      if (separator != '\0') continue;
      separator = separator_of(line);
    }
    fields.clear();
    if (separator == ' ') {
      for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) fields.push_back(word);
    } else {
      for (;;) {
        const std::size_t end = line.find(separator);
        fields.push_back(trimmed(line.substr(0, end)));
        if (end == std::string_view::npos) break;
        line.remove_prefix(end + 1);
      }
    }
    std::vector<double> values(fields.size());
    std::size_t numbers = 0;
    std::size_t first_bad = fields.size();
    for (std::size_t j = 0; j < fields.size(); ++j) {
      if (parse_field(fields[j], values[j], vanished)) {
        ++numbers;
      } else if (first_bad == fields.size()) {
        first_bad = j;
      }
    }
    const std::string where = "line " + std::to_string(lines.number());
    if (rows == 0 && !heading && numbers == 0) {  // names of columns, once
      const bool names = std::none_of(fields.begin(), fields.end(), [](std::string_view f) { return f.empty(); });
      if (names && !std::all_of(fields.begin(), fields.end(), begins_as_number)) {
        heading = true;
        columns = fields.size();
        note = where + " is taken for a heading: its first word is " + shown(fields.front());
        continue;
      }
    }
    if (first_bad != fields.size()) {
      const std::string_view field = fields[first_bad];
      fail(where + ", column " + std::to_string(first_bad + 1) + " is " + (field.empty() ? "empty" : shown(field)),
           remedy(field, first_bad, rows == 0 && !heading, separator, heading));
    }
    if (columns == 0) columns = fields.size();
    if (fields.size() != columns) {
      fail(where + " has " + std::to_string(fields.size()) + (fields.size() == 1 ? " value" : " values"),
           std::to_string(columns) + ", as the line before");
    }
    for (std::size_t j = 0; j < columns; ++j) {
      if (!std::isfinite(values[j])) {
        fail("element [" + std::to_string(rows) + ", " + std::to_string(j) + "], " + where + ", is " +
                 (std::isnan(values[j]) ? "NaN" : "infinite"),
             "finite numbers");
      }
      if (values[j] != 0) elements.add(rows, j, values[j]);
    }
    ++rows;
  }
  if (rows == 0) fail("has no numbers" + std::string(heading ? " after a heading" : ""), "a table of them");
  if (vanished != 0) note += (note.empty() ? "" : "; ") + vanished_text(vanished);
  check_sparse_size(name, rows, columns);
  return std::make_unique<SparseFile>(name, separator == '\t' ? ".tsv" : ".csv", "float64",
                                      std::vector<std::size_t>{rows, columns}, elements, note);
}

}  // namespace eie::tb
