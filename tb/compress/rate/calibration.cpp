// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/rate/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eie::tb {
namespace {

constexpr double kSparser = 1.5;        // from one density of a sensitivity to the next
constexpr std::size_t kDensities = 20;  // down to 1/2217
constexpr double kSteps = 4e9;          // multiplications a sensitivity may take
constexpr std::size_t kFewestSamples = 16;

void finish(Eigen::MatrixXd& outputs, const std::vector<double>& bias, bool relu) {
  if (!bias.empty()) outputs.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(bias.data(), outputs.cols());
  if (relu) outputs = outputs.cwiseMax(0.0);
}

}  // namespace

Eigen::MatrixXd float_outputs(const FloatLayer& layer, const Eigen::MatrixXd& inputs, const CompressProgress& progress) {
  const MatrixFile& file = *layer.weights;
  const std::size_t columns = file.columns();
  Eigen::MatrixXd outputs(inputs.rows(), static_cast<Eigen::Index>(file.rows()));
  const RowParts parts(file.rows(), columns);
  const std::size_t tile = std::max<std::size_t>(1, (std::size_t{1} << 18) / columns);
  for_each_part(parts.count(), "multiplying", progress, [&](std::size_t part, std::size_t) {
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(columns), static_cast<Eigen::Index>(tile));  // a row of weights is a column
    for (std::size_t i = parts.first(part); i < parts.last(part); i += tile) {
      const std::size_t count = std::min(tile, parts.last(part) - i);
      file.read_rows(i, count, rows.data());
      const auto n = static_cast<Eigen::Index>(count);
      outputs.middleCols(static_cast<Eigen::Index>(i), n).noalias() = inputs * rows.leftCols(n);
    }
  });
  finish(outputs, layer.bias, layer.relu);
  return outputs;
}

Eigen::MatrixXd shared_outputs(const CompressedLayer& layer, const Eigen::MatrixXd& inputs) {
  Eigen::MatrixXd outputs = Eigen::MatrixXd::Zero(inputs.rows(), static_cast<Eigen::Index>(layer.rows));
  for (std::size_t j = 0; j < layer.columns; ++j) {
    const auto input = inputs.col(static_cast<Eigen::Index>(j));
    for (std::size_t e = layer.codes.offset[j]; e < layer.codes.offset[j + 1]; ++e) {
      outputs.col(layer.codes.row[e]) += layer.codebook.values[layer.codes.code[e]] * input;
    }
  }
  finish(outputs, layer.bias, layer.relu);
  return outputs;
}

double relative_error(const Eigen::MatrixXd& seen, const Eigen::MatrixXd& expected) {
  const double off = (seen - expected).norm();
  const double all = expected.norm();
  if (off == 0) return 0;
  return all == 0 ? std::numeric_limits<double>::infinity() : off / all;
}

Sensitivity measure_sensitivity(const FloatLayer& layer, const Magnitudes& magnitudes, const Eigen::MatrixXd& inputs,
                                const CompressProgress& progress) {
  const MatrixFile& file = *layer.weights;
  // Bands of magnitude, the largest first: band b is what density b has and density b + 1 has not. They end where bins do.
  Sensitivity result;
  std::vector<std::uint8_t> band(magnitudes.count.size(), 0);
  {
    std::vector<std::uint64_t> limits;  // weights of each density
    for (std::size_t d = 0; d < kDensities; ++d) {
      limits.push_back(static_cast<std::uint64_t>(static_cast<double>(magnitudes.nonzeros) / std::pow(kSparser, d)));
    }
    std::vector<std::uint64_t> kept;  // of the densities that there are, from the sparsest on
    std::uint64_t sum = 0;
    std::size_t next = kDensities;
    for (std::size_t bin = band.size(); bin-- > 0;) {
      if (magnitudes.count[bin] == 0) continue;
      if (kept.empty() || (next > 0 && sum >= limits[next - 1])) {
        while (next > 0 && sum >= limits[next - 1]) --next;
        kept.push_back(0);
      }
      sum += magnitudes.count[bin];
      kept.back() = sum;
      band[bin] = static_cast<std::uint8_t>(kept.size() - 1);
    }
    const auto last = static_cast<std::uint8_t>(kept.empty() ? 0 : kept.size() - 1);
    for (std::uint8_t& b : band) b = static_cast<std::uint8_t>(last - std::min(last, b));
    for (std::size_t d = kept.size(); d-- > 0;) {
      result.density.push_back(static_cast<double>(kept[d]) / static_cast<double>(magnitudes.size));
    }
  }
  const std::size_t bands = result.density.size();
  if (bands == 0) return result;

  const double most = kSteps / static_cast<double>(std::max<std::uint64_t>(1, magnitudes.nonzeros));
  const Eigen::Index samples =
      std::min(inputs.rows(), static_cast<Eigen::Index>(std::clamp(most, static_cast<double>(kFewestSamples), 1e6)));
  const Eigen::MatrixXd some = inputs.topRows(samples);
  const RowParts parts(file.rows(), file.columns());
  std::vector<Eigen::VectorXd> errors(parts.count());
  std::vector<double> squares(parts.count(), 0.0);
  for_each_part(parts.count(), "measuring sensitivity", progress, [&](std::size_t part, std::size_t) {
    errors[part] = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(bands));
    Eigen::MatrixXd sums(samples, static_cast<Eigen::Index>(bands));
    for (std::size_t i = parts.first(part); i < parts.last(part); ++i) {
      sums.setZero();
      for_each_weight(file, i, i + 1, [&](std::size_t, std::size_t j, double w) {
        sums.col(band[magnitude_bits(w) >> Magnitudes::kShift]) += w * some.col(static_cast<Eigen::Index>(j));
      });
      auto output = [&](const Eigen::VectorXd& sum) {
        Eigen::VectorXd y = sum.array() + (layer.bias.empty() ? 0.0 : layer.bias[i]);
        if (layer.relu) y = y.cwiseMax(0.0);
        return y;
      };
      Eigen::VectorXd sum = sums.rowwise().sum();
      const Eigen::VectorXd expected = output(sum);
      squares[part] += expected.squaredNorm();
      for (std::size_t d = 1; d < bands; ++d) {
        sum -= sums.col(static_cast<Eigen::Index>(d - 1));
        errors[part][static_cast<Eigen::Index>(d)] += (output(sum) - expected).squaredNorm();
      }
    }
  });
  Eigen::VectorXd error = errors.front();
  double all = squares.front();
  for (std::size_t part = 1; part < parts.count(); ++part) {
    error += errors[part];
    all += squares[part];
  }
  for (std::size_t d = 0; d < bands; ++d) result.error.push_back(all == 0 ? 0 : error[static_cast<Eigen::Index>(d)] / all);
  return result;
}

}  // namespace eie::tb
