// SPDX-License-Identifier: Apache-2.0
// Networks as a whole: pruned, shared, measured; rates.
#include "tb/compress/compress.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>

#include "tb/compress/device_fit.h"
#include "tb/compress/rate/rate.h"
#include "tb/compress/weights/sharing.h"
#include "tb/config/config.h"
#include "tb/encoding/codebook.h"
#include "tb/support/error.h"
#include "tb/support/random.h"
#include "tb/test/unit/tb/compress/memory_matrix.h"
#include "tb/test/unit/tb/compress/message_of.h"

namespace eie::tb {
namespace {

const CompressProgress kQuiet;

MemoryMatrix gaussian(std::size_t rows, std::size_t columns, std::uint64_t seed, double deviation = 1) {
  Random random(seed);
  std::vector<double> values(rows * columns);
  for (double& x : values) x = static_cast<float>(deviation * random.normal());
  return {rows, columns, std::move(values)};
}

LayerInput layer_of(const char* name, const MatrixFile& weights) {
  LayerInput layer;
  layer.name = name;
  layer.weights = &weights;
  return layer;
}

/// The layer as a dense matrix of its values.
std::vector<double> dense(const CompressedLayer& layer) {
  std::vector<double> values(layer.rows * layer.columns, 0);
  for (std::size_t j = 0; j < layer.columns; ++j) {
    for (std::size_t e = layer.codes.offset[j]; e < layer.codes.offset[j + 1]; ++e) {
      values[layer.codes.row[e] * layer.columns + j] = layer.codebook.values[layer.codes.code[e]];
    }
  }
  return values;
}

TEST(Compress, WithoutARequestWeightsStay) {
  const MemoryMatrix m(2, 3, {0.5, 0, -1, 0, 0.5, 2});
  LayerInput layer = layer_of("fc", m);
  layer.bias = {1, 2};
  layer.relu = true;
  layer.formats.out_frac = 7;
  CompressOptions options;
  options.name = "net";
  const Compression c = compress({layer}, options, kQuiet);
  EXPECT_EQ(c.network.name, "net");
  EXPECT_EQ(c.network.code_width, 4u);
  ASSERT_EQ(c.network.layers.size(), 1u);
  const CompressedLayer& to = c.network.layers.front();
  EXPECT_EQ(dense(to), m.values());
  EXPECT_EQ(to.codebook.start, kExactStart);
  EXPECT_EQ(to.codebook.max_error, 0);
  EXPECT_EQ(to.bias, layer.bias);
  EXPECT_TRUE(to.relu);
  EXPECT_EQ(to.formats.out_frac, 7);
  EXPECT_EQ(c.layers.front().zeros_before, 2u);
  EXPECT_EQ(c.layers.front().size.kept, 4u);
  EXPECT_EQ(c.total.weights, 6u);
  EXPECT_FALSE(c.layers.front().output_error);
}

TEST(Compress, SharesWhatStaysAsACodebookOfItDoes) {
  const MemoryMatrix m = gaussian(60, 50, 1);
  LayerInput layer = layer_of("fc", m);
  layer.density = 0.1;
  for (const unsigned bits : {2u, 4u, 8u}) {
    CompressOptions options;
    options.code_width = bits;
    const Compression c = compress({layer}, options, kQuiet);
    const CompressedLayer& to = c.network.layers.front();
    EXPECT_EQ(c.layers.front().size.kept, 300u);
    std::vector<double> sorted = m.values();
    std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::abs(a) > std::abs(b); });
    sorted.resize(300);
    const Codebook expected = make_codebook(sorted, bits);
    EXPECT_EQ(to.codebook.values, expected.values);
    EXPECT_EQ(to.codebook.start, expected.start);
    EXPECT_EQ(to.codebook.max_error, expected.max_error);
    EXPECT_NEAR(to.codebook.rms_error, expected.rms_error, 1e-12);
    const std::vector<double> seen = dense(to);
    for (std::size_t k = 0; k < seen.size(); ++k) {
      const bool stays = std::abs(m.values()[k]) >= std::abs(sorted.back());
      EXPECT_EQ(seen[k], stays ? expected.values[expected.code(m.values()[k])] : 0) << k;
    }
  }
}

TEST(Compress, StartsAndSeeds) {
  const MemoryMatrix m = gaussian(100, 90, 2);
  auto book = [&m](const std::string& start, std::uint64_t seed) {
    CompressOptions options;
    options.start = {start, seed};
    return compress({layer_of("fc", m)}, options, kQuiet).network.layers.front().codebook;
  };
  const Codebook best = book(kBestStart, 1);
  for (const char* start : {kLinearStart, kQuantileStart, kRandomStart}) {
    const Codebook one = book(start, 1);
    EXPECT_EQ(one.start, start);
    EXPECT_LE(best.rms_error, one.rms_error * (1 + 1e-9)) << start;
  }
  EXPECT_EQ(book(kRandomStart, 5).values, book(kRandomStart, 5).values);
  EXPECT_NE(book(kRandomStart, 5).values, book(kRandomStart, 6).values);
}

TEST(Sharing, BinsAreNearlyAsGoodAsOneByOne) {
  const MemoryMatrix m = gaussian(300, 200, 3, 0.01);
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  const Selection all = Selection::all(m, magnitudes);
  for (const char* start : {kBestStart, kLinearStart}) {
    const SharedSelection one = share(m, all, magnitudes.largest, 4, {start, 1}, kQuiet);
    const SharedSelection binned = share(m, all, magnitudes.largest, 4, {start, 1}, kQuiet, 0);
    EXPECT_GT(binned.codebook.distinct, 1000u);
    EXPECT_NEAR(binned.codebook.rms_error / one.codebook.rms_error, 1, 0.002) << start;
    for (std::size_t c = 0; c < 16; ++c) EXPECT_NEAR(binned.codebook.values[c], one.codebook.values[c], 3e-4) << start << c;
    EXPECT_EQ(binned.codes.row, one.codes.row);
    EXPECT_EQ(binned.codes.offset, one.codes.offset);
  }
}

TEST(Sharing, BinsOfAFewValuesAreExact) {
  Random random(4);
  std::vector<double> values(5000);
  for (double& x : values) x = 0.1 * static_cast<double>(random.below(8)) - 0.35;  // 8 values, none of them 0, few bits each
  const double tiny = 1e-100;
  values[17] = tiny;  // far below the bins
  const MemoryMatrix m(50, 100, values);
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  const SharedSelection binned = share(m, Selection::all(m, magnitudes), magnitudes.largest, 4, {}, kQuiet, 0);
  EXPECT_EQ(binned.codebook.start, kExactStart);
  EXPECT_EQ(binned.codebook.used, 9u);
  EXPECT_EQ(binned.codebook.max_error, 0);
}

TEST(Sharing, BinsDoNotDependOnTheOrder) {
  const MemoryMatrix m = gaussian(1024, 1024, 5);
  std::vector<double> reversed = m.values();
  std::reverse(reversed.begin(), reversed.end());
  const MemoryMatrix n(1024, 1024, std::move(reversed));
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  const Selection of_m = Selection::largest(m, magnitudes, 700000, {}, kQuiet);
  const Selection of_n = Selection::largest(n, measure_magnitudes(n, kQuiet), 700000, {}, kQuiet);
  EXPECT_EQ(share(m, of_m, magnitudes.largest, 4, {}, kQuiet, 0).codebook.values,
            share(n, of_n, magnitudes.largest, 4, {}, kQuiet, 0).codebook.values);
}

TEST(Sharing, ExtremeMagnitudesInBins) {
  const MemoryMatrix m(1, 8, {5e-324, -5e-324, 1e-310, 3e-310, 1e150, -1e150, 1, -1e-20});
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  for (const unsigned bits : {2u, 4u}) {
    const SharedSelection shared = share(m, Selection::all(m, magnitudes), magnitudes.largest, bits, {}, kQuiet, 0);
    EXPECT_EQ(shared.codes.row.size(), 8u);
    for (const std::uint8_t code : shared.codes.code) EXPECT_NE(code, 0) << "a weight stays an entry";
    EXPECT_LE(shared.codebook.values.back(), 1e150);
  }
  const MemoryMatrix small(1, 4, {5e-324, 1e-323, -5e-324, 2e-310});
  const SharedSelection shared = share(small, Selection::all(small, measure_magnitudes(small, kQuiet)), 2e-310, 2, {}, kQuiet, 0);
  EXPECT_EQ(shared.codes.row.size(), 4u);
}

TEST(Compress, OutputErrorsByHand) {
  // Weights 1 and 0.1: half of them go.
  const MemoryMatrix first(2, 2, {1, 0.1, 0.1, 1});
  const MemoryMatrix second(1, 2, {1, -1});
  LayerInput a = layer_of("a", first);
  a.density = 0.5;
  a.bias = {0, -3};
  a.relu = true;
  CompressOptions options;
  options.calibration.resize(1, 2);
  options.calibration << 1, 2;
  const Compression c = compress({a, layer_of("b", second)}, options, kQuiet);
  // Float: (1.2, 2.1) + bias, ReLU: (1.2, 0). Compressed: (1, 0).
  EXPECT_NEAR(*c.layers[0].output_error, 0.2 / 1.2, 1e-12);
  EXPECT_NEAR(*c.layers[0].chained_output_error, 0.2 / 1.2, 1e-12);
  EXPECT_EQ(*c.layers[1].output_error, 0) << "of the layer alone, with the inputs of the float network";
  EXPECT_NEAR(*c.layers[1].chained_output_error, 0.2 / 1.2, 1e-12);
}

TEST(Rate, ExpectedBytesAreThoseOfRandomMatrices) {
  for (const double density : {0.02, 0.1, 0.5, 0.9}) {
    const MemoryMatrix m = gaussian(400, 300, 6);
    LayerInput layer = layer_of("fc", m);
    layer.density = density;
    const StoredSize size = compress({layer}, {}, kQuiet).layers.front().size;
    const double code_bits = size.per_entry(size.code_bits_huffman);
    const auto fixed = static_cast<double>(size.table_bytes + size.codebook_bytes);
    const double expected = expected_bytes(density, 120000, code_bits, 4, fixed);
    EXPECT_NEAR(static_cast<double>(size.bytes_huffman()) / expected, 1, 0.02) << density;
  }
}

TEST(Rate, IsReachedByDeviations) {
  const MemoryMatrix first = gaussian(200, 300, 7, 0.02);
  const MemoryMatrix second = gaussian(100, 200, 8, 5);
  CompressOptions options;
  for (const double rate : {8.0, 20.0, 45.0}) {
    options.rate = rate;
    const Compression c = compress({layer_of("a", first), layer_of("b", second)}, options, kQuiet);
    EXPECT_NEAR(c.total.rate_huffman() / rate, 1, 0.01) << rate;
    // Thresholds in proportion to the deviations: layers of the same distribution get the same density.
    EXPECT_NEAR(c.layers[0].size.density() / c.layers[1].size.density(), 1, 0.05) << rate;
  }
}

TEST(Rate, SensitivityPaysOff) {
  // What the second half of the inputs is multiplied with hardly matters, as those are small.
  const MemoryMatrix first = gaussian(100, 80, 9);
  const MemoryMatrix second = gaussian(60, 100, 10);
  std::vector<double> heavy = second.values();
  for (std::size_t k = 0; k < heavy.size(); ++k) heavy[k] = std::pow(heavy[k], 3);  // few weights make the sums
  const MemoryMatrix third(60, 100, std::move(heavy));
  Random random(11);
  CompressOptions options;
  options.rate = 25;
  const std::vector<LayerInput> layers{layer_of("a", first), layer_of("b", third)};
  options.calibration = Eigen::MatrixXd::NullaryExpr(40, 80, [&random] { return random.normal(); });
  const Compression measured = compress(layers, options, kQuiet);
  EXPECT_NEAR(measured.total.rate_huffman(), 25, 0.25);
  EXPECT_LT(measured.layers[1].size.density(), measured.layers[0].size.density()) << "few weights of the second one matter";
  // The same size by a rule that does not look: both layers at the same density.
  auto errors = [&](const Compression& c) {
    return std::pow(*c.layers[0].output_error, 2) + std::pow(*c.layers[1].output_error, 2);
  };
  double low = 0.01;
  double high = 0.9;
  Compression plain;
  std::vector<LayerInput> even = layers;
  CompressOptions asked = options;
  asked.rate.reset();
  for (int step = 0; step < 12; ++step) {
    const double density = std::sqrt(low * high);
    for (LayerInput& layer : even) layer.density = density;
    plain = compress(even, asked, kQuiet);
    (plain.total.rate_huffman() > measured.total.rate_huffman() ? low : high) = density;
  }
  EXPECT_NEAR(plain.total.rate_huffman() / measured.total.rate_huffman(), 1, 0.02);
  EXPECT_LT(errors(measured), errors(plain));
}

TEST(Rate, SmallLayersBySensitivityAndBalanced) {
  const MemoryMatrix first = gaussian(40, 60, 20);
  const MemoryMatrix second = gaussian(20, 40, 21);
  LayerInput a = layer_of("a", first);
  a.bias.assign(40, 0.5);
  a.relu = true;
  Random random(22);
  CompressOptions options;
  options.calibration = Eigen::MatrixXd::NullaryExpr(30, 60, [&random] { return random.uniform(); });
  options.balance.n_pe = 4;
  options.balance.window = 20;
  for (const PruneBalance balance : {PruneBalance::kNone, PruneBalance::kWindows}) {
    options.balance.balance = balance;
    for (const double rate : {10.0, 18.0, 25.0}) {
      options.rate = rate;
      const double near = rate < 20 ? 0.01 : 0.04;  // 25 is 512 bytes, and one more bit of a code word jumps
      EXPECT_NEAR(compress({a, layer_of("b", second)}, options, kQuiet).total.rate_huffman() / rate, 1, near) << rate;
    }
  }
}

TEST(Rate, SensitivityAgainstPruningForReal) {
  const MemoryMatrix m = gaussian(50, 70, 12);
  Random random(13);
  const Eigen::MatrixXd inputs = Eigen::MatrixXd::NullaryExpr(30, 70, [&random] { return random.uniform(); });
  const std::vector<double> bias(50, 0.25);
  const Magnitudes magnitudes = measure_magnitudes(m, kQuiet);
  const Sensitivity s = measure_sensitivity({&m, bias, true}, magnitudes, inputs, kQuiet);
  ASSERT_GT(s.density.size(), 8u);
  EXPECT_EQ(s.density.front(), 1);
  EXPECT_EQ(s.error.front(), 0);
  EXPECT_TRUE(std::is_sorted(s.density.begin(), s.density.end(), std::greater<>()));
  LayerInput layer = layer_of("fc", m);
  layer.bias = bias;
  layer.relu = true;
  CompressOptions options;
  options.code_width = 8;  // sharing hardly changes anything
  options.calibration = inputs;
  for (std::size_t d = 1; d < s.density.size(); d += 3) {
    layer.density = s.density[d];
    const double error = *compress({layer}, options, kQuiet).layers.front().output_error;
    EXPECT_NEAR(error, std::sqrt(s.error[d]), 0.01) << s.density[d];
  }
}

TEST(Rate, ASmallOneNeedsNoPruningAndALargeOneIsRefused) {
  const MemoryMatrix m = gaussian(100, 100, 14);
  CompressOptions options;
  options.rate = 1.5;
  const Compression c = compress({layer_of("fc", m)}, options, kQuiet);
  EXPECT_EQ(c.total.kept, 10000u);
  EXPECT_GT(c.total.rate_huffman(), 1.5);
  options.rate = 1e4;
  const std::string message = message_of([&] { compress({layer_of("fc", m)}, options, kQuiet); });
  EXPECT_EQ(message.rfind("a rate of 10000 is out of reach, ", 0), 0u) << message;
}

TEST(Rate, LayersWithTheirOwnRequestKeepIt) {
  const MemoryMatrix first = gaussian(100, 150, 15);
  const MemoryMatrix second = gaussian(80, 100, 16);
  LayerInput a = layer_of("a", first);
  a.density = 0.5;
  CompressOptions options;
  options.rate = 12;
  const Compression c = compress({a, layer_of("b", second)}, options, kQuiet);
  EXPECT_EQ(c.layers[0].size.kept, 7500u);
  EXPECT_NEAR(c.total.rate_huffman(), 12, 0.12);
}

TEST(Compress, RefusesBadRequests) {
  const MemoryMatrix m(2, 3, {1, 2, 3, 4, 5, 6});
  const MemoryMatrix other(2, 4, {1, 2, 3, 4, 5, 6, 7, 8});
  auto refused = [&](const std::function<void(LayerInput&, CompressOptions&)>& spoil) {
    LayerInput layer = layer_of("fc", m);
    CompressOptions options;
    spoil(layer, options);
    return message_of([&] { compress({layer}, options, kQuiet); });
  };
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) { l.density = 0; }),
            "layer fc: a density of 0: expected over 0, up to 1");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) { l.density = 1.1; }),
            "layer fc: a density of 1.1: expected over 0, up to 1");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) { l.density = std::nan(""); }),
            "layer fc: a density of nan: expected over 0, up to 1");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) { l.threshold = -1; }),
            "layer fc: a threshold of -1: expected 0 to 1e150");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) { l.density = l.threshold = 0.5; }),
            "layer fc: has a density and a threshold: expected one of them");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) { l.bias = {1}; }),
            "layer fc: a bias of 1: expected 2, one for each row");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions&) {
              l.bias = {1, std::nan("")};
            }),
            "layer fc: element [1] of the bias is nan: expected numbers of magnitude up to 1e150");
  EXPECT_EQ(refused([](LayerInput&, CompressOptions& o) { o.code_width = 9; }), "codes of 9 bits: expected 1 to 8");
  EXPECT_EQ(refused([](LayerInput&, CompressOptions& o) { o.index_bits = 0; }), "runs of 0 bits: expected 1 to 8");
  EXPECT_EQ(refused([](LayerInput&, CompressOptions& o) { o.rate = 1; }), "a rate of 1: expected over 1, up to 1e6");
  EXPECT_EQ(refused([](LayerInput&, CompressOptions& o) { o.balance.n_pe = 3; }), "3 PEs: expected a power of two");
  EXPECT_EQ(refused([](LayerInput& l, CompressOptions& o) {
              l.density = 0.5;
              o.rate = 2;
            }),
            "a rate for layers that all have a density or a threshold: expected one without");
  EXPECT_EQ(refused([](LayerInput&, CompressOptions& o) { o.calibration = Eigen::MatrixXd::Zero(5, 2); }),
            "W: has shape (2, 3): expected 2 columns, one for each feature of the calibration set");
  EXPECT_EQ(message_of([&] {
              compress({layer_of("a", m), layer_of("b", other)}, {}, kQuiet);
            }),
            "W: has shape (2, 4): expected 2 columns, one for each output of the layer before");
  EXPECT_EQ(message_of([] { compress({}, {}, kQuiet); }), "a network of no layers: expected one or more");
}

TEST(Compress, ALayerOfZeros) {
  const MemoryMatrix m(2, 2, {0, 0, 0, 0});
  CompressOptions options;
  options.calibration = Eigen::MatrixXd::Ones(2, 2);
  const Compression c = compress({layer_of("fc", m)}, options, kQuiet);
  EXPECT_EQ(c.total.entries(), 0u);
  EXPECT_EQ(c.layers.front().size.bytes(), 64u) << "the codebook";
  EXPECT_EQ(*c.layers.front().output_error, 0);
  LayerInput layer = layer_of("fc", m);
  layer.density = 0.5;
  EXPECT_EQ(compress({layer}, options, kQuiet).total.kept, 0u);
}

TEST(Compress, WhatProgressThrowsEndsTheWork) {
  const MemoryMatrix m = gaussian(1000, 1000, 17);
  struct Stop {};
  EXPECT_THROW(compress({layer_of("fc", m)}, {}, [](const std::string&, std::size_t, std::size_t) { throw Stop(); }), Stop);
}

TEST(DeviceFit, CountsAsTheEncoderDoes) {
  const MemoryMatrix m = gaussian(300, 64, 18);
  LayerInput layer = layer_of("fc", m);
  layer.density = 0.1;
  const Compression c = compress({layer}, {}, kQuiet);
  HwConfig config = load_config(std::string(EIE_SOURCE_DIR) + "/configs/eie4.yaml");
  config.registers = 128;
  const DeviceFit fit = device_fit(c.network.layers.front(), 4, config);
  EXPECT_EQ(fit.obstacle, "");
  EXPECT_EQ(fit.launches, 1u);
  EXPECT_EQ(fit.entries - fit.padding, 1920u);
  EXPECT_GE(fit.per_pe_max, fit.per_pe_min);
  EXPECT_NEAR(fit.balance, static_cast<double>(fit.entries) / (4.0 * static_cast<double>(fit.per_pe_max)), 1e-12);
  config.registers = 32;  // 75 local rows: three row blocks
  EXPECT_EQ(device_fit(c.network.layers.front(), 4, config).launches, 3u);
  EXPECT_EQ(device_fit(c.network.layers.front(), 6, config).obstacle, "codes of 6 bits: expected at most code_width = 4");
  config.act_depth = 4;
  EXPECT_NE(device_fit(c.network.layers.front(), 4, config).obstacle, "");
}

TEST(DeviceFit, AMatrixOfTooManyColumnsTakesNoMemory) {
  CompressedLayer layer;
  layer.rows = 1;
  layer.columns = std::size_t{1} << 27;
  const HwConfig config = load_config(std::string(EIE_SOURCE_DIR) + "/configs/eie4.yaml");
  EXPECT_EQ(device_fit(layer, 4, config).obstacle,
            "134,217,728 columns in 1 row block of 4 PEs: expected at most 2^28 pointers to plan with");
}

TEST(DeviceFit, BalancedPruningEvensOutTheEntries) {
  std::vector<double> values = gaussian(64, 256, 19).values();
  for (std::size_t k = 0; k < values.size(); ++k) values[k] *= std::exp2(-static_cast<double>(k / 256 % 4) / 2);
  const MemoryMatrix m(64, 256, std::move(values));
  LayerInput layer = layer_of("fc", m);
  layer.density = 0.3;
  HwConfig config = load_config(std::string(EIE_SOURCE_DIR) + "/configs/eie4.yaml");
  CompressOptions options;
  options.balance.n_pe = 4;
  const double plain = device_fit(compress({layer}, options, kQuiet).network.layers.front(), 4, config).balance;
  options.balance.balance = PruneBalance::kPe;
  const double balanced = device_fit(compress({layer}, options, kQuiet).network.layers.front(), 4, config).balance;
  EXPECT_LT(plain, 0.8);
  EXPECT_GT(balanced, 0.99);
}

}  // namespace
}  // namespace eie::tb
