// SPDX-License-Identifier: Apache-2.0
// Matrix Market exchange format: https://math.nist.gov/MatrixMarket/formats.html
#include <algorithm>
#include <cctype>

#include "tb/formats/readers.h"
#include "tb/formats/text/text_lines.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

constexpr std::string_view kBanner = "%%MatrixMarket";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

class Reader {
 public:
  Reader(const std::string& name, std::string_view text) : name_(name), lines_(text) {}

  std::unique_ptr<MatrixFile> read() {
    read_banner();
    read_sizes();
    coordinate_ ? read_coordinates() : read_array();
    std::string_view line;
    if (next_data(line)) fail("line " + number() + " follows the last element", "no more lines");
    const std::string type = field_ == "pattern" ? "bool" : field_ == "real" ? "float64" : "int64";
    const std::string note =
        field_ == "pattern" ? "holds a pattern without values: every element is taken as 1" : vanished_text(vanished_);
    return std::make_unique<SparseFile>(name_, "Matrix Market", type, std::vector<std::size_t>{rows_, columns_}, elements_, note);
  }

 private:
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const { fail_file(name_, found, expected); }
  std::string number() const { return std::to_string(lines_.number()); }

  void read_banner() {
    std::string_view line;
    lines_.next(line);
    take_word(line);
    const std::string object = lower(take_word(line));
    const std::string layout = lower(take_word(line));
    field_ = lower(take_word(line));
    symmetry_ = lower(take_word(line));
    if (object != "matrix") fail("line 1 has object '" + printable(object) + "'", "%%MatrixMarket matrix");
    if (layout != "coordinate" && layout != "array") fail("line 1 has format '" + printable(layout) + "'", "coordinate or array");
    coordinate_ = layout == "coordinate";
    if (field_ == "complex") {
      fail("line 1 says complex", "real, integer or pattern (scipy: scipy.io.mmwrite('W.mtx', scipy.io.mmread(FILE).real))");
    }
    if (field_ == "double") field_ = "real";
    if (field_ == "unsigned-integer") field_ = "integer";
    if (field_ != "real" && field_ != "integer" && field_ != "pattern") {
      fail("line 1 has field '" + printable(field_) + "'", "real, integer or pattern");
    }
    if (field_ == "pattern" && !coordinate_) fail("line 1 says array and pattern", "coordinate with pattern");
    if (symmetry_ != "general" && symmetry_ != "symmetric" && symmetry_ != "skew-symmetric") {
      fail("line 1 has symmetry '" + printable(symmetry_) + "'", "general, symmetric or skew-symmetric");
    }
    if (field_ == "pattern" && symmetry_ == "skew-symmetric") fail("line 1 says pattern and skew-symmetric", "values with signs");
  }

  bool next_data(std::string_view& line) {
    while (lines_.next(line)) {
      line = trimmed(line);
      if (!line.empty() && line.front() != '%') return true;
    }
    return false;
  }

  std::size_t whole(std::string_view word, const char* what) const {
    std::size_t value = 0;
    if (!parse_whole(word, value)) fail("line " + number() + " has '" + printable(std::string(word.substr(0, 40))) + "'", what);
    return value;
  }

  void read_sizes() {
    std::string_view line;
    if (!next_data(line)) fail("ends before its sizes", "rows, columns" + std::string(coordinate_ ? ", elements" : ""));
    rows_ = whole(take_word(line), "the number of rows");
    columns_ = whole(take_word(line), "the number of columns");
    if (coordinate_) count_ = whole(take_word(line), "the number of elements");
    if (!trimmed(line).empty())
      fail("line " + number() + " has more than the sizes", coordinate_ ? "three numbers" : "two numbers");
    check_sparse_size(name_, rows_, columns_);
    if (symmetry_ != "general" && rows_ != columns_) {
      fail("is " + symmetry_ + " with shape " + shape_text({rows_, columns_}), "a square matrix");
    }
  }

  double value(std::string_view word) {
    double x = 0;
    std::int64_t integer = 0;
    bool good = false;
    if (field_ == "integer") {
      std::uint64_t large = 0;
      good = parse_whole(word, integer);
      x = static_cast<double>(integer);
      if (!good && parse_whole(word, large)) {
        good = true;
        x = static_cast<double>(large);
      }
    } else {
      good = parse_real(word, x, vanished_);
    }
    if (!good) {
      fail("line " + number() + " has '" + printable(std::string(word.substr(0, 40))) + "'",
           field_ == "integer" ? "an integer" : "a number");
    }
    return x;
  }

  // The element and what symmetry says of it.
  void put(std::size_t i, std::size_t j, double x) {
    elements_.add(i, j, x);
    if (symmetry_ != "general" && i != j) elements_.add(j, i, symmetry_ == "symmetric" ? x : -x);
  }

  void read_coordinates() {
    std::string_view line;
    for (std::size_t e = 0; e < count_; ++e) {
      if (!next_data(line)) {
        fail("ends after " + std::to_string(e) + " elements", std::to_string(count_) + ", as its size line says");
      }
      const std::size_t i = whole(take_word(line), "a row");
      const std::size_t j = whole(take_word(line), "a column");
      if (i < 1 || i > rows_ || j < 1 || j > columns_) {
        fail("line " + number() + " has element (" + std::to_string(i) + ", " + std::to_string(j) + ")",
             "rows 1 to " + std::to_string(rows_) + ", columns 1 to " + std::to_string(columns_));
      }
      const double x = field_ == "pattern" ? 1 : value(take_word(line));
      if (!trimmed(line).empty()) fail("line " + number() + " has more than one element", "one a line");
      if (symmetry_ == "skew-symmetric" && i == j && x != 0) {
        fail("line " + number() + " has an element on the diagonal", "none in a skew-symmetric matrix");
      }
      put(i - 1, j - 1, x);
    }
  }

  void read_array() {
    const std::size_t below = symmetry_ == "skew-symmetric" ? 1 : 0;
    std::string_view line;
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t i = symmetry_ == "general" ? 0 : j + below; i < rows_; ++i) {
        if (trimmed(line).empty() && !next_data(line)) {
          fail("ends before element (" + std::to_string(i + 1) + ", " + std::to_string(j + 1) + ")",
               "every element of shape " + shape_text({rows_, columns_}));
        }
        const double x = value(take_word(line));
        if (x != 0) put(i, j, x);  // NaN is not 0
      }
    }
    if (!trimmed(line).empty()) fail("line " + number() + " has more than the last element", "no more values");
  }

  std::string name_;
  TextLines lines_;
  std::string field_;
  std::string symmetry_;
  bool coordinate_ = false;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t count_ = 0;
  std::size_t vanished_ = 0;
  Triplets elements_;
};

}  // namespace

bool is_matrix_market(std::string_view bytes) { return lower(bytes.substr(0, kBanner.size())) == lower(kBanner); }

std::unique_ptr<MatrixFile> open_matrix_market(const std::string& name, std::string_view text) {
  return Reader(name, text).read();
}

}  // namespace eie::tb
