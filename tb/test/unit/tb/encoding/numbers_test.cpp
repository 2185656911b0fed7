// SPDX-License-Identifier: Apache-2.0
// Properties of formats and of the account of PE cycles over random layers.
#include <algorithm>
#include <cmath>
#include <memory>

#include "tb/encoding/fixed_point/fixed_layer.h"
#include "tb/golden/golden.h"
#include "tb/host/pe_account.h"
#include "tb/support/random.h"
#include "tb/test/support/property.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

/// A random layer of real numbers: one-row ones, large biases, outliers and tiny scales among them.
struct RandomLayer {
  HwConfig config = small_config();
  std::unique_ptr<CodeMatrix> codes;
  std::vector<double> values;
  std::vector<double> bias;
  std::vector<std::vector<double>> samples;
  EncodedLayer image;
  bool relu = false;
};

RandomLayer any_layer() {
  RandomLayer layer;
  Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
  HwConfig& c = layer.config;
  c.n_pe = 1u << random.below(4);
  c.data_width = 8u << random.below(3);
  c.acc_width = random.below(2) == 0 ? c.data_width : c.data_width + static_cast<unsigned>(random.below(33 - c.data_width));
  c.registers = 64;
  const std::size_t rows = random.below(3) == 0 ? 1 : 1 + random.below(40);
  const std::size_t columns = 1 + random.below(200);
  layer.relu = random.below(2) != 0;
  // The scales are those at which legal formats exist: sums from 2^-56 to 2^56.
  const double weight_scale = std::ldexp(1, static_cast<int>(random.below(57)) - 28);
  const double act_scale = std::ldexp(1, static_cast<int>(random.below(57)) - 28);
  const double outlier = random.below(3) == 0 ? 1e4 : 1;
  layer.values.assign(16, 0);
  for (std::size_t k = 1; k < 16; ++k) layer.values[k] = random.normal() * weight_scale * (k == 15 ? outlier : 1);
  std::sort(layer.values.begin() + 1, layer.values.end());
  layer.codes = std::make_unique<CodeMatrix>(rows, columns);
  const double density = random.uniform();
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      if (random.uniform() < density) layer.codes->at(i, j) = static_cast<std::uint8_t>(1 + random.below(15));
    }
  }
  const bool positive = random.below(2) != 0;  // sums that only grow
  for (std::size_t s = 0; s < 1 + random.below(3); ++s) {
    layer.samples.emplace_back();
    for (std::size_t j = 0; j < columns; ++j) {
      const double x = random.normal() * act_scale * (j == 0 ? outlier : 1);
      layer.samples.back().push_back(random.below(4) == 0 ? 0 : positive ? std::abs(x) : x);
    }
  }
  const double bias_scale = weight_scale * act_scale * std::ldexp(1, static_cast<int>(random.below(16)));
  for (std::size_t i = 0; i < rows && random.below(8) != 0; ++i) layer.bias.push_back(random.normal() * bias_scale);
  layer.bias.resize(layer.bias.empty() ? 0 : rows, 0);
  layer.image = encode(*layer.codes, c, split_rows(rows, c));
  return layer;
}

/// True when nothing clamps at these formats: by the golden model, whose operands are checked one by one.
bool clean(const RandomLayer& layer, const Formats& f) {
  const unsigned d = layer.config.data_width;
  auto held = [d](const std::vector<double>& values, int frac) {
    ValueRange range;
    range.add(values);
    return holds(range, frac, d);
  };
  if (!held(layer.values, f.weight_frac) || !held(layer.bias, f.out_frac)) return false;
  layer.codes->set_codebook(quantise(layer.values, f.weight_frac, d));
  for (const auto& sample : layer.samples) {
    if (!held(sample, f.act_frac)) return false;
    const auto inputs = quantise(sample, f.act_frac, d);
    const auto bias = quantise(layer.bias, f.out_frac, d);
    // The outputs before they are limited to the data's width are those of a model whose data are wider.
    const GoldenResult narrow = golden_layer(*layer.codes, inputs, bias, f.shift, layer.relu, d, layer.config.acc_width);
    if (narrow.saturated) return false;
    const GoldenResult wide = golden_layer(*layer.codes, inputs, bias, f.shift, layer.relu, 32, layer.config.acc_width);
    if (narrow.outputs != wide.outputs) return false;
  }
  return true;
}

TEST(Numbers, AutomaticFormatsClampNothingAndAreTheFinest) {
  check_property(1500, [] {
    const RandomLayer layer = any_layer();
    const FixedLayer fixed = fix_layer({layer.image, layer.values, layer.bias, layer.samples, layer.relu}, {}, layer.config);
    const Formats& f = fixed.formats;
    RC_LOG() << "weights " << f.weight_frac << ", activations " << f.act_frac << ", outputs " << f.out_frac << ", D "
             << layer.config.data_width << ", A " << layer.config.acc_width << '\n';
    const int max_shift = 2 * static_cast<int>(layer.config.data_width) - 2;
    RC_ASSERT(f.shift == f.weight_frac + f.act_frac - f.out_frac);
    RC_ASSERT(f.shift >= 0);
    RC_ASSERT(f.shift <= max_shift);
    if (f.out_frac == kLowestFrac && !clean(layer, f)) {  // no coarser format exists
      RC_ASSERT(!fixed.warnings.empty());
      return;
    }
    RC_ASSERT(clean(layer, f));
    RC_ASSERT(fixed.quantisation.sums->clamped == 0u);
    RC_ASSERT(fixed.quantisation.biases->clamped == 0u);
    // One bit finer, something clamps or the format is not legal.
    Formats finer = f;
    ++finer.act_frac;
    finer.shift = f.shift;
    bool act_holds = finer.act_frac <= kHighestFrac;
    for (const auto& sample : layer.samples) {
      ValueRange range;
      range.add(sample);
      act_holds = act_holds && holds(range, finer.act_frac, layer.config.data_width);
    }
    bool any = false;
    for (const auto& sample : layer.samples) {
      any = any || std::any_of(sample.begin(), sample.end(), [](double a) { return a != 0; });
    }
    RC_ASSERT((!any || !act_holds));
    finer = f;
    ++finer.out_frac;
    --finer.shift;
    const bool zero = std::all_of(fixed.outputs.begin(), fixed.outputs.end(), [](const auto& y) {
      return std::all_of(y.begin(), y.end(), [](std::int32_t v) { return v == 0; });
    });
    if (!zero && finer.out_frac <= kHighestFrac && finer.shift >= 0 && f.shift < max_shift) {
      RC_ASSERT(!clean(layer, finer));
    }
  });
}

TEST(Numbers, TheErrorIsThatOfRounding) {
  check_property(1000, [] {
    const RandomLayer layer = any_layer();
    const FixedLayer fixed = fix_layer({layer.image, layer.values, layer.bias, layer.samples, layer.relu}, {}, layer.config);
    const Formats& f = fixed.formats;
    if (fixed.quantisation.sums->clamped + fixed.quantisation.weights->clamped != 0) {  // no format holds it
      RC_ASSERT(f.out_frac == kLowestFrac);
      RC_ASSERT(!fixed.warnings.empty());
      return;
    }
    const double step = std::ldexp(1, -f.out_frac);
    for (std::size_t s = 0; s < layer.samples.size(); ++s) {
      for (std::size_t i = 0; i < layer.image.rows; ++i) {
        // Half a step for the bias and for each product, and what the operands are off by.
        double exact = layer.bias.empty() ? 0 : layer.bias[i];
        double allowed = step / 2;
        for (std::size_t j = 0; j < layer.image.columns; ++j) {
          const double w = layer.values[layer.codes->at(i, j)];
          const double a = layer.samples[s][j];
          const double dw = std::ldexp(1, -f.weight_frac - 1);
          const double da = std::ldexp(1, -f.act_frac - 1);
          if (w == 0 || a == 0) continue;
          exact += w * a;
          allowed += step / 2 + std::abs(w) * da + std::abs(a) * dw + da * dw;
        }
        if (layer.relu) exact = std::max(exact, 0.0);
        RC_ASSERT(std::abs(std::ldexp(fixed.outputs[s][i], -f.out_frac) - exact) <= allowed * (1 + 1e-9));
      }
    }
  });
}

TEST(Numbers, EveryCycleOfEveryPeHasOneReason) {
  check_property(3000, [] {
    Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
    HwConfig config = small_config(1u << random.below(6));
    config.queue_depth = 1 + static_cast<unsigned>(random.below(10));
    config.look_ahead = random.below(2) == 0 ? 0 : 1 + static_cast<unsigned>(random.below(10));
    config.lnzd_fan_in = random.below(2) == 0 ? 2 : 4;
    const std::size_t broadcasts = random.below(60);
    const std::uint64_t longest = 1 + random.below(8);
    std::vector<std::int64_t> entries(broadcasts * config.n_pe);
    for (std::int64_t& k : entries) k = random.below(3) == 0 ? 0 : static_cast<std::int64_t>(random.below(longest));
    std::vector<std::vector<int>> reasons(config.n_pe);
    std::vector<CycleSpan> spans;
    const AccountedBatch batch = account_batch(
        config, broadcasts, [&](std::size_t i, unsigned p) { return entries[i * config.n_pe + p]; },
        [&](const CycleSpan& span) { spans.push_back(span); });
    for (auto& pe : reasons) pe.assign(batch.cycles, -1);
    for (const CycleSpan& span : spans) {
      for (std::int64_t x = span.first; x < span.last; ++x) {
        int& reason = reasons[span.pe].at(static_cast<std::size_t>(x));
        RC_ASSERT(reason == -1);
        reason = static_cast<int>(span.reason);
        RC_ASSERT(span.held_by < config.n_pe);
      }
    }
    for (const auto& pe : reasons) RC_ASSERT(std::count(pe.begin(), pe.end(), -1) == 0);
  });
}

}  // namespace
}  // namespace eie::tb
