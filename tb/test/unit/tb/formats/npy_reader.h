// SPDX-License-Identifier: Apache-2.0
// A .npy file that a test reads row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/formats/readers.h"

namespace eie::tb {

/// Opens the file, and no file of another format. Throws UserError, as MatrixFile does.
class NpyReader {
 public:
  explicit NpyReader(const std::string& path) : file_(open_npy(path, FileBytes::map(path, "a .npy file"))) {}

  const std::vector<std::size_t>& shape() const { return file_->shape(); }
  std::size_t rows() const { return file_->rows(); }  // a vector is one row
  std::size_t columns() const { return file_->columns(); }
  std::string type() const { return file_->type(); }
  bool is_float() const { return file_->type().rfind("float", 0) == 0; }
  std::string shape_text() const { return file_->shape_text(); }

  void read_row(std::vector<double>& row) {
    row.resize(columns());
    file_->read_rows(next(), 1, row.data());
  }
  void read_row(std::vector<std::int64_t>& row) {
    row.resize(columns());
    file_->read_integers(next(), 1, row.data());
  }

 private:
  std::size_t next() {
    if (row_ == rows()) file_->fail("has no row " + std::to_string(row_), std::to_string(rows()) + " rows");
    return row_++;
  }

  std::unique_ptr<MatrixFile> file_;
  std::size_t row_ = 0;
};

}  // namespace eie::tb
