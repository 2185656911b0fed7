// SPDX-License-Identifier: Apache-2.0
// eie compare names the first cycle in which two engines differ: a bit flips on one of them alone.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tb/cli/compare/first_difference.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/system/trace/program_runs.h"
#include "tb/trace/dump/dump_file.h"

namespace eie::tb {
namespace {

using Json = nlohmann::json;

class CompareEngines : public ProgramRuns {
 protected:
  Json compare(const std::vector<std::string>& engines, const std::string& flip) {
    const std::string report = folder_.file("c.json");
    std::vector<std::string> arguments = {"compare", "W.npy", "a.npy", "--config", "eie4", "--json", report};
    for (const std::string& engine : engines) arguments.insert(arguments.end(), {"--engine", engine});
    if (!flip.empty()) arguments.insert(arguments.end(), {"--flip", flip});
    status_ = run_program(arguments);
    return read_report(report)["differences"];
  }

  int status_ = 0;
};

TEST_F(CompareEngines, HwAndRtlDifferInTheRegisterThatFlipped) {
#ifndef EIE_RTL_WAVES_OF_EIE4
  GTEST_SKIP() << "engine rtl has no waves of eie4 here";
#endif
  Json differences;
  std::uint64_t cycle = 60;  // the register may be idle in one
  for (; differences.empty() && cycle < 80; ++cycle) {
    differences = compare({"hw", "rtl"}, "hw:pe=1,register=arith_unit.product2_,bit=24,cycle=" + std::to_string(cycle));
  }
  --cycle;
  ASSERT_EQ(differences.size(), 1u) << out_;
  EXPECT_EQ(status_, kExitMismatch);
  const Json first = differences[0]["first"];
  ASSERT_FALSE(first.is_null()) << differences[0];
  EXPECT_EQ(first["launch"], 1);
  EXPECT_EQ(first["cycle"], cycle);
  EXPECT_EQ(first["pe"], 1);
  EXPECT_EQ(first["block"], "arith_unit");
  EXPECT_EQ(first["what"], "product2_");
  const auto value = [&](int k) { return std::stoul(first["values"][k].get<std::string>(), nullptr, 16); };
  EXPECT_EQ(value(0) ^ value(1), 1u << 24);
  EXPECT_NE(out_.find("launch 1, cycle " + std::to_string(cycle) + ", PE 1, arith_unit, product2_: hw has "), std::string::npos)
      << out_;

  // The command that shows it: the waves have that cycle.
  const std::string waves = differences[0]["waves"];
  ASSERT_EQ(waves.find("eie run W.npy a.npy "), 0u) << waves;
  std::vector<std::string> arguments;
  std::istringstream words(waves.substr(4));
  for (std::string word; words >> word;) arguments.push_back(word);
  run_program(arguments);
  const auto dump = open_dump(folder_.file("difference.fst"));
  bool shown = false;
  for (std::size_t k = 0; k < dump->header().variables.size(); ++k) {
    if (dump->header().variables[k].path() != "launch.launch_cycle") continue;
    dump->changes({k}, [&](std::uint64_t, std::size_t, std::string_view bits) { shown = shown || bits_value(bits) == cycle; });
  }
  EXPECT_TRUE(shown) << waves;
}

TEST_F(CompareEngines, HwAndTlmDifferInTheFirstEventThatMoved) {
  // A pointer that flips in the middle moves everything behind it.
  Json differences;
  std::string flip;
  for (unsigned pointer = 40; differences.empty() && pointer < 60; ++pointer) {  // its columns may not be broadcast
    flip = "pe=2,ptr=" + std::to_string(pointer) + ",bit=0";
    differences = compare({"hw", "tlm"}, "hw:" + flip);
  }
  ASSERT_EQ(differences.size(), 1u) << out_;
  const Json first = differences[0]["first"];
  ASSERT_FALSE(first.is_null()) << differences[0];
  EXPECT_EQ(first["pe"], 2);
  EXPECT_EQ(first["block"], "arith_unit");
  EXPECT_EQ(first["what"], "event pe");
  EXPECT_NE(first["values"][0], first["values"][1]);
  EXPECT_NE(differences[0]["waves"].get<std::string>().find("--flip " + flip + " --trace difference.fst --trace-pe 2"),
            std::string::npos);
}

TEST_F(CompareEngines, HwAndTlmDifferInTheSumThatAWrongEntryMakes) {
  Json differences;
  for (unsigned entry = 20; differences.empty() && entry < 200; entry += 20) {
    differences = compare({"tlm", "hw"}, "hw:pe=1,spmat=" + std::to_string(entry) + ",bit=3");
  }
  ASSERT_EQ(differences.size(), 1u) << out_;
  const Json first = differences[0]["first"];
  ASSERT_FALSE(first.is_null()) << differences[0];
  EXPECT_EQ(first["pe"], 1);
  EXPECT_EQ(first["block"], "arith_unit");
  EXPECT_EQ(first["what"].get<std::string>().rfind("sum of row ", 0), 0u) << first;
  EXPECT_NE(first["values"][0], first["values"][1]);
}

TEST_F(CompareEngines, WithoutAFaultThereIsNoDifference) {
  EXPECT_TRUE(compare({"hw", "tlm"}, "").empty()) << out_;
  EXPECT_EQ(status_, kExitDone);
  EXPECT_TRUE(compare({"hw", "tlm"}, "hw:pe=1,spmat=900,bit=2").empty()) << out_;  // an entry that the layer does not have
  EXPECT_EQ(run_program({"compare", "W.npy", "a.npy", "--engine", "hw", "--engine", "tlm", "--flip", "rtl:pe=1,spmat=1,bit=1"}),
            kExitUsage);
}

TEST(FirstDifferences, OfEventsAreWhereTheFirstOfThemBegins) {
  const std::string head = R"({"event":"launch","launch":1})";
  const auto lines = [&](const std::string& body) {
    return head + "\n" + body + R"({"event":"done","launch":1,"cycle":99})" + "\n";
  };
  const std::string a = lines(
      "{\"event\":\"state\",\"launch\":1,\"cycle\":5,\"cycles\":60,\"state\":\"compute\"}\n"
      "{\"event\":\"pe\",\"launch\":1,\"cycle\":9,\"cycles\":4,\"pe\":0,\"reason\":\"work\"}\n");
  const std::string longer = lines(
      "{\"event\":\"state\",\"launch\":1,\"cycle\":5,\"cycles\":70,\"state\":\"compute\"}\n"
      "{\"event\":\"pe\",\"launch\":1,\"cycle\":9,\"cycles\":6,\"pe\":0,\"reason\":\"work\"}\n");
  EXPECT_FALSE(difference_of_events(a, a));
  const auto d = difference_of_events(a, longer);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->cycle, 13u);  // PE 0 is done there in one of them; the state goes on until 65 in both
  EXPECT_EQ(d->pe, 0u);
  EXPECT_EQ(d->a, "cycles 4, reason work");
  EXPECT_EQ(d->b, "cycles 6, reason work");
  const auto missing = difference_of_events(lines(""), a);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->cycle, 5u);
  EXPECT_EQ(missing->a, "nothing there");
}

}  // namespace
}  // namespace eie::tb
