// SPDX-License-Identifier: Apache-2.0
// Configurations, networks and workloads that are wrong.
#include <cmath>
#include <limits>

#include "tb/test/negative/bad_input.h"

namespace eie::tb {
namespace {

// Files of text: the file `bad`, and what is said of it.
using Texts = std::vector<std::pair<std::string, std::string>>;

class BadYaml : public BadInput {
 protected:
  void texts_refused(const std::string& line, const Texts& texts) const {
    for (const auto& [text, report] : texts) {
      folder.write("bad", text);
      refused({"of the file\n" + text.substr(0, 1000) + "\n", line, {"bad", "expected", report}});
      if (HasFatalFailure()) return;
    }
    fs::remove(folder.file("bad"));
  }

  // What is wrong in any of the YAML files.
  void malformed_refused(const std::string& line, const std::string& good) const {
    texts_refused(line, {{"", "found empty: expected a map"},
                         {"# nothing\n", "found empty"},
                         {"~\n", "found empty"},
                         {"just text\n", "found just text: expected a map"},
                         {"- a\n- b\n", "found a list: expected a map"},
                         {good + "---\na: b\n", "has 2 documents"},
                         {",", "illegal start of a document: expected YAML"},
                         {good + "...\n, a: b\n", "illegal start of a document: expected YAML"},
                         {"]", "expected YAML"},
                         {good + "\tkey: 1\n", "expected YAML"},
                         {"\tn_pe: 4\n", "expected YAML"},
                         {good + "key: \"text", "expected YAML"},
                         {good + "key: 'text\n", "expected YAML"},
                         {good + "key: [1, 2\n", "expected YAML"},
                         {good + "key: {a: 1\n", "expected YAML"},
                         {good + "key: \"text\n", "expected YAML"},
                         {good + "key: *nothing\n", "expected YAML"},
                         {good + "a: b: c\n", "expected YAML"},
                         {std::string(100000, '['), "expected YAML"},
                         {good + "colour: red\n", "unknown key 'colour': expected one of"},
                         {good + "? [a]\n: 1\n", "a key is a list"},
                         {good + "n_pe: 4\nn_pe: 4\nlayers: []\nlayers: []\n", "expected"},
                         {"\x93NUMPY", "expected"},
                         {std::string("\0\1\2\3\xFF\xFE", 6), "expected"}});
    refused({"Missing", line, {"bad: cannot be opened: expected"}});
    fs::create_directory(folder.file("bad"));
    refused({"Directory", line, {"bad: is a directory: expected"}});
    fs::remove(folder.file("bad"));
    fs::create_symlink("w.npy/below", folder.file("bad"));
    refused({"BelowAFile", line, {"bad: cannot be opened: expected"}});
    fs::remove(folder.file("bad"));
  }
};

TEST_F(BadYaml, ConfigMalformed) {
  malformed_refused("run --config bad", read_text(EIE_SOURCE_DIR "/configs/eie4.yaml"));
  for (const char* command : {"encode", "network", "bench", "export", "figure3"}) {
    texts_refused(std::string(command) + " --config bad", {{"n_pe: [4\n", "expected YAML"}});
  }
}

TEST_F(BadYaml, ConfigValues) {
  const std::vector<std::string> not_integer = {"-1",    "many", "4.0",  "[4]", "{a: 4}",
                                                "\"4\"", "",     "0x10", "1e1", "99999999999999999999"};
  for (const std::string key :
       {"n_pe", "queue_depth", "look_ahead", "spmat_width", "spmat_depth", "pointer_width", "pointer_depth", "act_depth",
        "registers", "code_width", "run_width", "data_width", "acc_width", "lnzd_fan_in"}) {
    for (const std::string& value : not_integer) {
      texts_refused("run --config bad", {{config_with(key, key + ": " + value + "\n"), "key '" + key + "' is "}});
    }
  }
  for (const std::string key :
       {"name", "n_pe", "queue_depth", "look_ahead", "spmat_width", "spmat_depth", "pointer_width", "pointer_depth", "act_depth",
        "registers", "code_width", "run_width", "data_width", "acc_width", "lnzd_fan_in", "ecc", "clock_mhz"}) {
    texts_refused("encode --config bad", {{config_with(key, ""), "key '" + key + "' is missing"},
                                          {config_with(key, key + ": 4\n" + key + ": 4\n"), "twice"}});
  }
  // The range is that of the very key.
  texts_refused("run --config bad",
                {{config_with("n_pe", "n_pe: many\n"), "'n_pe' is many: expected an integer, a power of two from 1 to 1024"},
                 {config_with("registers", "registers: []\n"),
                  "'registers' is a list: expected an integer, a power of two from 4 to 16384"},
                 {config_with("data_width", "data_width: 1.5\n"), "'data_width' is 1.5: expected an integer, one of 8, 16, 32"},
                 {config_with("lnzd_fan_in", "lnzd_fan_in:\n"), "'lnzd_fan_in' is empty: expected an integer, one of 2, 4"}});
  for (const std::string line :  // out of range, widths that do not go together, other types
       {"n_pe: 3",          "n_pe: 2048",
        "queue_depth: 0",   "queue_depth: 257",
        "look_ahead: 65",   "spmat_width: 48",
        "spmat_depth: 1",   "spmat_depth: 2097152",
        "pointer_width: 7", "pointer_width: 21",
        "pointer_depth: 3", "act_depth: 2097152",
        "registers: 2",     "registers: 32768",
        "code_width: 0",    "code_width: 9",
        "run_width: 5",     "data_width: 12",
        "acc_width: 12",    "acc_width: 49",
        "lnzd_fan_in: 3",   "ecc: 1",
        "ecc: yes",         "ecc: True",
        "ecc: \"true\"",    "clock_mhz: 0",
        "clock_mhz: -800",  "clock_mhz: fast",
        "clock_mhz: .inf",  "clock_mhz: .nan",
        "clock_mhz: 1e9",   "name: ../x",
        "name: 1x",         "name: a b",
        "name: \"\"",       "name: [a]"}) {
    const std::string key = line.substr(0, line.find(':'));
    texts_refused("bench --config bad", {{config_with(key, line + "\n"), "key '" + key + "' is "}});
  }
  for (const std::string value : {"1", "yes", "\"true\"", "", "[true]"}) {  // may be left out
    texts_refused("bench --config bad",
                  {{config_with("ecc", "ecc: false\nskip_padding: " + value + "\n"), "key 'skip_padding' is "}});
  }
}

TEST_F(BadYaml, Network) {
  malformed_refused("network --network bad", kNetwork);
  auto with = [](const char* from, const char* to) { return replaced(kNetwork, from, to); };
  texts_refused("network --network bad",
                {{with("inputs: x.npy\n", ""), "bad: names no inputs: expected --inputs FILE"},
                 {with("inputs: x.npy", "inputs: [x.npy]"), "key 'inputs' is a list"},
                 {with("inputs: x.npy", "inputs:"), "key 'inputs' is empty"},
                 {with("labels: labels.npy", "labels: {a: 1}"), "key 'labels' is a map"},
                 {"inputs: x.npy\n", "key 'layers' is missing"},
                 {"inputs: x.npy\nlayers: w.npy\n", "key 'layers' is w.npy"},
                 {"inputs: x.npy\nlayers: []\n", "key 'layers' is a list"},
                 {"inputs: x.npy\nlayers: [w.npy]\n", "found w.npy: expected a map"},
                 {with("name: one, ", ""), "key 'name' is missing"},
                 {with("weights: w.npy, ", ""), "key 'weights' is missing"},
                 {with(", relu: true", ""), "key 'relu' is missing"},
                 {with("relu: true", "relu: 1"), "key 'relu' is 1: expected true or false"},
                 {with("relu: true", "relu: true, relu: true"), "key 'relu' is given twice"},
                 {with("relu: true", "relu: true, gain: 2"), "unknown key 'gain'"},
                 {with("name: two", "name: one"), "key 'name' is one: expected a name that no other layer has"},
                 {with("relu: true", "relu: true, weight_frac: x"), "key 'weight_frac' is x"},
                 {with("relu: true", "relu: true, weight_frac: 65"), "key 'weight_frac' is 65: expected"},
                 {with("relu: true", "relu: true, out_frac: -65"), "key 'out_frac' is -65: expected"}});
  const std::string line = "network --network net.yaml";
  const std::vector<Case> cases = {
      {with("bias: b.npy", "bias: absent.npy"), line, {"absent.npy: does not exist: expected"}},
      {with("weights: w.npy", "weights: dir"), line, {"dir: is a directory: expected"}},
      {with("weights: w2.npy", "weights: w.npy"), line, {"w.npy: has shape (600, 8): expected 600 columns"}},
      {with("relu: true", "relu: true, weight_frac: -16, out_frac: 32"), line, {"layer one: ", "shift", "expected 0 to 30"}}};
  for (const Case& c : cases) {
    folder.write("net.yaml", c.name);
    refused(c);
  }
}

TEST_F(BadYaml, Workload) {
  malformed_refused("bench --workload bad", kWorkload);
  auto with = [](const char* from, const char* to) { return replaced(kWorkload, from, to); };
  texts_refused("bench --workload bad",
                {{with("n_pe: 64\n", ""), "key 'n_pe' is missing"},
                 {with("n_pe: 64", "n_pe: 0"), "key 'n_pe' is 0"},
                 {with("fifo_depths: [1, 8]", "fifo_depths: 8"), "key 'fifo_depths' is 8: expected a list"},
                 {with("[1, 8]", "[1, x]"), "key 'fifo_depths' holds x: expected"},
                 {with("[1, 8]", "[1, 8, 9]"), "key 'load_balance' is a list: expected one number for each"},
                 {with("inputs: 40", "inputs: 0"), "key 'inputs' is 0"},
                 {with("inputs: 40", "inputs: 99999999"), "key 'inputs' is 99999999"},
                 {with("outputs: 30", "outputs: 3.5"), "key 'outputs' is 3.5"},
                 {with("weight_density: 0.2", "weight_density: 1.5"), "key 'weight_density' is 1.5"},
                 {with("activation_density: 0.5", "activation_density: .nan"), "key 'activation_density' is .nan"},
                 {with("time_us: 2", "time_us: -2"), "key 'time_us' is -2"},
                 {with("name: a", "name: 'a,b'"), "a name without a comma"},
                 {with("name: a", "name: b"), "a name that no other layer has"},
                 {with("name: a, ", ""), "key 'name' is missing"},
                 {"n_pe: 64\nfifo_depths: []\nlayers: []\n", "key 'layers' is a list: expected"}});
}

}  // namespace
}  // namespace eie::tb
