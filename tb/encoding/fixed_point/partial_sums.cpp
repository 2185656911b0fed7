// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/fixed_point/partial_sums.h"

#include <algorithm>
#include <cmath>

namespace eie::tb {
namespace {

/// Calls visit(block, PE, its first row) for each part that one PE adds up.
template <class Visit>
void for_each_part(const EncodedLayer& layer, Visit&& visit) {
  for (std::size_t b = 0; b < layer.blocks.size(); ++b) {
    for (std::size_t k = 0; k < layer.code[b].size(); ++k) {
      if (!visit(layer.blocks[b], layer.code[b][k], layer.blocks[b].first_row + k)) return;
    }
  }
}

std::int64_t highest(unsigned width) { return (std::int64_t{1} << (width - 1)) - 1; }

}  // namespace

void add_real_sums(const EncodedLayer& layer, const RealOperand& weights, const RealOperand& activations,
                   const std::vector<double>& bias, bool relu, RealSums& sums) {
  struct Active {
    std::size_t column;
    double exact;
    double rounded;
  };
  std::vector<Active> active;
  for (std::size_t j = 0; j < activations.exact.size(); ++j) {
    if (activations.exact[j] != 0) active.push_back({j, activations.exact[j], activations.rounded[j]});
  }
  const std::size_t base = sums.exact.size();
  sums.exact.resize(base + layer.rows);
  sums.largest.resize(base + layer.rows);
  const unsigned width = layer.code_width;
  const unsigned mask = (1u << width) - 1;
  for (const double b : bias) sums.partial.add(b);

  struct Sum {
    double exact;
    double rounded;
    double low;
    double high;
  };
  std::vector<Sum> sum;
  for_each_part(layer, [&](const RowBlock& block, const PeCode& code, std::size_t first_row) {
    const std::size_t n_pe = layer.code.front().size();
    sum.assign(block.local_rows, Sum{0, 0, 0, 0});
    auto row_of = [&](std::size_t local) { return first_row + local * n_pe; };
    for (std::size_t local = 0; local < sum.size() && row_of(local) < layer.rows; ++local) {
      const double start = bias.empty() ? 0 : bias[row_of(local)];
      sum[local] = {start, start, start, start};
    }
    for (const Active& a : active) {
      Sum* at = sum.data();
      const std::uint16_t* const end = code.entries.data() + code.pointers[a.column + 1];
      for (const std::uint16_t* e = code.entries.data() + code.pointers[a.column]; e != end; ++e) {
        at += *e >> width;
        at->exact += weights.exact[*e & mask] * a.exact;
        at->rounded += weights.rounded[*e & mask] * a.rounded;
        at->low = std::min(at->low, at->rounded);
        at->high = std::max(at->high, at->rounded);
        ++at;
      }
    }
    for (std::size_t local = 0; local < sum.size() && row_of(local) < layer.rows; ++local) {
      const Sum& s = sum[local];
      sums.partial.add(s.low);
      sums.partial.add(s.high);
      sums.outputs.add(relu ? std::max(s.rounded, 0.0) : s.rounded);
      sums.exact[base + row_of(local)] = s.exact;
      sums.largest[base + row_of(local)] = std::max(std::abs(s.low), std::abs(s.high));
    }
    return true;
  });
}

IntegerSums integer_sums(const EncodedLayer& layer, const std::vector<std::int32_t>& codebook,
                         const std::vector<std::int32_t>& activations, const std::vector<std::int32_t>& bias,
                         const SumRules& rules, bool stop_at_clamp) {
  struct Active {
    std::size_t column;
    std::int64_t value;
  };
  std::vector<Active> active;
  for (std::size_t j = 0; j < activations.size(); ++j) {
    if (activations[j] != 0) active.push_back({j, activations[j]});
  }
  const unsigned width = layer.code_width;
  const unsigned mask = (1u << width) - 1;
  const std::vector<std::int64_t> weight(codebook.begin(), codebook.end());
  const std::int64_t half = rules.shift > 0 ? std::int64_t{1} << (rules.shift - 1) : 0;
  const std::int64_t high = highest(rules.acc_width);
  const std::int64_t low = -high - 1;

  IntegerSums result;
  result.last.assign(layer.rows, 0);
  std::vector<std::int64_t> sum;
  for_each_part(layer, [&](const RowBlock& block, const PeCode& code, std::size_t first_row) {
    const std::size_t n_pe = layer.code.front().size();
    sum.assign(block.local_rows, 0);
    auto row_of = [&](std::size_t local) { return first_row + local * n_pe; };
    for (std::size_t local = 0; !bias.empty() && local < sum.size() && row_of(local) < layer.rows; ++local) {
      sum[local] = bias[row_of(local)];
    }
    for (const Active& a : active) {
      std::int64_t* at = sum.data();
      const std::uint16_t* const end = code.entries.data() + code.pointers[a.column + 1];
      for (const std::uint16_t* e = code.entries.data() + code.pointers[a.column]; e != end; ++e) {
        at += *e >> width;
        const std::int64_t next = *at + ((weight[*e & mask] * a.value + half) >> rules.shift);  // padding adds 0
        const bool inside = next <= high && next >= low;
        *at = inside ? next : std::clamp(next, low, high);
        if (!inside) {
          ++result.clamped;
          if (stop_at_clamp) return false;
        }
        ++at;
      }
    }
    for (std::size_t local = 0; local < sum.size() && row_of(local) < layer.rows; ++local) {
      result.last[row_of(local)] = sum[local];
    }
    return true;
  });
  if (stop_at_clamp && result.clamped > 0) return result;
  const std::int64_t data_high = highest(rules.data_width);
  for (const std::int64_t y : result.last) {
    if (y > data_high || (!rules.relu && y < -data_high - 1)) ++result.clamped;
  }
  return result;
}

std::vector<std::int32_t> IntegerSums::outputs(const SumRules& rules) const {
  const std::int64_t high = highest(rules.data_width);
  std::vector<std::int32_t> y;
  y.reserve(last.size());
  for (const std::int64_t sum : last) {
    const std::int64_t value = rules.relu ? std::max<std::int64_t>(sum, 0) : sum;
    y.push_back(static_cast<std::int32_t>(std::clamp(value, -high - 1, high)));
  }
  return y;
}

}  // namespace eie::tb
