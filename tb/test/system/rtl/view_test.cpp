// SPDX-License-Identifier: Apache-2.0
// The synthesis view of hw/ (SC_CTHREADs, SC_METHODs, an sc_signal wherever two processes meet) and the simulation view
// (one process, plain variables inside a block) are the same machine: every port of every block in every cycle. So is the RTL
// that was made of it.
#include <cstdio>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "tb/test/system/layer_case.h"

namespace {

struct Close {
  void operator()(std::FILE* file) const { pclose(file); }
};
using Pipe = std::unique_ptr<std::FILE, Close>;

Pipe run(const std::string& view, const std::string& config, std::uint64_t seed) {
  const std::string command = EIE_VIEW_LOG + view + "_" + config + " " + std::to_string(seed);
  return Pipe(popen(command.c_str(), "r"));
}

/// Next line that starts with "cycle", or an empty one at the end.
std::string next_line(std::FILE* in) {
  std::string line;
  int c;
  while ((c = std::fgetc(in)) != EOF) {
    if (c != '\n') {
      line += static_cast<char>(c);
    } else if (line.rfind("cycle", 0) == 0) {
      return line;
    } else {
      line.clear();
    }
  }
  return "";
}

class Views : public testing::TestWithParam<const char*> {};

/// Both logs of a configuration, for three seeds.
void compare_logs(const std::string& view, const std::string& other, const std::string& config) {
  const std::uint64_t first = eie::tb::test_seed(1);
  for (std::uint64_t seed = first; seed < first + 3; ++seed) {
    const Pipe one = run(view, config, seed);
    const Pipe two = run(other, config, seed);
    std::size_t cycles = 0;
    for (;;) {
      const std::string a = next_line(one.get());
      const std::string b = next_line(two.get());
      ASSERT_EQ(a, b) << "seed " << seed;
      if (a.empty()) break;
      ++cycles;
    }
    EXPECT_GT(cycles, 1000u) << "the logs are too short to say anything";
  }
}

TEST_P(Views, SynthesisEqualsSimulationInEveryCycle) { compare_logs("simulation", "synthesis", GetParam()); }

#ifdef EIE_RTL_LOG
TEST(RtlEqualsHw, EveryBlockInEveryCycle) { compare_logs("simulation", "rtl", "eie4"); }
#endif

INSTANTIATE_TEST_SUITE_P(Configurations, Views,
                         testing::Values("eie4", "small_8pe", "small_2pe_binary", "small_4pe_runs8", "small_8pe_skip"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
