// SPDX-License-Identifier: Apache-2.0
// A matrix in memory as an open file.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

class MemoryMatrix : public MatrixFile {
 public:
  MemoryMatrix(std::size_t rows, std::size_t columns, std::vector<double> values)
      : MatrixFile("W", "memory"), values_(std::move(values)) {
    shape_ = {rows, columns};
    type_ = "float64";
  }
  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<MemoryMatrix>(*this); }
  double at(std::size_t i, std::size_t j) const { return values_[i * columns() + j]; }
  const std::vector<double>& values() const { return values_; }

 protected:
  void convert(std::size_t first, std::size_t count, double* values) const override {
    const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(first * columns());
    std::copy(begin, begin + static_cast<std::ptrdiff_t>(count * columns()), values);
  }

 private:
  std::vector<double> values_;
};

}  // namespace eie::tb
