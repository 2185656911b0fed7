// SPDX-License-Identifier: Apache-2.0
// EIE_TRACE: what a failing system test leaves behind, and that a passing one leaves nothing.
#include "tb/test/support/kept_device.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>

#include "tb/test/support/test_support.h"
#include "tb/test/system/layer_case.h"
#include "tb/trace/dump/dump_facts.h"
#include "tb/trace/dump/dump_names.h"

namespace eie::tb {
namespace {

/// Two launches on a device, and then what a test would have found.
void run_two_layers(bool expected) {
  const HwConfig config = shipped_config("eie4");
  const auto device = make_kept_engine("hw", config);
  LayerShape shape;
  shape.rows = 40;
  shape.columns = 60;
  shape.weight_density = 0.3;
  Driver driver(*device, config, LoadMode::kBackdoor);
  for (const std::uint64_t seed : {1, 2}) {
    const LayerCase layer = make_layer(shape, config, seed);
    run_and_check(driver, layer, make_activations(shape, seed + 10), config);
  }
  EXPECT_TRUE(expected) << "what the test has found";
}

// Run by the tests below, in processes of their own.
TEST(KeptDevice, DISABLED_Fails) { run_two_layers(false); }
TEST(KeptDevice, DISABLED_Passes) { run_two_layers(true); }

/// The exit status of that test, with EIE_TRACE=`folder`.
int run_child(const std::string& test, const std::string& folder) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "env -u EIE_TRACE_SECOND_RUN EIE_TRACE='" + folder + "' '" + self +
                              "' --gtest_also_run_disabled_tests --gtest_filter=KeptDevice.DISABLED_" + test;
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(KeptDevice, AFailingTestLeavesEventsWavesAndItsOutput) {
  namespace fs = std::filesystem;
  const TempFolder folder;
  EXPECT_EQ(run_child("Fails", folder.file("kept")), 1);
  const fs::path mine = fs::path(folder.file("kept")) / "KeptDevice.DISABLED_Fails";
  EXPECT_NE(read_text(mine / "log.txt").find("what the test has found"), std::string::npos);

  // The events of both launches ...
  std::istringstream events(read_text(mine / "hw-1.events.jsonl"));
  std::size_t launches = 0;
  std::string last;
  for (std::string line; std::getline(events, line); last = line) {
    launches += nlohmann::json::parse(line).at("event") == "launch" ? 1 : 0;
  }
  EXPECT_EQ(launches, 2u);
  EXPECT_EQ(nlohmann::json::parse(last).at("event"), "done");

  // ... and the waves of the last one, with a view.
  const fs::path waves = fs::exists(mine / "hw-1.fst") ? mine / "hw-1.fst" : mine / "hw-1.vcd";
  const auto dump = open_dump(waves.string());
  EXPECT_GT(dump->header().variables.size(), 100u);
  EXPECT_GT(dump->header().first, 0u) << "the first launch is in the waves too";
  EXPECT_TRUE(fs::exists(mine / "hw-1.gtkw"));
}

TEST(KeptDevice, APassingTestLeavesNothing) {
  const TempFolder folder;
  EXPECT_EQ(run_child("Passes", folder.file("kept")), 0);
  EXPECT_TRUE(folder.empty());
}

TEST(KeptDevice, WithoutAFolderAFailingTestLeavesNothing) {
  const TempFolder folder;
  std::filesystem::current_path(folder.file(""));
  EXPECT_EQ(run_child("Fails", ""), 1);
  EXPECT_TRUE(folder.empty());
}

}  // namespace
}  // namespace eie::tb
