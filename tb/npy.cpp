#include "npy.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "atomic_file.h"
#include "error.h"

namespace eie::tb {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr std::size_t kMagicBytes = 6;
constexpr const char* kLegal = "little-endian float32, float64 or integers";

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
    if (peek('[')) {  // a structured type: skip to its end, refused later
      at_ = text_.rfind(']');
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

std::string shape_string(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t d = 0; d < shape.size(); ++d) text += (d ? ", " : "") + std::to_string(shape[d]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

NpyReader::NpyReader(const std::string& path) : path_(path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) fail("is a directory", "a .npy file");
  if (!std::filesystem::exists(path, failure)) fail("does not exist", "a .npy file");
  if (!std::filesystem::is_regular_file(path, failure)) fail("is no regular file", "a .npy file");
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) fail("cannot be opened", "a readable .npy file");

  unsigned char start[12] = {};
  const std::size_t got = std::fread(start, 1, 10, file_.get());
  if (got < 10 || std::memcmp(start, kMagic, kMagicBytes) != 0)
    fail("is no .npy file", "the NumPy magic string");
  const unsigned version = start[6];
  if (version < 1 || version > 3 || start[7] != 0) {
    fail("has format version " + std::to_string(version) + "." + std::to_string(start[7]), "1.0, 2.0 or 3.0");
  }
  std::size_t length = start[8] | std::size_t{start[9]} << 8;
  data_offset_ = 10;
  if (version >= 2) {
    read_bytes(start + 10, 2);
    length |= std::size_t{start[10]} << 16 | std::size_t{start[11]} << 24;
    data_offset_ = 12;
  }
  const std::uintmax_t file_bytes = std::filesystem::file_size(path, failure);
  data_offset_ += static_cast<long>(length);
  if (failure || static_cast<std::uintmax_t>(data_offset_) > file_bytes)
    fail("is truncated", "a whole header");
  std::string header(length, '\0');
  read_bytes(header.data(), length);
  parse(header);

  const std::uintmax_t held = file_bytes - static_cast<std::uintmax_t>(data_offset_);
  std::uintmax_t need = item_bytes_;
  for (const std::size_t size : shape_) {
    if (size > held / need) {
      fail("is truncated: " + std::to_string(held) + " bytes of data",
           "shape " + shape_text() + " of " + type());
    }
    need *= size;
  }
  if (need < held) {
    fail("has " + std::to_string(held - need) + " bytes after the data",
         std::to_string(need) + " bytes for shape " + shape_text());
  }
}

void NpyReader::parse(const std::string& header) {
  HeaderParser parsed(header);
  if (!parsed.parse()) fail("has a malformed header", "descr, fortran_order and shape");
  const std::string& descr = *parsed.descr;
  if (descr.empty()) fail("holds a structured type", kLegal);
  if (descr.find('O') != std::string::npos) fail("holds Python objects", kLegal);
  if (descr[0] == '>') fail("is big endian ('" + descr + "')", kLegal);
  const std::string rest = descr.substr(1);
  const bool known = rest == "f4" || rest == "f8" || rest == "i1" || rest == "i2" || rest == "i4" ||
                     rest == "i8" || rest == "u1" || rest == "u2" || rest == "u4" || rest == "u8";
  if (!known || (descr[0] != '<' && !(descr[0] == '|' && rest[1] == '1'))) {
    fail("holds type '" + descr + "'", kLegal);
  }
  kind_ = rest[0];
  item_bytes_ = static_cast<unsigned>(rest[1] - '0');
  if (parsed.shape->empty() || parsed.shape->size() > 2) {
    fail("has shape " + shape_string(*parsed.shape), "one or two dimensions");
  }
  shape_ = *parsed.shape;
  for (const std::size_t size : shape_) {
    if (size == 0) fail("has no elements: shape " + shape_text(), "at least one");
  }
  if (*parsed.fortran && shape_.size() == 2) fail("is in Fortran order", "C order (numpy.ascontiguousarray)");
}

std::string NpyReader::type() const {
  const char* name = kind_ == 'f' ? "float" : kind_ == 'i' ? "int" : "uint";
  return name + std::to_string(8 * item_bytes_);
}

std::string NpyReader::shape_text() const { return shape_string(shape_); }

void NpyReader::fail(const std::string& found, const std::string& expected) const {
  throw UserError(path_ + ": " + found + ": expected " + expected);
}

void NpyReader::read_bytes(void* data, std::size_t bytes) {
  if (std::fread(data, 1, bytes, file_.get()) != bytes)
    fail("cannot be read to its end", "a whole .npy file");
}

void NpyReader::rewind() {
  if (std::fseek(file_.get(), data_offset_, SEEK_SET) != 0) fail("cannot be read again", "a regular file");
  row_ = 0;
}

void NpyReader::next_row() {
  raw_.resize(columns() * item_bytes_);
  read_bytes(raw_.data(), raw_.size());
  ++row_;
}

template <class T>
T NpyReader::element(std::size_t index) const {
  T value;
  std::memcpy(&value, raw_.data() + index * sizeof(T), sizeof(T));
  return value;
}

void NpyReader::read_row(std::vector<double>& row) {
  if (!is_float()) fail("holds " + type(), "float32 or float64");
  next_row();
  row.resize(columns());
  for (std::size_t j = 0; j < row.size(); ++j) {
    row[j] = item_bytes_ == 4 ? static_cast<double>(element<float>(j)) : element<double>(j);
    if (!std::isfinite(row[j])) {
      const std::string place =
          shape_.size() == 1 ? std::to_string(j) : std::to_string(row_ - 1) + ", " + std::to_string(j);
      fail("element [" + place + "] is " + (std::isnan(row[j]) ? "NaN" : "infinite"), "finite numbers");
    }
  }
}

void NpyReader::read_row(std::vector<std::int64_t>& row) {
  if (is_float()) fail("holds " + type(), "integers");
  next_row();
  row.resize(columns());
  for (std::size_t j = 0; j < row.size(); ++j) {
    switch (item_bytes_ * (kind_ == 'i' ? 10 : 1)) {
      case 1:
        row[j] = element<std::uint8_t>(j);
        break;
      case 2:
        row[j] = element<std::uint16_t>(j);
        break;
      case 4:
        row[j] = element<std::uint32_t>(j);
        break;
      case 10:
        row[j] = element<std::int8_t>(j);
        break;
      case 20:
        row[j] = element<std::int16_t>(j);
        break;
      case 40:
        row[j] = element<std::int32_t>(j);
        break;
      default:
        row[j] = element<std::int64_t>(j);
        if (kind_ == 'u' && row[j] < 0)
          fail("element " + std::to_string(j) + " is over 2^63", "int64 values");
    }
  }
}

namespace {

template <class T>
std::vector<T> load_vector(const std::string& path, std::size_t length) {
  NpyReader reader(path);
  if (reader.shape().size() != 1 || (length != 0 && reader.columns() != length)) {
    reader.fail("has shape " + reader.shape_text(),
                length == 0 ? "one dimension" : "(" + std::to_string(length) + ",)");
  }
  std::vector<T> values;
  reader.read_row(values);
  return values;
}

}  // namespace

std::vector<double> load_float_vector(const std::string& path, std::size_t length) {
  return load_vector<double>(path, length);
}

std::vector<std::int64_t> load_integer_vector(const std::string& path, std::size_t length) {
  return load_vector<std::int64_t>(path, length);
}

void write_npy_bytes(const std::string& path, const char* element, const void* data, std::size_t item_bytes,
                     const std::vector<std::size_t>& shape) {
  std::string header = "{'descr': '" + std::string(element) +
                       "', 'fortran_order': False, 'shape': " + shape_string(shape) + ", }";
  const std::size_t before = kMagicBytes + 4;
  while ((before + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::size_t bytes = item_bytes;
  for (const std::size_t size : shape) bytes *= size;
  const unsigned char start[4] = {1, 0, static_cast<unsigned char>(header.size() & 0xFF),
                                  static_cast<unsigned char>(header.size() >> 8)};
  AtomicFile file(path);
  file.write(kMagic, kMagicBytes);
  file.write(start, sizeof start);
  file.write(header.data(), header.size());
  file.write(data, bytes);
  file.commit();
}

}  // namespace eie::tb
