// SPDX-License-Identifier: Apache-2.0
#include "tb/golden/golden.h"

#include <stdexcept>
#include <string>

namespace eie::tb {

Golden::Golden(std::size_t rows, unsigned data_width, unsigned acc_width, int shift, const std::vector<std::int32_t>& bias)
    : sum_(rows, 0), shift_(shift) {
  sum_high_ = (std::int64_t{1} << (acc_width - 1)) - 1;
  sum_low_ = -sum_high_ - 1;
  data_high_ = (std::int64_t{1} << (data_width - 1)) - 1;
  data_low_ = -data_high_ - 1;
  half_ = shift > 0 ? std::int64_t{1} << (shift - 1) : 0;
  if (!bias.empty() && bias.size() != rows) {
    throw std::logic_error("golden: " + std::to_string(bias.size()) + " biases for " + std::to_string(rows) + " rows");
  }
  for (std::size_t i = 0; i < bias.size(); ++i) sum_[i] = bias[i];
}

void Golden::column(std::size_t j, const std::vector<std::int32_t>& weights, std::int32_t activation) {
  if (j < next_column_ || weights.size() != sum_.size()) {
    throw std::logic_error("golden: column " + std::to_string(j) + " is out of order or has a wrong length");
  }
  next_column_ = j + 1;
  if (activation == 0) return;
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    if (weights[i] == 0) continue;
    const std::int64_t product = std::int64_t{weights[i]} * activation;
    const std::int64_t term = (product + half_) >> shift_;  // round half up
    std::int64_t sum = sum_[i] + term;
    if (sum > sum_high_) {
      sum = sum_high_;
      saturated_ = true;
    } else if (sum < sum_low_) {
      sum = sum_low_;
      saturated_ = true;
    }
    sum_[i] = sum;
  }
}

std::vector<std::int32_t> Golden::finish(bool relu) const {
  std::vector<std::int32_t> outputs(sum_.size());
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    std::int64_t y = sum_[i];
    if (relu && y < 0) y = 0;
    if (y > data_high_) y = data_high_;
    if (y < data_low_) y = data_low_;
    outputs[i] = static_cast<std::int32_t>(y);
  }
  return outputs;
}

GoldenResult golden_layer(const ColumnSource& source, const std::vector<std::int32_t>& activations,
                          const std::vector<std::int32_t>& bias, int shift, bool relu, unsigned data_width, unsigned acc_width,
                          const ColumnVisitor& also) {
  Golden golden(source.rows(), data_width, acc_width, shift, bias);
  std::vector<std::uint8_t> codes;
  std::vector<std::int32_t> weights(source.rows());
  const std::vector<std::int32_t>& codebook = source.codebook();
  for (std::size_t j = 0; j < source.columns(); ++j) {
    if (activations[j] == 0) continue;
    source.column(j, codes);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = codebook[codes[i]];
    golden.column(j, weights, activations[j]);
    if (also) also(j, codes);
  }
  return {golden.finish(relu), golden.saturated()};
}

}  // namespace eie::tb
