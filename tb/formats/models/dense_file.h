// SPDX-License-Identifier: Apache-2.0
// A matrix or vector whose elements lie in a row in memory, or in a mapped file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/formats/file_bytes.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/number_type.h"

namespace eie::tb {

/// The elements of an array: as many bytes as its shape and type need.
struct DenseData {
  FileBytes bytes;
  NumberType type;
  bool fortran = false;  // of a matrix: column after column
};

class DenseFile : public MatrixFile {
 public:
  DenseFile(const std::string& name, const std::string& format, const std::vector<std::size_t>& shape, const DenseData& data);

  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<DenseFile>(*this); }
  void read_integers(std::size_t first, std::size_t count, std::int64_t* values) const override;

 protected:
  void convert(std::size_t first, std::size_t count, double* values) const override;

 private:
  template <class T, class Convert>
  void read(std::size_t first, std::size_t count, T* values, Convert convert_run) const;

  DenseData data_;
};

/// Bytes of an array of this shape and type; SIZE_MAX when they are more than `limit`.
std::size_t bytes_of(const std::vector<std::size_t>& shape, const NumberType& type, std::size_t limit);

}  // namespace eie::tb
