// SPDX-License-Identifier: Apache-2.0
// The readers behind open_matrix(), one a format.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tb/formats/file_bytes.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/number_type.h"

namespace eie::tb {

/// Throws the UserError `name: <found>: expected <expected>`.
[[noreturn]] void fail_file(const std::string& name, const std::string& found, const std::string& expected);

/// Elements of a file in any order, before they are sorted by row.
struct Triplets {
  std::vector<std::uint32_t> row;
  std::vector<std::uint32_t> column;
  std::vector<double> value;
  void add(std::size_t i, std::size_t j, double x) {
    row.push_back(static_cast<std::uint32_t>(i));
    column.push_back(static_cast<std::uint32_t>(j));
    value.push_back(x);
  }
};

/// A matrix whose non-zeros are in memory.
class SparseFile : public MatrixFile {
 public:
  /// Elements at the same place are added, as SciPy does; zeros are left out.
  SparseFile(std::string name, std::string format, std::string type, std::vector<std::size_t> shape, const Triplets& elements,
             std::string note = "");
  const SparseRows* sparse() const override { return elements_.get(); }
  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<SparseFile>(*this); }

 private:
  void convert(std::size_t first, std::size_t count, double* values) const override;
  std::shared_ptr<const SparseRows> elements_;  // of all copies
};

/// Refuses sizes that no device run can end with: over 2^24 rows or columns, or over 2^34 elements.
void check_sparse_size(const std::string& name, std::size_t rows, std::size_t columns);

// .npy

/// What the header of a .npy file says.
struct NpyHeader {
  NumberType type;
  bool fortran = false;
  std::vector<std::size_t> shape;
  std::size_t data_offset = 0;
  bool text = false;  // fixed-length text: only where asked for
  unsigned text_bytes = 0;
};

/// The type that NumPy's array protocol writes so: "<f4", "|b1". Throws the UserError of `name` for one that is not read here.
NumberType number_type_of(const std::string& name, const std::string& descr);
bool is_npy(std::string_view bytes);
/// Reads and checks the header; `total` is the size of the whole file. Throws UserError. `allow_text`: bytes
/// and text of fixed length are no error (scipy.sparse names its format so).
NpyHeader parse_npy(const std::string& name, std::string_view start, std::size_t total, bool allow_text = false);
/// A header must be within this many bytes from the start.
constexpr std::size_t kNpyHeaderLimit = 1 << 20;
std::unique_ptr<MatrixFile> open_npy(const std::string& name, const FileBytes& bytes);

// Others

bool is_zip(std::string_view bytes);
std::unique_ptr<MatrixFile> open_npz(const std::string& path, const std::string& member, const FileBytes& bytes,
                                     const Wanted& wanted);
bool is_matrix_market(std::string_view bytes);
std::unique_ptr<MatrixFile> open_matrix_market(const std::string& name, std::string_view text);
bool is_smtx(std::string_view text);
std::unique_ptr<MatrixFile> open_smtx(const std::string& name, std::string_view text);
std::unique_ptr<MatrixFile> open_table(const std::string& name, std::string_view text);
std::unique_ptr<MatrixFile> open_container_matrix(const std::string& name);
/// A safetensors file; by its content.
bool is_safetensors(std::string_view bytes);
std::unique_ptr<MatrixFile> open_safetensors(const std::string& path, const std::string& member, const FileBytes& bytes,
                                             const Wanted& wanted);
/// An ONNX model; by its content, or where that does not tell, by its name. The members are its layers and their biases.
bool is_onnx(const std::string& path, std::string_view bytes);
std::unique_ptr<MatrixFile> open_onnx(const std::string& path, const std::string& member, const Wanted& wanted);
std::unique_ptr<MatrixFile> open_simulator_folder(const std::string& path, const std::string& member);

/// True when the bytes may be a text of numbers.
bool is_text(std::string_view bytes);
/// Throws the UserError that says what a file that is none of the above is, and how to convert it; returns
/// when the bytes may be a text of numbers.
void refuse_foreign(const std::string& path, std::string_view bytes);
/// What a zip archive without NumPy arrays is, by the names of its members, and how to convert it.
[[noreturn]] void refuse_foreign_zip(const std::string& path, const std::vector<std::string>& members);

}  // namespace eie::tb
