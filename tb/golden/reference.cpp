// SPDX-License-Identifier: Apache-2.0
#include "tb/golden/reference.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "tb/formats/container/stored_network.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

namespace {

/// The same of a container's shared values, column after column: nobody has to put its rows together. The terms of a row come
/// in the same order.
Eigen::MatrixXd container_product(const StoredLayer& layer, const Eigen::MatrixXd& x, const std::vector<double>& bias) {
  Eigen::MatrixXd y = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(layer.rows), x.cols());
  for (Eigen::Index s = 0; s < x.cols(); ++s) {
    double* const to = y.col(s).data();
    for (std::size_t j = 0; j < layer.columns; ++j) {
      const double activation = x(static_cast<Eigen::Index>(j), s);
      if (activation == 0) continue;
      for (std::size_t e = layer.codes.offset[j]; e < layer.codes.offset[j + 1]; ++e) {
        to[layer.codes.row[e]] += layer.codebook.values[layer.codes.code[e]] * activation;
      }
    }
    for (std::size_t i = 0; i < bias.size(); ++i) to[i] += bias[i];
  }
  return y;
}

}  // namespace

Eigen::MatrixXd float_product(const std::string& weights_path, const Eigen::MatrixXd& x, const std::vector<double>& bias) {
  if (is_container_file(weights_path)) {
    if (const ContainerMember member = container_member(weights_path); !member.bias) {
      return container_product(member.stored(), x, bias);
    }
  }
  return float_product(*open_matrix(weights_path), x, bias);
}

Eigen::MatrixXd float_product(const MatrixFile& weights, const Eigen::MatrixXd& x, const std::vector<double>& bias) {
  const auto rows = static_cast<Eigen::Index>(weights.rows());
  Eigen::MatrixXd y = Eigen::MatrixXd::Zero(rows, x.cols());
  constexpr Eigen::Index kTile = 64;
  std::vector<double> tile;
  for (Eigen::Index i = 0; i < rows; ++i) {
    if (const SparseRows* elements = weights.sparse()) {
      const auto r = static_cast<std::size_t>(i);
      for (std::size_t e = elements->offset[r]; e < elements->offset[r + 1]; ++e) {
        y.row(i) += elements->value[e] * x.row(static_cast<Eigen::Index>(elements->column[e]));
      }
    } else {
      if (i % kTile == 0) {
        const auto count = static_cast<std::size_t>(std::min(kTile, rows - i));
        tile.resize(count * weights.columns());
        weights.read_rows(static_cast<std::size_t>(i), count, tile.data());
      }
      const double* const row = tile.data() + static_cast<std::size_t>(i % kTile) * weights.columns();
      y.row(i).noalias() = Eigen::Map<const Eigen::RowVectorXd>(row, static_cast<Eigen::Index>(weights.columns())) * x;
    }
    if (!bias.empty()) y.row(i).array() += bias[static_cast<std::size_t>(i)];
  }
  return y;
}

FloatSums::FloatSums(std::size_t rows, std::vector<double> values)
    : values_(std::move(values)), sums_(Eigen::VectorXd::Zero(static_cast<Eigen::Index>(rows))) {}

void FloatSums::add(const std::vector<std::uint8_t>& codes, double activation) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    sums_[static_cast<Eigen::Index>(i)] += activation * values_[codes[i]];
  }
}

void ErrorMeter::add(const std::vector<std::int32_t>& outputs, int out_frac, const Eigen::VectorXd& expected) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double error = std::abs(std::ldexp(outputs[i], -out_frac) - expected[static_cast<Eigen::Index>(i)]);
    max_ = std::max(max_, error);
    squares_ += error * error;
    ++count_;
  }
}

FloatError ErrorMeter::result() const { return {max_, count_ == 0 ? 0.0 : std::sqrt(squares_ / static_cast<double>(count_))}; }

}  // namespace eie::tb
