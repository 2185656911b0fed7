#include "reference.h"

#include <algorithm>
#include <cmath>

#include "npy.h"

namespace eie::tb {

Eigen::MatrixXd float_product(const std::string& weights_path, const Eigen::MatrixXd& x,
                              const std::vector<double>& bias) {
  NpyReader file(weights_path);
  Eigen::MatrixXd y(static_cast<Eigen::Index>(file.rows()), x.cols());
  std::vector<double> row;
  for (Eigen::Index i = 0; i < y.rows(); ++i) {
    file.read_row(row);
    const Eigen::Map<const Eigen::RowVectorXd> w(row.data(), static_cast<Eigen::Index>(row.size()));
    y.row(i).noalias() = w * x;
    if (!bias.empty()) y.row(i).array() += bias[static_cast<std::size_t>(i)];
  }
  return y;
}

Eigen::VectorXd float_product(const ColumnSource& source, const std::vector<double>& values,
                              const std::vector<double>& activations) {
  const auto rows = static_cast<Eigen::Index>(source.rows());
  Eigen::VectorXd y = Eigen::VectorXd::Zero(rows);
  Eigen::VectorXd w(rows);
  std::vector<std::uint8_t> codes;
  for (std::size_t j = 0; j < activations.size(); ++j) {
    if (activations[j] == 0) continue;
    source.column(j, codes);
    for (Eigen::Index i = 0; i < rows; ++i) w[i] = values[codes[static_cast<std::size_t>(i)]];
    y += activations[j] * w;
  }
  return y;
}

void ErrorMeter::add(const std::vector<std::int32_t>& outputs, int out_frac,
                     const Eigen::VectorXd& expected) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double error = std::abs(std::ldexp(outputs[i], -out_frac) - expected[static_cast<Eigen::Index>(i)]);
    max_ = std::max(max_, error);
    squares_ += error * error;
    ++count_;
  }
}

FloatError ErrorMeter::result() const {
  return {max_, count_ == 0 ? 0.0 : std::sqrt(squares_ / static_cast<double>(count_))};
}

}  // namespace eie::tb
