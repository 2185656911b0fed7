// SPDX-License-Identifier: Apache-2.0
// eie wavediff: its exit statuses, its table and its report.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tb/cli/program.h"
#include "tb/engines/engines.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

/// A launch of ten cycles after some idle ones: a port that rises with it, a counter, a text and a number. In cycle `odd_cycle`
/// of the launch the counter has another value.
std::string waves(unsigned idle, int odd_cycle, const std::string& more = "") {
  std::string text =
      "$timescale 1 ps $end\n$scope module eie $end\n$scope module host_port $end\n$var wire 1 a busy $end\n$upscope $end\n"
      "$scope module ccu $end\n$var wire 8 b count_ [7:0] $end\n$var string 1 c state $end\n$var real 64 d value $end\n" +
      more + "$upscope $end\n$upscope $end\n$enddefinitions $end\n";
  const auto bits = [](unsigned value) {
    std::string digits;
    for (unsigned k = 8; k-- != 0;) digits += static_cast<char>('0' + (value >> k & 1));
    return "b" + digits + " b\n";
  };
  for (unsigned n = 0; n < idle + 10; ++n) {
    const int cycle = static_cast<int>(n) - static_cast<int>(idle);
    text += "#" + std::to_string(n * 1250) + "\n" + (cycle >= 0 ? "1" : "0") + "a\n";
    text += bits(cycle < 0 ? 7 : cycle == odd_cycle ? 0xA5 : static_cast<unsigned>(cycle));
    text += std::string("s") + (cycle < 0 ? "idle" : "compute") + " c\nr0.5 d\n";
  }
  return text;
}

class WaveDiff : public testing::Test {
 protected:
  /// Exit status; out_ and err_ are what it says.
  int eie(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv = {"eie", "wavediff"};
    for (const std::string& a : arguments) argv.push_back(a.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = program(static_cast<int>(argv.size()), argv.data());
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }

  TempFolder folder_;
  std::string a_ = folder_.write("a.vcd", waves(3, -1));
  std::string out_;
  std::string err_;
};

TEST_F(WaveDiff, EqualWavesEndWithStatus0WhereverTheLaunchBegins) {
  const std::string later = folder_.write("b.vcd", waves(5, -1));
  const std::string json = folder_.file("equal.json");
  EXPECT_EQ(eie({a_, later, "--json", json}), 0) << out_ << err_;
  EXPECT_EQ(out_, "4 signals compared in cycles -3 to 9 of the launch, 0 differ; 0 only in the first, 0 only in the second\n");
  const nlohmann::json report = read_report(json);
  EXPECT_EQ(report["command"], "wavediff");
  EXPECT_EQ(report["equal"], true);
  EXPECT_EQ(report["from"], -3);
  EXPECT_EQ(report["to"], 9);
  EXPECT_TRUE(report["signals"].empty());
  EXPECT_TRUE(report["blocks"].empty());
}

TEST_F(WaveDiff, ADifferenceEndsWithStatus1AndIsNamed) {
  const std::string b = folder_.write("b.vcd", waves(4, 6, "$var wire 1 e more $end\n"));
  const std::string json = folder_.file("differ.json");
  EXPECT_EQ(eie({a_, b, "--json", json}), 1) << out_ << err_;
  EXPECT_NE(out_.find("4 signals compared in cycles -3 to 9 of the launch, 1 differ; 0 only in the first, 1 only in the second"),
            std::string::npos)
      << out_;
  EXPECT_NE(out_.find("first difference: cycle 6\n"), std::string::npos) << out_;
  const nlohmann::json report = read_report(json);
  EXPECT_EQ(report["equal"], false);
  EXPECT_EQ(report["compared"], 4);
  EXPECT_EQ(report["only_a"], 0);
  EXPECT_EQ(report["only_b"], 1);
  ASSERT_EQ(report["signals"].size(), 1u);
  EXPECT_EQ(report["signals"][0]["signal"], "eie.ccu.count_");
  EXPECT_EQ(report["signals"][0]["cycle"], 6);
  EXPECT_EQ(report["signals"][0]["cycles"], 1);
  EXPECT_EQ(report["signals"][0]["a"], "0x6");
  EXPECT_EQ(report["signals"][0]["b"], "0xa5");
  ASSERT_EQ(report["blocks"].size(), 1u);
  EXPECT_EQ(report["blocks"][0]["block"], "eie.ccu");
  EXPECT_EQ(report["blocks"][0]["signals"], 3);
  EXPECT_EQ(report["blocks"][0]["differing"], 1);
  EXPECT_EQ(report["blocks"][0]["first"], 6);
}

TEST_F(WaveDiff, TheReportOnStandardOutputStandsAlone) {
  const std::string b = folder_.write("b.vcd", waves(3, 2));
  EXPECT_EQ(eie({a_, b, "--json", "-"}), 1);
  EXPECT_EQ(nlohmann::json::parse(out_)["signals"][0]["cycle"], 2);
  EXPECT_NE(err_.find("first difference: cycle 2\n"), std::string::npos) << err_;
}

TEST_F(WaveDiff, AnUnknownBitEqualsAny) {
  std::string text = waves(3, 4);
  const std::string odd = "b10100101 b\n";
  text.replace(text.find(odd), odd.size(), "bx b\n");
  EXPECT_EQ(eie({a_, folder_.write("b.vcd", text)}), 0) << out_;
  text.replace(text.find("bx b\n"), 5, "bxxx1xxxx b\n");  // 4 is 00000100
  EXPECT_EQ(eie({a_, folder_.write("b.vcd", text)}), 1) << out_;
}

TEST_F(WaveDiff, WhatCannotBeComparedEndsWithStatus2) {
  std::string still = waves(3, -1);
  for (std::size_t at = still.find("\n1a\n"); at != std::string::npos; at = still.find("\n1a\n")) still[at + 1] = '0';
  std::string other = waves(3, -1);
  for (const std::string name : {"busy", "count_", "state", "value"}) other.insert(other.find(" " + name) + 1, "other_");
  const std::string idle = folder_.write("idle.vcd", still);
  const std::string strange = folder_.write("other.vcd", other);
  const std::string text = folder_.write("text.vcd", "hello");
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "first is missing"},
           {{a_}, "second is missing"},
           {{a_, folder_.file("none.vcd")}, "none.vcd: cannot be read"},
           {{text, a_}, "text.vcd: is neither FST nor VCD"},
           {{a_, idle}, "idle.vcd: shows no start of a launch"},
           {{a_, strange}, "have no signal of the same name"},
           {{a_, a_, "--json", a_}, "a.vcd"},
           {{a_, a_, "--json", folder_.file("no/report.json")}, "no/report.json"},
           {{a_, a_, "--cycles", "3"}, "--cycles"}}) {
    EXPECT_EQ(eie(arguments), 2) << part << "\n" << out_ << err_;
    EXPECT_NE(err_.find(part), std::string::npos) << err_;
    EXPECT_EQ(out_, "") << part;
  }
  EXPECT_EQ(read_text(a_), waves(3, -1));
}

}  // namespace

// The program is linked without its engines.
std::unique_ptr<Device> make_engine(const std::string&, const HwConfig&, const TraceOptions&) { return nullptr; }

}  // namespace eie::tb
