// SPDX-License-Identifier: Apache-2.0
// A timeline of a real run: the same whichever engine tells it, and its queue levels are what the wires of hw hold.
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tb/support/error.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/trace/same_events.h"
#include "tb/test/unit/tb/trace/trace_event_format.h"
#include "tb/trace/timeline/queue_levels.h"
#include "tb/trace/timeline/timeline.h"

namespace eie::tb {
namespace {

class TimelineOfEngines : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    config_ = test_config(GetParam());
    hw_ = make_test_device(config_);
    tlm_ = make_engine("tlm", config_, TraceOptions());
    hw_->observe(hw_log_);
    tlm_->observe(tlm_log_);
    hw_->record(player_);
  }

  /// A layer that fits, on both engines.
  void run(std::uint64_t seed) {
    Random random(seed);
    for (;;) {
      const LayerShape shape = random_shape(random, config_);
      LayerCase layer;
      try {
        layer = make_layer(shape, config_, random.bits());
      } catch (const UserError&) {
        continue;
      }
      const auto inputs = make_activations(shape, random.bits());
      for (Device* device : {hw_.get(), tlm_.get()}) {
        Driver driver(*device, config_, LoadMode::kBackdoor);
        driver.load({layer.device_layer("test")});
        driver.run(inputs);
        device->finish();
      }
      return;
    }
  }

  std::string json_of(const EventLog& log, const std::string& engine) const {
    TimelineContent content;
    content.run = {config_, engine, "test"};
    for (const LaunchEvents& events : log.launches) content.launches.push_back(&events);
    return timeline_json(content);
  }

  HwConfig config_;
  std::unique_ptr<Device> hw_;
  std::unique_ptr<Device> tlm_;
  EventLog hw_log_;
  EventLog tlm_log_;
  PlayerData player_;
};

TEST_P(TimelineOfEngines, IsTheSameFromHwAndTlmAndKeepsToTheFormat) {
  run(test_seed(21) ^ hash_text(GetParam()));
  nlohmann::json hw = nlohmann::json::parse(json_of(hw_log_, "engine"));
  EXPECT_EQ(hw, nlohmann::json::parse(json_of(tlm_log_, "engine")));
  EXPECT_EQ(trace_event_fault(hw), "");
}

TEST_P(TimelineOfEngines, QueueLevelsAreThoseOfTheWires) {
  run(test_seed(22) ^ hash_text(GetParam()));
  std::map<std::string, const PlayerSignal*> signals;
  for (const PlayerSignal& signal : player_.signals) signals[signal.name] = &signal;
  ASSERT_GT(player_.cycles, 0u) << player_.left_out;
  std::uint64_t start = 0;
  std::uint64_t compared = 0;
  for (const LaunchEvents& events : hw_log_.launches) {
    for (unsigned p = 0; p < config_.n_pe; ++p) {
      const auto levels = queue_levels(events.activity, taken_cycles(events.activity, p, config_));
      const auto found = signals.find("pe_" + std::to_string(p) + ".act_queue.count_");
      ASSERT_NE(found, signals.end());
      std::size_t at = 0;
      std::uint32_t level = 0;
      for (std::uint64_t c = 0; c < events.activity.cycles && start + c < player_.cycles; ++c) {
        if (at < levels.size() && levels[at].cycle == c) level = levels[at++].level;
        ASSERT_EQ(level, found->second->values[start + c])
            << "PE " << p << ", cycle " << c << " of launch " << events.context.launch;
        ++compared;
      }
    }
    start += events.activity.cycles;
  }
  EXPECT_GT(compared, 0u);
}

INSTANTIATE_TEST_SUITE_P(Small, TimelineOfEngines, testing::ValuesIn(small_configs()),
                         [](const auto& small) { return small.param; });

}  // namespace
}  // namespace eie::tb
