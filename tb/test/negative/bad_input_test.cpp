// SPDX-License-Identifier: Apache-2.0
// The `eie` program on bad input, one process a case: status 2, one line on stderr that names the file and
// what was expected, nothing on stdout, and no file left behind.
#include "tb/test/negative/bad_input.h"

#include <cmath>
#include <limits>

namespace eie::tb {
namespace {

// Where a .npy file is read, and what is right there.
struct Role {
  const char* name;
  const char* line;  // reads the file `bad`
  const char* net;   // net.yaml for this role
  const char* descr;
  std::vector<std::size_t> shape;
};
const std::vector<Role> kRoles = {
    {"RunWeights", "run --weights bad", kNetwork, "<f4", {600, 8}},
    {"RunActivations", "run --activations bad", kNetwork, "<f8", {8}},
    {"RunBias", "run --bias bad", kNetwork, "<f4", {600}},
    {"ExportWeights", "export --weights bad", kNetwork, "<f4", {600, 8}},
    {"ExportActivations", "export --activations bad", kNetwork, "<f8", {8}},
    {"ExportBias", "export --bias bad", kNetwork, "<f4", {600}},
    {"EncodeWeights", "encode --weights bad", kNetwork, "<f8", {600, 8}},
    {"NetworkInputs", "network", "inputs: bad\nlayers: [{name: n, weights: w.npy, relu: true}]\n", "<f4", {3, 8}},
    {"NetworkWeights", "network", "inputs: x.npy\nlayers: [{name: n, weights: bad, relu: true}]\n", "<f4", {600, 8}},
    {"NetworkBias", "network", "inputs: x.npy\nlayers: [{name: n, weights: w.npy, bias: bad, relu: true}]\n", "<f4", {600}},
    {"NetworkLabels", "network", "inputs: x.npy\nlabels: bad\nlayers: [{name: n, weights: w.npy, relu: true}]\n", "<i4", {3}},
};

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (const std::size_t size : shape) text += std::to_string(size) + ", ";
  return text + ")";
}

// `count` elements of a type, all small; `last` replaces the last one of a float type.
std::string elements(const std::string& descr, std::size_t count, double last = 0) {
  if (descr == "<f4" || descr == "<f8") {
    std::vector<float> values = floats(count);
    if (!(last == 0)) values.back() = static_cast<float>(last);
    return descr == "<f4" ? bytes(values) : bytes(std::vector<double>(values.begin(), values.end()));
  }
  return std::string(count * static_cast<std::size_t>(std::stoi(descr.substr(2))), '\0');
}

class BadNpy : public BadInput, public testing::WithParamInterface<std::size_t> {};

TEST_P(BadNpy, IsRefused) {
  const Role& role = kRoles[GetParam()];
  folder.write("net.yaml", role.net);
  const bool is_float = role.descr[1] == 'f';
  const std::string shape = shape_text(role.shape);
  std::size_t count = 1;
  for (const std::size_t size : role.shape) count *= size;
  auto of_type = [&](const std::string& descr) { return npy("'" + descr + "'", shape, elements(descr, count)); };
  const std::string good = of_type(role.descr);
  const std::string data = elements(role.descr, count);
  const std::string descr = "'" + std::string(role.descr) + "'";
  auto of_shape = [&](const std::string& other) { return npy(descr, other, data); };

  struct Content {
    const char* name;
    std::string text;
    const char* report;
  };
  std::vector<Content> contents = {
      {"Empty", "", "is no .npy file"},
      {"Text", "Dear reader\n", "has no numbers"},
      {"TruncatedMagic", good.substr(0, 5), "is no .npy file"},
      {"TruncatedLength", good.substr(0, 9), "is no .npy file"},
      {"TruncatedHeader", good.substr(0, 40), "is truncated"},
      {"TruncatedData", good.substr(0, good.size() - 1), "is truncated"},
      {"NoData", good.substr(0, good.size() - data.size()), "is truncated"},
      {"TrailingByte", good + "x", "has 1 bytes after the data"},
      {"Version9", replaced(good, std::string("\x01\x00", 2), std::string("\x09\x00", 2)), "format version 9.0"},
      {"WrongKey", replaced(good, "descr", "desce"), "malformed header"},
      {"NoShape", replaced(good, "'shape'", "'shaqe'"), "malformed header"},
      {"NegativeSize", of_shape("(-1, 8)"), "malformed header"},
      {"ZeroSize", of_shape("(0,)"), "has no elements"},
      {"ZeroRows", of_shape("(0, 8)"), "has no elements"},
      {"ZeroColumns", of_shape("(600, 0)"), "has no elements"},
      {"NoDimension", of_shape("()"), "shape ()"},
      {"ThreeDimensions", of_shape("(1, 1, " + shape.substr(1)), "has shape (1, 1, "},
      {"HugeSize", of_shape("(999999999999999, 999999999999999)"), "is truncated"},
      {"Complex", of_type("<c8"), "'<c8', complex64"},
      {"Text4", of_type("<U4"), "'<U4', text"},
      {"LongDouble", of_type("<f16"), "'<f16'"},
      {"Objects", npy("'|O'", shape, std::string(count * 8, '\0')), "Python objects"},
      {"Structure", npy("[('a', '<f4')]", shape, data), "structured type"},
  };
  std::vector<std::string> good_ones = {good, of_type("|b1"), of_type("<u2"), of_type(">i8")};
  if (is_float) {
    good_ones.push_back(of_type(">f4"));
    good_ones.push_back(of_type("<f2"));
  } else {
    contents.push_back({"WrongKind", of_type("<f4"), "holds float32"});
  }
  if (is_float) {
    const double inf = std::numeric_limits<double>::infinity();
    auto with_last = [&](double x) { return npy(descr, shape, elements(role.descr, count, x)); };
    contents.push_back({"NaN", with_last(std::nan("")), "is NaN"});
    contents.push_back({"PlusInfinity", with_last(inf), "is infinite"});
    contents.push_back({"MinusInfinity", with_last(-inf), "is infinite"});
  }
  if (role.shape.size() == 2) {
    good_ones.push_back(npy(descr, shape, data, "True"));
    if (role.shape[0] != 3) contents.push_back({"Vector", of_shape("(4800,)"), "has shape (4800,)"});
    const std::string narrow = npy(descr, shape_text({role.shape[0], 7}), elements(role.descr, role.shape[0] * 7));
    if (std::string(role.name) == "NetworkInputs") {
      folder.write("bad", narrow);
      refused({"InputsTooNarrow", role.line, {"w.npy: has shape (600, 8): expected 7 columns"}});
    } else if (std::string(role.name) != "EncodeWeights") {
      contents.push_back({"TooNarrow", narrow, "expected 8 columns"});
    }
  } else {
    good_ones.push_back(of_shape("(1, " + std::to_string(count) + ")"));
    good_ones.push_back(of_shape("(" + std::to_string(count) + ", 1)"));
    if (count == 600) contents.push_back({"TooLong", npy(descr, "(601,)", elements(role.descr, 601)), "(600,)"});
  }
  if (!is_float) {
    contents.push_back({"TooFewLabels", npy(descr, "(2,)", elements(role.descr, 2)), "has 2 labels"});
    contents.push_back({"LabelOutOfRange", npy("'<i8'", "(3,)", bytes(std::vector<std::int64_t>{0, 600, 1})),
                        "element [1] is 600: expected 0 to 599"});
    contents.push_back({"NegativeLabel", npy("'<i4'", "(3,)", bytes(std::vector<int>{0, 1, -1})), "is -1"});
    contents.push_back({"HugeLabel", npy("'<u8'", "(3,)", std::string(24, '\xFF')), "is over 2^63"});
  }

  const std::string bad = folder.file("bad");
  for (const Content& content : contents) {
    folder.write("bad", content.text);
    refused({content.name, role.line, {"bad: ", "expected", content.report}});
    if (HasFatalFailure()) return;
  }
  if (std::string(role.name) == "RunActivations") {
    folder.write("bad", npy(descr, "(7,)", elements(role.descr, 7)));
    refused({"TooShort", role.line, {"w.npy: has shape (600, 8): expected 7 columns"}});
  }

  fs::remove(bad);
  refused({"Missing", role.line, {"bad: does not exist: expected"}});
  fs::create_symlink("absent", bad);
  refused({"DanglingLink", role.line, {"bad: does not exist: expected"}});
  fs::remove(bad);
  fs::create_symlink("bad", bad);
  refused({"LinkToItself", role.line, {"bad: ", "expected"}});
  fs::remove(bad);
  fs::create_directory(bad);
  refused({"Directory", role.line, {"bad: is a directory: expected"}});
  fs::remove(bad);
  ASSERT_EQ(mkfifo(bad.c_str(), 0600), 0);
  refused({"Fifo", role.line, {"bad: is no regular file: expected"}});
  fs::remove(bad);
  for (std::size_t k = 0; k < good_ones.size(); ++k) {
    folder.write("bad", good_ones[k]);
    for (const char* made : {"enc", "exp"}) fs::remove_all(folder.file(made));
    const Outcome o = start({"Good", role.line, {}});
    EXPECT_EQ(o.status, 0) << "good file " << k << " is refused: " << o.err;
  }
}
INSTANTIATE_TEST_SUITE_P(Files, BadNpy, testing::Range<std::size_t>(0, kRoles.size()),
                         [](const auto& role) { return std::string(kRoles[role.param].name); });

TEST_F(BadInput, Usage) {
  std::vector<Case> cases = {
      {"NoCommand", "", {"no command: expected one of run"}},
      {"UnknownCommand", "fly", {"unknown command 'fly': expected one of run"}},
      {"CommandIsOption", "--json r.json", {"unknown command '--json': expected"}},
      {"UnknownEngine", "run --engine abacus", {"--engine is 'abacus': expected hw"}},
      {"UnknownLoad", "run --load truck", {"--load is 'truck': expected"}},
      {"UnknownLayer", "bench --layers a,nosuch", {"'nosuch' is no layer of work.yaml: expected", "a, b"}},
      {"EmptyLayer", "bench --layers a,,b", {"'' is no layer of work.yaml: expected"}},
      {"MissingWeights", "run !weights", {"--weights is missing: expected"}},
      {"MissingActivations", "run !activations", {"--activations is missing: expected"}},
      {"MissingOutput", "encode !output", {"--output is missing: expected"}},
      {"MissingFolder", "export !output", {"--output is missing: expected"}},
      {"MissingExportWeights", "export !weights", {"--weights is missing: expected"}},
      {"MissingExportActivations", "export !activations", {"--activations is missing: expected"}},
      {"ExportHasOneEngine", "export --engine hw", {"--engine", "expected"}},
      {"MissingNetwork", "network !network", {"--network is missing: expected"}},
      {"FlagWithValue", "run --relu=yes", {"--relu", "expected"}},
      {"TraceWindowAlone", "run --trace-from 5", {"--trace is missing: expected"}},
      {"TraceWindowEmpty", "run --trace t.vcd --trace-from 9 --trace-to 3", {"--trace-from is after", "expected"}},
      {"TraceName", "run --trace t.txt", {"t.txt", "expected a file name that ends with .fst or .vcd"}},
      {"TraceScope", "run --trace t.vcd --trace-scope nosuch", {"--trace-scope nosuch", "expected"}},
  };
  for (const std::string command : {"run", "encode", "network", "bench", "export", "figure3"}) {
    cases.push_back({"UnknownOption", command + " --bogus", {"--bogus", "expected"}});
    cases.push_back({"Abbreviation", command + " --jso r.json", {"--jso", "expected"}});
    cases.push_back({"Argument", command + " extra", {"expected only options"}});
    cases.push_back(
        {"UnknownConfig", command + " --config eie65", {"--config eie65: cannot be opened: expected", "eie64", "searched"}});
    cases.push_back({"NoChange", command + " --set n_pe", {"--set is 'n_pe': expected KEY=VALUE"}});
    cases.push_back({"BadChange", command + " --set n_pe=3", {"--set n_pe=3: key 'n_pe' is 3: expected a power of two"}});
    cases.push_back(
        {"UnknownKey", command + " --set queue_deph=3", {"unknown key 'queue_deph': expected one of", "nearest: queue_depth"}});
    cases.push_back({"NoValue", command + " --json", {"--json", "expected"}});
    cases.push_back({"EmptyValue", command + " --json ''", {"--json", "expected"}});
    cases.push_back({"Twice", command + " --json r.json --json s.json", {"--json", "expected"}});
  }
  for (const char* value : {"x", "1.5", "1e3", "0x1", "''", "1,000", "99999999999999999999", "-65", "65"}) {
    const std::string text = std::string(value) == "''" ? "" : value;
    for (const std::string option : {"weight-frac", "act-frac", "out-frac"}) {
      for (const std::string command : {"run", "export"}) {
        cases.push_back({"Number", command + " --" + option + " " + value, {option + " is ", text, "expected"}});
      }
    }
    if (text == "65") continue;
    for (const std::string line : {"network --samples ", "bench --seed ", "run --trace t.vcd --trace-to "}) {
      cases.push_back({"Number", line + value, {" is '" + text + "': expected"}});
    }
  }
  all_refused(cases);
}

// Options that name a file to write.
const std::vector<std::string> kOutputs = {"run --output",     "run --raw-output",     "run --json",     "encode --json",
                                           "network --output", "network --raw-output", "network --json", "bench --json",
                                           "export --json",    "figure3 --json"};

TEST_F(BadInput, UnwritableOutput) {
  fs::create_directories(folder.file("deep/stimulus.txt"));
  std::vector<Case> cases = {
      {"FolderIsFile", "encode --output w.npy", {"w.npy: cannot be made", "expected a folder"}},
      {"FolderBelowFile", "encode --output w.npy/enc", {"w.npy/enc: cannot be made", "expected a folder"}},
      {"ExportFolderIsFile", "export --output w.npy", {"w.npy: cannot be made", "expected a folder"}},
      {"ExportFolderBelowFile", "export --output w.npy/exp", {"w.npy/exp: cannot be made", "expected a folder"}},
      {"StimulusIsFolder", "export --output deep", {"deep/stimulus.txt: is a directory: expected"}},
      {"NoFolder", "run --trace absent/t.vcd", {"absent/t.vcd", "expected"}},
      {"Directory", "run --trace dir.vcd", {"dir.vcd", "expected"}}};
  for (const std::string& line : kOutputs) {
    cases.push_back({"NoFolder", line + " absent/r", {"absent/r: cannot be written", "expected"}});
    cases.push_back({"BelowFile", line + " w.npy/r", {"w.npy/r: cannot be written", "expected"}});
    cases.push_back({"Directory", line + " dir", {"dir: is a directory: expected"}});
  }
  all_refused(cases);
}

TEST_F(BadInput, FullDisk) {
  fs::create_symlink("/dev/full", folder.file("full"));
  std::vector<Case> cases;
  for (const char* line : {"run", "encode", "network", "bench", "export", "figure3", "run --help", "--help", "--version"}) {
    cases.push_back({"StandardOutput", line, {"standard output: cannot be written: expected"}, RLIM_INFINITY, true});
  }
  for (const std::string name : {"stimulus", "expected"}) {
    fs::create_directory(folder.file(name));
    fs::create_symlink("/dev/full", folder.file(name + "/" + name + ".txt"));
    cases.push_back({"Export", "export --output " + name, {name + ".txt: cannot be written (No space left", "expected"}});
  }
  fs::create_symlink("/dev/full", folder.file("full.vcd"));
  cases.push_back({"Trace", "run --trace full.vcd", {"--trace full.vcd: cannot be written in full: expected"}});
  cases.push_back({"TraceAndOutput", "run --trace full.vcd --output y.npy", {"--trace full.vcd"}});
  for (const std::string& line : kOutputs) {
    cases.push_back({"DevFull", line + " /dev/full", {"/dev/full: cannot be written (No space left", "expected"}});
    cases.push_back({"LinkToDevFull", line + " full", {"full: cannot be written (No space left", "expected"}});
  }
  all_refused(cases);
}

// The disk fills up in the middle of a file. (scripts/coverage leaves this test out: its counters are files
// too.)
TEST_F(BadInput, FileSizeLimit) {
  std::vector<Case> cases = {{"Encode", "encode", {"enc/", "cannot be written", "expected"}, 64},
                             {"Export", "export", {"exp/", "cannot be written (File too large)", "expected"}, 64},
                             {"LongExport", "export", {"exp/stimulus.txt: cannot be written", "expected"}, 20000},
                             {"Trace", "run --trace t.vcd", {"t.vcd: cannot be written in full"}, 64},
                             {"LongTrace", "run --trace t.vcd", {"t.vcd: cannot be written in full"}, 100000}};
  for (const std::string& line : kOutputs) {
    if (line == "encode --json" || line == "export --json") continue;  // its other files come first
    cases.push_back({"Limit", line + " r", {"r: cannot be written (File too large)", "expected"}, 64});
  }
  all_refused(cases);
}

TEST_F(BadInput, ConfigurationNotCompiled) {
  std::vector<Case> cases;
  for (const std::string command : {"run", "network", "bench", "figure3"}) {
    folder.write("other.yaml", config_with("name", "name: other\n"));
    folder.write("changed.yaml", config_with("queue_depth", "queue_depth: 8\n"));
    cases.push_back({"Other", command + " --config other.yaml", {"'other' is not compiled", "compiled are: ", "eie4"}});
    cases.push_back({"Changed", command + " --config changed.yaml", {"'eie4': key 'queue_depth' is 8: expected 7"}});
  }
  folder.write("big.yaml", config_with("n_pe", "n_pe: 64\n"));
  cases.push_back({"SixtyFour", "figure3 --config big.yaml", {"64 PEs: expected 4"}});
  all_refused(cases);
}

// An output that is another output, or an input, whatever its path looks like.
TEST_F(BadInput, FileWithTwoRoles) {
  fs::create_symlink("a.npy", folder.file("link"));
  fs::create_hard_link(folder.file("w.npy"), folder.file("hard"));
  fs::create_directory(folder.file("enc"));
  folder.write("enc/codes.npy", read_text(folder.file("w.npy")));
  fs::create_directory(folder.file("exp"));
  folder.write("exp/stimulus.txt", read_text(folder.file("w.npy")));
  folder.write("t.vcd", "");
  std::vector<Case> cases = {
      {"TwoOutputs", "run --output r --raw-output r", {"--raw-output r", "of --output too: expected another name"}},
      {"ThirdOutput", "run --output p --raw-output r --json ./r", {"--json ./r", "of --raw-output too"}},
      {"Folders", "run --output r --json dir/../r", {"--json dir/../r", "of --output too"}},
      {"Trace", "run --trace t.vcd --json t.vcd", {"--trace t.vcd", "of --json too"}},
      {"SaveFile", "run --trace t.vcd --json t.gtkw", {"t.gtkw", "of --json too"}},
      {"Weights", "run --output w.npy", {"--output w.npy", "of --weights too"}},
      {"Activations", "run --raw-output ./a.npy", {"--raw-output ./a.npy", "of --activations too"}},
      {"LinkToInput", "run --output link", {"--output link", "of --activations too"}},
      {"HardLink", "run --output hard", {"--output hard", "of --weights too"}},
      {"Bias", "run --bias b.npy --json b.npy", {"--json b.npy", "of --bias too"}},
      {"EncodeInput", "encode --weights enc/codes.npy", {"enc/codes.npy", "of --weights too"}},
      {"ExportReport", "export --json exp/expected.txt", {"--json exp/expected.txt", "of --output too"}},
      {"ExportInput", "export --weights exp/stimulus.txt", {"exp/stimulus.txt", "of --weights too"}},
      {"ExportBias", "export --bias b.npy --json b.npy", {"--json b.npy", "of --bias too"}},
      {"EncodeReport", "encode --json enc/pe3_ptr.npy", {"--json enc/pe3_ptr.npy", "of --output too"}},
      {"NetworkFile", "network --output net.yaml", {"--output net.yaml", "of --network too"}},
      {"NetworkInputs", "network --raw-output x.npy", {"--raw-output x.npy", "of inputs too"}},
      {"NetworkLabels", "network --json labels.npy", {"--json labels.npy", "of labels too"}},
      {"NetworkWeights", "network --output w2.npy", {"--output w2.npy", "of weights too"}},
      {"NetworkBias", "network --output b.npy", {"--output b.npy", "of bias too"}},
      {"NetworkOutputs", "network --output r --json r", {"--json r", "of --output too"}},
      {"Workload", "bench --json work.yaml", {"--json work.yaml", "of --workload too"}},
  };
  for (const std::string command : {"run", "encode", "network", "bench", "export", "figure3"}) {
    cases.push_back({"Config", command + " --json eie4.yaml", {"--json eie4.yaml", "of --config too"}});
  }
  all_refused(cases);
}

// What is no regular file may have several roles.
TEST_F(BadInput, DevNullHasManyRoles) {
  const Outcome o = start({"", "run --output /dev/null --raw-output /dev/null --json /dev/null", {}});
  EXPECT_EQ(o.status, 0) << o.err;
}

// Numbers that a double holds, and whose products or squares it does not.
TEST_F(BadInput, NumbersTooLarge) {
  auto vector = [](std::size_t count, double value) { return bytes(std::vector<double>(count, value)); };
  folder.write("large.npy", npy("'<f8'", "(600, 8)", vector(4800, -1e200)));
  folder.write("edge.npy", npy("'<f8'", "(600, 8)", vector(4800, 1e150)));
  folder.write("edge_a.npy", npy("'<f8'", "(8,)", vector(8, 1e150)));
  folder.write("large_a.npy", npy("'<f8'", "(8,)", vector(8, 1e308)));
  folder.write("large_x.npy", npy("'<f8'", "(3, 8)", vector(24, 1e308)));
  folder.write("large_b.npy", npy("'<f8'", "(600,)", vector(600, 1e200)));
  folder.write("wide.npy", npy("'<f8'", "(600, 8)", [] {
                 std::vector<double> values;
                 for (int i = 0; i < 4800; ++i) values.push_back((i % 2 != 0 ? 1 : -1) * 1e308 / (1 + i % 50));
                 return bytes(values);
               }()));
  all_refused(
      {{"Weights", "run --weights large.npy", {"large.npy: element [0, 0] is -1e+200: expected"}},
       {"Clustered", "run --weights wide.npy", {"wide.npy: element [0, 0] is -1e+308: expected"}},
       {"Encode", "encode --weights large.npy", {"large.npy: element [0, 0] is -1e+200: expected"}},
       {"Export", "export --weights large.npy", {"large.npy: element [0, 0] is -1e+200: expected"}},
       {"Product", "run --weights edge.npy --activations edge_a.npy", {"edge.npy: its product", "expected"}},
       {"Activations", "run --activations large_a.npy", {"w.npy: its product", "expected"}},
       {"Bias", "run --bias large_b.npy", {"large_b.npy: element [0] is 1e+200: expected numbers of magnitude up to 1e150"}}});
  folder.write("net.yaml", replaced(kNetwork, "x.npy", "large_x.npy"));
  refused({"Network", "network", {"w.npy: its product", "expected"}});
}

// Legal values whose windows end past 32 bits: only the TLM model and the encoder can have them.
TEST_F(BadInput, AddressRange) {
  std::string text = config_with("n_pe", "n_pe: 256\n");
  text = replaced(text, "spmat_depth: ", "spmat_depth: 1048576  # ");
  folder.write("huge.yaml", text);
  std::vector<Case> cases;
  for (const char* engine : {"hw", "rtl"}) {
    for (const std::string command : {"run", "network", "bench"}) {
      cases.push_back({"Huge",
                       command + " --config huge.yaml --engine " + engine,
                       {"256 PEs with windows of 16777216 bytes end past 32-bit addresses: expected"}});
    }
  }
  cases.push_back({"Export", "export --config huge.yaml", {"end past 32-bit addresses: expected"}});
  all_refused(cases);
  EXPECT_EQ(start({"", "encode --config huge.yaml", {}}).status, 0);
}

TEST_F(BadInput, ImageThatCannotBeSplit) {
  folder.write("spmat.yaml", config_with("spmat_depth", "spmat_depth: 2\n"));
  folder.write("pointers.yaml", config_with("pointer_depth", "pointer_depth: 4\n"));
  folder.write("act.yaml", config_with("act_depth", "act_depth: 4\n"));
  all_refused({{"Spmat", "encode --config spmat.yaml", {"w.npy: columns 0 to 7", "expected at most 16", "spmat_depth"}},
               {"Pointers", "encode --config pointers.yaml", {"w.npy: ", "9 pointers: expected at most pointer_depth"}},
               {"Activations", "encode --config act.yaml", {"w.npy: ", "activation words: expected at most act_depth"}}});
}

}  // namespace
}  // namespace eie::tb
