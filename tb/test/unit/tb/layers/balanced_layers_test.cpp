// SPDX-License-Identifier: Apache-2.0
// Chains of layers with balanced rows: the same outputs as with rows as they are numbered where no sum clamps, and the golden
// model's in any case.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tb/engines/model_device.h"
#include "tb/faults/places.h"
#include "tb/formats/npy.h"
#include "tb/layers/network.h"
#include "tb/test/support/property.h"
#include "tb/test/support/test_support.h"
#include "tb/trace/timeline/queue_levels.h"

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

HwConfig any_small_config() {
  HwConfig config = small_config(1u << *rc::gen::inRange(0, 5));
  config.registers = *rc::gen::element(4u, 16u);         // 4: row blocks of 4 local rows
  config.act_depth = *rc::gen::element(16u, 64u);        // 16: longer vectors do not stay on the device
  config.pointer_depth = *rc::gen::element(64u, 1024u);  // 64: column launches
  config.skip_padding = *rc::gen::arbitrary<bool>();
  config.look_ahead = *rc::gen::element(0u, 4u);
  return config;
}

/// Whole weights of up to 15 values, so that nothing is clustered.
std::vector<double> any_weights(std::size_t rows, std::size_t columns, std::int32_t limit) {
  const double density = *rc::gen::inRange(0, 11) / 10.0;
  const std::vector<std::int32_t> values =
      random_vector(rows * columns, -limit, limit, density, *rc::gen::inRange<std::uint64_t>(0, 1000000));
  return {values.begin(), values.end()};
}

struct Chain {
  std::vector<LayerFiles> layers;
  Eigen::MatrixXd inputs;
  BalanceChoice balance;
};

/// 1 to 3 layers; `fraction`: bits of weights, so that products are rounded; `magnitude` of the inputs.
Chain any_chain(const TempFolder& folder, int fraction, int magnitude) {
  Chain chain;
  const auto count = *rc::gen::inRange<std::size_t>(1, 4);
  auto columns = *rc::gen::inRange<std::size_t>(1, 120);
  const auto samples = *rc::gen::inRange<Eigen::Index>(1, 4);
  chain.inputs.resize(static_cast<Eigen::Index>(columns), samples);
  const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1000000);
  const auto values = random_vector(static_cast<std::size_t>(chain.inputs.size()), -magnitude, magnitude, 0.6, seed);
  for (Eigen::Index k = 0; k < chain.inputs.size(); ++k) chain.inputs.data()[k] = values[static_cast<std::size_t>(k)];
  for (std::size_t l = 0; l < count; ++l) {
    const auto rows = *rc::gen::inRange<std::size_t>(1, 120);
    LayerFiles files;
    files.name = "l" + std::to_string(l);
    files.weights = folder.file(files.name + ".npy");
    std::vector<double> weights = any_weights(rows, columns, 7);
    for (double& w : weights) w = std::ldexp(w, -fraction);
    write_npy(files.weights, weights, {rows, columns});
    if (*rc::gen::arbitrary<bool>()) {
      files.bias = folder.file(files.name + "_bias.npy");
      const auto bias = random_vector(rows, -9, 9, 0.8, seed + l);
      write_npy(files.bias, std::vector<double>(bias.begin(), bias.end()));
    }
    files.relu = *rc::gen::arbitrary<bool>();
    files.formats = {fraction, l == 0 ? std::optional<int>(0) : std::nullopt, 0};
    chain.layers.push_back(files);
    columns = rows;
  }
  chain.balance.kind = *rc::gen::element(BalanceKind::kRows, BalanceKind::kWindows);
  chain.balance.window = *rc::gen::inRange<std::size_t>(1, 40);
  if (*rc::gen::arbitrary<bool>()) chain.balance.calibration = chain.inputs;
  return chain;
}

NetworkRun run_chain(const Chain& chain, const HwConfig& config, const BalanceChoice& balance) {
  const std::vector<PreparedLayer> layers = prepare_layers(chain.layers, chain.inputs, config, balance);
  ModelDevice device(config);
  Driver driver(device, config, LoadMode::kBackdoor);
  return run_layers(driver, LoadMode::kBackdoor, layers, chain.inputs, config, {});
}

TEST(BalancedLayers, OutputsAreTheSameWhereNothingClamps) {
  check_property(250, [] {
    const TempFolder folder;
    HwConfig config = any_small_config();
    config.data_width = 32;  // three layers of 120 columns do not get near
    config.acc_width = 48;
    config.code_width = 4;
    const int fraction = *rc::gen::inRange(0, 4);
    const Chain chain = any_chain(folder, fraction, 50);
    std::optional<NetworkRun> plain;
    try {
      plain = run_chain(chain, config, {});
    } catch (const UserError& error) {  // a row of pointers or activations that no launch holds
      RC_CLASSIFY(true, "does not fit");
      RC_ASSERT(std::string(error.what()).find("expected at most") != std::string::npos);
      return;
    }
    const NetworkRun balanced = run_chain(chain, config, chain.balance);
    RC_ASSERT(balanced.outputs == plain->outputs);
    for (std::size_t l = 0; l < chain.layers.size(); ++l) {
      const LayerReport& a = plain->reports[l];
      const LayerReport& b = balanced.reports[l];
      RC_ASSERT(b.verdict->match());
      RC_ASSERT(!b.verdict->saturated);
      RC_ASSERT(!a.verdict->saturated);
      RC_ASSERT(b.balance.has_value());
      RC_ASSERT(b.balance->calibrated == (chain.balance.calibration.size() != 0));
      RC_ASSERT(!a.balance.has_value());
      RC_ASSERT(a.counters->broadcasts == b.counters->broadcasts);
      RC_ASSERT(floors_of(*a.counters).nonzeros == floors_of(*b.counters).nonzeros);
      RC_ASSERT(a.float_error->max_abs == b.float_error->max_abs);  // of the same rows
    }
    RC_CLASSIFY(balanced.reports.front().counters->launches > static_cast<std::uint64_t>(chain.inputs.cols()),
                "several launches");
  });
}

TEST(BalancedLayers, TheGoldenModelFollowsWhereSumsClamp) {
  check_property(250, [] {
    const TempFolder folder;
    HwConfig config = any_small_config();
    config.data_width = 16;
    config.acc_width = 16;
    const Chain chain = any_chain(folder, 0, 3000);  // 7 * 3000 * 2 is over 16 bits
    std::optional<NetworkRun> run;
    try {
      run = run_chain(chain, config, chain.balance);
    } catch (const UserError& error) {
      RC_CLASSIFY(true, "does not fit");
      RC_ASSERT(std::string(error.what()).find("expected at most") != std::string::npos);
      return;
    }
    for (const LayerReport& report : run->reports) {
      RC_CLASSIFY(report.verdict->saturated, "saturated");
      RC_ASSERT(report.verdict->match());
    }
  });
}

TEST(BalancedLayers, PlacesNameTheUsersRows) {
  const TempFolder folder;
  const HwConfig config = small_config(4);
  // Row 5 has most entries and goes first; a flipped bit of its first entry's code shows there.
  std::vector<double> weights(12 * 8, 0);
  for (std::size_t j = 0; j < 8; ++j) weights[5 * 8 + j] = 1;
  for (std::size_t i = 0; i < 12; ++i) weights[i * 8 + i % 8] = 1;
  LayerFiles files;
  files.weights = folder.file("w.npy");
  write_npy(files.weights, weights, {12, 8});
  const Eigen::MatrixXd inputs = Eigen::MatrixXd::Constant(8, 1, 1.0);
  BalanceChoice balance;
  balance.kind = BalanceKind::kRows;
  const std::vector<PreparedLayer> layers = prepare_layers({files}, inputs, config, balance);
  ASSERT_EQ(layers.front().order->rows.front(), 5u);
  const std::vector<Flip> flips = {parse_flip("pe=0,spmat=0,bit=0", config)};  // the code of row 5 in column 0: 1 becomes 0
  FaultyDevice device(std::make_unique<ModelDevice>(config), config, flips);
  Driver driver(device, config, LoadMode::kBackdoor);
  NetworkRun run = run_layers(driver, LoadMode::kBackdoor, layers, inputs, config, {});
  ASSERT_EQ(run.reports.front().verdict->mismatches, 1u);
  EXPECT_EQ(run.reports.front().verdict->first_mismatch->row, 5u);
  find_places(layers, config, flips, run.reports);
  const FaultPlace& place = *run.reports.front().mismatch_at;
  EXPECT_EQ(place.row, 5u);
  EXPECT_EQ(place.pe, 0u);
  EXPECT_EQ(place.column, 0u);
  EXPECT_EQ(place.entry, 0u);
  EXPECT_TRUE(place.cycle.has_value());
}

TEST(BalancedLayers, SaturatedPlacesNameTheUsersRowsAndColumns) {
  const TempFolder folder;
  HwConfig config = small_config(4);
  // Layer one: row 2 of 3 is the longest and lies at place 0; what it leaves is column 2 of layer two, at place 0.
  std::vector<double> one = {1, 0, 0, 1, 0, 0, 1, 1, 1};
  std::vector<double> two(8 * 3, 0);
  two[6 * 3 + 2] = 7;  // row 6 saturates with column 2
  two[1 * 3 + 0] = 1;
  two[1 * 3 + 1] = 1;
  write_npy(folder.file("one.npy"), one, {3, 3});
  write_npy(folder.file("two.npy"), two, {8, 3});
  const LayerFiles first = layer_of("one", folder.file("one.npy"), false, {0, 0, 0});
  const LayerFiles second = layer_of("two", folder.file("two.npy"), false, {0, std::nullopt, 0});
  const Eigen::MatrixXd inputs = Eigen::MatrixXd::Constant(3, 1, 3000.0);
  BalanceChoice balance;
  balance.kind = BalanceKind::kWindows;
  const std::vector<PreparedLayer> layers = prepare_layers({first, second}, inputs, config, balance);
  ASSERT_EQ(layers[0].order->rows.front(), 2u);
  ASSERT_EQ(layers[1].order->columns, layers[0].order->rows);
  ModelDevice device(config);
  struct Sink final : EventSink {
    void launch(const LaunchEvents& events) override {
      if (events.context.layer == "two") {
        broadcasts = events.activity.broadcasts;
        saturated = events.activity.saturated;
      }
    }
    std::vector<BroadcastEvent> broadcasts;
    std::vector<PlaceEvent> saturated;
  } sink;
  device.observe(sink);
  Driver driver(device, config, LoadMode::kBackdoor);
  NetworkRun run = run_layers(driver, LoadMode::kBackdoor, layers, inputs, config, {});
  ASSERT_TRUE(run.reports[1].verdict->match());
  ASSERT_TRUE(run.reports[1].verdict->saturated);
  EXPECT_EQ(run.outputs.front()[6], 32767);
  find_places(layers, config, {}, run.reports);
  EXPECT_EQ(run.reports[1].saturated_at->row, 6u);
  EXPECT_EQ(run.reports[1].saturated_at->column, 2u);
  ASSERT_EQ(sink.broadcasts.size(), 3u);
  EXPECT_EQ(sink.broadcasts[0].column, 2u);  // the first place
  EXPECT_EQ(sink.broadcasts[0].value, 9000);
  ASSERT_EQ(sink.saturated.size(), 1u);
  EXPECT_EQ(sink.saturated[0].row, 6u);
  EXPECT_EQ(sink.saturated[0].column, 2u);
}

TEST(BalancedLayers, QueueLevelsDoNotDependOnTheNamesOfColumns) {
  for (const unsigned look_ahead : {0u, 4u}) {
    const TempFolder folder;
    HwConfig config = small_config(4);
    config.look_ahead = look_ahead;
    auto weights = [&](const std::string& name, std::size_t rows, std::size_t columns) {
      const auto values = random_vector(rows * columns, -7, 7, 0.2, rows);
      write_npy(folder.file(name), std::vector<double>(values.begin(), values.end()), {rows, columns});
      return folder.file(name);
    };
    const LayerFiles first = layer_of("one", weights("one.npy", 60, 50), false, {});
    const LayerFiles second = layer_of("two", weights("two.npy", 40, 60), false, {});
    const Eigen::MatrixXd inputs = Eigen::MatrixXd::Constant(50, 1, 1.0);
    BalanceChoice balance;
    balance.kind = BalanceKind::kWindows;
    balance.window = 4;
    const std::vector<PreparedLayer> layers = prepare_layers({first, second}, inputs, config, balance);
    struct Sink final : EventSink {
      void launch(const LaunchEvents& events) override { launches.push_back(events); }
      std::vector<LaunchEvents> launches;
    } sink;
    ModelDevice device(config);
    device.observe(sink);
    Driver driver(device, config, LoadMode::kBackdoor);
    run_layers(driver, LoadMode::kBackdoor, layers, inputs, config, {});
    const LaunchEvents& named = sink.launches.back();
    ASSERT_EQ(named.context.layer, "two");
    // The same with places: what name_rows_and_columns() did, undone.
    LaunchEvents placed = named;
    const Order places = places_of(layers[1].order->columns);
    for (BroadcastEvent& event : placed.activity.broadcasts) event.column = places[event.column];
    for (auto& lane : placed.activity.pe) {
      for (PeEvent& event : lane) event.column = event.column == kNoColumn ? kNoColumn : places[event.column];
    }
    const auto& broadcasts = placed.activity.broadcasts;
    ASSERT_GT(broadcasts.size(), 30u);
    EXPECT_TRUE(
        std::is_sorted(broadcasts.begin(), broadcasts.end(), [](const auto& a, const auto& b) { return a.column < b.column; }));
    EXPECT_FALSE(std::is_sorted(named.activity.broadcasts.begin(), named.activity.broadcasts.end(),
                                [](const auto& a, const auto& b) { return a.column < b.column; }));
    for (unsigned p = 0; p < 4; ++p) {
      const std::vector<std::uint32_t> taken = taken_cycles(named.activity, p, config);
      EXPECT_EQ(taken, taken_cycles(placed.activity, p, config)) << "PE " << p;
      EXPECT_EQ(std::count(taken.begin(), taken.end(), kNotTaken), 0) << "PE " << p;
    }
  }
}

TEST(BalancedLayers, CalibrationReachesTheSecondLayer) {
  const TempFolder folder;
  const HwConfig config = small_config(2);
  // Output 0 of layer one is never positive: column 0 of layer two is never broadcast, and rows 0 and 1, which are long there,
  // do not count.
  write_npy(folder.file("one.npy"), std::vector<double>{-1, 1, 1}, {3, 1});
  write_npy(folder.file("two.npy"), std::vector<double>{1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1}, {4, 3});
  const LayerFiles first = layer_of("one", folder.file("one.npy"), true, {});
  const LayerFiles second = layer_of("two", folder.file("two.npy"), false, {});
  const Eigen::MatrixXd inputs = Eigen::MatrixXd::Constant(1, 2, 1.0);
  BalanceChoice balance;
  balance.kind = BalanceKind::kRows;
  balance.calibration = inputs;
  const std::vector<PreparedLayer> layers = prepare_layers({first, second}, inputs, config, balance);
  EXPECT_EQ(layers[1].order->rows, (Order{2, 3, 0, 1}));
  EXPECT_EQ(layers[1].balance.after.all, 1);
  EXPECT_TRUE(layers[1].balance.calibrated);
}

}  // namespace
}  // namespace eie::tb
