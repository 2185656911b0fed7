// SPDX-License-Identifier: Apache-2.0
// The derived signals of a dump say in every cycle what the event stream and the result say.
#include <gtest/gtest.h>
#include <map>

#include "tb/engines/engines.h"
#include "tb/host/events.h"
#include "tb/test/support/test_support.h"
#include "tb/test/system/layer_case.h"
#include "tb/trace/dump/dump_names.h"

namespace eie::tb {
namespace {

class Launches final : public EventSink {
 public:
  void launch(const LaunchEvents& events) override { all.push_back(events); }
  std::vector<LaunchEvents> all;
};

/// The values of a dump, launch by launch and cycle by cycle.
struct Waves {
  explicit Waves(const std::string& file) : dump(open_dump(file)), groups(group_variables(dump->header())) {}

  /// Calls `look` in every cycle of a launch; `value(variable)` is what the variable has then.
  template <class Look>
  void each_cycle(const std::vector<std::size_t>& variables, Look look) {
    const std::size_t launch = *find_variable(groups.launch, {"launch"});
    const std::size_t cycle = *find_variable(groups.launch, {"launch_cycle"});
    const std::size_t clock = *find_variable(groups.launch, {"cycle"});
    std::vector<std::size_t> all = variables;
    all.insert(all.end(), {launch, cycle, clock});
    std::map<std::size_t, std::string> now;
    std::uint64_t at = dump->header().first;
    const auto tell = [&] {
      const std::uint64_t number = bits_value(now[launch]).value();
      if (number != 0) look(number, bits_value(now[cycle]).value(), now);
    };
    dump->changes(all, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
      if (time != at) tell();
      at = time;
      now[variable] = value;
    });
    tell();
  }

  std::unique_ptr<DumpFile> dump;
  DumpGroups groups;
};

/// The interval of a list that covers a cycle; none: null.
template <class Event>
const Event* covering(const std::vector<Event>& list, std::uint64_t cycle) {
  for (const Event& e : list) {
    if (e.cycle <= cycle && cycle < std::uint64_t{e.cycle} + e.cycles) return &e;
  }
  return nullptr;
}

/// A column or a row in decimal, "-" without one.
std::string number(const std::string& value) {
  const auto bits = bits_value(value);
  return bits ? std::to_string(*bits) : "-";
}

TEST(DerivedSignals, SayInEveryCycleWhatTheEventsSay) {
  const TempFolder folder;
  const HwConfig config = shipped_config("eie4");
  TraceOptions trace;
  trace.file = folder.file("waves.vcd");
  const auto device = make_engine("hw", config, trace);
  Launches launches;
  device->observe(launches);
  LayerShape shape;
  shape.rows = 300;  // two row blocks
  shape.columns = 300;
  shape.weight_limit = 3;
  shape.activation_limit = 100;
  shape.shift = 0;
  const LayerCase layer = make_layer(shape, config, 61);
  Driver driver(*device, config, LoadMode::kBackdoor);
  const LayerResult result = run_and_check(driver, layer, make_activations(shape, 62), config);
  device->finish();
  ASSERT_GT(launches.all.size(), 1u);

  Waves waves(trace.file);
  const auto of = [](const std::vector<NamedVariable>& group, const char* name) { return find_variable(group, {name}).value(); };
  const auto& broadcast = waves.groups.broadcast;
  const std::size_t state = of(waves.groups.launch, "state"), batch = of(waves.groups.launch, "batch");
  const std::size_t column = of(broadcast, "column"), stalled = of(broadcast, "stalled_column"), full = of(broadcast, "full_pes");
  std::vector<std::size_t> all = {state, batch, column, stalled, full};
  std::vector<std::size_t> why, row, sum;
  for (unsigned p = 0; p < config.n_pe; ++p) {
    why.push_back(of(waves.groups.pe.at(p), "why"));
    row.push_back(of(waves.groups.pe.at(p), "row"));
    sum.push_back(of(waves.groups.pe.at(p), "sum"));
    all.insert(all.end(), {why[p], row[p], sum[p]});
  }

  const char* const words[] = {"work", "pad", "empty", "held", "none", "fill", "drain", "move"};
  std::map<std::string, double> sums;  // of each row, the last one
  std::vector<std::uint64_t> cycles(launches.all.size());
  waves.each_cycle(all, [&](std::uint64_t launch, std::uint64_t cycle, std::map<std::size_t, std::string>& now) {
    const LaunchActivity& said = launches.all.at(launch - 1).activity;
    const std::string where = "launch " + std::to_string(launch) + ", cycle " + std::to_string(cycle);
    ++cycles[launch - 1];
    ASSERT_EQ(now[state], kLaunchStateNames[static_cast<unsigned>(covering(said.states, cycle)->state)]) << where;
    std::size_t batches = 0;
    for (const BatchEvent& b : said.batches) batches += b.cycle <= cycle ? 1 : 0;
    ASSERT_EQ(bits_value(now[batch]), batches) << where;
    std::string expected = "-";
    for (const BroadcastEvent& b : said.broadcasts) {
      if (b.cycle == cycle) expected = std::to_string(b.column);
    }
    ASSERT_EQ(number(now[column]), expected) << where;
    const StallEvent* stall = covering(said.stalls, cycle);
    ASSERT_EQ(number(now[stalled]), stall == nullptr ? "-" : std::to_string(stall->column)) << where;
    if (stall != nullptr) {
      std::string pes;
      for (const std::uint16_t p : stall->pes) pes += (pes.empty() ? "" : ",") + std::to_string(p);
      ASSERT_EQ(now[full], pes) << where;
    }
    for (unsigned p = 0; p < config.n_pe; ++p) {
      const std::string word = words[static_cast<unsigned>(covering(said.pe[p], cycle)->reason)];
      ASSERT_EQ(now[why[p]].substr(0, now[why[p]].find_first_of("0123456789")), word) << where << ", PE " << p;
      if (number(now[row[p]]) != "-") sums[number(now[row[p]])] = std::stod(now[sum[p]]);
    }
  });
  for (std::size_t l = 0; l < cycles.size(); ++l) EXPECT_EQ(cycles[l], launches.all[l].activity.cycles);

  // The last sum of a row is its output: nothing is clamped and there is no ReLU.
  EXPECT_GT(sums.size(), 290u);
  for (const auto& [text, last] : sums) EXPECT_EQ(last, result.outputs.at(std::stoul(text))) << "row " << text;
}

}  // namespace
}  // namespace eie::tb
