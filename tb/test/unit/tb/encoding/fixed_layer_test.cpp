// SPDX-License-Identifier: Apache-2.0
// Formats that hold what they must, and warnings where numbers are lost.
#include "tb/encoding/fixed_point/fixed_layer.h"

#include <cmath>
#include <gtest/gtest.h>

#include "tb/encoding/fixed_point/partial_sums.h"
#include "tb/golden/golden.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

/// A layer of at most 15 distinct weights, given as rows.
struct Layer {
  std::unique_ptr<CodeMatrix> codes;
  Codebook book;
  EncodedLayer image;
  FixedLayer fixed;
};

Layer make(const std::vector<std::vector<double>>& w, const std::vector<std::vector<double>>& samples,
           const std::vector<double>& bias, const FormatRequest& request = {}, bool relu = false,
           HwConfig config = small_config()) {
  Layer layer;
  std::vector<double> all;
  for (const auto& row : w) all.insert(all.end(), row.begin(), row.end());
  layer.book = make_codebook(all, config.code_width);
  layer.codes = std::make_unique<CodeMatrix>(w.size(), w.front().size());
  for (std::size_t i = 0; i < w.size(); ++i) {
    for (std::size_t j = 0; j < w[i].size(); ++j) layer.codes->at(i, j) = layer.book.code(w[i][j]);
  }
  layer.image = encode(*layer.codes, config, split_rows(w.size(), config));
  layer.fixed = fix_layer({layer.image, layer.book.values, bias, samples, relu}, request, config);
  layer.codes->set_codebook(layer.fixed.codebook);
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const GoldenResult golden = golden_layer(*layer.codes, layer.fixed.activations[s], layer.fixed.bias,
                                             layer.fixed.formats.shift, relu, config.data_width, config.acc_width);
    EXPECT_EQ(golden.outputs, layer.fixed.outputs[s]);
    EXPECT_TRUE(layer.fixed.quantisation.sums->clamped != 0 || !golden.saturated);
  }
  return layer;
}

double output(const Layer& layer, std::size_t row = 0) {
  return std::ldexp(layer.fixed.outputs.front()[row], -layer.fixed.formats.out_frac);
}

bool warns(const FixedLayer& fixed, const std::string& text) {
  for (const std::string& warning : fixed.warnings) {
    if (warning.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(FixedLayer, BiasesAreHeld) {
  const Layer layer = make({{1.8}}, {{-15}}, {32});
  EXPECT_EQ(output(layer), 5);
  EXPECT_EQ(layer.fixed.formats.out_frac, 9);  // 32 * 2^10 would clamp
  EXPECT_TRUE(layer.fixed.warnings.empty());
}

TEST(FixedLayer, PartialSumsAreHeld) {
  std::vector<double> row(50, 1.0);
  row.insert(row.end(), 50, -0.98);
  const Layer layer = make({row}, {std::vector<double>(100, 1)}, {});
  EXPECT_NEAR(output(layer), 1, 0.05);
  EXPECT_EQ(layer.fixed.formats.out_frac, 9);  // 50 * 2^10 would clamp
  EXPECT_EQ(layer.fixed.quantisation.sums->clamped, 0u);
}

TEST(FixedLayer, EverySampleIsHeld) {
  const Layer layer = make({{1, 1}}, {{1, 0}, {100, 100}, {-1, 1}}, {});
  EXPECT_EQ(layer.fixed.formats.out_frac, 7);  // 200
  EXPECT_EQ(layer.fixed.outputs[1][0], 200 << 7);
}

TEST(FixedLayer, AWideAccumulatorHoldsMoreThanTheOutputs) {
  HwConfig config = small_config();
  config.acc_width = 32;
  std::vector<double> row(50, 1.0);
  row.insert(row.end(), 50, -0.98);
  EXPECT_EQ(make({row}, {std::vector<double>(100, 1)}, {}, {}, false, config).fixed.formats.out_frac, 14);
  // ReLU: the output is 0, the sum has 24 bits of room, the products have 15 + 8 fraction bits.
  EXPECT_EQ(make({{-1}}, {{100}}, {}, {}, true, config).fixed.formats.out_frac, 23);
}

TEST(FixedLayer, FormatsReachFarEnough) {
  const Layer layer = make({{1e-11, -2e-11}}, {{1e10, 3e10}}, {});
  EXPECT_NEAR(output(layer), -0.5, 1e-3);
  EXPECT_TRUE(layer.fixed.warnings.empty());
  const Layer small = make({{0.5, 2}}, {{1e-10, 3e-10}}, {});
  EXPECT_NEAR(output(small), 6.5e-10, 1e-13);
}

TEST(FixedLayer, AllZero) {
  const Layer layer = make({{0, 0}}, {{0, 0}}, {0});
  EXPECT_EQ(layer.fixed.formats.weight_frac, 15);
  EXPECT_EQ(layer.fixed.formats.act_frac, 15);
  EXPECT_EQ(layer.fixed.formats.out_frac, 15);
  EXPECT_TRUE(layer.fixed.warnings.empty());
}

TEST(FixedLayer, AnOutlierThatSilencesTheOthersIsWarnedOf) {
  std::vector<double> a(20, 1.5);
  a[0] = 3e6;
  std::vector<double> row(20, 0.5);
  row[0] = 0;
  const Layer layer = make({row}, {a}, {});
  EXPECT_EQ(layer.fixed.quantisation.activations->zeroed, 19u);
  EXPECT_EQ(layer.fixed.quantisation.activations->max_relative_error, 1);
  EXPECT_EQ(layer.fixed.quantisation.sums->zeroed, 1u);
  EXPECT_TRUE(warns(layer.fixed, "19 of 20 non-zero activations became 0 and are not broadcast"));
  EXPECT_TRUE(warns(layer.fixed, "22 bits would hold all of them"));  // in steps of 2
}

// Such a sum is not lost to the format of the outputs, which could tell it from 0.
TEST(FixedLayer, SumsLostToTheirOperandsAreNotBlamedOnTheOutputs) {
  std::vector<double> a(11, 50);
  a[0] = 3e6;
  std::vector<double> others(11, 1);
  others[0] = 0;
  std::vector<double> outlier(11, 0);
  outlier[0] = 1;
  const Layer layer = make({outlier, others}, {a}, {});
  EXPECT_EQ(layer.fixed.formats.out_frac, -7);
  EXPECT_TRUE(warns(layer.fixed, "1 of 2 non-zero sums became 0 (not through out-frac -7: "));
}

TEST(FixedLayer, RequestedFormatsAreKeptAndWarnedOf) {
  const FormatRequest weights{20, std::nullopt, std::nullopt};
  const Layer layer = make({{1, 0}, {0, 1}}, {{0.875, 0.875}}, {}, weights);
  EXPECT_EQ(layer.fixed.formats.weight_frac, 20);
  EXPECT_NEAR(output(layer), 0.0273, 1e-4);
  EXPECT_EQ(layer.fixed.quantisation.weights->clamped, 2u);
  EXPECT_NEAR(layer.fixed.quantisation.weights->max_relative_error, 0.96875, 1e-4);
  EXPECT_TRUE(warns(layer.fixed, "2 of 2 non-zero weights clamped"));
  EXPECT_TRUE(warns(layer.fixed, "the automatic format is 14"));

  const Layer biases = make({{1}}, {{1}}, {40}, {std::nullopt, std::nullopt, 12});
  EXPECT_EQ(biases.fixed.quantisation.biases->clamped, 1u);
  EXPECT_EQ(biases.fixed.quantisation.sums->clamped, 1u);
  EXPECT_TRUE(warns(biases.fixed, "1 of 1 non-zero biases clamped"));
  EXPECT_TRUE(warns(biases.fixed, "1 sum clamped"));

  EXPECT_TRUE(warns(make({{1}}, {{100}}, {}, {std::nullopt, 12, std::nullopt}).fixed, "activations clamped"));
  EXPECT_TRUE(warns(make({{1, 1}}, {{100, 0.1}}, {}, {std::nullopt, 0, std::nullopt}).fixed, "activations became 0"));
  EXPECT_TRUE(warns(make({{0.25, 1}}, {{1, 1}}, {}, {0, std::nullopt, std::nullopt}).fixed, "weights became 0"));
  EXPECT_TRUE(warns(make({{0.25}}, {{1}}, {}, {std::nullopt, std::nullopt, 0}).fixed, "1 of 1 non-zero sums became 0"));
}

TEST(FixedLayer, WeightsFarApartAreWarnedOf) {
  const Layer layer = make({{1, 1e-9}}, {{1, 1}}, {});
  EXPECT_EQ(layer.fixed.quantisation.weights->zeroed, 1u);
  EXPECT_TRUE(warns(layer.fixed, "1 of 2 non-zero weights became 0: they take their cycles and add nothing"));
  EXPECT_TRUE(warns(layer.fixed, "31 bits would hold all of them"));  // in steps of 2^-29
}

TEST(FixedLayer, AShiftTooLargeSaysWhatItLoses) {
  // 4000 products of 2^-11 under a bias of 16000: each rounds to 0, together they are 2.
  const Layer lost = make({std::vector<double>(4000, std::ldexp(1, -12))}, {std::vector<double>(4000, 0.5)}, {1});
  EXPECT_NEAR(output(lost), 1.4883, 0.01);
  const Layer layer = make({{1e-6, 1e-6}}, {{1e-6, 1e-6}}, {100});
  EXPECT_EQ(layer.fixed.formats.shift, 30);
  EXPECT_NEAR(output(layer), 100, 1e-2);
}

TEST(FixedLayer, NoFormatHoldsIt) {
  const Layer layer = make({{1e30}}, {{1}}, {});
  EXPECT_EQ(layer.fixed.formats.weight_frac, -64);
  EXPECT_TRUE(warns(layer.fixed, "1 of 1 non-zero weights clamped"));
  EXPECT_TRUE(warns(layer.fixed, "37 bits would hold all of them"));  // 1e30 * 2^-64 < 2^36
}

// Double precision cannot tell them from 0 either, and says nothing of them.
TEST(FixedLayer, ABiasUnderSumsThatCancelIsWarnedOf) {
  const Layer lost = make({{1, 1}, {1, -1}}, {{1e20, -1e20}}, {1, 1e19});
  EXPECT_TRUE(
      warns(lost.fixed, "1 of 1 biases under sums that cancel became 0, and they are all of these outputs (out-frac -53"));
  EXPECT_TRUE(make({{1, 1}}, {{1e20, -1e20}}, {0}).fixed.warnings.empty());
  EXPECT_TRUE(make({{1, 1}}, {{0.5, -0.5}}, {1}).fixed.warnings.empty());
  EXPECT_TRUE(make({{0.1, 0.2, -0.3}}, {{1, 1, 1}}, {}).fixed.warnings.empty());
}

// The largest output of one sample says nothing of another one.
TEST(FixedLayer, ASampleUnderALargerOneIsWarnedOf) {
  const Layer layer = make({{0.75}}, {{4000}, {0.25}, {3000}}, {});
  EXPECT_EQ(layer.fixed.quantisation.activations->zeroed, 0u);
  EXPECT_EQ(layer.fixed.quantisation.sums->zeroed, 0u);
  EXPECT_TRUE(warns(layer.fixed, "33.33 % of the largest of sample 1: the formats lose more than the rounding"));
  EXPECT_TRUE(make({{0.75}}, {{4000}, {3000}, {0}}, {}).fixed.warnings.empty());
}

TEST(FixedLayer, TheShiftIsNamedWhereItKeepsAFormatFromHolding) {
  const Layer layer = make({{1}}, {{1}}, {1e30});
  EXPECT_TRUE(warns(layer.fixed, "weights became 0"));
  EXPECT_TRUE(warns(layer.fixed, "14 would hold all of them, but the other formats and a shift of at most 30 do not allow it"));
}

TEST(FixedLayer, CountsInWarningsHaveThousands) {
  std::vector<double> a(2000, 1);
  a[0] = 1e7;
  EXPECT_TRUE(warns(make({std::vector<double>(2000, 0.5)}, {a}, {}).fixed, "1,999 of 2,000 non-zero activations became 0"));
}

TEST(FixedLayer, EncodeCountsWeights) {
  const Layer layer = make({{1, 1e-9, 0}, {1, 1e-9, 1e-9}}, {{0, 0, 0}}, {});
  const FixedWeights fixed = fix_weights(layer.image, layer.book.values, std::nullopt, 16);
  EXPECT_EQ(fixed.weight_frac, 14);
  EXPECT_EQ(fixed.loss.values, 5u);
  EXPECT_EQ(fixed.loss.zeroed, 3u);
  ASSERT_EQ(fixed.warnings.size(), 1u);
}

}  // namespace
}  // namespace eie::tb
