// SPDX-License-Identifier: Apache-2.0
// What is measured: W * X of a block of rows, dense by OpenBLAS and sparse by Eigen, in float32.
#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cblas.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tb/test/baseline/layer_file.h"

namespace eie::baseline {

/// Rows first .. last - 1.
struct Rows {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t count() const { return last - first; }
};

/// A block a process: as many rows each (dense), or as many entries as whole rows allow (sparse).
inline std::vector<Rows> split(const Layer& layer, std::size_t parts, bool sparse) {
  std::vector<Rows> blocks(parts);
  std::size_t first = 0;
  for (std::size_t k = 0; k < parts; ++k) {
    std::size_t last = layer.rows * (k + 1) / parts;
    if (sparse && k + 1 < parts) {
      const auto wanted = static_cast<std::int32_t>(layer.value.size() * (k + 1) / parts);
      const auto found = std::lower_bound(layer.row_start.begin(), layer.row_start.end() - 1, wanted);
      last = std::max(first, static_cast<std::size_t>(found - layer.row_start.begin()));
    }
    blocks[k] = {first, last};
    first = last;
  }
  return blocks;
}

/// A block's weights, as often as asked for. The memory is first touched by the process that makes it.
class DenseBlock {
 public:
  DenseBlock(const Layer& layer, Rows rows, std::size_t copies)
      : rows_(rows), columns_(layer.columns), weights_(rows.count() * layer.columns * copies, 0.0F) {
    for (std::size_t copy = 0; copy < copies; ++copy) {
      for (std::size_t i = rows.first; i < rows.last; ++i) {
        float* row = &weights_[(copy * rows.count() + i - rows.first) * columns_];
        const auto end = static_cast<std::size_t>(layer.row_start[i + 1]);
        for (auto e = static_cast<std::size_t>(layer.row_start[i]); e < end; ++e) {
          row[layer.column[e]] = layer.value[e];
        }
      }
    }
  }

  static std::size_t bytes(const Layer& layer) { return std::size_t{layer.rows} * layer.columns * sizeof(float); }

  /// y = W x, [row][frame] and [column][frame].
  void multiply(std::size_t copy, const float* x, std::size_t frames, float* y) const {
    if (rows_.count() == 0) return;
    const float* weights = weights_.data() + copy * rows_.count() * columns_;
    const auto m = static_cast<int>(rows_.count());
    const auto k = static_cast<int>(columns_);
    const auto n = static_cast<int>(frames);
    float* out = y + rows_.first * frames;
    if (frames == 1) {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, m, k, 1.0F, weights, k, x, 1, 0.0F, out, 1);
    } else {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0F, weights, k, x, n, 0.0F, out, n);
    }
  }

 private:
  Rows rows_;
  std::size_t columns_;
  std::vector<float> weights_;
};

class SparseBlock {
 public:
  SparseBlock(const Layer& layer, Rows rows, std::size_t copies) : rows_(rows), columns_(layer.columns) {
    const std::int32_t first = layer.row_start[rows.first];
    const std::int32_t last = layer.row_start[rows.last];
    for (std::size_t copy = 0; copy < copies; ++copy) {
      Copy& one = copies_.emplace_back();
      for (std::size_t i = rows.first; i <= rows.last; ++i) one.row_start.push_back(layer.row_start[i] - first);
      one.column.assign(layer.column.begin() + first, layer.column.begin() + last);
      one.value.assign(layer.value.begin() + first, layer.value.begin() + last);
    }
  }

  static std::size_t bytes(const Layer& layer) { return 8 * layer.value.size() + 4 * layer.row_start.size(); }

  void multiply(std::size_t copy, const float* x, std::size_t frames, float* y) const {
    using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Sparse = Eigen::SparseMatrix<float, Eigen::RowMajor, std::int32_t>;
    const Copy& one = copies_[copy];
    const auto m = static_cast<Eigen::Index>(rows_.count());
    const auto k = static_cast<Eigen::Index>(columns_);
    const auto n = static_cast<Eigen::Index>(frames);
    const Eigen::Map<const Sparse> weights(m, k, static_cast<Eigen::Index>(one.value.size()), one.row_start.data(),
                                           one.column.data(), one.value.data());
    float* out = y + rows_.first * frames;
    if (frames == 1) {
      Eigen::Map<Eigen::VectorXf>(out, m).noalias() = weights * Eigen::Map<const Eigen::VectorXf>(x, k);
    } else {
      Eigen::Map<Dense>(out, m, n).noalias() = weights * Eigen::Map<const Dense>(x, k, n);
    }
  }

 private:
  struct Copy {
    std::vector<std::int32_t> row_start;
    std::vector<std::int32_t> column;
    std::vector<float> value;
  };

  Rows rows_;
  std::size_t columns_;
  std::vector<Copy> copies_;
};

}  // namespace eie::baseline
