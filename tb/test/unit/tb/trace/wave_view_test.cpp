// SPDX-License-Identifier: Apache-2.0
// Dumps as lists of variables and values, and the views that are made of them.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "tb/cli/program.h"
#include "tb/engines/engines.h"
#include "tb/support/error.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/trace/wave_fixture.h"
#include "tb/trace/dump/dump_facts.h"
#include "tb/trace/dump/dump_file.h"
#include "tb/trace/dump/dump_names.h"
#include "tb/trace/view.h"

namespace eie::tb {
namespace {

std::uint64_t at_cycle(unsigned cycle) { return std::uint64_t{kFixtureIdle + cycle} * kFixturePeriod; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Names of the groups that begin, in order; closed ones in parentheses.
std::vector<std::string> groups_of(const std::string& view) {
  std::vector<std::string> groups;
  std::string before;
  for (const std::string& line : lines_of(view)) {
    if (before == "@800200") groups.push_back(line.substr(1));
    if (before == "@c00200") groups.push_back("(" + line.substr(1) + ")");
    before = line;
  }
  return groups;
}

class WaveView : public testing::Test {
 protected:
  WaveView() : file(folder.write("waves.vcd", fixture_vcd())) {}
  std::string view(const ViewRequest& request = {}) const { return view_text(*open_dump(file), request); }

  TempFolder folder;
  std::string file;
};

TEST_F(WaveView, DumpHasVariablesTimesAndValues) {
  const auto dump = open_dump(file);
  const DumpHeader& h = dump->header();
  EXPECT_EQ(h.exponent, -12);
  EXPECT_EQ(h.first, 0u);
  EXPECT_EQ(h.last, at_cycle(kFixtureCycles));
  ASSERT_EQ(h.variables.size(), 22u);
  EXPECT_EQ(h.variables[0].path(), "launch.cycle");
  EXPECT_EQ(h.variables[0].range, "[31:0]");
  EXPECT_EQ(h.variables[4].kind, DumpKind::kText);
  EXPECT_EQ(h.variables[7].kind, DumpKind::kReal);
  std::vector<std::string> seen;
  dump->changes({4, 7}, [&](std::uint64_t time, std::size_t v, std::string_view value) {
    if (time == at_cycle(0)) seen.push_back(std::to_string(v) + " " + std::string(value));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"4 compute", "7 -1.25"}));
}

TEST_F(WaveView, FilesThatAreNoWavesAreRefused) {
  expect_user_error([&] { open_dump(folder.file("none.fst")); }, {"none.fst", "cannot be read"});
  expect_user_error([&] { open_dump(folder.write("a.vcd", "")); }, {"a.vcd", "is empty"});
  expect_user_error([&] { open_dump(folder.write("a.vcd", "hello")); }, {"a.vcd", "neither FST nor VCD"});
  expect_user_error([&] { open_dump(folder.write("a.vcd", "$timescale 1 ps $end\n$var wire")); }, {"ends within 'wire'"});
  expect_user_error([&] { open_dump(folder.write("a.vcd", "$timescale 1 ps $end\n")); }, {"ends within its header"});
  const auto dump = open_dump(folder.write("a.vcd", fixture_vcd() + "hello\n"));
  const auto ignore = [](std::uint64_t, std::size_t, std::string_view) {};
  expect_user_error([&] { dump->changes({0}, ignore); }, {"a.vcd", "among the values"});
}

TEST_F(WaveView, FactsAreThoseOfTheValues) {
  const auto dump = open_dump(file);
  const DumpGroups groups = group_variables(dump->header());
  EXPECT_EQ(groups.root, "eie");
  const DumpFacts facts = read_facts(*dump, groups);
  EXPECT_EQ(facts.period, kFixturePeriod);
  ASSERT_EQ(facts.launches.size(), 1u);
  EXPECT_EQ(facts.launches[0].time, at_cycle(0));
  ASSERT_EQ(facts.batches.size(), 2u);
  EXPECT_EQ(facts.batches[1].text, "batch 3");
  EXPECT_EQ(facts.batches[1].time, at_cycle(8));
  ASSERT_TRUE(facts.first_stall);
  EXPECT_EQ(facts.first_stall->time, at_cycle(6));
  EXPECT_EQ(facts.first_stall->pes, std::vector<unsigned>{5});
  EXPECT_EQ(facts.entries.at(3), 5u);
  EXPECT_EQ(facts.entries.at(5), 8u);
  EXPECT_EQ(facts.slowest, 5u);
  EXPECT_EQ(time_of(*dump, groups, {1, 7}), at_cycle(7));
  EXPECT_EQ(time_of(*dump, groups, {1, 10}), std::nullopt);
  EXPECT_EQ(time_of(*dump, groups, {2, 0}), std::nullopt);
}

TEST_F(WaveView, LaunchAndBroadcastComeFirstThenThePesThatExplainTheRun) {
  EXPECT_EQ(groups_of(view()), (std::vector<std::string>{"launch", "broadcast", "PE 5", "(PE 5 registers)", "(PE 3)",
                                                         "(PE 3 registers)", "(CCU)", "(LNZD tree)"}));
  ViewRequest request;
  request.pes = {3};
  EXPECT_EQ(groups_of(view(request))[2], "PE 3");
  request.pes.clear();
  request.places = {{{1, 2}, "first mismatch", 3u}};
  EXPECT_EQ(groups_of(view(request))[2], "PE 3");
  EXPECT_EQ(groups_of(view(request))[4], "PE 5");
}

TEST_F(WaveView, EveryVariableOfTheDumpIsInTheViewOnce) {
  std::multiset<std::string> listed;
  for (const std::string& line : lines_of(view())) {
    if (line.rfind("+{", 0) == 0) listed.insert(line.substr(line.find("} ") + 2));
  }
  std::multiset<std::string> expected;
  const auto dump = open_dump(file);
  for (const DumpVariable& v : dump->header().variables) expected.insert(v.path() + v.range);
  EXPECT_EQ(listed, expected);
}

TEST_F(WaveView, OpensBeforeTheFirstStallAndMarksIt) {
  const std::vector<std::string> lines = lines_of(view());
  const auto has = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); };
  EXPECT_TRUE(has("[timestart] 0")) << "ten cycles before cycle 6 there is nothing";
  EXPECT_TRUE(has("[markername] Alaunch 1"));
  EXPECT_TRUE(has("[markername] Bbatch 2"));
  EXPECT_TRUE(has("[markername] Cfirst stall"));
  EXPECT_TRUE(has("[markername] Dbatch 3"));
  EXPECT_TRUE(has("[treeopen] eie."));
  const auto zoom = std::find_if(lines.begin(), lines.end(), [](const std::string& l) { return l[0] == '*'; });
  ASSERT_NE(zoom, lines.end());
  EXPECT_EQ(zoom->substr(zoom->find(' ') + 1).rfind(std::to_string(at_cycle(6)) + " " + std::to_string(at_cycle(0)), 0), 0u)
      << *zoom;
}

TEST_F(WaveView, WhatIsNotInTheDumpIsRefused) {
  ViewRequest request;
  request.pes = {4};
  expect_user_error([&] { view(request); }, {"PE 4", "PE 3"});
  request.pes.clear();
  request.places = {{{1, 10}, "cycle 10", {}}};
  expect_user_error([&] { view(request); }, {"cycle 10 of launch 1", "not in the dump"});
}

TEST_F(WaveView, ADumpWithoutDerivedSignalsHasAViewToo) {
  const std::string plain =
      "$timescale 1 ps $end $scope module top $end $scope module ccu $end $var wire 1 a any_full $end $upscope $end\n"
      "$scope module pe_0 $end $scope module act_queue $end $var wire 1 b full $end $upscope $end $upscope $end\n"
      "$scope module pe_1 $end $scope module act_queue $end $var wire 1 c full $end $upscope $end $upscope $end\n"
      "$upscope $end $enddefinitions $end\n#0 0a 0b 0c\n#10 1a 1c\n#20 0a 0c\n#30 1a 1b\n#40\n";
  const std::string text = view_text(*open_dump(folder.write("plain.vcd", plain)), {});
  EXPECT_EQ(groups_of(text), (std::vector<std::string>{"broadcast", "PE 1", "(PE 1 registers)", "(PE 0)", "(PE 0 registers)"}));
  EXPECT_NE(text.find("[markername] Afirst stall"), std::string::npos);
}

TEST_F(WaveView, CommandWritesAViewAndRefusesWhatItCannotShow) {
  const auto eie = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"eie", "waves"});
    std::vector<const char*> argv;
    for (const std::string& a : arguments) argv.push_back(a.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = program(static_cast<int>(argv.size()), argv.data());
    return std::to_string(status) + " " + testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  };
  const auto contains = [](const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; };
  EXPECT_EQ(eie({file}).rfind("0 " + folder.file("waves.gtkw") + ": open it with", 0), 0u);
  EXPECT_EQ(groups_of(read_text(folder.file("waves.gtkw")))[2], "PE 5");
  const std::string other = folder.file("other.gtkw");
  EXPECT_EQ(eie({file, "--pe", "3", "--at", "9", "-o", other})[0], '0');
  EXPECT_NE(read_text(other).find("[markername] Ecycle 9"), std::string::npos);
  EXPECT_EQ(groups_of(read_text(other))[2], "PE 3");
  folder.write("other.gtkw", "mine");
  EXPECT_TRUE(contains(eie({file, "-o", other}), "was changed since it was written")) << "asked for by name: refused";
  EXPECT_EQ(read_text(other), "mine");
  folder.write("waves.gtkw", "mine");
  EXPECT_TRUE(contains(eie({file}), "waves.2.gtkw: open it with")) << "by default: written beside";
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "--waves is missing"},
           {{file, "--pe", "4"}, "PE 4: is not in the dump"},
           {{file, "--pe", "3;5"}, "--pe is '3;5'"},
           {{file, "--pe", ""}, "--pe is ''"},
           {{file, "--at", "77"}, "cycle 77 of launch 1: is not in the dump"},
           {{file, "--launch", "2"}, "--launch without --at"},
           {{file, "-o", folder.file("view.txt")}, "ends with .gtkw"},
           {{folder.file("no.fst")}, "no.fst: cannot be read"}}) {
    const std::string said = eie(arguments);
    EXPECT_EQ(said[0], '2') << said;
    EXPECT_TRUE(contains(said, part)) << said;
  }
}

TEST_F(WaveView, AnEditedViewIsNotOverwritten) {
  const std::string target = folder.file("waves.gtkw");
  EXPECT_EQ(write_view("one\n", file, target, true).file, target);
  EXPECT_EQ(write_view("two\n", file, target, true).file, target) << "nobody changed it";
  const std::string edited = replaced(read_text(target), "two", "TWO");
  folder.write("waves.gtkw", edited);
  expect_user_error([&] { write_view("three\n", file, target, false); }, {"waves.gtkw", "was changed"});
  const WrittenView beside = write_view("three\n", file, target, true);
  EXPECT_EQ(beside.file, folder.file("waves.2.gtkw"));
  EXPECT_NE(beside.note.find("waves.2.gtkw"), std::string::npos);
  EXPECT_EQ(read_text(target), edited);
  EXPECT_NE(read_text(beside.file).find("three"), std::string::npos);
}

}  // namespace

// `eie waves` needs no engine.
std::unique_ptr<Device> make_engine(const std::string&, const HwConfig&, const TraceOptions&) { return nullptr; }

}  // namespace eie::tb
