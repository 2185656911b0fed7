// SPDX-License-Identifier: Apache-2.0
// The event stream is the same whichever engine tells it, and its sums are the report's account of PE cycles.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>

#include "tb/engines/model_device.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/trace/rtl_is_built.h"
#include "tb/test/system/trace/same_events.h"

namespace eie::tb {
namespace {

/// A device, its driver and what it told.
struct Observed {
  Observed(std::unique_ptr<Device> made, const HwConfig& config)
      : device(std::move(made)), driver(*device, config, LoadMode::kBackdoor) {
    device->observe(log);
  }
  std::unique_ptr<Device> device;
  Driver driver;
  EventLog log;
};

std::vector<std::string> configurations() {
  std::vector<std::string> names = small_configs();
  names.insert(names.end(), {"eie4", "eie16"});
  return names;
}
HwConfig any_config(const std::string& name) { return name.rfind("small", 0) == 0 ? test_config(name) : shipped_config(name); }
std::unique_ptr<Device> make_hw(const HwConfig& config) {
  if (config.name.rfind("small", 0) == 0) return make_test_device(config);
  return make_engine("hw", config, TraceOptions());
}

class Events : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    config_ = any_config(GetParam());
    // A driver lets time pass: all modules come first.
    auto hw = make_hw(config_);
    auto tlm = make_engine("tlm", config_, TraceOptions());
    hw_ = std::make_unique<Observed>(std::move(hw), config_);
    tlm_ = std::make_unique<Observed>(std::move(tlm), config_);
    all_ = {hw_.get(), tlm_.get()};
    if (has_rtl(config_.name)) {
      rtl_ = std::make_unique<Observed>(make_engine("rtl", config_, TraceOptions()), config_);
      all_.push_back(rtl_.get());
    }
    model_ = std::make_unique<Observed>(std::make_unique<ModelDevice>(config_), config_);
    all_.push_back(model_.get());
  }

  void clear() {
    for (Observed* observed : all_) observed->log.launches.clear();
  }
  void compare() {
    for (Observed* observed : all_) {
      observed->device->finish();
      SCOPED_TRACE("hw and " + observed->device->engine());
      expect_same_events(hw_->log.launches, observed->log.launches);
    }
    for (const LaunchEvents& events : hw_->log.launches) {
      ASSERT_EQ(event_fault(events, config_.n_pe), "") << "launch " << events.context.launch;
    }
  }

  HwConfig config_;
  std::unique_ptr<Observed> hw_;
  std::unique_ptr<Observed> tlm_;
  std::unique_ptr<Observed> rtl_;
  std::unique_ptr<Observed> model_;
  std::vector<Observed*> all_;
};

TEST_P(Events, OfRandomLayersAreTheSameOnAllEngines) {
  Random random(test_seed(11) ^ hash_text(GetParam()));
  std::uint64_t launches = 0;
  std::uint64_t stalls = 0;
  std::uint64_t saturated = 0;
  for (unsigned k = 0; k < 12 && !HasFatalFailure();) {
    const LayerShape shape = random_shape(random, config_);
    LayerCase layer;
    try {
      layer = make_layer(shape, config_, random.bits());
    } catch (const UserError&) {
      continue;  // not even one batch of it fits the small memories
    }
    SCOPED_TRACE("layer " + std::to_string(k) + ": " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns));
    const auto inputs = make_activations(shape, random.bits());
    clear();
    const DeviceLayer on_device = layer.device_layer("test");
    LayerResult result;
    for (Observed* observed : all_) {
      observed->driver.load({on_device});
      result = observed->driver.run(inputs).front();
    }
    compare();
    const auto account = account_cycles(on_device, inputs, result, config_);
    ASSERT_EQ(account.has_value(), config_.pe_counters);
    if (account) {
      EXPECT_EQ(cycles_by_reason(hw_->log.launches).by, account->by);
      EXPECT_EQ(account->total(), config_.n_pe * result.counters.cycles);
    }
    std::uint64_t waited = 0;
    bool any_saturated = false;
    for (const LaunchEvents& events : hw_->log.launches) {
      for (const StallEvent& stall : events.activity.stalls) waited += stall.cycles;
      stalls += events.activity.stalls.size();
      any_saturated = any_saturated || !events.activity.saturated.empty();
      saturated += events.activity.saturated.size();
    }
    EXPECT_EQ(waited, result.counters.queue_full_cycles);
    EXPECT_EQ(any_saturated, result.saturated);
    launches += hw_->log.launches.size();
    ++k;
  }
  std::printf("%llu launches, %llu stalls, %llu clamped sums\n", static_cast<unsigned long long>(launches),
              static_cast<unsigned long long>(stalls), static_cast<unsigned long long>(saturated));
}

TEST_P(Events, OfAChainWithResidentActivationsAreTheSame) {
  LayerShape shape;
  shape.rows = shape.columns = std::min<std::size_t>(config_.batch_columns(), 3 * config_.n_pe + 1);
  shape.weight_density = 0.3;
  std::vector<LayerCase> layers;
  std::vector<DeviceLayer> chain;
  for (unsigned l = 0; l < 3; ++l) layers.push_back(make_layer(shape, config_, 7 + l));
  for (const LayerCase& layer : layers) chain.push_back(layer.device_layer("layer " + std::to_string(chain.size())));
  for (Observed* observed : all_) {
    observed->driver.load(chain);
    for (std::uint64_t sample = 0; sample < 2; ++sample) observed->driver.run(make_activations(shape, 3 + sample));
  }
  compare();
  std::uint64_t launch = 0;
  for (const LaunchEvents& events : hw_->log.launches) {
    EXPECT_EQ(events.context.launch, ++launch);
    EXPECT_EQ(events.context.sample, (launch - 1) / (hw_->log.launches.size() / 2));
  }
}

// Whatever the activations, the root of the LNZD tree has a candidate in every cycle between the first broadcast and the
// last: hw and rtl look at its signals. Few weights, so that a gap would show in every PE.
TEST_P(Events, NoCycleLacksACandidate) {
  Random random(test_seed(13) ^ hash_text(GetParam()));
  LayerShape shape;
  shape.rows = config_.n_pe;
  shape.columns = 2 * config_.batch_columns() + 3;
  shape.weight_density = 0.02;
  while (shape.columns + 1 > config_.pointer_depth ||
         shape.columns > std::size_t{config_.n_pe} * config_.lanes() * config_.act_depth / 2) {
    shape.columns /= 2;
  }
  const LayerCase layer = make_layer(shape, config_, 3);
  const DeviceLayer on_device = layer.device_layer("test");
  for (Observed* observed : all_) observed->driver.load({on_device});
  const unsigned n = config_.n_pe;
  const std::size_t other = n / 2 + n / 4;  // of another part of the tree
  using Chosen = std::function<bool(std::size_t column)>;
  const std::vector<std::pair<std::string, Chosen>> cases = {
      {"none", [](std::size_t) { return false; }},
      {"all", [](std::size_t) { return true; }},
      {"of one PE", [&](std::size_t j) { return j % n == n - 1; }},
      {"of two PEs", [&](std::size_t j) { return j % n == 0 || j % n == other; }},
      {"first and last", [&](std::size_t j) { return j == 0 || j + 1 == shape.columns; }},
      {"one a batch", [&](std::size_t j) { return j % config_.batch_columns() == j / config_.batch_columns(); }},
      {"the last register of each PE", [&](std::size_t j) { return j % config_.batch_columns() >= config_.batch_columns() - n; }},
      {"a tenth", [&](std::size_t) { return random.below(10) == 0; }},
      {"half", [&](std::size_t) { return random.below(2) == 0; }},
  };
  for (const auto& [name, chosen] : cases) {
    SCOPED_TRACE("activations: " + name);
    std::vector<std::int32_t> inputs(shape.columns, 0);
    for (std::size_t j = 0; j < inputs.size(); ++j) inputs[j] = chosen(j) ? 1 : 0;
    clear();
    for (Observed* observed : all_) observed->driver.run(inputs);
    compare();
    std::uint64_t broadcasts = 0;
    for (const LaunchEvents& events : hw_->log.launches) broadcasts += events.activity.broadcasts.size();
    EXPECT_EQ(broadcasts, static_cast<std::uint64_t>(std::count(inputs.begin(), inputs.end(), 1)));
    const PeCycles sum = cycles_by_reason(hw_->log.launches);
    EXPECT_EQ(sum[CycleReason::kNoCandidate], 0u);
    EXPECT_GT(sum[CycleReason::kFill], 0u);
  }
}

TEST_P(Events, OfBadImagesAreTheSameOnAllEngines) {
  Random random(test_seed(12) ^ hash_text(GetParam()));
  LayerShape shape;
  shape.rows = std::min<std::size_t>(config_.batch_columns(), 3 * config_.n_pe + 1);
  shape.columns = 12;
  shape.weight_density = 0.3;
  shape.activation_density = 0.8;
  const LayerCase layer = make_layer(shape, config_, 5);
  std::uint64_t errors = 0;
  for (unsigned k = 0; k < 12 && !HasFatalFailure(); ++k) {
    SCOPED_TRACE("image " + std::to_string(k));
    const auto inputs = make_activations(shape, random.bits());
    const unsigned pe = static_cast<unsigned>(random.below(config_.n_pe));
    const bool pointer = random.below(2) != 0;
    const std::uint64_t word = random.below(pointer ? 6 : 2);
    const std::uint64_t address = config_.window_base(pe) + (pointer ? config_.window().ptr_offset : 0) + 8 * word;
    const std::uint64_t bits = random.bits() & (pointer ? 0x0000000700000007u : ~std::uint64_t{0});
    clear();
    for (Observed* observed : all_) {
      observed->driver.load({layer.device_layer("test")});
      observed->device->backdoor_write(address, observed->device->backdoor_read(address) ^ bits);
      try {
        observed->driver.run(inputs);
      } catch (const DeviceError&) {
        // STATUS.error, as it should
      }
    }
    compare();
    for (const LaunchEvents& events : hw_->log.launches) errors += events.activity.errors.size();
  }
  EXPECT_GT(errors, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, Events, testing::ValuesIn(configurations()), [](const auto& p) { return p.param; });

TEST(EventsOfHw, AreNotToldBeforeSomebodyObserves) {
  const HwConfig config = shipped_config("eie4");
  auto device = make_engine("hw", config, TraceOptions());
  const auto plain = make_engine("hw", config, TraceOptions());
  Observed observed(std::move(device), config);
  Driver driver(*plain, config, LoadMode::kBackdoor);
  LayerShape shape;
  shape.rows = 20;
  shape.columns = 30;
  const LayerCase layer = make_layer(shape, config, 1);
  const auto inputs = make_activations(shape, 2);
  observed.driver.load({layer.device_layer("test")});
  driver.load({layer.device_layer("test")});
  const LayerResult a = observed.driver.run(inputs).front();
  const LayerResult b = driver.run(inputs).front();
  EXPECT_EQ(a.counters.cycles, b.counters.cycles);
  EXPECT_EQ(a.outputs, b.outputs);
  EXPECT_EQ(observed.log.launches.size(), 1u);
  // Late observers see the launches from then on.
  EventLog late;
  plain->observe(late);
  driver.run(inputs);
  driver.run(inputs);
  ASSERT_EQ(late.launches.size(), 2u);
  EXPECT_EQ(late.launches[0].activity, observed.log.launches[0].activity);
  EXPECT_EQ(late.launches[1].context.launch, 3u);
}

}  // namespace
}  // namespace eie::tb
