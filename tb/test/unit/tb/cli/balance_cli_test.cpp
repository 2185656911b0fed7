// SPDX-License-Identifier: Apache-2.0
// --balance of every command that encodes weights, on the fast model.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tb/engines/engines.h"
#include "tb/engines/model_device.h"
#include "tb/formats/npy.h"
#include "tb/support/random.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/cli/run_program.h"
#include "tb/test/unit/tb/formats/npy_reader.h"

namespace eie::tb {
namespace {

/// Everything that a .npy file holds, row after row.
std::vector<std::size_t> integers(const std::string& path) {
  NpyReader reader(path);
  std::vector<std::size_t> all;
  std::vector<std::int64_t> row;
  for (std::size_t i = 0; i < reader.rows(); ++i) {
    reader.read_row(row);
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

/// A 61 x 90 layer whose rows have from 5 to 60 percent of their weights, and a second one of 10 rows.
class BalanceOption : public testing::Test {
 protected:
  void SetUp() override {
    Random random(5);
    auto matrix = [&random](std::size_t rows, std::size_t columns) {
      std::vector<double> values(rows * columns);
      for (std::size_t i = 0; i < rows; ++i) {
        const double density = 0.05 + 0.55 * random.uniform();
        for (std::size_t j = 0; j < columns; ++j) {
          if (random.uniform() < density) values[i * columns + j] = static_cast<double>(random.below(15)) / 8 - 0.9375;
        }
      }
      return values;
    };
    std::vector<double> inputs(3 * 90);
    for (double& a : inputs) a = random.uniform() < 0.6 ? std::floor(64 * random.uniform()) / 64 : 0;
    write_npy(file("W.npy"), matrix(61, 90), {61, 90});
    write_npy(file("V.npy"), matrix(10, 61), {10, 61});
    write_npy(file("a.npy"), inputs, {3, 90});
    folder_.write("net.yaml",
                  "inputs: a.npy\nlayers:\n  - {name: one, weights: W.npy, relu: true, out_frac: 6}\n"
                  "  - {name: two, weights: V.npy, relu: false, out_frac: 6}\n");
  }

  std::string file(const std::string& name) const { return folder_.file(name); }
  /// The command on the layer's files.
  Outcome on_layer(const std::string& command, std::vector<std::string> more, int status = kExitDone) {
    std::vector<std::string> arguments = {command, file("W.npy")};
    if (command != "encode") arguments.push_back(file("a.npy"));
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = eie(arguments);
    EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
    return outcome;
  }
  nlohmann::json report() const { return read_report(file("r.json")); }

  TempFolder folder_;
};

TEST_F(BalanceOption, RunGivesTheSameOutputsInFewerCycles) {
  const std::vector<std::string> common = {"--config", "eie4", "--engine", "tlm", "--out-frac", "6", "--json", file("r.json")};
  auto run = [&](const std::string& kind, const std::string& output) {
    std::vector<std::string> more = common;
    more.insert(more.end(), {"--balance", kind, "--output", file(output)});
    EXPECT_EQ(has(on_layer("run", more).out, "  rows          dealt by " + kind), kind != "none");
    return report();
  };
  const auto none = run("none", "y0.npy");
  EXPECT_TRUE(none["balance"].is_null());
  for (const std::string kind : {"rows", "windows"}) {
    SCOPED_TRACE(kind);
    const auto j = run(kind, "y1.npy");
    EXPECT_EQ(read_text(file("y1.npy")), read_text(file("y0.npy")));
    EXPECT_EQ(j["golden_match"], true);
    EXPECT_EQ(j["options"]["balance"], kind);
    EXPECT_EQ(j["balance"]["kind"], kind);
    EXPECT_EQ(j["balance"]["window"], 64);
    EXPECT_EQ(j["balance"]["calibrated"], false);
    const auto& even = j["balance"]["max_over_mean"];
    EXPECT_LT(even["after"]["all"], even["before"]["all"]);
    EXPECT_LT(even["after"]["all"], 1.02);
    EXPECT_LT(j["cycles"], none["cycles"]);
    EXPECT_EQ(j["floors"]["nonzeros"], none["floors"]["nonzeros"]);
    EXPECT_EQ(j["float_error"], none["float_error"]);
  }
}

TEST_F(BalanceOption, CalibrationIsReadAndNamed) {
  on_layer("run", {"--config", "eie4", "--engine", "tlm", "--balance", "windows", "--balance-window", "8", "--calibration",
                   file("a.npy"), "--json", file("r.json")});
  const auto j = report();
  EXPECT_EQ(j["balance"]["calibrated"], true);
  EXPECT_EQ(j["balance"]["window"], 8);
  const auto& inputs = j["inputs"];
  EXPECT_TRUE(std::any_of(inputs.begin(), inputs.end(), [](const auto& i) { return i["role"] == "calibration"; }));
}

TEST_F(BalanceOption, WhatIsWrongIsRefused) {
  auto refused = [&](const std::vector<std::string>& more, const std::string& text) {
    const Outcome o = on_layer("run", more, kExitUsage);
    EXPECT_TRUE(has(o.err, text)) << o.err;
  };
  refused({"--balance", "window"}, "--balance is 'window': expected none, rows or windows; nearest: windows");
  refused({"--balance", "windows", "--balance-window", "0"}, "--balance-window is '0': expected an integer from 1");
  refused({"--balance-window", "8"}, "--balance-window is given without --balance: expected --balance rows or windows");
  refused({"--calibration", file("a.npy")}, "--calibration is given without --balance");
  refused({"--balance", "rows", "--calibration", file("none.npy")}, "none.npy");
  write_npy(file("short.npy"), std::vector<double>(2 * 61, 1.0), {2, 61});
  refused({"--balance", "rows", "--calibration", file("short.npy")}, "short.npy: has 61 values a sample: expected 90");
  write_npy(file("zeros.npy"), std::vector<double>(2 * 90, 0.0), {2, 90});
  refused({"--balance", "rows", "--calibration", file("zeros.npy")}, "zeros.npy: holds nothing but zeros");
  std::vector<double> values(2 * 90, 1.0);
  values[95] = std::numeric_limits<double>::quiet_NaN();
  write_npy(file("nan.npy"), values, {2, 90});
  refused({"--balance", "rows", "--calibration", file("nan.npy")}, "nan.npy");
  refused({"--balance", "rows", "--calibration", file("a.npy"), "--json", file("a.npy")}, "is the file of");
  const Outcome bench = eie({"bench", "--calibration", file("a.npy")});
  EXPECT_EQ(bench.status, kExitUsage);  // its inputs are drawn
}

TEST_F(BalanceOption, EncodeWritesTheOrder) {
  on_layer("encode", {"--config", "eie4", "--output", file("e"), "--balance", "windows", "--json", file("r.json")});
  const auto order = integers(file("e/row_order.npy"));
  ASSERT_EQ(order.size(), 61u);
  std::vector<std::size_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t k = 0; k < 61; ++k) ASSERT_EQ(sorted[k], k);
  EXPECT_EQ(report()["balance"]["kind"], "windows");
  // codes.npy is the user's; a PE has the rows that the order says.
  const auto codes = integers(file("e/codes.npy"));
  for (std::size_t k = 0; k < 4; ++k) {
    const auto entries = integers(file("e/pe" + std::to_string(k) + "_entries.npy"));
    std::size_t expected = 0;
    for (std::size_t p = k; p < 61; p += 4) {
      for (std::size_t j = 0; j < 90; ++j) expected += codes[order[p] * 90 + j] != 0 ? 1 : 0;
    }
    const auto seen = std::count_if(entries.begin(), entries.end(), [](std::size_t e) { return (e & 15) != 0; });
    EXPECT_EQ(static_cast<std::size_t>(seen), expected) << "PE " << k;
  }
  on_layer("encode", {"--config", "eie4", "--output", file("e"), "--force"});
  EXPECT_FALSE(std::filesystem::exists(file("e/row_order.npy")));
}

TEST_F(BalanceOption, NetworksGiveTheSameOutputs) {
  auto run = [&](const std::vector<std::string>& more, const std::string& output) {
    std::vector<std::string> arguments = {"network", file("net.yaml"), "--config",   "eie4",   "--engine",
                                          "tlm",     "--output",       file(output), "--json", file("r.json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = eie(arguments);
    EXPECT_EQ(o.status, kExitDone) << o.err;
    return report();
  };
  const auto none = run({}, "y0.npy");
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--balance", "rows"},
        std::vector<std::string>{"--balance", "windows", "--calibration", file("a.npy"), "--jobs", "2"}}) {
    const auto j = run(more, "y1.npy");
    EXPECT_EQ(read_text(file("y1.npy")), read_text(file("y0.npy")));
    for (const auto& layer : j["layers"]) EXPECT_EQ(layer["balance"]["kind"], more[1]);
    EXPECT_LT(j["layers"][0]["cycles"], none["layers"][0]["cycles"]);
  }
}

TEST_F(BalanceOption, WhyStallsCompareAndExportHaveIt) {
  EXPECT_TRUE(has(on_layer("why", {"--config", "eie4", "--column", "4", "--balance", "windows"}).out, "--balance windows"));
  const auto row_count = [this](const std::string& kind) {
    on_layer("stalls", {"--config", "eie4", "--json", file("r.json"), "--balance", kind});
    return report()["stall_cycles"].get<std::uint64_t>();
  };
  EXPECT_LT(row_count("windows"), row_count("none"));
  on_layer("compare",
           {"--config", "eie4", "--config", "eie16", "--engine", "tlm", "--balance", "rows", "--json", file("r.json")});
  const auto compared = report();
  for (const auto& run : compared["runs"]) EXPECT_EQ(run["balance"]["kind"], "rows");
  std::vector<double> one(90, 0.5);
  write_npy(file("one.npy"), one);
  const Outcome o =
      eie({"export", file("W.npy"), file("one.npy"), "--config", "eie4", "--balance", "windows", "--output", file("x")});
  EXPECT_EQ(o.status, kExitDone) << o.err;
  EXPECT_TRUE(std::filesystem::exists(file("x/expected.txt")));
}

TEST_F(BalanceOption, BenchHasFewerCycles) {
  auto cycles = [&](const std::string& kind, const std::string& config) {
    const Outcome o =
        eie({"bench", "--config", config, "--engine", "tlm", "--layers", "nt_we", "--balance", kind, "--json", file("r.json")});
    EXPECT_EQ(o.status, kExitDone) << o.err;
    const auto j = report();
    EXPECT_EQ(j["layers"][0]["golden_match"], true);
    return j["layers"][0]["cycles"].get<double>();
  };
  const double plain = cycles("none", "eie64");
  EXPECT_LT(cycles("windows", "eie64") / plain, 0.97);
  EXPECT_LT(cycles("windows", "eie64-plus") / plain, 0.74);
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string&, const HwConfig& config, const TraceOptions&) {
  return std::make_unique<ModelDevice>(config);
}

}  // namespace eie::tb
