// SPDX-License-Identifier: Apache-2.0
// The floating-point product W * a + b in double precision (Eigen): what the fixed-point result is judged
// against.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// W * X + b for a weight file, before ReLU. The file is rows x columns, of any format, read row by row; X is
/// columns x samples; the result rows x samples. `bias` has one value a row, or is empty. Throws UserError on
/// a bad file.
Eigen::MatrixXd float_product(const std::string& weights_path, const Eigen::MatrixXd& x, const std::vector<double>& bias);
/// The same of a matrix that is open, or in memory.
Eigen::MatrixXd float_product(const MatrixFile& weights, const Eigen::MatrixXd& x, const std::vector<double>& bias);

/// y = W a in double precision, column by column: codes, and the value of each code.
class FloatSums {
 public:
  FloatSums(std::size_t rows, std::vector<double> values);
  void add(const std::vector<std::uint8_t>& codes, double activation);
  const Eigen::VectorXd& sums() const { return sums_; }

 private:
  std::vector<double> values_;
  Eigen::VectorXd sums_;
};

/// Difference of fixed-point outputs from the float ones.
struct FloatError {
  double max_abs = 0;
  double rms = 0;
};

/// Collects the error over one or several vectors.
class ErrorMeter {
 public:
  /// Adds outputs * 2^-out_frac against `expected` (ReLU already applied where the layer has one).
  void add(const std::vector<std::int32_t>& outputs, int out_frac, const Eigen::VectorXd& expected);
  FloatError result() const;

 private:
  double max_ = 0;
  double squares_ = 0;
  std::size_t count_ = 0;
};

}  // namespace eie::tb
