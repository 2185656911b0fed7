// SPDX-License-Identifier: Apache-2.0
// .npy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "tb/formats/models/dense_file.h"
#include "tb/formats/readers.h"

namespace eie::tb {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr std::size_t kMagicBytes = 6;
constexpr const char* kLegal = "float16, float32, float64, integers or bool";

// The Python literal of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  explicit HeaderParser(const std::string& text) : text_(text) {}

  bool parse() {
    if (!take('{')) return false;
    while (!take('}')) {
      std::string key;
      if (!quoted(key) || !take(':')) return false;
      bool good = false;
      if (key == "descr") good = !descr && read_descr();
      if (key == "fortran_order") good = !fortran && read_fortran();
      if (key == "shape") good = !shape && read_shape();
      if (!good) return false;
      if (!take(',') && !peek('}')) return false;
    }
    skip();
    return at_ == text_.size() && descr && fortran && shape;
  }

  std::optional<std::string> descr;  // "" for a structured type
  std::optional<bool> fortran;
  std::optional<std::vector<std::size_t>> shape;

 private:
  void skip() {
    while (at_ < text_.size() && std::strchr(" \t\n\r", text_[at_]) != nullptr && text_[at_] != '\0') ++at_;
  }
  bool peek(char c) {
    skip();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool take(char c) {
    if (!peek(c)) return false;
    ++at_;
    return true;
  }
  bool word(const char* expected) {
    skip();
    if (text_.compare(at_, std::strlen(expected), expected) != 0) return false;
    at_ += std::strlen(expected);
    return true;
  }
  bool quoted(std::string& result) {
    const char quote = peek('"') ? '"' : '\'';
    if (!take(quote)) return false;
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string::npos) return false;
    result = text_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }
  bool read_descr() {
    std::string text;
    if (peek('[') || peek('(')) {  // a structured type or one with a shape: skip to its end, refused later
      at_ = text_.rfind(text_[at_] == '[' ? "]" : "), 'f");
      if (at_ == std::string::npos) return false;
      ++at_;
    } else if (!quoted(text)) {
      return false;
    }
    descr = text;
    return true;
  }
  bool read_fortran() {
    if (word("True")) {
      fortran = true;
    } else if (word("False")) {
      fortran = false;
    }
    return fortran.has_value();
  }
  bool read_shape() {
    if (!take('(')) return false;
    std::vector<std::size_t> sizes;
    while (!take(')')) {
      skip();
      std::size_t size = 0;
      std::size_t digits = 0;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && digits < 15) {
        size = size * 10 + static_cast<std::size_t>(text_[at_] - '0');
        ++at_;
        ++digits;
      }
      if (digits == 0 || sizes.size() > 32) return false;
      take('L');  // Python 2
      sizes.push_back(size);
      if (!take(',') && !peek(')')) return false;
    }
    shape = sizes;
    return true;
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

// What NumPy calls a type code that is not read here; empty for an unknown one.
std::string foreign_type(char kind, unsigned bytes) {
  switch (kind) {
    case 'c':
      return "complex" + std::to_string(8 * bytes);
    case 'U':
      return "text";
    case 'S':
    case 'a':
      return "bytes";
    case 'M':
      return "datetime64";
    case 'm':
      return "timedelta64";
    case 'V':
      return "raw data (void)";
    case 'f':
      return "float" + std::to_string(8 * bytes);
    default:
      return "";
  }
}

// The letter of a type code and the bytes of its type: "<f4" is 'f' and 4.
std::pair<char, unsigned> parts_of(const std::string& descr) {
  const bool has_order = std::strchr("<>|=", descr[0]) != nullptr;
  const std::string rest = has_order ? descr.substr(1) : descr;
  const char kind = rest.empty() ? '\0' : rest[0];
  unsigned size = 0;
  for (std::size_t k = 1; k < rest.size() && rest[k] >= '0' && rest[k] <= '9' && k < 8; ++k) {
    size = size * 10 + static_cast<unsigned>(rest[k] - '0');
  }
  return {kind, size};
}

}  // namespace

NumberType number_type_of(const std::string& name, const std::string& descr) {
  auto fail = [&](const std::string& found, const std::string& expected) { fail_file(name, found, expected); };
  if (descr.empty()) fail("holds a structured type", std::string(kLegal) + " (numpy: a['FIELD'])");
  if (descr.find('O') != std::string::npos) {
    fail("holds Python objects", std::string(kLegal) + " (numpy: a.astype('float32'))");
  }
  const auto [kind, size] = parts_of(descr);
  const bool has_order = std::strchr("<>|=", descr[0]) != nullptr;
  const bool plain = descr.size() == (has_order ? 3 : 2);
  const bool known = plain && ((kind == 'f' && (size == 2 || size == 4 || size == 8)) ||
                               ((kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8)) ||
                               (kind == 'b' && size == 1));
  if (!known || (size > 1 && descr[0] == '|')) {
    const std::string foreign = foreign_type(kind, size);
    const char* const converts = kind == 'c'                                 ? " (numpy: a.real)"
                                 : kind == 'f' || kind == 'U' || kind == 'S' ? " (numpy: a.astype('float64'))"
                                                                             : "";
    fail("holds type '" + descr + "'" + (foreign.empty() ? "" : ", " + foreign), std::string(kLegal) + converts);
  }
  return {kind, size, descr[0] == '>' && size > 1};
}

bool is_npy(std::string_view bytes) { return bytes.substr(0, kMagicBytes) == std::string_view(kMagic, kMagicBytes); }

NpyHeader parse_npy(const std::string& name, std::string_view start, std::size_t total, bool allow_text) {
  auto fail = [&](const std::string& found, const std::string& expected) { fail_file(name, found, expected); };
  auto byte = [&](std::size_t k) { return static_cast<std::size_t>(static_cast<unsigned char>(start[k])); };
  if (!is_npy(start) || start.size() < 10) fail("is no .npy file", "the NumPy magic string and a header");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3 || byte(7) != 0) {
    fail("has format version " + std::to_string(version) + "." + std::to_string(byte(7)), "1.0, 2.0 or 3.0");
  }
  NpyHeader header;
  std::size_t length = byte(8) | byte(9) << 8;
  header.data_offset = 10;
  if (version >= 2) {
    if (start.size() < 12) fail("is truncated", "a whole header");
    length |= byte(10) << 16 | byte(11) << 24;
    header.data_offset = 12;
  }
  if (length > total - header.data_offset) fail("is truncated", "a whole header");
  if (length > start.size() - header.data_offset) fail("has a header of " + std::to_string(length) + " bytes", "up to 2^20");
  const std::string text(start.substr(header.data_offset, length));
  header.data_offset += length;
  HeaderParser parsed(text);
  if (!parsed.parse()) fail("has a malformed header", "descr, fortran_order and shape");
  const std::string& descr = *parsed.descr;
  header.shape = *parsed.shape;
  header.fortran = *parsed.fortran;
  if (allow_text && !descr.empty()) {
    const auto [kind, size] = parts_of(descr);
    header.text = kind == 'S' || kind == 'U';
    if (header.text) {
      header.text_bytes = kind == 'U' ? 4 * size : size;
      return header;
    }
  }
  header.type = number_type_of(name, descr);
  return header;
}

std::unique_ptr<MatrixFile> open_npy(const std::string& name, const FileBytes& bytes) {
  const std::string_view start = bytes.text().substr(0, kNpyHeaderLimit);
  NpyHeader header = parse_npy(name, start, bytes.size());
  auto fail = [&](const std::string& found, const std::string& expected) { fail_file(name, found, expected); };
  if (header.shape.empty() || header.shape.size() > 2) {
    fail("has shape " + shape_text(header.shape), "one or two dimensions");
  }
  for (const std::size_t size : header.shape) {
    if (size == 0) fail("has no elements: shape " + shape_text(header.shape), "at least one");
  }
  const std::size_t held = bytes.size() - header.data_offset;
  std::size_t need = header.type.bytes;
  for (const std::size_t size : header.shape) {
    if (size > held / need) {
      fail("is truncated: " + std::to_string(held) + " bytes of data",
           "shape " + shape_text(header.shape) + " of " + header.type.name());
    }
    need *= size;
  }
  if (need < held) {
    fail("has " + std::to_string(held - need) + " bytes after the data",
         std::to_string(need) + " bytes for shape " + shape_text(header.shape));
  }
  return std::make_unique<DenseFile>(name, ".npy", header.shape,
                                     DenseData{bytes.part(header.data_offset, held), header.type, header.fortran});
}

}  // namespace eie::tb
