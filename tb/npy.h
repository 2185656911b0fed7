// NumPy .npy files (format versions 1, 2 and 3): little endian, C order, one or two dimensions.
//
// Format: numpy.lib.format. Refused with a UserError that names the file: another byte or element order,
// objects and other types, no elements, more than two dimensions, too few or too many bytes, NaN and
// infinity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace eie::tb {

/// An open .npy file, read row by row, so that a large matrix is never held twice.
class NpyReader {
 public:
  /// Opens the file and checks header and size. Throws UserError.
  explicit NpyReader(const std::string& path);

  /// Dimensions as stored: one or two, each at least 1.
  const std::vector<std::size_t>& shape() const { return shape_; }
  std::size_t rows() const { return shape_.size() == 1 ? 1 : shape_[0]; }  // a vector is one row
  std::size_t columns() const { return shape_.back(); }

  /// True for float32 and float64; otherwise it is an integer type.
  bool is_float() const { return kind_ == 'f'; }

  /// "float32", "uint8", ...
  std::string type() const;
  /// "(3, 4)"
  std::string shape_text() const;
  const std::string& path() const { return path_; }

  /// Reads the next row. The file must hold floats (integers); throws UserError otherwise, on NaN and
  /// infinity (beyond int64), and when the file ends early.
  void read_row(std::vector<double>& row);
  void read_row(std::vector<std::int64_t>& row);

  /// Goes back to the first row.
  void rewind();

  /// Throws the UserError `path: <found>: expected <expected>`.
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void parse(const std::string& header);
  void read_bytes(void* data, std::size_t bytes);
  void next_row();
  template <class T>
  T element(std::size_t index) const;

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  char kind_ = 'f';  // 'f', 'i' or 'u'
  unsigned item_bytes_ = 4;
  std::vector<std::size_t> shape_;
  long data_offset_ = 0;
  std::size_t row_ = 0;             // next row
  std::vector<unsigned char> raw_;  // one row as stored
};

/// A float32 or float64 vector of `length` elements (0: any length). Throws UserError.
std::vector<double> load_float_vector(const std::string& path, std::size_t length);

/// An integer vector of `length` elements (0: any length). Throws UserError.
std::vector<std::int64_t> load_integer_vector(const std::string& path, std::size_t length);

/// Writes `.npy` version 1.0 through a temporary file. `element` is NumPy's type code ("<f4", "|u1", ...),
/// the data are the product of `shape` elements in C order. Throws UserError when the file cannot be written.
void write_npy_bytes(const std::string& path, const char* element, const void* data, std::size_t item_bytes,
                     const std::vector<std::size_t>& shape);

/// NumPy's code for a C++ element type.
template <class T>
constexpr const char* npy_type() {
  static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>, "a number");
  if constexpr (std::is_floating_point_v<T>) {
    return sizeof(T) == 4 ? "<f4" : "<f8";
  } else if constexpr (std::is_signed_v<T>) {
    return sizeof(T) == 1 ? "|i1" : sizeof(T) == 2 ? "<i2" : sizeof(T) == 4 ? "<i4" : "<i8";
  } else {
    return sizeof(T) == 1 ? "|u1" : sizeof(T) == 2 ? "<u2" : sizeof(T) == 4 ? "<u4" : "<u8";
  }
}

/// Writes a vector, or a matrix whose last dimension runs fastest. Throws UserError.
template <class T>
void write_npy(const std::string& path, const std::vector<T>& data, const std::vector<std::size_t>& shape) {
  write_npy_bytes(path, npy_type<T>(), data.data(), sizeof(T), shape);
}
template <class T>
void write_npy(const std::string& path, const std::vector<T>& data) {
  write_npy(path, data, {data.size()});
}

}  // namespace eie::tb
