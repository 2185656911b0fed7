// SPDX-License-Identifier: Apache-2.0
// Timelines: what is made of events, held against the events and against the format of the file.
#include "tb/trace/timeline/timeline.h"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tb/support/error.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/trace/replayed_events.h"
#include "tb/test/unit/tb/trace/trace_event_format.h"
#include "tb/trace/timeline/queue_levels.h"

namespace eie::tb {
namespace {

using nlohmann::json;

DeviceConfig made_config(unsigned look_ahead = 0) {
  DeviceConfig config;
  config.name = "made";
  config.n_pe = 4;
  config.queue_depth = 3;
  config.look_ahead = look_ahead;
  config.lnzd_fan_in = 4;
  config.registers = 64;
  config.clock_mhz = 800;
  return config;
}

TimelineContent content_of(const std::vector<LaunchEvents>& launches, const DeviceConfig& config) {
  TimelineContent content;
  content.run = {config, "tlm", "run"};
  for (const LaunchEvents& events : launches) content.launches.push_back(&events);
  return content;
}

std::vector<LaunchEvents> two_launches(const DeviceConfig& config) {
  return {made_launch(config, {1, 60, 2, 0.5, 6, 1}), made_launch(config, {2, 40, 1, 0.8, 3, 2})};
}

TEST(TimelineTest, PerfettoFileKeepsToTheTraceEventFormat) {
  const DeviceConfig config = made_config();
  const std::vector<LaunchEvents> launches = two_launches(config);
  const json trace = json::parse(timeline_json(content_of(launches, config)));
  EXPECT_EQ(trace_event_fault(trace), "");
}

TEST(TimelineTest, PerfettoSlicesAddUpToThePeCycles) {
  const DeviceConfig config = made_config();
  const std::vector<LaunchEvents> launches = two_launches(config);
  const json trace = json::parse(timeline_json(content_of(launches, config)));
  std::map<std::string, std::uint64_t> expected;
  for (const LaunchEvents& events : launches) {
    for (const auto& lane : events.activity.pe) {
      for (const PeEvent& event : lane) expected[kCycleReasonKeys[static_cast<unsigned>(event.reason)]] += event.cycles;
    }
  }
  std::map<std::string, std::uint64_t> seen;
  std::map<int, std::uint64_t> covered;  // by thread
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "X" || event["pid"] != 2) continue;
    seen[event["name"]] += event["dur"].get<std::uint64_t>();
    covered[event["tid"]] += event["dur"].get<std::uint64_t>();
  }
  EXPECT_EQ(seen, expected);
  const std::uint64_t cycles = launches[0].activity.cycles + launches[1].activity.cycles;
  ASSERT_EQ(covered.size(), config.n_pe);
  for (const auto& [thread, sum] : covered) EXPECT_EQ(sum, cycles) << "PE " << thread - 1;
}

TEST(TimelineTest, PerfettoNamesAThreadForEachPe) {
  const DeviceConfig config = made_config();
  const std::vector<LaunchEvents> launches = two_launches(config);
  const json trace = json::parse(timeline_json(content_of(launches, config)));
  std::set<std::string> names;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] == "M" && event["name"] == "thread_name" && event["pid"] == 2) names.insert(event["args"]["name"]);
  }
  EXPECT_EQ(names, (std::set<std::string>{"PE 0", "PE 1", "PE 2", "PE 3"}));
}

TEST(TimelineTest, PerfettoShowsEveryStallWithItsCulprits) {
  const DeviceConfig config = made_config();
  const LaunchEvents events = made_launch(config, {1, 60, 1, 0.9, 9, 5});
  ASSERT_FALSE(events.activity.stalls.empty());
  const json trace = json::parse(timeline_json(content_of({events}, config)));
  std::vector<std::pair<std::uint64_t, std::vector<unsigned>>> seen;
  std::size_t instants = 0;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] == "X" && event["args"].contains("full")) {
      seen.emplace_back(event["ts"].get<std::uint64_t>(), event["args"]["full"].get<std::vector<unsigned>>());
    }
    if (event["ph"] == "i") ++instants;
  }
  ASSERT_EQ(seen.size(), events.activity.stalls.size());
  std::size_t culprits = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const StallEvent& stall = events.activity.stalls[i];
    EXPECT_EQ(seen[i].first, stall.cycle);
    EXPECT_EQ(seen[i].second, std::vector<unsigned>(stall.pes.begin(), stall.pes.end()));
    culprits += stall.pes.size();
  }
  EXPECT_EQ(instants, culprits);
}

TEST(TimelineTest, TheFormatsJudgeFindsFaults) {
  const DeviceConfig config = made_config();
  const json good = json::parse(timeline_json(content_of({made_launch(config, {})}, config)));
  ASSERT_EQ(trace_event_fault(good), "");
  auto broken = [&good](const auto& change) {
    json trace = good;
    for (json& event : trace["traceEvents"]) {
      if (event["ph"] == "X" && event["pid"] == 2) {
        change(event);
        break;
      }
    }
    return trace_event_fault(trace);
  };
  EXPECT_NE(broken([](json& event) { event.erase("ts"); }), "");
  EXPECT_NE(broken([](json& event) { event["dur"] = event["dur"].get<int>() + 1; }), "");  // overlaps its neighbour
  EXPECT_NE(broken([](json& event) { event["ph"] = "Q"; }), "");
  EXPECT_NE(broken([](json& event) { event["cname"] = "mauve"; }), "");
  EXPECT_NE(broken([](json& event) { event["tid"] = 77; }), "");  // nameless
}

TEST(TimelineTest, QueueLevelsStayWithinTheQueueAndEndAtZero) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    const DeviceConfig config = made_config();
    const LaunchEvents events = made_launch(config, {1, 80, 2, 0.7, 8, seed});
    for (unsigned p = 0; p < config.n_pe; ++p) {
      const auto taken = taken_cycles(events.activity, p, config);
      std::uint32_t highest = 0;
      const auto levels = queue_levels(events.activity, taken);
      for (const QueueLevel& level : levels) highest = std::max(highest, level.level);
      EXPECT_LE(highest, config.queue_depth);
      ASSERT_FALSE(levels.empty());
      EXPECT_EQ(levels.back().level, 0u);
      for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_GT(taken[i], events.activity.broadcasts[i].cycle);
    }
  }
}

TEST(TimelineTest, LaunchesStandInTheirOrderWhateverTheOrderTheyAreToldIn) {
  const DeviceConfig config = made_config();
  const std::vector<LaunchEvents> launches = two_launches(config);
  const std::string straight = ::testing::TempDir() + "straight.json";
  const std::string crossed = ::testing::TempDir() + "crossed.json";
  Timeline a({config, "tlm", "run"});
  a.launch(launches[0]);
  a.launch(launches[1]);
  EXPECT_EQ(a.write(straight), "");
  Timeline b({config, "tlm", "run"});
  b.launch(launches[1]);
  b.launch(launches[0]);
  EXPECT_EQ(b.write(crossed), "");
  EXPECT_EQ(read_text(straight), read_text(crossed));
  EXPECT_FALSE(read_text(straight).empty());
}

TEST(TimelineTest, WhatIsTooMuchForAViewerIsLeftOutAndSaid) {
  const DeviceConfig config = made_config();
  const std::vector<LaunchEvents> launches = two_launches(config);
  std::size_t room =
      launches[0].activity.states.size() + launches[0].activity.broadcasts.size() + launches[0].activity.stalls.size();
  for (const auto& lane : launches[0].activity.pe) room += lane.size();
  Timeline timeline({config, "tlm", "run"}, room);
  timeline.launch(launches[0]);
  timeline.launch(launches[1]);
  const std::string file = ::testing::TempDir() + "short.json";
  EXPECT_NE(timeline.write(file).find("ends with launch 1; 1 more"), std::string::npos);
  EXPECT_EQ(json::parse(read_text(file))["otherData"]["launches_left_out"], 1);
}

TEST(TimelineTest, PageIsWholeAndNeedsNothingElse) {
  const DeviceConfig config = made_config();
  LaunchEvents events = made_launch(config, {});
  events.context.layer = "</script><b>\"layer\" & <!-- ä";
  const std::string page = timeline_page(content_of({events}, config));
  for (const char* place : {"/*STYLE*/", "/*SCRIPT*/", "/*HEADER*/", "/*EVENTS*/", "/*WIRES*/", "<!--FIGURE-->"}) {
    EXPECT_EQ(page.find(place), std::string::npos) << place;
  }
  for (const char* outside : {"http://", "https://", "src=\"", "@import", "url(\"", "url('", "url(/", "url(h"}) {
    std::string text = page;
    for (std::size_t at; (at = text.find("http://www.w3.org/")) != std::string::npos;) text.erase(at, 18);  // names
    EXPECT_EQ(text.find(outside), std::string::npos) << outside;
  }
  EXPECT_EQ(page.find("</script><b>"), std::string::npos) << "a layer's name ends the script";
  std::size_t scripts = 0;
  for (std::size_t at = 0; (at = page.find("</script>", at)) != std::string::npos; ++at) ++scripts;
  EXPECT_EQ(scripts, 4u);
}

TEST(TimelineTest, NameSaysTheKind) {
  EXPECT_NO_THROW(check_timeline_name("a.json"));
  EXPECT_NO_THROW(check_timeline_name("a.html"));
  EXPECT_NO_THROW(check_timeline_name("-"));
  EXPECT_THROW(check_timeline_name("a.vcd"), UserError);
}

}  // namespace
}  // namespace eie::tb
