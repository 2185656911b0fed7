// SPDX-License-Identifier: Apache-2.0
// eie sweep: its report, its table, what it refuses. Killed, in parts and on engine hw: tb/test/system/sweep.
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>

#include "tb/cli/program.h"
#include "tb/engines/engines.h"
#include "tb/test/support/fake_device.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/cli/run_program.h"
#include "tb/test/unit/tb/sweep/sweep_files.h"

namespace eie::tb {
namespace {

constexpr const char* kSmall =
    "base: eie4\nworkload: small.yaml\nlayers: [a, b]\nkeys:\n  n_pe: [2, 4]\n  registers: [4, 8]\n  data_width: 8\n";

class SweepCommand : public testing::Test {
 protected:
  SweepCommand() : file_(folder_.write("space.yaml", kSmall)) { setenv("EIE_DATA_DIR", EIE_SOURCE_DIR, 1); }
  Outcome sweep(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"sweep", file_, "--output", folder_.path("out")});
    return eie(more);
  }
  const SweepFolder folder_;
  const std::string file_;
};

TEST_F(SweepCommand, WritesTableAndReportThatAgree) {
  const Outcome o = sweep({"--json", folder_.path("r.json"), "--format", "csv,hdf5"});
  EXPECT_EQ(o.status, kExitDone) << o.err;
  EXPECT_EQ(o.err, "");
  EXPECT_TRUE(has(o.out, "8 points of 8, 4 ok, 4 refused\n")) << o.out;
  const nlohmann::json report = read_report(folder_.path("r.json"));
  EXPECT_EQ(report["kind"], "sweep");
  EXPECT_EQ(report["points"].size(), 8u);
  EXPECT_EQ(report["columns"],
            nlohmann::json({"index", "status", "layer", "balance", "n_pe", "registers", "data_width", "cycles", "time_us",
                            "energy_uj", "power_mw", "area_mm2", "load_balance", "pareto", "digest", "reason"}));
  std::istringstream table(read_text(folder_.path("out/table.csv")));
  std::string line;
  std::getline(table, line);
  std::string head;
  for (const auto& column : report["columns"]) head += (head.empty() ? "" : ",") + column.get<std::string>();
  EXPECT_EQ(line, head);
  for (const auto& row : report["points"]) {
    std::getline(table, line);
    EXPECT_EQ(line.rfind(std::to_string(row["index"].get<int>()) + "," + row["status"].get<std::string>() + "," +
                             row["layer"].get<std::string>() + ",none," + std::to_string(row["n_pe"].get<int>()) + ",",
                         0),
              0u)
        << line;
    EXPECT_EQ(row["status"], row["registers"] == 4 ? "refused" : "ok");
    EXPECT_EQ(row["reason"].is_null(), row["status"] == "ok");
    EXPECT_EQ(row["pareto"], std::count(report["pareto"].begin(), report["pareto"].end(), row["index"]) == 1);
  }
  EXPECT_FALSE(std::getline(table, line));
  EXPECT_GT(std::filesystem::file_size(folder_.path("out/table.h5")), 1000u);
}

TEST_F(SweepCommand, GoesOnWhereItStopped) {
  EXPECT_TRUE(has(sweep({"--limit", "3", "--jobs", "1"}).out, "3 points of 8,"));
  const Outcome o = sweep({"--json", folder_.path("r.json")});
  EXPECT_TRUE(has(o.err, "note: " + folder_.path("out/journal") + " has 3 points already")) << o.err;
  EXPECT_EQ(read_report(folder_.path("r.json"))["points_found"], 3);
  const std::string table = read_text(folder_.path("out/table.csv"));
  std::filesystem::remove_all(folder_.path("out"));
  sweep();
  EXPECT_EQ(read_text(folder_.path("out/table.csv")), table);
}

TEST_F(SweepCommand, PartsMakeTheSameTable) {
  sweep();
  const std::string table = read_text(folder_.path("out/table.csv"));
  std::filesystem::remove_all(folder_.path("out"));
  EXPECT_TRUE(has(sweep({"--part", "3/3"}).out, "part 3/3: "));
  sweep({"--part", "1/3"});
  Outcome o = sweep({"--merge"});
  EXPECT_EQ(o.status, kExitUsage);
  EXPECT_TRUE(has(o.err, "of 8 are not there: expected all parts to have ended")) << o.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out/table.csv")));
  sweep({"--part", "2/3"});
  o = sweep({"--merge"});
  EXPECT_EQ(o.status, kExitDone) << o.err;
  EXPECT_EQ(read_text(folder_.path("out/table.csv")), table);
}

TEST_F(SweepCommand, AnotherSweepInTheFolderIsRefused) {
  sweep();
  folder_.write("space.yaml", replaced(kSmall, "[2, 4]", "[4, 2]"));
  const Outcome o = sweep();
  EXPECT_EQ(o.status, kExitUsage);
  EXPECT_TRUE(has(o.err, "journal: is of another sweep: its file, or one that it names, has changed: expected ")) << o.err;
}

TEST_F(SweepCommand, AnotherTechnologyThatComesWithTheProgramIsFound) {
  folder_.write("space.yaml", std::string(kSmall) + "technology: [paper45, ours45, scaled28]\n");
  const Outcome o = sweep();
  EXPECT_TRUE(has(o.out, "24 points of 24")) << o.out << o.err;
  EXPECT_TRUE(has(o.out, "layer a, ours45: "));
}

TEST_F(SweepCommand, WrongUsageIsOneLine) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--part", "4/3"}, "--part is '4/3': expected K/N, part K of N, such as 3/8"},
      {{"--part", "1"}, "--part is '1': expected K/N"},
      {{"--format", "csv,parquet"}, "--format is 'csv,parquet': expected csv, hdf5 or csv,hdf5"},
      {{"--optimize", "speed"}, "--optimize is 'speed': expected one of energy_delay, energy_delay_area, time, energy"},
      {{"--optimize", "time"}, "has 2 layers or networks: expected one with --optimize"},
      {{"--trials", "5"}, "--trials without --optimize"},
      {{"--limit", "0"}, "--limit is '0': expected an integer from 1"},
      {{"--jobs", "-1"}, "--jobs is '-1': expected an integer from 0 to 256"},
      {{"--merge", "--limit", "3"}, "--merge with --limit: expected one of them"},
      {{"--part", "1/2", "--json", "x"}, "--part with --json: expected one of them"},
      {{"--plot", "x.pdf"}, "--plot is 'x.pdf': expected a name that ends in .svg or .png"},
      {{"--json", file_}, "file"}};
  for (const auto& [arguments, words] : wrong) {
    const Outcome o = sweep(arguments);
    EXPECT_EQ(o.status, kExitUsage) << words;
    EXPECT_TRUE(has(o.err, words)) << o.err;
    EXPECT_TRUE(has(o.err, ": expected ") || has(o.err, "expected")) << o.err;
    EXPECT_EQ(o.out, "") << words;
  }
  EXPECT_EQ(eie({"sweep"}).status, kExitUsage);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out")));
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string&, const HwConfig& config, const TraceOptions&) {
  return std::make_unique<FakeDevice>(config);
}

}  // namespace eie::tb
