// SPDX-License-Identifier: Apache-2.0
// Matrices and vectors in files of others: one interface over all formats (docs/formats.md).
//
// What a file is, is read from its content, not from its name. `FILE:MEMBER` names a part of a container: an
// array of a .npz archive, a layer (or LAYER.bias) of an EIE container, or weights, bias or act of a folder of the EIE authors'
// simulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace eie::tb {

/// Compressed rows: the non-zeros of row i are elements offset[i] .. offset[i + 1] - 1, columns ascending.
struct SparseRows {
  std::vector<std::size_t> offset;  // rows + 1
  std::vector<std::uint32_t> column;
  std::vector<double> value;
};

/// An open matrix (or a vector, as one row) of finite real numbers. Rows may be read in any order and again.
class MatrixFile {
 public:
  MatrixFile& operator=(const MatrixFile&) = delete;
  virtual ~MatrixFile() = default;
  /// The same file, without reading it again.
  virtual std::unique_ptr<MatrixFile> again() const = 0;

  /// As the user named it, member included.
  const std::string& name() const { return name_; }
  /// Dimensions as stored: one or two, each at least 1.
  const std::vector<std::size_t>& shape() const { return shape_; }
  std::size_t rows() const { return shape_.size() == 1 ? 1 : shape_[0]; }
  std::size_t columns() const { return shape_.back(); }
  /// "(3, 4)"
  std::string shape_text() const;
  /// "float32", "uint8", "bool"; of a text, the type it is read as.
  const std::string& type() const { return type_; }
  /// ".npy", "Matrix Market", ...
  const std::string& format() const { return format_; }
  /// What was assumed in reading it and the user should know; mostly empty.
  const std::string& note() const { return note_; }

  /// Rows first .. first + count - 1, row after row. Throws UserError on NaN and infinity, with the place.
  void read_rows(std::size_t first, std::size_t count, double* values) const;
  /// The same of integers, exactly. Throws UserError when the file holds another type or a value beyond
  /// int64.
  virtual void read_integers(std::size_t first, std::size_t count, std::int64_t* values) const;

  /// The non-zeros, of a sparse or text format: there is no dense copy of these. Null of a dense binary one.
  virtual const SparseRows* sparse() const { return nullptr; }

  /// Throws the UserError `name: <found>: expected <expected>`.
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const;
  /// "element [3, 4]"
  std::string place(std::size_t row, std::size_t column) const;

 protected:
  MatrixFile(const MatrixFile&) = default;
  MatrixFile(std::string name, std::string format) : name_(std::move(name)), format_(std::move(format)) {}
  virtual void convert(std::size_t first, std::size_t count, double* values) const = 0;

  std::string name_;
  std::string format_;
  std::vector<std::size_t> shape_;
  std::string type_;
  std::string note_;
};

/// What a caller needs: chooses among the arrays of an archive when none is named.
struct Wanted {
  std::string what;                                                 // "a matrix, rows x columns"
  std::function<bool(const std::vector<std::size_t>& shape)> fits;  // false: another array

  static Wanted matrix();
  static Wanted vector(std::size_t length);  // 0: of any length
};

/// Opens FILE or FILE:MEMBER. Throws UserError: what is not understood is named for what it is, with the line
/// that converts it.
std::unique_ptr<MatrixFile> open_matrix(const std::string& name, const Wanted& wanted = Wanted::matrix());

/// A vector, stored as (N,), (1, N) or (N, 1), of `length` elements (0: any). Throws UserError.
std::vector<double> read_vector(const std::string& name, std::size_t length);
std::vector<double> read_vector(const MatrixFile& file, std::size_t length);
std::vector<std::int64_t> read_integer_vector(const std::string& name, std::size_t length);

/// The file of FILE or FILE:MEMBER. A file whose own name has a colon is found first.
std::string file_of(const std::string& name);

/// True when the name is a folder of the EIE authors' simulator, which holds weights, activations and maybe a
/// bias.
bool is_simulator_folder(const std::string& name);
/// True when such a folder's last column is beyond its activations: a bias.
bool simulator_folder_has_bias(const std::string& name);
/// The files in which such a folder keeps what `name` says, its member included.
std::vector<std::string> simulator_folder_files(const std::string& name);

/// The shape as NumPy writes it.
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace eie::tb
