// SPDX-License-Identifier: Apache-2.0
// Waves: what a trace holds, where it starts and ends, that it changes nothing, and that it has the RTL's names.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

#include "tb/engines/engines.h"
#include "tb/engines/waves/sc_signals.h"
#include "tb/test/support/test_support.h"
#include "tb/test/system/layer_case.h"
#include "tb/trace/dump/dump_file.h"
#include "tb/trace/wave_diff.h"

namespace eie::tb {
namespace {

constexpr std::uint64_t kPeriod = 1250;  // ps at 800 MHz

/// A dump as values cycle by cycle.
struct Waves {
  std::map<std::string, unsigned> width;
  std::map<std::string, std::map<std::uint64_t, std::string>> changes;  // by time
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::string at(const std::string& name, std::uint64_t cycle) const {
    const auto& all = changes.at(name);
    auto next = all.upper_bound(cycle * kPeriod);
    return next == all.begin() ? "" : std::prev(next)->second;
  }
  std::uint64_t number(const std::string& name, std::uint64_t cycle) const {
    return bits_value(at(name, cycle)).value_or(~std::uint64_t{0});
  }
  std::uint64_t ones(const std::string& name) const {
    std::uint64_t count = 0;
    for (std::uint64_t c = first / kPeriod; c <= last / kPeriod; ++c) count += at(name, c) == "1" ? 1 : 0;
    return count;
  }
};

Waves read_waves(const std::string& file) {
  const auto dump = open_dump(file);
  Waves waves;
  std::vector<std::size_t> all;
  for (std::size_t k = 0; k < dump->header().variables.size(); ++k) {
    waves.width[dump->header().variables[k].path()] = dump->header().variables[k].width;
    all.push_back(k);
  }
  waves.first = dump->header().first;
  waves.last = dump->header().last;
  dump->changes(all, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
    waves.changes[dump->header().variables[variable].path()][time] = value;
  });
  return waves;
}

/// Runs one layer on `device`, an eie4.
LayerResult run_on(Device& device) {
  const HwConfig config = shipped_config("eie4");
  LayerShape shape;
  shape.rows = 90;
  shape.columns = 200;
  const LayerCase layer = make_layer(shape, config, 61);
  Driver driver(device, config, LoadMode::kBackdoor);
  return run_and_check(driver, layer, make_activations(shape, 62), config);
}

LayerResult run_traced(const TraceOptions& trace) {
  const auto device = make_engine("hw", shipped_config("eie4"), trace);
  const LayerResult result = run_on(*device);
  device->finish();
  return result;
}

class TraceFiles : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Trace, TraceFiles, testing::Values("fst", "vcd"),
                         [](const testing::TestParamInfo<const char*>& tested) { return std::string(tested.param); });

TEST_P(TraceFiles, ShowWhatExplainsAStall) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file(std::string("all.") + GetParam());
  const LayerResult result = run_traced(trace);
  const Waves waves = read_waves(trace.file);
  const std::map<std::string, unsigned> expected = {{"ccu.broadcast_valid", 1},
                                                    {"ccu.broadcast_value", 16},
                                                    {"ccu.any_full", 1},
                                                    {"ccu.state_", 4},
                                                    {"pe_3.act_queue.full", 1},
                                                    {"pe_3.act_queue.count_", 3},
                                                    {"pe_0.entry_address__address", 16},
                                                    {"pe_0.spmat_read.entry_code", 4},
                                                    {"pe_0.spmat_read.q_", 64},
                                                    {"pe_0.arith_unit.bypass_", 1},
                                                    {"pe_0.arith_unit.access_sum", 16},
                                                    {"pe_0.act_rw.candidate_column", 8},
                                                    {"pe_1.arith_unit.codebook_[3]", 16},
                                                    {"pe_1.act_rw.destination_[63]", 16},
                                                    {"pe_2.ptr_read.odd.address", 13},
                                                    {"lnzd_tree.nodes_0.out_valid", 1},
                                                    {"host_port.busy", 1},
                                                    {"candidate__column[3]", 8},
                                                    {"collect.any_full", 1}};
  for (const auto& [name, width] : expected) {
    ASSERT_EQ(waves.width.count("eie." + name), 1u) << name << " is not traced";
    EXPECT_EQ(waves.width.at("eie." + name), width) << name;
  }
  // The waves say what the counters say.
  EXPECT_EQ(waves.ones("eie.ccu.broadcast_valid"), result.counters.broadcasts);
  EXPECT_EQ(waves.ones("eie.host_port.busy"), result.counters.cycles);
  EXPECT_EQ(waves.ones("eie.pe_2.spmat_read.entry_valid"), result.counters.pe[2].entries);
}

TEST(Trace, ChangesNothing) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("all.fst");
  const auto without = make_engine("hw", shipped_config("eie4"), TraceOptions());
  const auto with_trace = make_engine("hw", shipped_config("eie4"), trace);  // elaborates both
  const LayerResult traced = run_on(*with_trace);
  const LayerResult plain = run_on(*without);
  EXPECT_EQ(traced.outputs, plain.outputs);
  EXPECT_EQ(traced.counters.cycles, plain.counters.cycles);
}

TEST_P(TraceFiles, OfAWindowBeginWithItsFirstCycleAndAllValues) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file(std::string("part.") + GetParam());
  trace.scopes = {"*.pe_1.act_queue", "*.pe_1.spmat_read", "*ccu", "eie.pe_2.drain*"};
  trace.from = 50;
  trace.to = 80;
  run_traced(trace);
  const Waves waves = read_waves(trace.file);
  std::set<std::string> blocks;
  for (const auto& [name, width] : waves.width) {
    blocks.insert(name.substr(0, name.rfind('.')));
    const auto& changes = waves.changes.at(name);
    EXPECT_EQ(changes.begin()->first, 50 * kPeriod) << name;
  }
  EXPECT_EQ(blocks, (std::set<std::string>{"eie.pe_1.act_queue", "eie.pe_1.spmat_read", "eie.pe_1.spmat_read.spmat", "eie.ccu",
                                           "eie.pe_2"}));
  EXPECT_EQ(waves.first, 50 * kPeriod);
  EXPECT_EQ(waves.last, 80 * kPeriod);
}

TEST(Trace, OfALaunchLastsAsLongAsItIsBusy) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("launch.fst");
  trace.launch = 1;
  trace.pes = {2};
  const LayerResult result = run_traced(trace);
  const Waves waves = read_waves(trace.file);
  EXPECT_EQ((waves.last - waves.first) / kPeriod + 1, result.counters.cycles);
  EXPECT_EQ(waves.ones("eie.ccu.busy"), result.counters.cycles);
  EXPECT_EQ(waves.width.count("eie.pe_2.act_queue.full"), 1u);
  EXPECT_EQ(waves.width.count("eie.pe_1.act_queue.full"), 0u);
}

/// 600 columns are batches of 256, 256 and 88.
LayerResult run_batches(Device& device) {
  const HwConfig config = shipped_config("eie4");
  LayerShape shape;
  shape.rows = 60;
  shape.columns = 600;
  const LayerCase layer = make_layer(shape, config, 63);
  Driver driver(device, config, LoadMode::kBackdoor);
  const LayerResult result = run_and_check(driver, layer, make_activations(shape, 64), config);
  device.finish();
  return result;
}

TEST(Trace, OfABatchShowsItsColumnsAlone) {
  const TempFolder folder;
  ASSERT_EQ(shipped_config("eie4").batch_columns(), 256u);
  TraceOptions trace;
  trace.file = folder.file("batch.fst");
  trace.batch = 2;  // of launch 1
  const auto device = make_engine("hw", shipped_config("eie4"), trace);
  const LayerResult result = run_batches(*device);
  const Waves waves = read_waves(trace.file);
  const std::uint64_t first = waves.first / kPeriod;
  const std::uint64_t last = waves.last / kPeriod;
  ASSERT_GT(last - first, 100u);
  EXPECT_LT(last - first + 1, result.counters.cycles / 2);
  std::uint64_t broadcasts = 0;
  for (std::uint64_t c = first; c <= last; ++c) {
    EXPECT_EQ(waves.number("launch.launch", c), 1u) << "cycle " << c;
    EXPECT_EQ(waves.number("launch.batch", c), 2u) << "cycle " << c;
    if (waves.at("broadcast.valid", c) != "1") continue;
    ++broadcasts;
    EXPECT_GE(waves.number("broadcast.column", c), 256u) << "cycle " << c;
    EXPECT_LT(waves.number("broadcast.column", c), 512u) << "cycle " << c;
  }
  EXPECT_EQ(waves.at("launch.state", first), "load");
  EXPECT_GT(broadcasts, 50u);
  EXPECT_LT(broadcasts, result.counters.broadcasts);
}

TEST(Trace, OfABatchThatIsNotThereIsRefused) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("batch.fst");
  trace.batch = 4;
  const auto device = make_engine("hw", shipped_config("eie4"), trace);
  EXPECT_THROW(run_batches(*device), UserError);
  EXPECT_TRUE(folder.empty());
}

TEST_P(TraceFiles, SayInWordsWhatTheSignalsShow) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file(std::string("all.") + GetParam());
  trace.launch = 1;
  const LayerResult result = run_traced(trace);
  const Waves waves = read_waves(trace.file);
  EXPECT_EQ(waves.ones("broadcast.valid"), result.counters.broadcasts);
  std::map<std::string, std::uint64_t> why;
  const std::uint64_t first = waves.first / kPeriod;
  std::uint64_t stored = 0;
  for (std::uint64_t c = first; c <= waves.last / kPeriod; ++c) {
    EXPECT_EQ(waves.number("launch.cycle", c), c);
    EXPECT_EQ(waves.number("launch.launch_cycle", c), c - first);
    EXPECT_EQ(waves.number("launch.launch", c), 1u);
    const std::string word = waves.at("pe_2.why", c);
    ++why[word.substr(0, word.find_first_of("0123456789"))];
    if (waves.at("launch.state", c) == "store") ++stored;
    if (waves.at("eie.pe_2.access__write", c) == "1") {
      EXPECT_EQ(waves.number("pe_2.row", c), waves.number("eie.pe_2.access__write_row", c) * 4 + 2) << "cycle " << c;
      EXPECT_LT(waves.number("pe_2.column_sum", c), 200u) << "cycle " << c;
    } else {
      EXPECT_EQ(waves.number("pe_2.row", c), ~std::uint64_t{0}) << "cycle " << c;
    }
    EXPECT_EQ(waves.at("broadcast.full_pes", c) == "-", waves.at("eie.ccu.any_full", c) != "1") << "cycle " << c;
  }
  EXPECT_EQ(why["work"] + why["pad"], result.counters.pe[2].entries);
  EXPECT_EQ(why["pad"], result.counters.pe[2].padding);
  EXPECT_GT(stored, 0u);
}

TEST(Trace, SramRequestsStandInTheirCycle) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("all.fst");
  trace.pes = {0};
  run_traced(trace);
  const Waves waves = read_waves(trace.file);
  const std::string block = "eie.pe_0.spmat_read.";
  unsigned fetches = 0;
  for (std::uint64_t c = waves.first / kPeriod; c + 1 < waves.last / kPeriod; ++c) {
    const bool enable = waves.at(block + "enable_", c) == "1";
    if (waves.at(block + "q_", c) != waves.at(block + "q_", c + 1)) {
      EXPECT_TRUE(enable) << "cycle " << c;
    }
    if (enable) {
      ++fetches;
      // The row that is fetched is that of the entry whose address is there in the same cycle, four bits of which select.
      EXPECT_EQ(waves.number(block + "address_", c), waves.number(block + "entry_address_address", c) >> 3) << "cycle " << c;
    } else {
      EXPECT_EQ(waves.number(block + "address_", c), ~std::uint64_t{0}) << "an address without an access, cycle " << c;
    }
  }
  EXPECT_GT(fetches, 20u);
}

/// Module-level signals of the RTL text, as Module.signal -> width: ports and variables, arrays by their element.
std::map<std::string, std::set<std::string>> rtl_members(const std::string& text) {
  std::map<std::string, std::set<std::string>> members;
  std::istringstream in(text);
  std::string module;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "module") words >> module;
    const bool port = line.rfind("    input ", 0) == 0 || line.rfind("    output ", 0) == 0;
    if (!port && line.rfind("logic ", 0) != 0) continue;
    std::string name;
    while (words >> word) {
      if (word != "logic" && word != "signed" && word.front() != '[') {
        name = word;
        break;
      }
    }
    name = name.substr(0, name.find_first_of(",;["));
    if (name == "clk" || name == "words") continue;
    if (name.size() > 5 && name.compare(name.size() - 5, 5, "_next") == 0) continue;
    members[module].insert(name);
  }
  return members;
}

TEST(Trace, EverySignalOfTheRtlHasItsPartner) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("all.vcd");
  run_traced(trace);
  const Waves waves = read_waves(trace.file);
  std::set<std::string> names;  // without indices
  for (const auto& [name, width] : waves.width) names.insert(name.substr(0, name.find('[')));
  const auto members = rtl_members(read_text(std::string(EIE_SOURCE_DIR) + "/hw/rtl/eie4.sv"));
  const std::map<std::string, std::vector<std::string>> instances = {
      {"Eie", {"eie"}},
      {"HostPort", {"eie.host_port"}},
      {"Ccu", {"eie.ccu"}},
      {"LnzdTree", {"eie.lnzd_tree"}},
      {"LnzdNode", {"eie.lnzd_tree.nodes_0"}},
      {"Collect", {"eie.collect"}},
      {"Pe", {"eie.pe_0", "eie.pe_3"}},
      {"ActQueue", {"eie.pe_0.act_queue"}},
      {"PtrRead", {"eie.pe_1.ptr_read"}},
      {"SpmatRead", {"eie.pe_2.spmat_read"}},
      {"ArithUnit", {"eie.pe_3.arith_unit"}},
      {"ActRw", {"eie.pe_0.act_rw"}},
      {"eie_sram_16x8192_m8", {"eie.pe_0.ptr_read.even", "eie.pe_0.ptr_read.odd"}},
      {"eie_sram_64x16384_m8", {"eie.pe_0.spmat_read.spmat"}},
      {"eie_sram_64x256_m8", {"eie.pe_0.act_rw.act"}}};
  ASSERT_EQ(members.size(), instances.size());
  std::size_t count = 0;
  for (const auto& [module, signals] : members) {
    for (const std::string& instance : instances.at(module)) {
      for (const std::string& signal : signals) {
        EXPECT_EQ(names.count(instance + "." + signal), 1u) << instance << "." << signal;
        ++count;
      }
    }
  }
  EXPECT_GT(count, 400u);
}

TEST(Trace, ADifferenceIsFoundAtItsCycle) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("all.vcd");
  run_traced(trace);
  const std::string whole = read_text(trace.file);
  // A change of PE 0's sum behind the middle of the file, with one bit flipped.
  const Waves waves = read_waves(trace.file);
  std::istringstream in(whole);
  std::string code;
  for (std::string line; std::getline(in, line) && code.empty();) {
    std::istringstream words(line);
    std::string word;
    std::vector<std::string> parts;
    while (words >> word) parts.push_back(word);
    if (parts.size() > 4 && parts[0] == "$var" && parts[4] == "sum3_") code = parts[3];
  }
  const std::size_t middle = whole.find('\n', whole.size() / 2);
  const std::size_t at = whole.find(" " + code + "\n", middle);
  ASSERT_NE(at, std::string::npos);
  std::string edited = whole;
  edited[at - 1] = edited[at - 1] == '0' ? '1' : '0';
  const std::size_t stamp = whole.rfind("\n#", at) + 2;
  const std::uint64_t cycle = std::stoull(whole.substr(stamp)) / kPeriod;
  const auto a = open_dump(trace.file);
  const auto b = open_dump(folder.write("edited.vcd", edited));
  const auto same = open_dump(trace.file);
  EXPECT_TRUE(compare_waves(*a, "a", *same, "a").signals.empty());
  const WaveDifference d = compare_waves(*a, "a", *b, "b");
  ASSERT_FALSE(d.signals.empty());
  std::uint64_t start = 0;
  while (waves.at("eie.host_port.busy", start) != "1") ++start;
  EXPECT_EQ(d.signals.front().cycle, static_cast<std::int64_t>(cycle - start));
  EXPECT_EQ(d.signals.front().path(), "eie.pe_0.arith_unit.sum3_");
  EXPECT_EQ(d.blocks.front().scope, "eie.pe_0.arith_unit");
}

TEST(Trace, BadOptions) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("waves.txt");
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
}

TEST(Trace, AScopeThatMatchesNothingIsRefused) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("waves.vcd");
  trace.scopes = {"*.ccu", "*pe_7*"};
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
  EXPECT_TRUE(folder.empty());
}

TEST(Trace, APeThatIsNotThereIsRefused) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("waves.fst");
  trace.pes = {4};
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
  EXPECT_TRUE(folder.empty());
}

TEST(Trace, AFolderThatIsNotThereIsRefused) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("no/such/folder.vcd");
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
}

TEST_P(TraceFiles, OfAWindowWithoutACycleAreRefused) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file(std::string("waves.") + GetParam());
  trace.from = 99999;
  EXPECT_THROW(run_traced(trace), UserError);
  EXPECT_TRUE(folder.empty());
}

TEST(Trace, NamesAreThoseOfTheRtl) {
  EXPECT_EQ(rtl_name("broadcast.valid"), "broadcast_valid");
  EXPECT_EQ(rtl_name("layer_.in_length"), "layer__in_length");
  EXPECT_EQ(rtl_name("in[2].column"), "in_column[2]");
  EXPECT_EQ(rtl_name("file_[1][5]"), "file_[1][5]");
}

}  // namespace
}  // namespace eie::tb
