// SPDX-License-Identifier: Apache-2.0
// Programs of layers, played on the TLM model without a kernel, against a product written here and the golden
// model.
#include "tb/host/layer_program.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "hw/register_map.h"
#include "tb/support/error.h"
#include "tb/test/support/test_support.h"
#include "tlm/config/device_config_check.h"
#include "tlm/model/device_model.h"

namespace eie::host {
namespace {

/// A bus to the model of the device. It refuses what a bus would.
class ModelBus final : public Bus {
 public:
  explicit ModelBus(const DeviceConfig& config) : model_(config) {}

  void write(const Write& write) override {
    ASSERT_EQ(write.address % 8, 0u);
    ASSERT_EQ(write.strobe, 0xFF);
    ASSERT_EQ(model_.write(edge_++, write.address, write.data, write.strobe), model::Access::kOk) << std::hex << write.address;
    ++writes;
  }
  std::uint64_t read(std::uint64_t address) override {
    std::uint64_t data = 0;
    EXPECT_EQ(model_.read(edge_++, address, data), model::Access::kOk) << std::hex << address;
    return data;
  }
  void wait_interrupt(std::uint64_t limit) override {
    const auto finish = model_.finish_edge();
    ASSERT_TRUE(finish) << "nothing was started";
    ASSERT_LE(*finish, edge_ + limit);
    edge_ = *finish + 1;
    ASSERT_EQ(read(reg::kIrqStatus), reg::kIrqDone);
    ++launches;
  }

  std::uint64_t writes = 0;
  std::uint64_t launches = 0;

 private:
  DeviceModel model_;
  std::uint64_t edge_ = 0;
};

std::mt19937_64& random_source() {
  static std::mt19937_64 source(1);
  return source;
}
int draw(int low, int high) { return low + static_cast<int>(random_source()() % static_cast<std::uint64_t>(high - low + 1)); }

/// A layer of whole numbers: up to `values` distinct weights either side of zero.
Layer whole_layer(std::size_t rows, std::size_t columns, double density, bool bias, bool relu) {
  Layer layer;
  layer.rows = rows;
  layer.columns = columns;
  layer.relu = relu;
  for (std::size_t k = 0; k < rows * columns; ++k) {
    const bool present = draw(0, 999) < density * 1000;
    layer.weights.push_back(present ? draw(-7, 7) : 0);
  }
  for (std::size_t i = 0; bias && i < rows; ++i) layer.bias.push_back(draw(-100, 100));
  for (std::size_t j = 0; j < columns; ++j) layer.activations.push_back(draw(0, 2) == 0 ? 0 : draw(-9, 9));
  layer.weight_frac = layer.act_frac = layer.out_frac = 0;
  return layer;
}

std::vector<double> product(const Layer& layer, const std::vector<double>& activations) {
  std::vector<double> y;
  for (std::size_t i = 0; i < layer.rows; ++i) {
    double sum = layer.bias.empty() ? 0 : layer.bias[i];
    for (std::size_t j = 0; j < layer.columns; ++j) sum += layer.weights[i * layer.columns + j] * activations[j];
    y.push_back(layer.relu ? std::max(sum, 0.0) : sum);
  }
  return y;
}

TEST(LayerProgram, GivesThePlainProduct) {
  struct Shape {
    unsigned n_pe;
    std::size_t rows, columns;
    double density;
    bool one_launch;
  };
  for (const Shape& s :
       {Shape{4, 4, 4, 1, true}, Shape{4, 1, 1, 1, true}, Shape{4, 37, 50, 0.4, true}, Shape{1, 16, 9, 0.5, true},
        Shape{8, 120, 300, 0.2, true}, Shape{4, 300, 200, 0.1, false}, Shape{2, 64, 1500, 0.3, false}}) {
    for (const bool extras : {false, true}) {
      const DeviceConfig config = tb::small_config(s.n_pe);
      const Layer layer = whole_layer(s.rows, s.columns, s.density, extras, extras);
      const LayerProgram program = make_layer_program(config, layer);
      EXPECT_EQ(program.launches.size() == 1, s.one_launch) << s.rows << " x " << s.columns;
      ModelBus bus(config);
      const LayerOutputs outputs = run(program, bus);
      EXPECT_EQ(outputs.values, product(layer, layer.activations)) << s.rows << " x " << s.columns;
      EXPECT_FALSE(outputs.saturated);
      EXPECT_GT(outputs.cycles, 0u);
      EXPECT_EQ(bus.launches, program.launches.size());
    }
  }
}

TEST(LayerProgram, SaysWhereEachOutputLies) {
  const DeviceConfig config = tb::small_config(4);
  for (const std::size_t rows : {1u, 37u, 300u}) {
    const LayerProgram program = make_layer_program(config, whole_layer(rows, 20, 0.5, true, false));
    std::set<std::size_t> seen;
    for (const Launch& launch : program.launches) {
      EXPECT_EQ(launch.start.address, reg::kCtrl);
      EXPECT_EQ(launch.start.data, reg::kCtrlStart);
      EXPECT_EQ(launch.acknowledge.address, reg::kIrqStatus);
      EXPECT_GT(launch.limit_cycles, 0u);
      for (const Write& write : launch.memory) EXPECT_GE(write.address, reg::kWindowBase);
      for (const Write& write : launch.registers) EXPECT_LT(write.address, reg::kWindowBase);
      for (const Output& output : launch.outputs) {
        EXPECT_TRUE(seen.insert(output.row).second) << "row " << output.row << " twice";
        EXPECT_LE(output.lsb + program.data_width, 64u);
      }
    }
    EXPECT_EQ(seen.size(), rows);
    EXPECT_EQ(*seen.rbegin(), rows - 1);
  }
}

TEST(LayerProgram, BalancedRowsGiveTheSameOutputsInFewerCycles) {
  const DeviceConfig config = tb::small_config(8);
  for (const std::size_t rows : {37u, 300u}) {  // 300: three row blocks
    Layer layer = whole_layer(rows, 200, 0.5, true, true);
    for (std::size_t i = 0; i < rows; i += 8) {  // the rows of PE 0 as numbered have less
      for (std::size_t j = 0; j < 200; ++j) layer.weights[i * 200 + j] *= j % 4 == 0 ? 1 : 0;
    }
    std::uint64_t cycles = UINT64_MAX;
    for (const RowBalance balance : {RowBalance::kNone, RowBalance::kWindows, RowBalance::kRows}) {
      layer.balance = balance;
      LayerCompiler compiler(config, layer);
      ModelBus bus(config);
      const LayerOutputs outputs = run(compiler.program(layer.activations), bus);
      EXPECT_EQ(outputs.values, product(layer, layer.activations));
      const Layer other = whole_layer(1, 200, 1, false, false);
      EXPECT_EQ(run(compiler.program(other.activations), bus).values, product(layer, other.activations));
      if (balance == RowBalance::kNone) cycles = outputs.cycles;
      if (balance != RowBalance::kNone) EXPECT_LT(outputs.cycles, cycles);
    }
  }
}

TEST(LayerProgram, ASecondInputWritesOnlyWhatIsNew) {
  const DeviceConfig config = tb::small_config(4);
  for (const std::size_t rows : {37u, 300u}) {
    const Layer layer = whole_layer(rows, 50, 0.3, true, true);
    LayerCompiler compiler(config, layer);
    ModelBus bus(config);
    EXPECT_EQ(run(compiler.program(layer.activations), bus).values, product(layer, layer.activations));
    const std::uint64_t first = bus.writes;
    for (int k = 0; k < 3; ++k) {
      bus.writes = 0;
      const Layer other = whole_layer(1, 50, 1, false, false);
      const LayerProgram program = compiler.program(other.activations);
      EXPECT_TRUE(program.setup.empty());
      EXPECT_EQ(run(program, bus).values, product(layer, other.activations));
      EXPECT_LT(bus.writes, first / 2);
    }
  }
}

TEST(LayerProgram, ChoosesFormatsForRealNumbers) {
  const DeviceConfig config = tb::small_config(4);
  Layer layer = whole_layer(40, 30, 0.5, true, true);
  for (double& w : layer.weights) w *= 0.0137;
  for (double& b : layer.bias) b *= 0.01;
  for (double& a : layer.activations) a *= 0.31;
  layer.weight_frac = layer.act_frac = layer.out_frac = std::nullopt;
  const LayerProgram program = make_layer_program(config, layer);
  EXPECT_EQ(program.shift, program.weight_frac + program.act_frac - program.out_frac);
  EXPECT_EQ(program.distinct_weights, 14u);
  EXPECT_EQ(program.shared_weights, 14u);
  EXPECT_EQ(program.largest_weight_error, 0);
  ModelBus bus(config);
  const LayerOutputs outputs = run(program, bus);
  const std::vector<double> expected = product(layer, layer.activations);
  // A step of the output for each of up to 30 roundings is far more than is lost.
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(outputs.values[i], expected[i], std::ldexp(30, -program.out_frac)) << i;
  }
  EXPECT_GE(program.out_frac, 8);
}

// The outputs alone would fit a finer format than the bias, or a partial sum on the way to them.
TEST(LayerProgram, FormatsHoldBiasesAndPartialSums) {
  Layer bias;
  bias.rows = bias.columns = 1;
  bias.weights = {1.8};
  bias.bias = {32};
  bias.activations = {-15};
  Layer there_and_back;
  there_and_back.rows = 1;
  there_and_back.columns = 100;
  there_and_back.weights.assign(100, 1.0);
  std::fill(there_and_back.weights.begin() + 50, there_and_back.weights.end(), -0.98);
  there_and_back.activations.assign(100, 1.0);
  const DeviceConfig config = tb::small_config(4);
  for (const Layer& layer : {bias, there_and_back}) {
    const LayerProgram program = make_layer_program(config, layer);
    ModelBus bus(config);
    const LayerOutputs outputs = run(program, bus);
    EXPECT_FALSE(outputs.saturated);
    // The first product is off by rounding alone, of half a step a term.
    EXPECT_NEAR(outputs.values[0], product(layer, layer.activations)[0],
                std::ldexp(0.5, -program.out_frac) * static_cast<double>(layer.columns));
  }
}

TEST(LayerProgram, WarnsOfWhatFixedPointLoses) {
  const DeviceConfig config = tb::small_config(4);
  Layer layer = whole_layer(10, 20, 0.5, false, false);
  EXPECT_TRUE(make_layer_program(config, layer).warnings.empty());
  layer.act_frac = layer.out_frac = std::nullopt;
  layer.activations.assign(20, 1.0);
  layer.activations[3] = 3e6;
  const std::vector<std::string> warnings = make_layer_program(config, layer).warnings;
  ASSERT_FALSE(warnings.empty());
  EXPECT_NE(warnings[0].find("19 of 20 non-zero activations became 0"), std::string::npos) << warnings[0];
}

TEST(LayerProgram, CountsWhatALaterInputLoses) {
  Layer layer;
  layer.rows = 1;
  layer.columns = 4;
  layer.weights = {1, 1, 1, 1};
  layer.activations = {0.5, 0.25, 0, -0.75};
  LayerCompiler compiler(tb::small_config(2), layer);
  const LayerProgram own = compiler.program(layer.activations);
  EXPECT_EQ(own.clamped_activations, 0u);
  EXPECT_EQ(own.zeroed_activations, 0u);
  EXPECT_TRUE(own.warnings.empty());

  const LayerProgram later = compiler.program({1e6, -1e6, 1e-9, 0.5});
  EXPECT_EQ(later.clamped_activations, 2u);
  EXPECT_EQ(later.zeroed_activations, 1u);
  ASSERT_EQ(later.warnings.size(), 2u);
  EXPECT_EQ(later.warnings[0].find("2 of 4 non-zero activations of a later input clamped, results are wrong"), 0u)
      << later.warnings[0];
  EXPECT_EQ(later.warnings[1].find("1 of 4 non-zero activations of a later input became 0"), 0u) << later.warnings[1];

  const LayerProgram fits = compiler.program({0.25, 0.5, 0, 0.5});
  EXPECT_EQ(fits.clamped_activations, 0u);
  EXPECT_TRUE(fits.warnings.empty());
}

TEST(LayerProgram, ReportsClusteringAndSaturation) {
  const DeviceConfig config = tb::small_config(4);
  Layer layer = whole_layer(20, 20, 0, false, false);
  for (std::size_t k = 0; k < layer.weights.size(); ++k) layer.weights[k] = static_cast<double>(k + 1);
  layer.activations.assign(20, 300);
  const LayerProgram program = make_layer_program(config, layer);
  EXPECT_EQ(program.distinct_weights, 400u);
  EXPECT_EQ(program.shared_weights, 15u);
  EXPECT_GT(program.largest_weight_error, 1);
  ModelBus bus(config);
  const LayerOutputs outputs = run(program, bus);
  EXPECT_TRUE(outputs.saturated);
  EXPECT_EQ(*std::max_element(outputs.integers.begin(), outputs.integers.end()), 32767);
}

TEST(LayerProgram, WorksForEveryDataWidth) {
  for (const unsigned width : {8u, 16u, 32u}) {
    DeviceConfig config = tb::small_config(4);
    config.data_width = width;
    config.acc_width = std::max(24u, width);
    Layer layer = whole_layer(30, 12, 0.3, false, false);
    for (double& a : layer.activations) a = std::fmod(a, 2);
    for (double& w : layer.weights) w = std::fmod(w, 4);
    ModelBus bus(config);
    const LayerOutputs outputs = run(make_layer_program(config, layer), bus);
    EXPECT_EQ(outputs.values, product(layer, layer.activations)) << width;
  }
}

TEST(LayerProgram, RandomConfigurationsAndShapes) {
  static const std::pair<unsigned, unsigned> kEntries[] = {{1, 3}, {2, 2}, {3, 5}, {4, 4}, {6, 2}, {8, 8}};
  const auto power = [](int low, int high) { return 1u << draw(low, high); };
  std::size_t launches = 0;
  for (int k = 0; k < 200; ++k) {
    DeviceConfig config = tb::small_config(power(0, 4));
    config.queue_depth = static_cast<unsigned>(draw(1, 9));
    config.look_ahead = static_cast<unsigned>(draw(0, 4));
    config.spmat_width = power(5, 9);
    config.spmat_depth = power(5, 9);
    config.pointer_width = static_cast<unsigned>(draw(10, 20));
    config.pointer_depth = power(6, 9);
    config.act_depth = power(5, 7);
    config.registers = power(2, 5);
    std::tie(config.code_width, config.run_width) = kEntries[draw(0, 5)];
    config.data_width = power(4, 5);
    config.acc_width = static_cast<unsigned>(draw(static_cast<int>(config.data_width), 48));
    config.lnzd_fan_in = power(1, 2);
    Layer layer = whole_layer(static_cast<std::size_t>(draw(1, 90)), static_cast<std::size_t>(draw(1, 60)), 0.1 * draw(0, 5),
                              draw(0, 1) == 1, draw(0, 1) == 1);
    const int codes = std::min(15, (1 << config.code_width) - 1);  // distinct non-zero values
    for (double& w : layer.weights) w = w == 0 ? 0 : 1 + std::fmod(w + 7, codes);
    const LayerProgram program = make_layer_program(config, layer);
    launches += program.launches.size();
    ModelBus bus(config);
    ASSERT_EQ(run(program, bus).values, product(layer, layer.activations)) << "case " << k;
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(launches, 400u);
}

TEST(LayerProgram, RefusesWhatIsNoLayer) {
  const DeviceConfig config = tb::small_config(4);
  const Layer good = whole_layer(6, 5, 0.5, true, false);
  const auto refused = [&](const std::function<void(Layer&)>& change, const std::string& expected) {
    Layer layer = good;
    layer.name = "fc";
    change(layer);
    tb::expect_user_error([&] { make_layer_program(config, layer); }, {"layer 'fc': " + expected});
  };
  const double nan = std::nan("");
  refused([](Layer& l) { l.rows = 0; }, "has 0 rows and 5 columns: expected at least one of each");
  refused([](Layer& l) { l.columns = 0; }, "has 6 rows and 0 columns");
  refused([](Layer& l) { l.weights.pop_back(); }, "weights has 29 values: expected rows * columns, 6 * 5");
  refused([](Layer& l) { l.columns = SIZE_MAX; }, "weights has 30 values");
  refused([](Layer& l) { l.bias.pop_back(); }, "bias has 5 values: expected 6");
  refused([](Layer& l) { l.activations.push_back(1); }, "activations has 6 values: expected 5");
  refused([&](Layer& l) { l.weights[7] = nan; }, "weights[7] is nan: expected a number");
  refused([](Layer& l) { l.bias[0] = INFINITY; }, "bias[0] is inf");
  refused([](Layer& l) { l.activations[4] = -1e200; }, "activations[4] is -1");
  refused([](Layer& l) { l.weight_frac = 99; }, "weight-frac is 99: expected -64 to 64");
  refused([](Layer& l) { l.out_frac = 3; }, "weight-frac 0 + act-frac 0 - out-frac 3 gives a shift of -3: expected 0 to 30");
  refused(
      [](Layer& l) {
        for (double& w : l.weights) w = 1e149;
        for (double& a : l.activations) a = 1e149;
      },
      "output 0 is over 1e150");
  LayerCompiler compiler(config, good);
  tb::expect_user_error([&] { compiler.program({1, 2}); }, {"activations has 2 values: expected 5"});

  DeviceConfig small = config;  // a column does not fit
  small.spmat_depth = 2;
  small.act_depth = 4;
  Layer large = whole_layer(64, 16, 1, false, false);
  for (double& w : large.weights) w = 1;
  large.name = "fc";
  tb::expect_user_error([&] { make_layer_program(small, large); }, {"layer 'fc'", "expected at most"});
  DeviceConfig bad = config;
  bad.n_pe = 3;
  EXPECT_THROW(make_layer_program(bad, good), InvalidConfig);
}

}  // namespace
}  // namespace eie::host
