// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/matrix_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "tb/formats/container/stored_network.h"
#include "tb/formats/kept_files.h"
#include "tb/formats/readers.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReadable = "a file of numbers: .npy, .npz, .mtx, .smtx, .csv, .tsv, .safetensors, .onnx or .eie";
constexpr std::size_t kLargestSide = std::size_t{1} << 24;
constexpr std::size_t kLargestArea = std::size_t{1} << 34;
// A row without an element takes 24 bytes of memory and none of the file.
constexpr std::size_t kFreeRows = std::size_t{1} << 20;

bool exists(const std::string& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

// FILE:MEMBER in its two parts; the member is empty when there is none.
std::pair<std::string, std::string> split(const std::string& name) {
  if (exists(name)) return {name, ""};
  for (std::size_t colon = name.rfind(':'); colon != std::string::npos && colon > 0; colon = name.rfind(':', colon - 1)) {
    if (exists(name.substr(0, colon))) return {name.substr(0, colon), name.substr(colon + 1)};
  }
  return {name, ""};
}

bool is_folder(const std::string& path) {
  std::error_code failure;
  return fs::is_directory(path, failure);
}

std::string number(double x) {
  std::ostringstream text;
  text << x;
  return text.str();
}

// A vector as one run of elements, whatever its shape.
template <class T, class Read>
std::vector<T> vector_of(const MatrixFile& file, std::size_t length, Read read) {
  const std::vector<std::size_t>& shape = file.shape();
  const std::size_t size = file.rows() * file.columns();
  const bool one_dimension = shape.size() == 1 || shape[0] == 1 || shape[1] == 1;
  if (!one_dimension || (length != 0 && size != length)) {
    file.fail("has shape " + file.shape_text(), length == 0 ? "one vector" : "(" + std::to_string(length) + ",)");
  }
  std::vector<T> values(size);
  read(values);
  return values;
}

}  // namespace

void fail_file(const std::string& name, const std::string& found, const std::string& expected) {
  throw UserError(printable(name + ": " + found + ": expected " + expected));  // what a file has in it may be any bytes
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t d = 0; d < shape.size(); ++d) text += (d != 0 ? ", " : "") + std::to_string(shape[d]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string MatrixFile::shape_text() const { return tb::shape_text(shape_); }

void MatrixFile::fail(const std::string& found, const std::string& expected) const { fail_file(name_, found, expected); }

std::string MatrixFile::place(std::size_t row, std::size_t column) const {
  return "element [" + (shape_.size() == 1 ? "" : std::to_string(row) + ", ") + std::to_string(column) + "]";
}

void MatrixFile::read_rows(std::size_t first, std::size_t count, double* values) const {
  convert(first, count, values);
  const std::size_t size = count * columns();
  // An exponent of all ones carries into the sign bit: few and simple operations, two numbers at a time.
  constexpr std::uint64_t kExponent = 0x7FF0000000000000;
  std::uint64_t carries = 0;
  for (std::size_t k = 0; k < size; ++k) {
    std::uint64_t bits;
    std::memcpy(&bits, values + k, sizeof bits);
    carries |= (bits & kExponent) + (std::uint64_t{1} << 52);
  }
  if (carries >> 63 == 0) return;
  for (std::size_t k = 0; k < size; ++k) {
    if (std::isfinite(values[k])) continue;
    fail(place(first + k / columns(), k % columns()) + " is " + (std::isnan(values[k]) ? "NaN" : "infinite"), "finite numbers");
  }
}

void MatrixFile::read_integers(std::size_t first, std::size_t count, std::int64_t* values) const {
  std::vector<double> real(count * columns());
  read_rows(first, count, real.data());
  for (std::size_t k = 0; k < real.size(); ++k) {
    if (real[k] != std::trunc(real[k]) || std::abs(real[k]) > 0x1p53) {
      fail(place(first + k / columns(), k % columns()) + " is " + number(real[k]), "integers");
    }
    values[k] = static_cast<std::int64_t>(real[k]);
  }
}

SparseFile::SparseFile(std::string name, std::string format, std::string type, std::vector<std::size_t> shape,
                       const Triplets& elements, std::string note)
    : MatrixFile(std::move(name), std::move(format)) {
  shape_ = std::move(shape);
  type_ = std::move(type);
  note_ = std::move(note);
  const std::size_t height = rows();
  if (height > kFreeRows && height > elements.row.size()) {
    fail("has " + std::to_string(height) + " rows and " + std::to_string(elements.row.size()) + " elements",
         "up to 2^20 rows, or an element for each");
  }
  auto read = std::make_shared<SparseRows>();
  std::vector<std::size_t> next(height + 1, 0);
  for (const std::uint32_t i : elements.row) ++next[i + 1];
  for (std::size_t i = 0; i < height; ++i) next[i + 1] += next[i];
  std::vector<std::size_t> order(elements.row.size());
  {
    std::vector<std::size_t> at = next;
    for (std::size_t e = 0; e < elements.row.size(); ++e) order[at[elements.row[e]]++] = e;
  }
  read->offset.reserve(height + 1);
  read->offset.push_back(0);
  for (std::size_t i = 0; i < height; ++i) {
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(next[i]);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(next[i + 1]);
    auto before = [&](std::size_t a, std::size_t b) { return elements.column[a] < elements.column[b]; };
    if (!std::is_sorted(begin, end, before)) std::stable_sort(begin, end, before);
    for (auto e = begin; e != end;) {
      const std::uint32_t j = elements.column[*e];
      double sum = 0;
      for (; e != end && elements.column[*e] == j; ++e) sum += elements.value[*e];
      if (!std::isfinite(sum)) {
        fail(place(i, j) + " is " + (std::isnan(sum) ? "NaN" : "infinite"), "finite numbers");
      }
      if (sum == 0) continue;
      read->column.push_back(j);
      read->value.push_back(sum);
    }
    read->offset.push_back(read->column.size());
  }
  elements_ = std::move(read);
}

void SparseFile::convert(std::size_t first, std::size_t count, double* values) const {
  std::fill(values, values + count * columns(), 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t e = elements_->offset[first + i]; e < elements_->offset[first + i + 1]; ++e) {
      values[i * columns() + elements_->column[e]] = elements_->value[e];
    }
  }
}

void check_sparse_size(const std::string& name, std::size_t rows, std::size_t columns) {
  if (rows == 0 || columns == 0) {
    fail_file(name, "has no elements: shape " + shape_text({rows, columns}), "at least one");
  }
  if (rows > kLargestSide || columns > kLargestSide || rows * columns > kLargestArea) {
    fail_file(name, "has shape " + shape_text({rows, columns}), "up to 2^24 rows and columns and 2^34 elements");
  }
}

Wanted Wanted::matrix() {
  return {"a matrix, rows x columns", [](const std::vector<std::size_t>& shape) { return shape.size() == 2; }};
}

Wanted Wanted::vector(std::size_t length) {
  return {length == 0 ? "a vector" : "a vector of " + std::to_string(length), [length](const std::vector<std::size_t>& shape) {
            std::size_t size = 1;
            std::size_t wide = 0;
            for (const std::size_t side : shape) {
              size *= side;
              wide += side > 1 ? 1 : 0;
            }
            return (shape.size() == 1 || shape.size() == 2) && wide <= 1 && (length == 0 || size == length);
          }};
}

namespace {

std::unique_ptr<MatrixFile> read_matrix(const std::string& name, const Wanted& wanted) {
  const auto [path, member] = split(name);
  if (is_simulator_folder(path)) return open_simulator_folder(path, member);
  const FileBytes bytes = FileBytes::map(path, kReadable);
  const std::string_view text = bytes.text();
  if (is_container(text)) return open_container_matrix(name);
  if (is_zip(text)) return open_npz(path, member, bytes, wanted);
  if (is_safetensors(text)) return open_safetensors(path, member, bytes, wanted);
  if (is_onnx(path, text)) return open_onnx(path, member, wanted);
  if (!member.empty()) {
    fail_file(name, "names a member of " + path + ", which has none",
              "a .npz archive, a safetensors file or an ONNX model before the colon");
  }
  if (text.empty()) fail_file(name, "is empty, and so is no .npy file", kReadable);
  if (is_npy(text)) return open_npy(name, bytes);
  if (is_matrix_market(text)) return open_matrix_market(name, text);
  refuse_foreign(name, text);
  const std::string suffix = fs::path(path).extension().string();
  if (suffix == ".smtx" || is_smtx(text)) return open_smtx(name, text);
  return open_table(name, text);
}

}  // namespace

std::unique_ptr<MatrixFile> open_matrix(const std::string& name, const Wanted& wanted) {
  const std::string key = name + '\n' + wanted.what;  // an archive gives each what it wants
  if (std::unique_ptr<MatrixFile> kept = KeptFiles::matrix(key)) return kept;
  std::unique_ptr<MatrixFile> file = read_matrix(name, wanted);
  KeptFiles::keep(key, *file);
  return file;
}

std::vector<double> read_vector(const std::string& name, std::size_t length) {
  return read_vector(*open_matrix(name, Wanted::vector(length)), length);
}

std::vector<double> read_vector(const MatrixFile& file, std::size_t length) {
  return vector_of<double>(file, length, [&](std::vector<double>& values) { file.read_rows(0, file.rows(), values.data()); });
}

std::vector<std::int64_t> read_integer_vector(const std::string& name, std::size_t length) {
  const std::unique_ptr<MatrixFile> file = open_matrix(name, Wanted::vector(length));
  return vector_of<std::int64_t>(*file, length,
                                 [&](std::vector<std::int64_t>& values) { file->read_integers(0, file->rows(), values.data()); });
}

std::string file_of(const std::string& name) { return split(name).first; }

bool is_simulator_folder(const std::string& name) {
  const std::string path = file_of(name);
  return is_folder(path) && is_folder(path + "/ptr") && is_folder(path + "/spm");
}

}  // namespace eie::tb
