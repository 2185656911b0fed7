// SPDX-License-Identifier: Apache-2.0
// The comforts of the `eie` program on a fake engine: names, changed keys, arguments without options,
// comparisons, descriptions, completion and manual.
#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tb/cli/capacity.h"
#include "tb/cli/commands.h"
#include "tb/cli/compare/read_log.h"
#include "tb/cli/data_files.h"
#include "tb/cli/help/compile_hint.h"
#include "tb/cli/help/completion.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/in_child.h"
#include "tb/cli/program.h"
#include "tb/cli/report/text_table.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/engines/engines.h"
#include "tb/formats/npy.h"
#include "tb/test/support/fake_device.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/cli/run_program.h"

namespace eie::tb {
namespace {

// A data folder of its own, with configurations t and wide, a workload, a network, and a layer.
class Cli : public testing::Test {
 protected:
  Cli() {
    namespace fs = std::filesystem;
    for (const char* name : {"data/configs/workloads", "data/configs/networks/tiny"}) fs::create_directories(folder.file(name));
    HwConfig c = small_config();
    c.name = "t";
    folder.write("data/configs/t.yaml", config_yaml(c));
    c.name = "wide";
    c.n_pe = 8;
    c.queue_depth = 3;
    folder.write("data/configs/wide.yaml", config_yaml(c));
    folder.write("data/configs/workloads/small.yaml",
                 "n_pe: 4\nfifo_depths: [1, 8]\nlayers:\n"
                 "  - {name: a, inputs: 200, outputs: 150, weight_density: 0.2, activation_density: 0.5, time_us: 2,"
                 " theoretical_us: 1, load_balance: [0.5, 0.9]}\n");
    folder.write("data/configs/networks/tiny/tiny.yaml", "inputs: x.npy\nlayers:\n  - {name: one, weights: w.npy, relu: true}\n");
    std::vector<double> w, a;
    for (const std::int32_t v : random_vector(40 * 30, -6, 6, 0.3, 1)) w.push_back(v / 8.0);
    for (const std::int32_t v : random_vector(30, 0, 1000, 0.5, 2)) a.push_back(v / 1000.0);
    for (const char* name : {"w.npy", "data/configs/networks/tiny/w.npy"}) write_npy(folder.file(name), w, {40, 30});
    write_npy(folder.file("a.npy"), a);
    std::vector<double> x = a;
    x.insert(x.end(), a.begin(), a.end());
    write_npy(folder.file("data/configs/networks/tiny/x.npy"), x, {2, 30});
    weights = folder.file("w.npy");
    activations = folder.file("a.npy");
    setenv("EIE_DATA_DIR", folder.file("data").c_str(), 1);
  }
  ~Cli() override { unsetenv("EIE_DATA_DIR"); }

  nlohmann::json json(const std::string& name) const { return read_report(folder.file(name)); }

  TempFolder folder;
  std::string weights, activations;
};

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"queue_depth", "look_ahead", "spmat_depth", "n_pe"};
  EXPECT_EQ(nearest("queue_deph", names), std::vector<std::string>{"queue_depth"});
  EXPECT_EQ(nearest("qeue_depth", names), std::vector<std::string>{"queue_depth"});
  EXPECT_EQ(nearest("queue", names), std::vector<std::string>{"queue_depth"});
  EXPECT_TRUE(nearest("banana", names).empty());
  EXPECT_TRUE(nearest("", names).empty());
  EXPECT_EQ(edit_distance("abcd", "abdc"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(TextTable, LinesUpUnderAnyContent) {
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1000), "1,000");
  EXPECT_EQ(thousands(12345678), "12,345,678");
  EXPECT_EQ(counted(1, "launch", "launches"), "1 launch");
  EXPECT_EQ(counted(1234, "launch", "launches"), "1,234 launches");
  EXPECT_EQ(fixed(-1234.567, 2), "-1,234.57");
  EXPECT_EQ(fixed(0.5, 0), "0");
  TextTable table;
  table.add_column("layer", TextTable::Align::kLeft);
  table.add_column("us", TextTable::Align::kRight, "a long head of its own");
  table.add_column("n");
  table.add_row({"kräftig", "1.5", "12,345,678,901"});
  table.add_row({"a layer with a very long name", "2"});
  EXPECT_EQ(table.text(" "),
            "                                a long head of its own\n"
            " layer                                              us               n\n"
            " kräftig                                           1.5  12,345,678,901\n"
            " a layer with a very long name                       2\n");
}

TEST(TextTable, CountsColumnsOfATerminal) {
  EXPECT_EQ(text_width("layer"), 5u);
  EXPECT_EQ(text_width("größer"), 6u);
  EXPECT_EQ(text_width("e\u0301tude"), 5u);
  EXPECT_EQ(text_width("日本語の層"), 10u);
  EXPECT_EQ(text_width("\U0001F600"), 2u);
  EXPECT_EQ(text_width("Слой"), 4u);
}

TEST(TimeLeft, OnlyWhenItIsWorthSaying) {
  EXPECT_EQ(time_left(0.5, 5, 1000), "");
  EXPECT_EQ(time_left(10, 0, 100), "");
  EXPECT_EQ(time_left(10, 99, 100), "");
  EXPECT_EQ(time_left(10, 25, 100), " (about 30 s left)");
  EXPECT_EQ(time_left(100, 10, 100), " (about 15 min left)");
}

TEST(InChildren, ReturnsAndThrows) {
  const std::string big(1 << 20, 'x');
  const auto answers = in_children({[&] { return big; }, [] { return std::string("\0b", 2); }, [] { return std::string(); }}, 2);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0], big);
  EXPECT_EQ(answers[1], std::string("\0b", 2));
  EXPECT_EQ(answers[2], "");
  EXPECT_THROW(in_children({[]() -> std::string { throw UserError("no"); }}, 1), UserError);
  EXPECT_THROW(in_children({[]() -> std::string { throw DeviceError("no"); }}, 1), DeviceError);
  try {
    in_children({[]() -> std::string { std::_Exit(3); }}, 1);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(has(error.what(), "status 3")) << error.what();
  }
}

TEST_F(Cli, NamesAreFound) {
  EXPECT_EQ(find_data_file(DataKind::kConfig, "--config", "t"), folder.file("data/configs/t.yaml"));
  EXPECT_EQ(find_data_file(DataKind::kConfig, "--config", "t.yaml"), folder.file("data/configs/t.yaml"));
  EXPECT_EQ(find_data_file(DataKind::kWorkload, "--workload", "small"), folder.file("data/configs/workloads/small.yaml"));
  EXPECT_EQ(find_data_file(DataKind::kNetwork, "--network", "tiny"), folder.file("data/configs/networks/tiny/tiny.yaml"));
  EXPECT_EQ(find_data_file(DataKind::kConfig, "--config", "no/such.yaml"), "no/such.yaml");
  // A file of that very path wins; a folder does not.
  const std::string mine = folder.write("mine", "");
  EXPECT_EQ(find_data_file(DataKind::kConfig, "--config", mine), mine);
  // The build folder's link to the source tree, or the source tree itself when that is the current folder.
  EXPECT_TRUE(has(find_data_file(DataKind::kConfig, "--config", "eie64"), "configs/eie64.yaml"));
  const Outcome o = eie({"run", weights, activations, "--config", "tt"});
  EXPECT_EQ(o.status, kExitUsage);
  for (const char* part : {"--config tt: cannot be opened: expected a YAML file, or a configuration by name: ",
                           "eie64-lookahead, eie64-plus, t, wide", "; nearest: t", "searched ", "data/configs"}) {
    EXPECT_TRUE(has(o.err, part)) << part << "\n" << o.err;
  }
  EXPECT_TRUE(has(
      eie({"network", "tiy", "--config", "t"}).err,
      "--network tiy: cannot be opened: expected a YAML file, a container (.eie) or an ONNX model, or a network by name: digits, "
      "lenet300, tiny; nearest: tiny; searched "));
  EXPECT_TRUE(has(eie({"bench", "--workload", "smal", "--config", "t"}).err, "nearest: small"));
}

TEST_F(Cli, ArgumentsWithoutOptions) {
  ASSERT_EQ(eie({"run", weights, activations, "--config", "t", "--json", folder.file("1.json")}).status, kExitDone);
  ASSERT_EQ(
      eie({"run", "--weights", weights, "--activations", activations, "--config", "t", "--json", folder.file("2.json")}).status,
      kExitDone);
  ASSERT_EQ(eie({"run", "--weights", weights, activations, "--config", "t", "--json", folder.file("3.json")}).status, kExitDone);
  for (const char* name : {"2.json", "3.json"}) EXPECT_EQ(json(name)["cycles"], json("1.json")["cycles"]);
  EXPECT_EQ(eie({"network", "tiny", "--config", "t"}).status, kExitDone);
  EXPECT_EQ(eie({"encode", weights, "--config", "t", "--output", folder.file("enc")}).status, kExitDone);
  EXPECT_EQ(eie({"export", weights, activations, "--config", "t", "--output", folder.file("exp")}).status, kExitDone);
  const Outcome extra = eie({"run", weights, activations, "third.npy"});
  EXPECT_EQ(extra.status, kExitUsage);
  EXPECT_TRUE(
      has(extra.err, "'third.npy' is an argument without an option: expected only options beside --weights, --activations"))
      << extra.err;
  // The default is eie64.
  ASSERT_EQ(eie({"run", weights, activations, "--json", folder.file("r.json")}).status, kExitDone);
  EXPECT_EQ(json("r.json")["config"], "eie64");
  EXPECT_EQ(json("r.json")["n_pe"], 64);
}

TEST_F(Cli, KeysAreChanged) {
  const std::string r = folder.file("r.json");
  const std::vector<std::vector<std::string>> commands = {
      {"run", weights, activations},
      {"network", "tiny"},
      {"bench", "--workload", "small"},
      {"encode", weights, "--force", "--output", folder.file("enc")},
      {"export", weights, activations, "--output", folder.file("exp")},
  };
  for (std::vector<std::string> command : commands) {
    SCOPED_TRACE(command.front());
    command.insert(command.end(), {"--config", "t", "--set", "n_pe=2", "--set", "clock_mhz=812.5", "--json", r});
    const Outcome o = eie(command);
    ASSERT_EQ(o.status, kExitDone) << o.err;
    EXPECT_EQ(json("r.json")["config"], "t-n_pe-2-clock_mhz-812_5");
    EXPECT_EQ(json("r.json")["n_pe"], 2);
    EXPECT_EQ(json("r.json")["clock_mhz"], 812.5);
  }
  auto name = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = {"run", weights, activations, "--config", "t", "--json", r};
    command.insert(command.end(), more.begin(), more.end());
    EXPECT_EQ(eie(command).status, kExitDone);
    return json("r.json")["config"].get<std::string>();
  };
  EXPECT_EQ(name({"--set", "queue_depth=7"}), "t");  // nothing changed
  EXPECT_EQ(name({"--set", "queue_depth=3", "--set", "queue_depth=9"}), "t-queue_depth-9");
  EXPECT_EQ(name({"--set", "queue_depth=3", "--set", "name=mine"}), "mine");
  const std::string longest = name({"--set", "queue_depth=3", "--set", "look_ahead=1", "--set", "pointer_depth=2048", "--set",
                                    "act_depth=128", "--set", "spmat_depth=2048"});
  EXPECT_LE(longest.size(), 64u);
  EXPECT_TRUE(has(longest, "t-changed-")) << longest;
}

TEST_F(Cli, WrongChangesAreRefusedInTheWordsOfAFile) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"n_pe=3"}, "--set n_pe=3: key 'n_pe' is 3: expected a power of two from 1 to 1024"},
      {{"queue_depth=x"}, "--set queue_depth=x: key 'queue_depth' is x: expected an integer from 1 to 256"},
      {{"ecc=maybe"}, "--set ecc=maybe: key 'ecc' is maybe: expected true or false"},
      {{"clock_mhz=0"}, "--set clock_mhz=0: key 'clock_mhz' is 0: expected a number from 0.001 to 1e+06"},
      {{"name=1x"}, "--set name=1x: key 'name' is 1x: expected a letter"},
      {{"queue_deph=3"}, "--set queue_deph=3: unknown key 'queue_deph': expected one of name, n_pe, "},
      {{"queue_deph=3"}, "; nearest: queue_depth"},
      {{"queue_depth"}, "--set is 'queue_depth': expected KEY=VALUE"},
      {{"=3"}, "--set is '=3': expected KEY=VALUE"},
      // The fault shows in a key of the file.
      {{"data_width=32"},
       "t.yaml:14 with --set data_width=32: key 'acc_width' is 16: expected at least data_width, which is "
       "32"},
  };
  for (const auto& [changes, message] : cases) {
    std::vector<std::string> command = {"run", weights, activations, "--config", "t"};
    for (const std::string& change : changes) command.insert(command.end(), {"--set", change});
    const Outcome o = eie(command);
    EXPECT_EQ(o.status, kExitUsage) << message;
    EXPECT_TRUE(has(o.err, message)) << message << "\n" << o.err;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o.err;
  }
}

// This test has no CMakeCache.txt beside it, as an installed program has none; Installed.Program sees the
// hint in whole.
TEST_F(Cli, WhatIsNotCompiledIsRefusedWithWhatToDo) {
  const NotCompiled error("", "hw", {"eie4", "t"});
  NamedConfig named{load_config(folder.file("data/configs/wide.yaml")), "wide", folder.file("data/configs/wide.yaml"), {}};
  EXPECT_EQ(compile_hint(error, named),
            "; --engine tlm runs it now; compile it in the source tree: cmake --preset release "
            "'-DEIE_CONFIGS=eie4;t;wide' && cmake "
            "--build --preset release --target eie");
  // A file of the user's own is named by its path; one under another name, or changed, is written down first.
  const std::string mine = folder.write("wide.yaml", read_text(named.path));
  named.text = named.path = mine;
  EXPECT_TRUE(has(compile_hint(error, named), "'-DEIE_CONFIGS=eie4;t;" + mine + "'")) << compile_hint(error, named);
  named.changes = {{"queue_depth", "15"}};
  named.config = load_config(mine, named.changes);
  EXPECT_TRUE(has(compile_hint(error, named), "eie info " + mine + " --set queue_depth=15 --write "))
      << compile_hint(error, named);
  EXPECT_TRUE(has(compile_hint(error, named), "wide-queue_depth-15.yaml && cmake --preset release "))
      << compile_hint(error, named);
  EXPECT_TRUE(has(compile_hint(NotCompiled("", "rtl", {}), named), "its RTL has to be generated first"));
  named.config.n_pe = 512;
  EXPECT_EQ(compile_hint(error, named), "; --engine tlm runs it now, and no other engine is compiled for more than 256 PEs");
  EXPECT_EQ(shell_word("a b'c"), "'a b'\\''c'");
}

TEST_F(Cli, GreetsAndSuggests) {
  const Outcome o = eie({});
  EXPECT_EQ(o.status, kExitUsage);
  ASSERT_EQ(examples().size(), 3u);
  for (const Example& example : examples()) EXPECT_TRUE(has(o.err, std::string("eie ") + example.line)) << o.err;
  EXPECT_TRUE(has(o.err, "no command: expected one of run, "));
  EXPECT_TRUE(has(eie({"nework"}).err, "unknown command 'nework': expected one of run, "));
  EXPECT_TRUE(has(eie({"nework"}).err, "; nearest: network"));
  EXPECT_TRUE(has(eie({"run", "--weigths", "x"}).err, "expected an option of --help; nearest: --weights"));
  EXPECT_TRUE(
      has(eie({"run", weights, activations, "--config", "t", "--engine", "twm"}).err, "expected hw, tlm or rtl; nearest: tlm"));
}

TEST_F(Cli, ComparesConfigurations) {
  const Outcome o = eie({"compare", weights, activations, "--config", "t", "--config", "wide", "--json", folder.file("c.json")});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const auto j = json("c.json");
  ASSERT_EQ(j["runs"].size(), 2u);
  EXPECT_EQ(j["runs"][0]["config"], "t");
  EXPECT_EQ(j["runs"][1]["n_pe"], 8);
  EXPECT_EQ(j["runs"][1]["golden_match"], true);
  EXPECT_EQ(j["ratios"][0]["cycles"], 1);
  const double a = j["runs"][0]["cycles"], b = j["runs"][1]["cycles"];
  EXPECT_DOUBLE_EQ(j["ratios"][1]["cycles"], b / a);
  EXPECT_TRUE(j["differences"].empty());
  for (const char* part : {"40 rows x 30 columns, 1 sample\n", " t  ", "wide  ratio", "cycles", "load balance (%)", "match"}) {
    EXPECT_TRUE(has(o.out, part)) << part << "\n" << o.out;
  }
  // What a run alone says.
  ASSERT_EQ(eie({"run", weights, activations, "--config", "wide", "--json", folder.file("r.json")}).status, kExitDone);
  EXPECT_EQ(json("r.json")["cycles"], j["runs"][1]["cycles"]);
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{"--config", "t"},
                                             {"--config", "t", "--config", "t"},
                                             {"--config", "t", "--config", "none"},
                                             {"--config", "t", "--config", "wide", "--jobs", "0"}}) {
    std::vector<std::string> command = {"compare", weights, activations};
    command.insert(command.end(), bad.begin(), bad.end());
    EXPECT_EQ(eie(command).status, kExitUsage);
  }
}

// Engine "rtl" of this test has a fault: an output of PE 0 is one too large.
TEST_F(Cli, ComparesEnginesAndNamesTheFirstDifference) {
  const Outcome same = eie({"compare", weights, activations, "--config", "t", "--engine", "hw", "--engine", "tlm"});
  EXPECT_EQ(same.status, kExitDone) << same.err << same.out;
  const Outcome o = eie({"compare", weights, activations, "--config", "t", "--engine", "hw", "--engine", "rtl", "--json",
                         folder.file("c.json"), "--relu", "--set", "queue_depth=9"});
  EXPECT_EQ(o.status, kExitMismatch);
  EXPECT_TRUE(has(o.err, "eie compare: engines differ: launch 1, cycles ")) << o.err;
  const auto d = json("c.json")["differences"];
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0]["engines"], (std::vector<std::string>{"hw", "rtl"}));
  EXPECT_EQ(d[0]["pe"], 0);
  EXPECT_EQ(d[0]["block"], "act_rw");
  EXPECT_EQ(d[0]["launch"], 1);
  EXPECT_NE(d[0]["values"][0], d[0]["values"][1]);
  const std::string waves = d[0]["waves"];
  EXPECT_TRUE(has(waves, "eie run " + weights + " " + activations +
                             " --config t --set queue_depth=9 --relu --engine hw --trace "
                             "difference.vcd --trace-scope '*.pe_0.*' --trace-scope '*.ccu' --trace-from "))
      << waves;
  EXPECT_TRUE(has(o.out, waves)) << o.out;
}

TEST(ReadLog, PlacesAndDifferences) {
  const HwConfig c = small_config();
  EXPECT_EQ(place_of(c, reg::kCycles).block, "ccu");
  const std::uint64_t pe2 = c.window_base(2);
  EXPECT_EQ(place_of(c, pe2 + c.window().counter_offset + 8 * reg::kPePtrReads).block, "ptr_read");
  EXPECT_EQ(*place_of(c, pe2 + c.window().counter_offset + 8 * reg::kPePtrReads).pe, 2u);
  EXPECT_EQ(place_of(c, pe2 + c.window().counter_offset + 8 * reg::kPeSpmatReads).block, "spmat_read");
  EXPECT_EQ(place_of(c, pe2 + c.window().act_offset + 24).what, "activation SRAM word 3");
  const std::vector<LoggedRead> a = {{1, 2, 0, 0, 0}, {3, 4, 1, 5, 9}};
  std::vector<LoggedRead> b = unpack_reads(pack_reads(a));
  EXPECT_FALSE(first_difference(a, b));
  b[1].value = 5;
  EXPECT_EQ(first_difference(a, b), 1u);
  b.pop_back();
  EXPECT_EQ(first_difference(a, b), 1u);
}

// Dense columns of zeros: only rows and columns count.
class Zeros : public ColumnSource {
 public:
  Zeros(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), codebook_(16) {}
  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return columns_; }
  const std::vector<std::int32_t>& codebook() const override { return codebook_; }
  void column(std::size_t, std::vector<std::uint8_t>& codes) const override { codes.assign(rows_, 0); }

 private:
  std::size_t rows_, columns_;
  std::vector<std::int32_t> codebook_;
};

TEST(Capacity, IsTheLargestLayerOfOneLaunch) {
  std::vector<HwConfig> configs = {small_config(), small_config(1), small_config(8), small_config(), small_config()};
  configs[3].pointer_depth = 128;
  configs[4].act_depth = 4;
  for (const HwConfig& c : configs) {
    const Capacity k = capacity_of(c);
    auto launches = [&c](std::size_t rows, std::size_t columns) {
      const Zeros zeros(rows, columns);
      try {
        return plan_launches(encode(zeros, c, split_rows(rows, c)), c, false, "zeros").launches.size();
      } catch (const UserError&) {
        return c.act_depth + std::size_t{1};  // not even columns alone
      }
    };
    EXPECT_EQ(launches(k.rows, k.columns), 1u);
    EXPECT_GT(launches(k.rows, k.columns + 1), 1u);
    EXPECT_GT(launches(k.rows + 1, k.columns), 1u);
    EXPECT_EQ(k.nonzeros, c.n_pe * c.max_entries());
  }
}

TEST_F(Cli, InfoDescribesAndLists) {
  const Outcome o = eie({"info", "t", "--json", folder.file("i.json")});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  for (const char* part : {"t: 4 processing elements at 800 MHz", "engines       tlm\n", "15 shared values", "Spmat", "one PE",
                           "all PEs", "0x10000000"}) {
    EXPECT_TRUE(has(o.out, part)) << part << "\n" << o.out;
  }
  const auto j = json("i.json");
  EXPECT_EQ(j["configuration"]["registers"], 16);
  EXPECT_EQ(j["configuration"]["ecc"], false);
  EXPECT_EQ(j["engines"], std::vector<std::string>{"tlm"});
  EXPECT_EQ(j["one_launch"]["rows"], 64);
  const Outcome list = eie({"info"});
  EXPECT_EQ(list.status, kExitDone);
  for (const char* part : {"configuration", "\nt ", "\nwide ", "\neie256 "}) EXPECT_TRUE(has(list.out, part)) << list.out;
  EXPECT_TRUE(has(eie({"info", "--names", "config"}).out, "\nt\nwide\n"));
  EXPECT_EQ(eie({"info", "--names", "network"}).out.rfind("digits\nlenet300\ntiny\n", 0), 0u);
  // Written and read again, it is the same.
  ASSERT_EQ(eie({"info", "t", "--set", "queue_depth=15", "--write", folder.file("x.yaml")}).status, kExitDone);
  const HwConfig c = load_config(folder.file("x.yaml"));
  EXPECT_EQ(c.name, "t-queue_depth-15");
  EXPECT_EQ(c.queue_depth, 15u);
  EXPECT_EQ(config_yaml(c), read_text(folder.file("x.yaml")));
  EXPECT_EQ(eie({"info", "--json", "-"}).out.front(), '{');
}

// What the forms say is compared by register_forms.py; here where they go, and what is refused.
TEST_F(Cli, InfoWritesTheRegisterMap) {
  const std::pair<const char*, const char*> forms[] = {{"ip-xact", "<ipxact:name>QUEUE_FULL_CYCLES</ipxact:name>"},
                                                       {"systemrdl", "} QUEUE_FULL_CYCLES @0x110;"},
                                                       {"json", "\"name\": \"QUEUE_FULL_CYCLES\""},
                                                       {"c", "#define EIE_QUEUE_FULL_CYCLES UINT64_C(0x110)"}};
  for (const auto& [form, part] : forms) {
    const Outcome o = eie({"info", "t", "--registers", form});
    ASSERT_EQ(o.status, kExitDone) << o.err;
    EXPECT_TRUE(has(o.out, part)) << form << "\n" << o.out;
    EXPECT_FALSE(has(o.out, "processing elements at")) << form;
    EXPECT_EQ(o.out.find("ECC_CORRECTED @"), std::string::npos);
    const Outcome file = eie({"info", "t", "--registers", form, "--output", folder.file("map")});
    EXPECT_EQ(file.out, "");
    EXPECT_EQ(read_text(folder.file("map")), o.out) << form;
  }
  EXPECT_TRUE(has(eie({"info", "t", "--set", "ecc=true", "--registers", "systemrdl"}).out, "} ECC_CORRECTED @0x140;"));
  EXPECT_FALSE(has(eie({"info", "t", "--set", "pe_counters=false", "--registers", "systemrdl"}).out, "} counters @"));
  EXPECT_TRUE(has(eie({"info", "t"}).out, "  counters "));
  EXPECT_FALSE(has(eie({"info", "t", "--set", "pe_counters=false"}).out, "  counters "));
  const std::pair<std::vector<std::string>, const char*> wrong[] = {
      {{"info", "t", "--registers", "vhdl"}, "--registers is 'vhdl': expected ip-xact, systemrdl, json or c"},
      {{"info", "t", "--output", folder.file("none")}, "--output is given without --registers"},
      {{"info", "--registers", "c"}, "no configuration is named: expected eie info NAME with --registers"},
      {{"info", "t", "--registers", "c", "--json", "-"}, "both go to standard output"},
      {{"info", "t", "--set", "n_pe=1024", "--set", "spmat_depth=1048576", "--registers", "c"}, "32"}};
  for (const auto& [arguments, words] : wrong) {
    const Outcome o = eie(arguments);
    EXPECT_EQ(o.status, kExitUsage) << words;
    EXPECT_TRUE(has(o.err, words)) << o.err;
    EXPECT_EQ(o.out, "") << words;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.file("none")));
}

TEST(Texts, NameEveryCommandAndOption) {
  const std::string bash = bash_completion();
  const std::string zsh = zsh_completion();
  const std::string page = manual_page();
  for (const Command& command : commands()) {
    EXPECT_TRUE(has(bash, std::string("    ") + command.name + ")\n")) << command.name;
    EXPECT_TRUE(has(zsh, std::string("'") + command.name + ":")) << command.name;
    EXPECT_TRUE(has(page, std::string(".B eie ") + command.name + "\n")) << command.name;
    const Options options = command.options();
    for (const auto& option : options.description().options()) {
      EXPECT_TRUE(has(bash, "--" + option->long_name())) << option->long_name();
      EXPECT_TRUE(has(zsh, "'*--" + option->long_name() + "[")) << option->long_name();
    }
  }
  EXPECT_EQ(eie({"completion", "fish"}).status, kExitUsage);
  EXPECT_EQ(eie({"completion", "bash"}).out, bash);
  EXPECT_EQ(eie({"manual"}).out, page);
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string& engine, const HwConfig& config, const TraceOptions&) {
  auto device = std::make_unique<FakeDevice>(config);
  device->flip_output = engine == "rtl";
  return device;
}

}  // namespace eie::tb
