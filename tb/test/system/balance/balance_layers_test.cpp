// SPDX-License-Identifier: Apache-2.0
// Balanced rows: the same cycles on every engine, and what they save on the paper's nine layers (docs/balance.md).
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "tb/compress/balance/balance.h"
#include "tb/compress/balance/permuted_source.h"
#include "tb/engines/model_device.h"
#include "tb/formats/npy.h"
#include "tb/layers/layer_result.h"
#include "tb/layers/network.h"
#include "tb/test/support/kept_device.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/support/test_support.h"
#include "tb/test/system/paper_case.h"

namespace eie::tb {
namespace {

LayerFiles layer_of(const std::string& name, const std::string& weights, bool relu, const FormatRequest& formats) {
  LayerFiles files;
  files.name = name;
  files.weights = weights;
  files.relu = relu;
  files.formats = formats;
  return files;
}

/// Two layers of whole numbers, several row blocks and samples, on both engines with the same order.
void check_engines(const HwConfig& config, Device& hw) {
  const TempFolder folder;
  const std::int32_t limit = config.code_width < 4 ? 1 : 7;
  auto weights = [&](const std::string& name, std::size_t rows, std::size_t columns, std::uint64_t seed) {
    std::vector<std::int32_t> values = random_vector(rows * columns, limit == 1 ? 1 : -limit, limit, 0.3, seed);
    for (std::size_t i = 0; i < rows; i += 3) {  // a third of the rows have less
      for (std::size_t j = i % 2; j < columns; j += 2) values[i * columns + j] = 0;
    }
    write_npy(folder.file(name), std::vector<double>(values.begin(), values.end()), {rows, columns});
    return folder.file(name);
  };
  const LayerFiles first = layer_of("one", weights("one.npy", 301, 90, 1), true, {0, 0, 0});
  const LayerFiles second = layer_of("two", weights("two.npy", 50, 301, 2), false, {0, std::nullopt, 0});
  Eigen::MatrixXd inputs(90, 3);
  const std::vector<std::int32_t> values = random_vector(270, -20, 20, 0.6, 3);
  for (Eigen::Index k = 0; k < inputs.size(); ++k) inputs.data()[k] = values[static_cast<std::size_t>(k)];
  BalanceChoice choice;
  choice.kind = BalanceKind::kWindows;
  choice.window = 16;
  const std::vector<PreparedLayer> layers = prepare_layers({first, second}, inputs, config, choice);
  ASSERT_NE(layers[1].order, nullptr);
  EXPECT_EQ(layers[1].order->columns, layers[0].order->rows);
  ModelDevice tlm(config);
  std::vector<NetworkRun> runs;
  for (Device* device : {&hw, static_cast<Device*>(&tlm)}) {
    Driver driver(*device, config, LoadMode::kBackdoor);
    runs.push_back(run_layers(driver, LoadMode::kBackdoor, layers, inputs, config, {}));
  }
  EXPECT_EQ(runs[0].outputs, runs[1].outputs);
  for (std::size_t l = 0; l < 2; ++l) {
    const LayerReport& a = runs[0].reports[l];
    const LayerReport& b = runs[1].reports[l];
    EXPECT_TRUE(a.verdict->match()) << a.verdict->first;
    EXPECT_TRUE(b.verdict->match()) << b.verdict->first;
    EXPECT_EQ(a.sample_cycles, b.sample_cycles);
    ASSERT_EQ(a.counters->pe.size(), b.counters->pe.size());
    for (std::size_t k = 0; k < a.counters->pe.size(); ++k) {
      EXPECT_EQ(a.counters->pe[k].entries, b.counters->pe[k].entries) << "PE " << k;
      EXPECT_EQ(a.counters->pe[k].starved, b.counters->pe[k].starved) << "PE " << k;
    }
    ASSERT_TRUE(a.pe_cycles.has_value());
    EXPECT_EQ(a.pe_cycles->by, b.pe_cycles->by);
  }
}

TEST(Balance, Eie4HasTheSameCyclesOnHwAndTlm) {
  const HwConfig config = shipped_config("eie4");
  const auto device = make_kept_engine("hw", config);
  check_engines(config, *device);
}

TEST(Balance, TwoPesOfOneBitHaveTheSameCyclesOnHwAndTlm) {
  const HwConfig config = test_config("small_2pe_binary");
  const auto device = make_test_device(config);
  check_engines(config, *device);
}

/// A layer of one seed: drawn once, encoded with several orders.
class DrawnLayer {
 public:
  DrawnLayer(const LayerSpec& spec, std::uint64_t seed, const HwConfig& config)
      : name_(spec.name), activations_(synthetic_activations(spec, seed, config.data_width)) {
    const SyntheticMatrix matrix(spec, seed, config.code_width, config.data_width);
    codes_ = std::make_unique<CodeMatrix>(matrix.rows(), matrix.columns(), sparse_codes(matrix));
    codes_->set_codebook(matrix.codebook());
  }

  struct Run {
    double cycles = 0;
    double floor = 0;
  };
  Run run(const HwConfig& config, BalanceKind kind) const {
    const std::vector<RowBlock> blocks = split_rows(codes_->rows(), config);
    const LayerOrder order{balance_rows(*codes_, config, blocks, {kind, kBalanceWindow, {}}).rows, {}};
    const PermutedSource placed(*codes_, order);
    const EncodedLayer image = encode(placed, config, blocks);
    const Plan plan = plan_launches(image, config, false, name_);
    DeviceLayer layer;
    layer.name = name_;
    layer.image = &image;
    layer.plan = &plan;
    layer.codebook = codes_->codebook();
    layer.shift = synthetic_formats(config.data_width).shift;
    ModelDevice device(config);
    Driver driver(device, config, LoadMode::kBackdoor);
    driver.load({layer});
    const LayerResult result = driver.run(activations_).front();
    const GoldenResult golden = golden_layer(placed, activations_, {}, layer.shift, false, config.data_width, config.acc_width);
    EXPECT_EQ(first_difference(golden.outputs, result.outputs), "") << name_;
    const Floors floors = floors_of(result.counters);
    return {static_cast<double>(result.counters.cycles), std::max(floors.nonzeros, static_cast<double>(floors.broadcasts))};
  }

 private:
  std::string name_;
  std::vector<std::int32_t> activations_;
  std::unique_ptr<CodeMatrix> codes_;
};

/// Medians of these seeds, in the geometric mean of the layers.
struct Saved {
  double alone = 0;       // eie64 with balance / without
  double everything = 0;  // eie64-plus with balance / eie64 without
  double floor = 0;       // eie64-plus with balance / larger floor
};

double middle(std::vector<double> values) { return median(std::move(values)); }

/// `of_layer`: eie64-plus with balance / eie64 without.
Saved measure(const std::vector<LayerSpec>& specs, std::uint64_t seeds, std::map<std::string, double>& of_layer) {
  const HwConfig paper = shipped_config("eie64");
  const HwConfig plus = shipped_config("eie64-plus");
  Saved log_sum;
  for (const LayerSpec& spec : specs) {
    std::vector<double> alone;
    std::vector<double> everything;
    std::vector<double> floor;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const DrawnLayer layer(spec, seed, paper);
      const double before = layer.run(paper, BalanceKind::kNone).cycles;
      alone.push_back(layer.run(paper, BalanceKind::kWindows).cycles / before);
      const DrawnLayer::Run all = layer.run(plus, BalanceKind::kWindows);
      everything.push_back(all.cycles / before);
      floor.push_back(all.cycles / all.floor);
    }
    std::printf("%-8s balance alone %.3f, with everything %.3f, over the floor %.3f\n", spec.name.c_str(), middle(alone),
                middle(everything), middle(floor));
    EXPECT_LT(middle(alone), 1) << spec.name;
    of_layer[spec.name] = middle(everything);
    log_sum.alone += std::log(middle(alone));
    log_sum.everything += std::log(middle(everything));
    log_sum.floor += std::log(middle(floor));
  }
  const auto n = static_cast<double>(specs.size());
  const Saved mean{std::exp(log_sum.alone / n), std::exp(log_sum.everything / n), std::exp(log_sum.floor / n)};
  std::printf("geometric mean: balance alone %.4f, with everything %.4f, over the floor %.4f\n", mean.alone, mean.everything,
              mean.floor);
  return mean;
}

TEST(Balance, ThreeLayersTakeFewerCycles) {
  std::map<std::string, double> of_layer;
  const Saved saved = measure(paper_workload().select("vgg7,nt_we,nt_lstm"), 1, of_layer);
  EXPECT_LE(saved.alone, 0.97);
  EXPECT_LE(saved.floor, 1.07);
  EXPECT_LE(of_layer["nt_we"], 0.74);
}

TEST(BalanceSlow, NineLayersMedianOfFiveSeeds) {
  std::map<std::string, double> of_layer;
  const Saved saved = measure(paper_workload().layers, 5, of_layer);
  EXPECT_LE(saved.alone, 0.96);  // the figures of docs/balance.md, rounded up
  EXPECT_LE(saved.everything, 0.79);
  EXPECT_LE(saved.floor, 1.05);
  EXPECT_LE(of_layer["nt_we"], 0.70);
}

}  // namespace
}  // namespace eie::tb
