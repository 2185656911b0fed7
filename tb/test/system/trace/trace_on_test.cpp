// SPDX-License-Identifier: Apache-2.0
// --trace-on of the program, on the engines with signals: the waves hold the cycles around the first event of a kind.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tb/test/support/report_schema.h"
#include "tb/test/system/trace/program_runs.h"
#include "tb/test/system/trace/rtl_is_built.h"
#include "tb/trace/dump/dump_file.h"
#include "tb/trace/wave_diff.h"

namespace eie::tb {
namespace {

using Json = nlohmann::json;

/// Values of some signals, cycle by cycle, at the times at which the dump has any.
struct Window {
  explicit Window(const std::string& file, const std::vector<std::string>& paths) {
    const auto dump = open_dump(file);
    std::vector<std::size_t> wanted;
    for (std::size_t k = 0; k < dump->header().variables.size(); ++k) {
      const std::string path = dump->header().variables[k].path();
      if (std::find(paths.begin(), paths.end(), path) != paths.end()) wanted.push_back(k);
    }
    EXPECT_EQ(wanted.size(), paths.size());
    dump->changes(wanted, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
      values[dump->header().variables[variable].path()][time] = bits_value(value).value_or(~std::uint64_t{0});
    });
    first = dump->header().first;
    last = dump->header().last;
  }
  std::uint64_t at(const std::string& path, std::uint64_t time) const {
    const auto next = values.at(path).upper_bound(time);
    return next == values.at(path).begin() ? ~std::uint64_t{0} : std::prev(next)->second;
  }
  /// At the time of a cycle of the launch.
  std::uint64_t in_cycle(const std::string& path, std::uint64_t cycle) const {
    for (const auto& [time, value] : values.at("launch.launch_cycle")) {
      if (value == cycle) return at(path, time);
    }
    ADD_FAILURE() << "cycle " << cycle << " is not in the dump";
    return 0;
  }
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> values;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

class TraceOnRuns : public ProgramRuns {
 protected:
  /// Checks the report against the schema.
  int run(std::vector<std::string> arguments) {
    const std::string report = folder_.file("report.json");
    std::filesystem::remove(report);
    arguments.insert(arguments.end(), {"--json", report});
    const int status = run_program(arguments);
    report_ = std::filesystem::exists(report) ? read_report(report) : Json();
    return status;
  }
  int run_layer(std::vector<std::string> more, const std::string& engine = "hw") {
    more.insert(more.begin(), {"run", weights_, activations_, "--config", "eie4", "--engine", engine});
    return run(std::move(more));
  }
  /// The first event of a kind, as engine tlm tells it.
  Json first_event(const std::string& kind, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--events", folder_.file("events.jsonl")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    run_layer(arguments, "tlm");
    std::istringstream lines(read_text(folder_.file("events.jsonl")));
    for (std::string line; std::getline(lines, line);) {
      const Json event = Json::parse(line);
      if (event["event"] == kind) return event;
    }
    return nullptr;
  }
  /// The dump has just the window that the report names, and says so itself.
  void expect_window(const std::string& file) {
    const Json window = report_["trace_window"];
    ASSERT_EQ(window["file"], file);
    const Window waves(file, {"launch.launch_cycle", "launch.launch"});
    EXPECT_EQ(waves.at("launch.launch_cycle", waves.first), window["from"]);
    EXPECT_EQ(waves.at("launch.launch_cycle", waves.last), window["to"]);
    EXPECT_EQ(waves.at("launch.launch", waves.first), window["launch"]);
  }

  Json report_;
};

TEST_F(TraceOnRuns, RecordTheFirstStall) {
  const Json event = first_event("stall");
  ASSERT_FALSE(event.is_null());
  for (const char* name : {"w.fst", "w.vcd"}) {
    const std::string file = folder_.file(name);
    ASSERT_EQ(run_layer({"--trace", file, "--trace-on", "stall", "--trace-before", "12"}), 0) << err_;
    const Json window = report_["trace_window"];
    EXPECT_EQ(window["cycle"], event["cycle"]);
    EXPECT_EQ(window["from"], event["cycle"].get<int>() - 12);
    EXPECT_NE(out_.find("first stall in cycle " + event["cycle"].dump()), std::string::npos) << out_;
    expect_window(file);
    const Window waves(file, {"launch.launch_cycle", "broadcast.stalled"});
    EXPECT_EQ(waves.in_cycle("broadcast.stalled", event["cycle"]), 1u);
    EXPECT_EQ(waves.in_cycle("broadcast.stalled", event["cycle"].get<std::uint64_t>() - 1), 0u);
    EXPECT_NE(read_text(folder_.file("w.gtkw")).find("first stall"), std::string::npos);
  }
}

TEST_F(TraceOnRuns, OfEngineRtlRecordTheSame) {
  if (!has_rtl("eie4")) GTEST_SKIP() << "engine rtl has no eie4 here";
  const std::string hw = folder_.file("hw.fst");
  const std::string rtl = folder_.file("rtl.fst");
  ASSERT_EQ(run_layer({"--trace", hw, "--trace-on", "stall"}), 0) << err_;
  const Json window = report_["trace_window"];
  const int status = run_layer({"--trace", rtl, "--trace-on", "stall"}, "rtl");
  if (err_.find("without waves") != std::string::npos) GTEST_SKIP() << err_;
  ASSERT_EQ(status, 0) << err_;
  EXPECT_EQ(report_["trace_window"]["cycle"], window["cycle"]);
  EXPECT_EQ(report_["trace_window"]["to"], window["to"]);
  expect_window(rtl);
  // Both begin in the middle of a launch.
  const auto a = open_dump(hw);
  const auto b = open_dump(rtl);
  const WaveDifference difference = compare_waves(*a, hw, *b, rtl);
  EXPECT_TRUE(difference.signals.empty());
  EXPECT_EQ(difference.from, window["from"].get<int>());
  EXPECT_EQ(difference.to, window["to"].get<int>());
  EXPECT_GT(difference.compared, 400u);
}

TEST_F(TraceOnRuns, RecordTheEntryThatMakesAWrongSum) {
  const std::string file = folder_.file("w.fst");
  unsigned found = 0;
  for (unsigned entry = 20; entry < 200 && found < 2; entry += 20) {
    const std::string flip = "pe=1,spmat=" + std::to_string(entry) + ",bit=3";
    std::filesystem::remove(file);
    const int status = run_layer({"--flip", flip, "--trace", file, "--trace-on", "mismatch", "--trace-before", "30"});
    if (status == 0) {
      EXPECT_TRUE(report_["trace_window"]["file"].is_null());
      EXPECT_FALSE(std::filesystem::exists(file));
      continue;
    }
    ++found;
    ASSERT_EQ(status, 1) << err_;
    const Json window = report_["trace_window"];
    EXPECT_EQ(window["cycle"], report_["mismatch_at"]["cycle"]);
    expect_window(file);
    // The column of the wrong entry is at the arithmetic unit in that cycle.
    const Window waves(file, {"launch.launch_cycle", "pe_1.column_entry"});
    EXPECT_EQ(waves.in_cycle("pe_1.column_entry", window["cycle"]), report_["mismatch_at"]["column"]);
    const std::string view = read_text(folder_.file("w.gtkw"));
    EXPECT_NE(view.find("PE 1 is open: first mismatch"), std::string::npos) << view.substr(0, 500);
  }
  EXPECT_EQ(found, 2u);
}

TEST_F(TraceOnRuns, OfARegisterThatTheModelDoesNotHaveShowTheEndOfTheLaunch) {
  const std::string file = folder_.file("w.fst");
  int status = 0;
  for (unsigned cycle = 60; status == 0 && cycle < 80; ++cycle) {  // the register may be idle in one
    status = run_layer({"--flip", "pe=1,register=arith_unit.product2_,bit=24,cycle=" + std::to_string(cycle), "--trace", file,
                        "--trace-on", "mismatch", "--trace-before", "9"});
  }
  ASSERT_EQ(status, 1) << err_;
  const Json window = report_["trace_window"];
  EXPECT_EQ(window["to"], report_["cycles"].get<int>() - 1);
  EXPECT_EQ(window["from"], report_["cycles"].get<int>() - 10);
  EXPECT_EQ(report_["mismatch_at"]["pe"], 1);
  EXPECT_TRUE(report_["mismatch_at"]["cycle"].is_null());
  expect_window(file);
}

TEST_F(TraceOnRuns, RecordTheFirstClampedSum) {
  const Json event = first_event("saturated", {"--out-frac", "15"});
  ASSERT_FALSE(event.is_null());
  const std::string file = folder_.file("w.fst");
  ASSERT_EQ(run_layer({"--out-frac", "15", "--trace", file, "--trace-on", "saturated"}), 0) << err_;
  EXPECT_EQ(report_["trace_window"]["cycle"], event["cycle"]);
  EXPECT_EQ(report_["trace_window"]["cycle"], report_["saturated_at"]["cycle"]);
  expect_window(file);
  const std::string pe = "eie.pe_" + event["pe"].dump() + ".saturated";
  const Window waves(file, {"launch.launch_cycle", pe});
  EXPECT_EQ(waves.in_cycle(pe, event["cycle"]), 1u);
  const std::string view = read_text(folder_.file("w.gtkw"));
  EXPECT_NE(view.find("first saturated sum"), std::string::npos);
  EXPECT_EQ(view.find("first saturated sum", view.find("[markername]")), view.rfind("first saturated sum")) << "once";
}

TEST_F(TraceOnRuns, RecordTheFirstErrorThoughItEndsTheRun) {
  const std::string file = folder_.file("w.fst");
  ASSERT_EQ(run_layer({"--flip", "pe=1,ptr=3,bit=13", "--trace", file, "--trace-on", "error"}), 1);
  EXPECT_NE(err_.find("STATUS.error"), std::string::npos) << err_;
  const std::size_t at = err_.find("first error in cycle ");
  ASSERT_NE(at, std::string::npos) << err_;
  const std::uint64_t cycle = std::stoull(err_.substr(at + 21));
  const Window waves(file, {"launch.launch_cycle", "eie.pe_1.error"});
  EXPECT_EQ(waves.in_cycle("eie.pe_1.error", cycle), 1u);
  EXPECT_NE(read_text(folder_.file("w.gtkw")).find("PE 1 is open: first error"), std::string::npos);
}

TEST_F(TraceOnRuns, OfWhatDoesNotHappenLeaveNoFile) {
  for (const char* kind : {"mismatch", "error", "saturated"}) {
    const std::string file = folder_.file("w.fst");
    EXPECT_EQ(run_layer({"--trace", file, "--trace-on", kind}), 0) << err_;
    EXPECT_FALSE(std::filesystem::exists(file)) << kind;
    EXPECT_FALSE(std::filesystem::exists(folder_.file("w.gtkw"))) << kind;
    EXPECT_NE(err_.find("the run has no "), std::string::npos) << err_;
    EXPECT_TRUE(report_["trace_window"]["launch"].is_null());
  }
}

TEST_F(TraceOnRuns, FindTheLaunchInNetworksAndBenches) {
  // A first layer and samples without a stall, then one with: all activations of the third sample are there.
  std::vector<double> identity(40 * 90, 0);
  for (std::size_t k = 0; k < 40; ++k) identity[k * 90 + k] = 1;
  std::vector<double> inputs(3 * 90, 0);
  inputs[5] = inputs[90 + 7] = 1;
  for (std::size_t k = 0; k < 90; ++k) inputs[180 + k] = 0.5;
  std::vector<double> dense(60 * 40, 0.25);
  write_npy(folder_.file("I.npy"), identity, {40, 90});
  write_npy(folder_.file("D.npy"), dense, {60, 40});
  write_npy(folder_.file("x.npy"), inputs, {3, 90});
  const std::string network = folder_.write("net.yaml",
                                            "inputs: x.npy\nlayers:\n  - {name: one, weights: I.npy, relu: true}\n"
                                            "  - {name: two, weights: D.npy, relu: false}\n");
  const std::string file = folder_.file("w.fst");
  ASSERT_EQ(run({"network", network, "--config", "eie4", "--trace", file, "--trace-on", "stall"}), 0) << err_;
  EXPECT_EQ(report_["trace_window"]["launch"], 6) << report_["trace_window"];
  expect_window(file);

  const std::string workload =
      folder_.write("w.yaml",
                    "n_pe: 64\nfifo_depths: [8]\nlayers:\n"
                    "  - {name: thin, inputs: 60, outputs: 40, weight_density: 0.02, activation_density: 0.1, time_us: 1,\n"
                    "     theoretical_us: 1, load_balance: [1]}\n"
                    "  - {name: full, inputs: 60, outputs: 80, weight_density: 0.9, activation_density: 0.9, time_us: 1,\n"
                    "     theoretical_us: 1, load_balance: [1]}\n");
  std::filesystem::remove(file);
  const int status = run({"bench", "--workload", workload, "--config", "eie4", "--trace", file, "--trace-on", "stall"});
  ASSERT_EQ(status, 0) << err_;
  EXPECT_EQ(report_["trace_window"]["launch"], 2);
  expect_window(file);
}

}  // namespace
}  // namespace eie::tb
