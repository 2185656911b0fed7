// Waves: what a trace holds, where it starts and ends, and that it changes nothing.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "../engines.h"
#include "../unit/test_support.h"
#include "../vcd_trace.h"
#include "layer_case.h"

namespace eie::tb {
namespace {

struct Vcd {
  std::map<std::string, std::string> width_of;  // full name -> width
  std::map<std::string, std::string> id_of;
  std::vector<std::uint64_t> times;
  std::map<std::string, std::uint64_t> ones;  // id -> picoseconds at 1 (single bits)
};

Vcd read_vcd(const std::string& file) {
  Vcd vcd;
  std::ifstream in(file);
  std::vector<std::string> scope;
  std::map<std::string, bool> value;
  std::string line;
  std::uint64_t now = 0;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "$scope") {
      words >> word >> word;
      scope.push_back(word);
    } else if (word == "$upscope") {
      scope.pop_back();
    } else if (word == "$var") {
      std::string width;
      std::string id;
      std::string name;
      words >> word >> width >> id >> name;
      std::string path;
      for (const std::string& s : scope) path += s + ".";
      vcd.width_of[path + name] = width;
      vcd.id_of[path + name] = id;
    } else if (!word.empty() && word[0] == '#') {
      const std::uint64_t time = std::stoull(word.substr(1));
      for (const auto& [id, one] : value) {
        if (one) vcd.ones[id] += time - now;
      }
      now = time;
      vcd.times.push_back(time);
    } else if (!word.empty() && (word[0] == '0' || word[0] == '1')) {
      value[word.substr(1)] = word[0] == '1';
    }
  }
  return vcd;
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
  return run_on(*make_engine("hw", shipped_config("eie4"), trace));
}

TEST(Trace, ShowsWhatExplainsAStall) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("all.vcd");
  const LayerResult result = run_traced(trace);
  const Vcd vcd = read_vcd(trace.file);
  const std::string dut = "SystemC.eie_0.dut.";
  const std::map<std::string, std::string> expected = {
      {"ccu.broadcast.valid", "1"},           {"ccu.broadcast.value", "16"},         {"ccu.any_full", "1"},
      {"ccu.state", "4"},                     {"pe_3.act_queue.full", "1"},          {"pe_3.act_queue.count", "3"},
      {"pe_0.ptr_read.entry_address.address", "16"}, {"pe_0.spmat_read.entry.code", "4"}, {"pe_0.spmat_read.q", "64"},
      {"pe_0.arith_unit.bypass", "1"},        {"pe_0.arith_unit.access.sum", "16"},  {"pe_0.act_rw.candidate.column", "8"},
      {"lnzd_tree.nodes_0.out.valid", "1"},   {"host_port.busy", "1"}};
  for (const auto& [name, width] : expected) {
    ASSERT_EQ(vcd.width_of.count(dut + name), 1u) << name << " is not traced";
    EXPECT_EQ(vcd.width_of.at(dut + name), width) << name;
  }
  // The waves say what the counters say. A cycle is 1250 ps.
  EXPECT_EQ(vcd.ones.at(vcd.id_of.at(dut + "ccu.broadcast.valid")) / 1250, result.counters.broadcasts);
  EXPECT_EQ(vcd.ones.at(vcd.id_of.at(dut + "host_port.busy")) / 1250, result.counters.cycles);
  EXPECT_EQ(vcd.ones.at(vcd.id_of.at(dut + "pe_2.spmat_read.entry.valid")) / 1250, result.counters.pe[2].entries);
}

TEST(Trace, ChangesNothing) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("all.vcd");
  const auto with_trace = make_engine("hw", shipped_config("eie4"), trace);
  const auto without = make_engine("hw", shipped_config("eie4"), TraceOptions());
  const LayerResult traced = run_on(*with_trace);
  const LayerResult plain = run_on(*without);
  EXPECT_EQ(traced.outputs, plain.outputs);
  EXPECT_EQ(traced.counters.cycles, plain.counters.cycles);
}

TEST(Trace, ScopeAndWindow) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("part.vcd");
  trace.scopes = {"*.pe_1.act_queue", "*ccu"};
  trace.from = 50;
  trace.to = 80;
  run_traced(trace);
  const Vcd vcd = read_vcd(trace.file);
  std::set<std::string> blocks;
  for (const auto& [name, width] : vcd.width_of) {
    blocks.insert(name.find("act_queue") != std::string::npos ? "act_queue" : name.find(".ccu.") != std::string::npos ? "ccu" : name);
  }
  EXPECT_EQ(blocks, (std::set<std::string>{"act_queue", "ccu"}));
  ASSERT_FALSE(vcd.times.empty());
  EXPECT_GE(vcd.times.front(), 50 * 1250u);
  EXPECT_LE(vcd.times.back(), 81 * 1250u);
}

TEST(Trace, BadFileNames) {
  const TempFolder folder;
  TraceOptions trace;
  trace.file = folder.file("waves.txt");
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
  trace.file = folder.file("waves.vcd");
  trace.scopes = {"*pe_7*"};
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
  trace.scopes.clear();
  trace.file = folder.file("no/such/folder.vcd");
  EXPECT_THROW(make_engine("hw", shipped_config("eie4"), trace), UserError);
}

TEST(Trace, Globs) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*pe_1*", "eie.dut.pe_1.act_queue"));
  EXPECT_TRUE(glob_match("a?c", "abc"));
  EXPECT_FALSE(glob_match("a?c", "abbc"));
  EXPECT_FALSE(glob_match("*pe_1", "eie.dut.pe_1.act_queue"));
  EXPECT_TRUE(glob_match("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(glob_match("", "x"));
}

}  // namespace
}  // namespace eie::tb
