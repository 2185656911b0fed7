// SPDX-License-Identifier: Apache-2.0
// --events, eie why and eie stalls of the program: lines that the schema takes, answers that the events hold.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tb/cli/program.h"
#include "tb/engines/engines.h"
#include "tb/engines/model_device.h"
#include "tb/formats/npy.h"
#include "tb/support/random.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

using Json = nlohmann::json;

int run_program(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "eie");
  return program(static_cast<int>(arguments.size()), arguments.data());
}

/// A layer in files, and the program on it.
class EventsOfTheProgram : public testing::Test {
 protected:
  void SetUp() override {
    Random random(5);
    std::vector<double> weights(60 * 90);
    for (double& w : weights) w = random.uniform() < 0.3 ? random.uniform() - 0.4995 : 0;
    std::vector<double> inputs(3 * 90);
    for (double& a : inputs) a = random.uniform() < 0.6 ? random.uniform() : 0;
    weights_ = folder_.file("W.npy");
    activations_ = folder_.file("a.npy");
    write_npy(weights_, weights, {60, 90});
    matrix_ = weights;
    write_npy(activations_, inputs, {3, 90});
  }

  std::string out_of(std::vector<const char*> arguments, int status = 0) {
    arguments.insert(arguments.begin() + 1, {weights_.c_str(), activations_.c_str(), "--config", "eie4"});
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int seen = run_program(arguments);
    const std::string out = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(seen == status || status == kAnyStatus) << seen << ": " << err_;
    return out;
  }
  static std::vector<Json> lines_of(const std::string& text) {
    std::vector<Json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
    return lines;
  }

  TempFolder folder_;
  static constexpr int kAnyStatus = -1;
  std::vector<double> matrix_;
  std::string weights_;
  std::string activations_;
  std::string err_;
  std::string table_;
};

TEST_F(EventsOfTheProgram, EveryLineIsAsTheSchemaSays) {
  std::ifstream file(std::string(EIE_SOURCE_DIR) + "/tb/layers/events.schema.json");
  const Json text = Json::parse(file);
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  const auto lines = lines_of(out_of({"run", "--engine", "tlm", "--events", "-"}));
  ASSERT_GT(lines.size(), 100u);
  valijson::Validator validator;
  for (const Json& line : lines) {
    ASSERT_TRUE(validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(line), nullptr)) << line;
  }
  EXPECT_EQ(lines.front()["event"], "run");
  EXPECT_EQ(lines.back()["event"], "done");
}

TEST_F(EventsOfTheProgram, ComeInOrderAndAddUpToTheReport) {
  const std::string events = folder_.file("events.jsonl");
  const std::string report_file = folder_.file("report.json");
  out_of({"run", "--engine", "tlm", "--events", events.c_str(), "--json", report_file.c_str()});
  std::map<std::string, std::uint64_t> cycles;
  std::uint64_t launch = 0;
  std::uint64_t cycle = 0;
  for (const Json& line : lines_of(read_text(events))) {
    if (line["event"] == "run") continue;
    if (line["event"] == "launch") {
      EXPECT_EQ(line["launch"], ++launch);
      cycle = 0;
      continue;
    }
    EXPECT_EQ(line["launch"], launch);
    EXPECT_GE(line["cycle"], cycle);
    cycle = line["cycle"];
    if (line["event"] == "pe") cycles[line["reason"]] += line["cycles"].get<std::uint64_t>();
  }
  std::ifstream report_in(report_file);
  const Json report = Json::parse(report_in);
  for (const auto& [reason, count] : report["pe_cycles"].items()) EXPECT_EQ(cycles[reason], count) << reason;
  EXPECT_EQ(launch, report["launches"]);
}

TEST_F(EventsOfTheProgram, DoNotDependOnTheNumberOfJobs) {
  const std::string one = out_of({"run", "--engine", "tlm", "--events", "-"});
  const std::string three = out_of({"run", "--engine", "tlm", "--jobs", "3", "--events", "-"});
  EXPECT_EQ(one, three);
}

TEST_F(EventsOfTheProgram, WhySaysWhatThePeEventsSay) {
  const auto lines = lines_of(out_of({"run", "--engine", "tlm", "--events", "-"}));
  std::map<std::string, std::string> words = {{"work", "work on column "},
                                              {"padding", "padding of column "},
                                              {"empty_column", "has no entry"},
                                              {"held", "held back by the full queue of PE "},
                                              {"fill", "a batch begins"},
                                              {"drain", "the batch ends"},
                                              {"transfer", "activations or biases move"}};
  std::map<std::string, unsigned> seen;
  for (const Json& line : lines) {
    if (line["event"] != "pe" || line["launch"] != 1) continue;
    const std::string reason = line["reason"];
    if (seen[reason]++ >= 2) continue;
    const std::string pe = std::to_string(line["pe"].get<unsigned>());
    const unsigned first = line["cycle"];
    const unsigned last = first + line["cycles"].get<unsigned>() - 1;
    const std::string cycle = std::to_string(last);
    const std::string answer = out_of({"why", "--pe", pe.c_str(), "--cycle", cycle.c_str()});
    EXPECT_NE(answer.find(words[reason]), std::string::npos) << reason << ": " << answer;
    const std::string span = first == last ? "cycle " + cycle : "cycles " + std::to_string(first) + " to " + cycle;
    EXPECT_NE(answer.find(span), std::string::npos) << answer;
    EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 3) << answer;
    if (reason == "held") {
      const std::string by = "the full queue of PE " + std::to_string(line["held_by"].get<unsigned>());
      EXPECT_NE(answer.find(by), std::string::npos) << answer;
    }
    EXPECT_NE(answer.find("to see it: eie run "), std::string::npos) << answer;
  }
  EXPECT_GE(seen.size(), 5u);
}

TEST_F(EventsOfTheProgram, WhyTellsWhenAColumnWasBroadcast) {
  for (const Json& line : lines_of(out_of({"run", "--engine", "tlm", "--events", "-"}))) {
    if (line["event"] != "broadcast" || line["launch"] != 1) continue;
    const std::string column = std::to_string(line["column"].get<unsigned>());
    const std::string answer = out_of({"why", "--column", column.c_str()});
    EXPECT_NE(answer.find("broadcast in cycle " + std::to_string(line["cycle"].get<unsigned>()) + " with the value " +
                          std::to_string(line["value"].get<int>())),
              std::string::npos)
        << answer;
    break;
  }
}

TEST_F(EventsOfTheProgram, StallsAddUpToTheReport) {
  const std::string report_file = folder_.file("report.json");
  out_of({"run", "--engine", "tlm", "--json", report_file.c_str()});
  std::ifstream in(report_file);
  const Json report = Json::parse(in);
  for (const char* by : {"pe", "column"}) {
    const Json stalls = Json::parse(out_of({"stalls", "--by", by, "--top", "0", "--json", "-"}));
    EXPECT_EQ(report_fault(stalls), "");
    EXPECT_EQ(stalls["inputs"], report["inputs"]);
    EXPECT_EQ(stalls["configuration"], report["configuration"]);
    std::uint64_t cycles = 0;
    std::uint64_t lost = 0;
    std::uint64_t before = UINT64_MAX;
    for (const Json& line : stalls["lines"]) {
      cycles += line["cycles"].get<std::uint64_t>();
      lost += line["pe_cycles"].get<std::uint64_t>();
      EXPECT_LE(line["pe_cycles"].get<std::uint64_t>(), before);
      before = line["pe_cycles"];
    }
    EXPECT_GT(cycles, 0u);
    EXPECT_EQ(cycles, report["stalls"]["queue_full_cycles"]);
    EXPECT_EQ(cycles, stalls["stall_cycles"]);
    EXPECT_EQ(lost, report["pe_cycles"]["held"]);
  }
  const std::string first = out_of({"why", "--stall", "1"});
  EXPECT_NE(first.find("waited in "), std::string::npos) << first;
}

TEST_F(EventsOfTheProgram, SaturationIsReportedWithItsPlace) {
  const std::string report_file = folder_.file("report.json");
  const std::string events = folder_.file("events.jsonl");
  const std::string table =
      out_of({"run", "--engine", "tlm", "--out-frac", "14", "--events", events.c_str(), "--json", report_file.c_str()});
  const Json at = read_report(report_file)["saturated_at"];
  ASSERT_TRUE(at.is_object());
  for (const Json& line : lines_of(read_text(events))) {
    if (line["event"] != "saturated") continue;
    for (const char* key : {"launch", "cycle", "pe", "row", "column", "entry"}) EXPECT_EQ(at[key], line[key]) << key;
    break;
  }
  EXPECT_NE(table.find("  saturated at  "), std::string::npos) << table;
  EXPECT_NE(table.find("--out-frac 14 --engine hw --trace window.fst --trace-launch 1 --trace-pe "), std::string::npos) << table;
}

TEST_F(EventsOfTheProgram, AFlippedBitIsFollowedToItsEntry) {
  const std::string report_file = folder_.file("report.json");
  unsigned wrong = 0;
  for (unsigned entry = 0; entry < 40; ++entry) {
    const std::string flip = "pe=1,spmat=" + std::to_string(entry) + ",bit=2";  // a bit of the code
    out_of({"run", "--engine", "tlm", "--flip", flip.c_str(), "--json", report_file.c_str()}, kAnyStatus);
    const Json report = read_report(report_file);
    EXPECT_EQ(report["flips"][0]["flip"], flip);
    const std::string outcome = report["flips"][0]["outcome"];
    if (report["golden_match"]) {
      EXPECT_NE(outcome.find("masked"), std::string::npos);
      EXPECT_TRUE(report["mismatch_at"].is_null());
      continue;
    }
    ++wrong;
    EXPECT_NE(outcome.find("wrong output"), std::string::npos);
    // The column and the place in it, counted in the weights: rows 1, 5, 9 ... are those of PE 1.
    unsigned left = entry;
    std::size_t column = 0;
    std::vector<std::size_t> rows;
    for (;; ++column) {
      rows.clear();
      for (std::size_t row = 1; row < 60; row += 4) {
        if (matrix_[row * 90 + column] != 0) rows.push_back(row);
      }
      if (left < rows.size()) break;
      left -= static_cast<unsigned>(rows.size());
    }
    const Json at = report["mismatch_at"];
    EXPECT_EQ(at["pe"], 1);
    EXPECT_EQ(at["column"], column) << flip;
    EXPECT_EQ(at["entry"], left) << flip;
    EXPECT_EQ(at["row"], rows[left]) << flip;
    EXPECT_NE(at["expected"], at["seen"]) << flip;
    EXPECT_TRUE(at["cycle"].is_number()) << flip;
  }
  EXPECT_GT(wrong, 0u);
  // An entry that no column has.
  out_of({"run", "--engine", "tlm", "--flip", "pe=1,spmat=9999,bit=2", "--json", report_file.c_str()});
  EXPECT_EQ(read_report(report_file)["flips"][0]["outcome"], "masked, every output is right");
}

TEST_F(EventsOfTheProgram, AFlippedBitIsCorrectedWithEcc) {
  const std::string report_file = folder_.file("report.json");
  const auto report_of = [&](std::vector<const char*> more, int status = 0) {
    std::vector<const char*> line = {"run", "--set", "ecc=true", "--engine", "tlm", "--json", report_file.c_str()};
    line.insert(line.end(), more.begin(), more.end());
    table_ = out_of(line, status);
    return status == 0 ? read_report(report_file) : Json();
  };
  const Json clean = report_of({});
  EXPECT_EQ(clean["ecc_corrected"], 0);
  for (const char* flip : {"pe=1,spmat=6,bit=2", "pe=1,spmat=6,check=3", "pe=1,ptr=3,bit=13", "pe=1,ptr=3,check=5",
                           "pe=2,act=1,check=17", "pe=2,act=1,bit=40"}) {
    const Json report = report_of({"--flip", flip});
    EXPECT_TRUE(report["golden_match"]) << flip;
    EXPECT_EQ(report["cycles"], clean["cycles"]) << flip;
    EXPECT_GT(report["ecc_corrected"], 0) << flip;
    EXPECT_EQ(report["flips"][0]["outcome"], "corrected, every output is right") << flip;
    EXPECT_NE(table_.find("  ECC           "), std::string::npos) << table_;
  }
  // A word that nothing reads.
  const Json unread = report_of({"--flip", "pe=1,spmat=9999,check=2"});
  EXPECT_EQ(unread["ecc_corrected"], 0);
  EXPECT_EQ(unread["flips"][0]["outcome"], "masked, every output is right");
  report_of({"--flip", "pe=1,spmat=6,bit=2", "--flip", "pe=1,spmat=6,check=3"}, 1);
  EXPECT_NE(err_.find("STATUS.uncorrected is set"), std::string::npos) << err_;
  report_of({"--flip", "pe=1,spmat=6,check=7"}, 2);
  EXPECT_NE(err_.find("check=7: expected at most 6"), std::string::npos) << err_;
  out_of({"run", "--engine", "tlm", "--json", report_file.c_str()});
  EXPECT_TRUE(read_report(report_file)["ecc_corrected"].is_null());
  out_of({"run", "--engine", "tlm", "--flip", "pe=1,spmat=6,check=2"}, 2);
  EXPECT_NE(err_.find("check"), std::string::npos) << err_;
}

// read_report() sees that the account of PE cycles adds up, with what was skipped.
TEST_F(EventsOfTheProgram, SkippedPaddingIsInTheReport) {
  const std::string report_file = folder_.file("report.json");
  const auto report_of = [&](const char* skips) {
    table_ = out_of({"run", "--set", skips, "--set", "code_width=6", "--set", "run_width=2", "--engine", "tlm", "--json",
                     report_file.c_str()});
    return read_report(report_file);
  };
  const Json paid = report_of("skip_padding=false");
  EXPECT_EQ(paid["work"]["padding_skipped"], 0);
  EXPECT_EQ(table_.find("skipped"), std::string::npos) << table_;
  const Json skipped = report_of("skip_padding=true");
  EXPECT_GT(skipped["work"]["padding_skipped"], 0);
  EXPECT_EQ(skipped["work"]["entries"], paid["work"]["entries"]);
  EXPECT_EQ(skipped["work"]["padding"], paid["work"]["padding"]);
  EXPECT_LT(skipped["cycles"], paid["cycles"]);
  EXPECT_LE(skipped["load_balance"], 1);
  EXPECT_NE(table_.find(" skipped)"), std::string::npos) << table_;
}

// What no PE counted is null in the report and not a number in the table; the rest is as with counters.
TEST_F(EventsOfTheProgram, WithoutCountersInThePes) {
  const std::string report_file = folder_.file("report.json");
  const auto report_of = [&](const char* counters) {
    table_ = out_of({"run", "--set", counters, "--engine", "tlm", "--json", report_file.c_str()});
    return read_report(report_file);
  };
  const Json with = report_of("pe_counters=true");
  const Json without = report_of("pe_counters=false");
  EXPECT_EQ(without["cycles"], with["cycles"]);
  EXPECT_EQ(without["broadcasts"], with["broadcasts"]);
  EXPECT_EQ(without["golden_match"], true);
  EXPECT_EQ(without["configuration"]["pe_counters"], false);
  for (const char* key : {"load_balance", "floors", "pe_cycles", "stalls/starved_pe_cycles", "sram_reads/spmat", "sram_reads/ptr",
                          "sram_reads/act", "work/entries", "work/padding", "work/padding_skipped", "work/per_pe_max"}) {
    const Json::json_pointer at(std::string("/") + key);
    EXPECT_FALSE(with[at].is_null()) << key;
    EXPECT_TRUE(without[at].is_null()) << key << ": " << without[at];
  }
  EXPECT_NE(table_.find("has no counters in its PEs"), std::string::npos) << table_;
  EXPECT_EQ(table_.find("load balance  "), std::string::npos) << table_;
}

TEST_F(EventsOfTheProgram, AFlippedPointerNamesTheWriteThatWasDropped) {
  out_of({"run", "--engine", "tlm", "--flip", "pe=1,ptr=3,bit=13"}, 1);
  EXPECT_NE(err_.find("STATUS.error"), std::string::npos) << err_;
  EXPECT_NE(err_.find("after --flip pe=1,ptr=3,bit=13: launch "), std::string::npos) << err_;
}

TEST_F(EventsOfTheProgram, AFlipThatTheConfigurationDoesNotHaveIsRefused) {
  const std::vector<std::pair<const char*, const char*>> wrong = {
      {"pe=4,spmat=1,bit=1", "pe=4: expected at most 3"},
      {"pe=1,spmat=1,bit=8", "bit=8: expected at most 7"},
      {"pe=1,spmat=1", "expected pe=, bit= (or check=) and one of"},
      {"pe=1,spmat=1,ptr=1,bit=1", "expected pe=, bit= (or check=) and one of"},
      {"pe=1,spmat=x,bit=1", "'spmat=x': expected"},
      {"pe=1,pe=1,spmat=1,bit=1", "'pe' is there twice"},
      {"pe=1,weight=1,bit=1", "unknown key 'weight'"},
      {"pe=1,spmat=1,bit=1,cycle=x", "'cycle=x': expected"},
      {"pe=1,spmat=1,bit=1,launch=9", "the run has 3 launches: expected launch=N of one of them"},
      {"pe=1,spmat=1,bit=1,launch=0", "launch=0: expected"},
      {"pe=1,register=,bit=1", "'register=': expected register=NAME"},
      {"pe=1,spmat=999,bit=1,cycle=99999", "the launch is over before this cycle"},
      {"pe=1,register=arith_unit.sum3_,bit=1,cycle=4",
       "engine tlm computes when things happen and has no registers: expected --engine hw"},
      {"pe=1,register=arith_unit.sum3_,ptr=2,bit=1", "expected pe=, bit= (or check=) and one of"}};
  for (const auto& [flip, message] : wrong) {
    out_of({"run", "--engine", "tlm", "--flip", flip}, 2);
    EXPECT_NE(err_.find(message), std::string::npos) << flip << ": " << err_;
  }
}

TEST_F(EventsOfTheProgram, ATraceWindowThatContradictsItselfIsRefused) {
  const std::string file = folder_.file("w.fst");
  const std::vector<std::pair<std::vector<const char*>, const char*>> wrong = {
      {{"--trace-on", "stall"}, "--trace is missing"},
      {{"--trace", file.c_str(), "--trace-on", "idle"}, "--trace-on is 'idle': expected mismatch, saturated, stall or error"},
      {{"--trace", file.c_str(), "--trace-on", "stall", "--trace-before", "-1"}, "--trace-before is '-1'"},
      {{"--trace", file.c_str(), "--trace-before", "5"}, "--trace-before is given without --trace-on"},
      {{"--trace", file.c_str(), "--trace-on", "stall", "--trace-from", "5"}, "--trace-on with --trace-from"},
      {{"--trace", file.c_str(), "--trace-on", "stall", "--trace-launch", "2"}, "--trace-on with --trace-launch"}};
  for (const auto& [options, message] : wrong) {
    std::vector<const char*> arguments = {"run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    out_of(arguments, 2);
    EXPECT_NE(err_.find(message), std::string::npos) << message << ": " << err_;
  }
}

TEST_F(EventsOfTheProgram, WhyRefusesWhatTheRunDoesNotHave) {
  out_of({"why", "--pe", "4", "--cycle", "1"}, 2);
  EXPECT_NE(err_.find("--pe 4: expected a PE from 0 to 3"), std::string::npos) << err_;
  out_of({"why", "--pe", "0", "--cycle", "99999"}, 2);
  EXPECT_NE(err_.find("--cycle 99999: expected a cycle from 0 to "), std::string::npos) << err_;
  out_of({"why", "--column", "90"}, 2);
  EXPECT_NE(err_.find("--column 90: "), std::string::npos) << err_;
  out_of({"why", "--stall", "100000"}, 2);
  EXPECT_NE(err_.find("--stall 100000: expected a number from 1 to "), std::string::npos) << err_;
  out_of({"why", "--stall", "1", "--launch", "9"}, 2);
  EXPECT_NE(err_.find("--launch 9: expected a launch from 1 to 3"), std::string::npos) << err_;
  out_of({"why"}, 2);
  EXPECT_NE(err_.find("expected --pe K with --cycle C, or --column J, or --stall N"), std::string::npos) << err_;
  out_of({"why", "--pe", "1"}, 2);
  out_of({"stalls", "--by", "row"}, 2);
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string&, const HwConfig& config, const TraceOptions&) {
  return std::make_unique<ModelDevice>(config);
}

}  // namespace eie::tb
