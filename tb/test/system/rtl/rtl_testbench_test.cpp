// SPDX-License-Identifier: Apache-2.0
// The SystemVerilog testbench tb/rtl/testbench/eie_tb.sv on what `eie export` writes: it passes on the RTL with every layer,
// stalls or not, and fails on each wrong value and each fault of the RTL. Programs run as processes: eie, scripts/rtl_testbench.
#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <vector>

#include "tb/formats/npy.h"
#include "tb/layers/figure2.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

struct Outcome {
  int status = -1;
  std::string out;
};

Outcome start(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char buffer[4096];
  for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) != 0;) outcome.out.append(buffer, got);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
  return outcome;
}

struct Shape {
  std::size_t rows;
  std::size_t columns;
  double weight_density;
  double act_density;
};
constexpr Shape kSmall = {100, 90, 0.3, 0.5};

class Testbench : public testing::Test {
 protected:
  // A layer of Figure 2's weights, as integers.
  void export_figure2() {
    const auto matrix = figure2_matrix();
    std::vector<double> w;
    for (std::size_t i = 0; i < matrix->rows(); ++i) {
      for (std::size_t j = 0; j < matrix->columns(); ++j) w.push_back(matrix->codebook()[matrix->at(i, j)]);
    }
    write_npy(folder.file("w.npy"), w, {matrix->rows(), matrix->columns()});
    write_npy(folder.file("a.npy"), std::vector<double>(kFigure2Input.begin(), kFigure2Input.end()));
    export_files("eie4", "--relu --weight-frac 0 --act-frac 0 --out-frac 0");
  }

  void export_layer(const std::string& config, const Shape& shape) {
    const auto [rows, columns, weight_density, act_density] = shape;
    std::vector<double> w;
    for (const std::int32_t v : random_vector(rows * columns, -7, 7, weight_density, 1)) w.push_back(v / 8.0);
    std::vector<double> a;
    for (const std::int32_t v : random_vector(columns, -1000, 1000, act_density, 2)) a.push_back(v / 1000.0);
    std::vector<double> b;
    for (const std::int32_t v : random_vector(rows, -500, 500, 1, 3)) b.push_back(v / 1000.0);
    write_npy(folder.file("w.npy"), w, {rows, columns});
    write_npy(folder.file("a.npy"), a);
    write_npy(folder.file("b.npy"), b);
    export_files(config, "--relu --bias " + folder.file("b.npy"));
  }

  void export_files(const std::string& config, const std::string& more) {
    const Outcome o =
        start(EIE_PROGRAM " export --config " EIE_SOURCE_DIR "/configs/" + config + ".yaml --weights " + folder.file("w.npy") +
              " --activations " + folder.file("a.npy") + " --output " + folder.file("layer") + " " + more);
    ASSERT_EQ(o.status, 0) << o.out;
    stimulus = read_text(folder.file("layer/stimulus.txt"));
    expected = read_text(folder.file("layer/expected.txt"));
  }

  Outcome play(const std::string& config, const std::string& more = "") const {
    return start(EIE_TESTBENCH " --rtl " EIE_SOURCE_DIR "/hw/rtl/" + config + ".sv --build " EIE_TESTBENCH_BUILDS "/" + config +
                 " --stimulus " + folder.file("layer") + " " + more);
  }

  void passes(const std::string& config, const std::string& more = "") const {
    const Outcome o = play(config, more);
    EXPECT_EQ(o.status, 0) << o.out;
    EXPECT_EQ(o.out.rfind("PASS: ", 0), 0u) << o.out;
  }

  void fails(const Outcome& o, const std::string& report) const {
    EXPECT_EQ(o.status, 1) << o.out;
    EXPECT_NE(o.out.find(report), std::string::npos) << "'" << report << "' is missing in: " << o.out;
    EXPECT_NE(o.out.find("FAIL: "), std::string::npos) << o.out;
    EXPECT_EQ(o.out.find("PASS"), std::string::npos) << o.out;
  }

  // With other files in the place of the exported ones.
  void fails_with(const std::string& new_stimulus, const std::string& new_expected, const std::string& report) const {
    folder.write("layer/stimulus.txt", new_stimulus);
    folder.write("layer/expected.txt", new_expected);
    fails(play("eie4"), report);
  }

  // With one edit in a copy of the RTL.
  void fails_on(const std::string& from, const std::string& to, const std::string& more, const std::string& report) const {
    const std::string rtl = replaced(read_text(EIE_SOURCE_DIR "/hw/rtl/eie4.sv"), from, to);
    const Outcome o = start(EIE_TESTBENCH " --rtl " + folder.write("fault.sv", rtl) + " --build " + folder.file("build") +
                            " --stimulus " + folder.file("layer") + " " + more);
    fails(o, report);
  }

  TempFolder folder;
  std::string stimulus;
  std::string expected;
};

TEST_F(Testbench, Figure2) {
  export_figure2();
  passes("eie4");
  for (const char* seed : {"1", "2", "3"}) passes("eie4", std::string("--stalls 50 --seed ") + seed);
}

// The whole launch may pass while the answer to the start waits: its length is still measured right.
TEST_F(Testbench, LongStallsAtTheStart) {
  export_figure2();
  for (unsigned seed = 1; seed <= 40; ++seed) passes("eie4", "--stalls 90 --seed " + std::to_string(seed));
}

TEST_F(Testbench, RandomLayer) {
  export_layer("eie4", {250, 700, 0.2, 0.4});
  passes("eie4");
  EXPECT_NE(play("eie4").out.find(" 1 interrupts in "), std::string::npos);
}

TEST_F(Testbench, RandomLayerWithStalls) {
  export_layer("eie4", {250, 700, 0.2, 0.4});
  for (const char* stalls : {"1", "30", "90"}) passes("eie4", std::string("--seed 3 --stalls ") + stalls);
}

// 700 rows are three row blocks, and end in the middle of a word whose last lane nobody writes.
TEST_F(Testbench, RowBlocks) {
  export_layer("eie4", {700, 300, 0.2, 0.4});
  EXPECT_NE(stimulus.find("// launch 3 of 3"), std::string::npos);
  EXPECT_NE(expected.find(" 0000ffffffffffff // PE 0 activation word"), std::string::npos) << expected;
  passes("eie4");
  passes("eie4", "--stalls 30");
}

// 9000 columns do not fit the activation SRAMs: sums carry over between launches.
TEST_F(Testbench, ColumnLaunches) {
  export_layer("eie4", {250, 9000, 0.1, 0.3});
  EXPECT_NE(stimulus.find("// launch 2 of "), std::string::npos);
  passes("eie4");
  passes("eie4", "--stalls 30");
}

#ifdef EIE_TESTBENCH_EIE64
TEST_F(Testbench, SixtyFourPes) {
  export_layer("eie64", {1200, 2000, 0.1, 0.4});
  passes("eie64");
  passes("eie64", "--stalls 30");
}
#endif

// Icarus has four values: a register or a memory that is read before it is written shows as X. Its cycles are Verilator's.
TEST_F(Testbench, IcarusSaysTheSame) {
  if (start("command -v iverilog").status != 0) GTEST_SKIP() << "iverilog is not installed (Debian package iverilog)";
  export_layer("eie4", kSmall);
  const auto icarus = [this](const std::string& more) {
    return start(EIE_TESTBENCH " --simulator icarus --rtl " EIE_SOURCE_DIR "/hw/rtl/eie4.sv --build " + folder.file("icarus") +
                 " --stimulus " + folder.file("layer") + " " + more);
  };
  for (const std::string more : {"", "--stalls 40 --seed 3"}) {
    const Outcome o = icarus(more);
    EXPECT_EQ(o.status, 0) << o.out;
    EXPECT_EQ(o.out, play("eie4", more).out);
  }
  const Outcome waves = icarus("--scope eie.busy_ --vcd " + folder.file("waves.vcd"));
  EXPECT_EQ(waves.status, 0) << waves.out;
  EXPECT_NE(waves.out.find("waves: launch 1, cycles 0 to "), std::string::npos) << waves.out;
  EXPECT_NE(read_text(folder.file("waves.vcd")).find("busy_"), std::string::npos);
  // The value that is expected of the last read, with a digit changed.
  const std::size_t end = expected.rfind(" // ");
  const std::size_t value = expected.rfind(' ', expected.rfind(' ', end - 1) - 1) + 1;
  std::string wrong = expected;
  wrong[value + 15] = wrong[value + 15] == '0' ? '1' : '0';
  folder.write("layer/expected.txt", wrong);
  fails(icarus(""), "expected ");
}

// Names of files stand in comments, and may be long.
TEST_F(Testbench, LongComments) {
  export_layer("eie4", kSmall);
  std::string comment = "// layer";
  for (unsigned k = 0; k < 500; ++k) comment += " w 1";
  folder.write("layer/stimulus.txt", comment + "\n" + stimulus);
  folder.write("layer/expected.txt", comment + "\n" + expected);
  passes("eie4");
}

// Every read is compared: one wrong digit in any line is found, and the report names the line.
TEST_F(Testbench, WrongValueFails) {
  export_layer("eie4", kSmall);
  const std::size_t cap = expected.find("// CAP0");
  const std::size_t cycles = expected.find("// CYCLES");
  const std::size_t counter = expected.find("// PE 2 starved");
  const std::size_t output = expected.find("// PE 3 activation word");
  const std::size_t status = expected.rfind("// STATUS");
  for (const std::size_t name : {cap, cycles, counter, output, status}) {
    ASSERT_NE(name, std::string::npos) << expected;
    std::string wrong = expected;
    char& digit = wrong[name - 19];  // the last of the value
    digit = digit == '0' ? '1' : '0';
    const std::string line = std::to_string(std::count(expected.begin(), expected.begin() + static_cast<long>(name), '\n') + 1);
    fails_with(stimulus, wrong, "expected.txt:" + line + ": " + expected.substr(name + 3, expected.find('\n', name) - name - 3));
    EXPECT_NE(play("eie4").out.find("FAIL: 1 mismatches"), std::string::npos);
  }
}

TEST_F(Testbench, WrongStimulusFails) {
  export_figure2();
  fails_with(replaced(stimulus, "w 100b0000 0000000000000005", "w 100b0000 0000000000000004"), expected, "activation word");
  fails_with(replaced(stimulus, "w 00000048", "w 00000030"), expected, "response 10, expected 00 (OKAY)");
  fails_with(replaced(stimulus, "\nt 18\n", "\nt 19\n"), expected, "26 cycles from start to interrupt, expected 27");
  fails_with(replaced(stimulus, "\ni 18b70\n", "\ni 10\n"), expected, "no interrupt within 16 cycles");
  fails_with(replaced(stimulus, "w 00000050 0000000000000001 ff\nq\nr", "q\nr"), expected, "the interrupt is 1, expected 0");
  fails_with(replaced(stimulus, "w 00000058 0000000000000001 ff", "w 00000058 0000000000000000 ff"), expected,
             "no interrupt within");
}

TEST_F(Testbench, CutFilesFail) {
  export_figure2();
  const std::size_t half = stimulus.find('\n', stimulus.size() / 2);
  fails_with(stimulus.substr(0, half), expected, "ends after line");
  fails_with(stimulus.substr(0, half - 3), expected, "no operation of format 1: w ");
  fails_with(stimulus.substr(0, stimulus.rfind("e ")), expected, "without an end operation");
  fails_with(replaced(stimulus, "\nr 100f0828\n", "\n"), expected, "expected the read at 100f0830");
  fails_with(replaced(stimulus, "w 00000090 0000000000000000 ff\n", ""), expected, "operations, the file says");
  fails_with(stimulus, expected.substr(0, expected.rfind("00000048")), "before the read at 00000048");
  fails_with(stimulus, expected + "00000048 0000000000000000 ffffffffffffffff\n", "a value that no read asked for");
  fails_with("x 00000000\n" + stimulus, expected, "no operation of format 1");
  fails_with("w 00000000 1\n" + stimulus, expected, "no operation of format 1");
  fails_with("", "", "ends after line 0");
}

TEST_F(Testbench, AnotherConfigurationFails) {
  export_layer("eie16", kSmall);
  fails(play("eie4"), "expected.txt:5: CAP0");
}

TEST_F(Testbench, RoundingFaultFails) {
  export_layer("eie4", kSmall);
  fails_on("carry = 1;", "carry = 0;", "", "activation word");
}

TEST_F(Testbench, WrongUsageIsStatus2) {
  export_figure2();
  const std::string good = EIE_TESTBENCH " --rtl " EIE_SOURCE_DIR "/hw/rtl/eie4.sv --build " EIE_TESTBENCH_BUILDS "/eie4";
  const std::string layer = " --stimulus " + folder.file("layer");
  for (const std::string& command :
       {std::string(EIE_TESTBENCH), good, good + " --stimulus", good + " --stimulus " + folder.file("absent"),
        good + layer + " --stalls 91", good + layer + " --stalls x", good + layer + " --seed -1", good + layer + " --bogus",
        std::string(EIE_TESTBENCH " --rtl absent.sv") + layer}) {
    const Outcome o = start(command);
    EXPECT_EQ(o.status, 2) << command << "\n" << o.out;
    EXPECT_NE(o.out.find("expected"), std::string::npos) << o.out;
    EXPECT_EQ(std::count(o.out.begin(), o.out.end(), '\n'), 1) << o.out;
  }
  // A folder with other files in it is not cleared for a build.
  std::filesystem::create_directory(folder.file("mine"));
  folder.write("mine/precious.txt", "text");
  const Outcome refused = start(EIE_TESTBENCH " --rtl " EIE_SOURCE_DIR "/hw/rtl/eie4.sv --build " + folder.file("mine") + layer);
  EXPECT_EQ(refused.status, 2) << refused.out;
  EXPECT_EQ(read_text(folder.file("mine/precious.txt")), "text");
  folder.write("broken.sv", "module Eie(input logic clk); endmodule\n");
  const Outcome o = start(EIE_TESTBENCH " --rtl " + folder.file("broken.sv") + " --build " + folder.file("build") + layer);
  EXPECT_EQ(o.status, 2) << o.out;
  EXPECT_NE(o.out.find("cannot be built"), std::string::npos) << o.out;
}

// Each builds the testbench anew.
using TestbenchSlow = Testbench;

// Area, timing and proofs look at plain Verilog that scripts/rtl_to_verilog.py writes: the whole device of it is the same
// machine, in every answer and every counter.
TEST_F(TestbenchSlow, ConvertedVerilog) {
  export_layer("eie4", {250, 700, 0.2, 0.4});
  const std::string verilog = folder.file("converted.v");
  const Outcome converted =
      start(EIE_SOURCE_DIR "/scripts/rtl_to_verilog.py " EIE_SOURCE_DIR "/hw/rtl/eie4.sv --sram keep -o " + verilog);
  ASSERT_EQ(converted.status, 0) << converted.out;
  const Outcome o = start(EIE_TESTBENCH " --rtl " + verilog + " --build " + folder.file("build") + " --stimulus " +
                          folder.file("layer") + " --stalls 20");
  EXPECT_EQ(o.status, 0) << o.out;
  EXPECT_EQ(o.out.rfind("PASS: ", 0), 0u) << o.out;
}

// The blocks of PE 0 as netlists of standard cells answer as the RTL does; with one gate for another they do not.
TEST_F(TestbenchSlow, APeOfGates) {
  if (start("iverilog -V && yosys -V && sta -version").status != 0) GTEST_SKIP() << "needs iverilog, yosys and opensta";
  if (start("test -e /usr/share/qflow/tech/osu018/osu018_stdcells.v").status != 0) GTEST_SKIP() << "needs qflow-tech-osu018";
  export_layer("eie4", {60, 90, 0.3, 0.5});
  const Outcome o =
      start(EIE_SOURCE_DIR "/scripts/gate_level --stimulus " + folder.file("layer") + " --keep " + folder.file("gates"));
  EXPECT_EQ(o.status, 0) << o.out;
  EXPECT_NE(o.out.find("PASS: "), std::string::npos) << o.out;
  EXPECT_EQ(start("cd " + folder.file("gates") +
                  " && sed -i '0,/NAND2X1/s//NOR2X1/' ArithUnit_netlist.gates.v && iverilog -g2012 -s eie_tb " +
                  "-o bad.vvp " EIE_SOURCE_DIR "/tb/rtl/testbench/eie_tb.sv gates.v *.gates.v " +
                  "/usr/share/qflow/tech/osu018/osu018_stdcells.v")
                .status,
            0);
  const std::string files = folder.file("layer") + "/";
  const Outcome bad = start("vvp -n " + folder.file("gates") + "/bad.vvp +stimulus=" + files + "stimulus.txt +expected=" + files +
                            "expected.txt +stalls=0 +seed=1");
  EXPECT_EQ(bad.out.find("PASS: "), std::string::npos) << bad.out;
}

TEST_F(TestbenchSlow, WritesWaves) {
  export_figure2();
  const Outcome o = start(EIE_TESTBENCH " --rtl " EIE_SOURCE_DIR "/hw/rtl/eie4.sv --build " + folder.file("build") +
                          " --stimulus " + folder.file("layer") + " --vcd " + folder.file("waves.vcd"));
  EXPECT_EQ(o.status, 0) << o.out;
  EXPECT_NE(read_text(folder.file("waves.vcd")).find("s_axi_awvalid"), std::string::npos);

  // All of launch 1 and nothing else: busy is set from the first time stamp to the last. The load is not there.
  const std::string again = EIE_TESTBENCH " --rtl " EIE_SOURCE_DIR "/hw/rtl/eie4.sv --build " + folder.file("build") +
                            " --stimulus " + folder.file("layer") + " --vcd " + folder.file("waves.vcd") + " ";
  const auto stamps = [](const std::string& text) {
    std::vector<unsigned long long> times;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.front() == '#') times.push_back(std::stoull(line.substr(1)));
    }
    return times;
  };
  const auto said = [](const std::string& out) {
    const std::size_t at = out.find(" to ", out.find("waves: launch 1, cycles 0"));
    return std::stoul(out.substr(at + 4));
  };
  for (const char* stalls : {"0", "40"}) {
    const Outcome one = start(again + "--scope eie.busy_ --stalls " + stalls);
    ASSERT_EQ(one.status, 0) << one.out;
    const std::string text = read_text(folder.file("waves.vcd"));
    const auto times = stamps(text);
    EXPECT_EQ((times.back() - times.front() + 5000) / 10000, said(one.out)) << one.out;
    const std::size_t id = text.find("$var wire  1 ") + 13;
    const std::string busy = text.substr(id, text.find(' ', id) - id);
    EXPECT_NE(text.find("\n1" + busy + "\n"), std::string::npos);
    EXPECT_EQ(text.find("\n0" + busy + "\n"), std::string::npos);
  }
  const Outcome part = start(again + "--from 10 --to 14 --scope '*.pe_1.act_queue'");
  EXPECT_NE(part.out.find("waves: launch 1, cycles 10 to 14"), std::string::npos) << part.out;
  const std::string text = read_text(folder.file("waves.vcd"));
  EXPECT_NE(text.find(" count_ "), std::string::npos);
  EXPECT_EQ(text.find("s_axi_awvalid"), std::string::npos);
  EXPECT_LE(stamps(text).back() - stamps(text).front(), 45000u);
  for (const char* wrong : {"--launch 9", "--scope nothing", "--from 5 --to 3", "--all --to 3", "--launch 0", "--to x"}) {
    EXPECT_EQ(start(again + wrong).status, 2) << wrong;
  }
  const Outcome all = start(again + "--all");
  EXPECT_EQ(all.status, 0);
  EXPECT_LT(stamps(read_text(folder.file("waves.vcd"))).front(), 20000u);
}

// Without the program that prepares the RTL the build only takes longer.
TEST_F(TestbenchSlow, WithoutTheInliningTool) {
  export_figure2();
  const Outcome o = start("env EIE_RTL_TOOL=/nonexistent " EIE_SOURCE_DIR "/scripts/rtl_testbench --rtl " EIE_SOURCE_DIR
                          "/hw/rtl/eie4.sv --build " +
                          folder.file("build") + " --stimulus " + folder.file("layer"));
  EXPECT_EQ(o.status, 0) << o.out;
}

TEST_F(TestbenchSlow, BypassFaultFails) {
  export_layer("eie4", {8, 200, 0.5, 0.8});  // short columns: the same row twice in a row
  fails_on("before_v = bypass_ ? sum3__next : accumulated", "before_v = accumulated", "", "activation word");
}

TEST_F(TestbenchSlow, ResponseWithoutReadyFails) {
  export_layer("eie4", kSmall);
  fails_on("if (bvalid && bready)", "if (bvalid)", "--stalls 50", "BVALID or BRESP changed before BREADY");
}

TEST_F(TestbenchSlow, ReadDataNotKeptFails) {
  export_layer("eie4", kSmall);
  fails_on("rdata_next = r_count__next != 1'd0 ? r_data__next[0] : 64'd0",
           "rdata_next = r_count__next != 1'd0 && rready ? r_data__next[0] : 64'd0", "--stalls 50",
           "RDATA changed before RREADY");
}

}  // namespace
}  // namespace eie::tb
