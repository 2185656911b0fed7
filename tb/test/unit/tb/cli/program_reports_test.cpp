// SPDX-License-Identifier: Apache-2.0
// What reports say: what ran, what was lost, and that every one is as its schema says.
#include "tb/test/unit/tb/cli/program_files.h"
#include "tb/test/unit/tb/formats/npy_reader.h"

namespace eie::tb {
namespace {

/// The lines that begin with `start`.
std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(start, 0) == 0) found.push_back(line);
  }
  return found;
}

TEST(Program, LostNumbersAreWarnedOfEverywhere) {
  Files f;
  std::vector<double> a = f.a;
  a[0] = 3e6;
  write_npy(f.folder.file("outlier.npy"), a);
  for (const std::string command : {"run", "export", "network"}) {
    SCOPED_TRACE(command);
    std::vector<std::string> arguments = {command, "--config", f.config, "--json", f.folder.file("r.json")};
    if (command == "network") {
      write_npy(f.folder.file("x.npy"), a, {1, 90});
      f.folder.write("net.yaml", "inputs: x.npy\nlayers:\n  - {name: one, weights: w.npy, bias: b.npy, relu: true}\n");
      arguments.insert(arguments.end(), {"--network", f.folder.file("net.yaml")});
    } else {
      arguments.insert(arguments.end(), {"--weights", f.weights, "--activations", f.folder.file("outlier.npy")});
    }
    if (command == "export") arguments.insert(arguments.end(), {"--output", f.folder.file("x")});
    const Outcome o = eie(arguments);
    EXPECT_EQ(o.status, kExitDone) << o.err;
    const auto j = f.json("r.json");
    ASSERT_FALSE(j["warnings"].empty());
    EXPECT_EQ(lines_with(o.out, "warning").size(), j["warnings"].size());
    EXPECT_EQ(lines_with(o.err, "eie " + command + ": warning: ").size(), j["warnings"].size());
    EXPECT_NE(j["warnings"][0].get<std::string>().find("non-zero activations became 0"), std::string::npos);
    EXPECT_GT(j["quantisation"]["activations"]["zeroed"], 0);
    EXPECT_EQ(j["quantisation"]["activations"]["max_relative_error"], 1);
    EXPECT_NE(o.out.find("  quantisation  became 0/clamped/largest relative error: weights 0/0/"), std::string::npos);
  }
}

TEST(Program, EncodeWarnsOfLostWeights) {
  Files f;
  const Outcome o = eie({"encode", "--config", f.config, "--weights", f.weights, "--output", f.folder.file("enc"),
                         "--weight-frac", "20", "--json", f.folder.file("r.json")});
  EXPECT_EQ(o.status, kExitDone) << o.err;
  const auto j = f.json("r.json");
  EXPECT_GT(j["quantisation"]["weights"]["clamped"], 0);
  EXPECT_TRUE(j["quantisation"]["sums"].is_null());
  EXPECT_EQ(lines_with(o.out, "warning").size(), 1u) << o.out;
  EXPECT_EQ(lines_with(o.err, "eie encode: warning: ").size(), 1u) << o.err;
}

TEST(Program, WeightsAreInspected) {
  Files f;
  const Outcome o = eie({"inspect", f.weights, "--config", f.config, "--json", f.folder.file("r.json"), "--act-density", "0.25"});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const auto j = f.json("r.json");
  const auto& layer = j["layers"][0];
  std::uint64_t nonzeros = 0;
  for (const double w : f.w) nonzeros += w != 0 ? 1 : 0;
  EXPECT_EQ(layer["nonzeros"], nonzeros);
  EXPECT_EQ(layer["launches"], 2);
  EXPECT_EQ(layer["fill"]["registers"], 13.0 / 16);
  EXPECT_EQ(layer["forecast"]["broadcasts"], 2 * 23);  // round(0.25 * 90) columns, each launch
  EXPECT_NE(o.out.find("w.npy   100       90"), std::string::npos) << o.out;
}

TEST(Program, OrdinaryLayersAreNotWarnedOf) {
  Files f;
  const Outcome o = eie(
      {"run", "--config", f.config, "--weights", f.weights, "--activations", f.activations, "--json", f.folder.file("r.json")});
  EXPECT_TRUE(f.json("r.json")["warnings"].empty());
  EXPECT_TRUE(lines_with(o.out, "warning").empty()) << o.out;
  EXPECT_TRUE(o.err.empty()) << o.err;
}

TEST(Program, ReportsSayWhatRan) {
  Files f;
  const std::vector<std::string> run = {"run",        "--weights", f.weights, "--activations",         f.activations,
                                        "--out-frac", "9",         "--json",  f.folder.file("r.json"), "--config"};
  auto report = [&](const std::string& config) {
    std::vector<std::string> arguments = run;
    arguments.push_back(config);
    EXPECT_EQ(eie(arguments).status, kExitDone);
    return f.json("r.json");
  };
  const auto j = report(f.config);
  EXPECT_EQ(j["configuration"].size(), 19u);
  EXPECT_EQ(j["configuration"]["queue_depth"], 7);
  EXPECT_EQ(j["configuration"]["ecc"], false);
  EXPECT_EQ(j["options"]["out-frac"], "9");
  EXPECT_EQ(j["options"]["engine"], "hw");
  EXPECT_EQ(j["options"]["relu"], false);
  EXPECT_TRUE(j["options"]["bias"].is_null());
  EXPECT_FALSE(j["options"].contains("help"));
  ASSERT_EQ(j["inputs"].size(), 3u);
  EXPECT_EQ(j["inputs"][0]["role"], "config");
  EXPECT_TRUE(j["inputs"][0]["shape"].is_null());
  EXPECT_EQ(j["inputs"][1]["role"], "weights");
  EXPECT_EQ(j["inputs"][1]["path"], f.weights);
  EXPECT_EQ(j["inputs"][1]["shape"], (std::vector<int>{100, 90}));
  EXPECT_EQ(j["inputs"][1]["dtype"], "float64");
  EXPECT_EQ(j["inputs"][1]["sha256"], sha256(read_text(f.weights)));
  EXPECT_EQ(j["inputs"][2]["shape"], std::vector<int>{90});
  // Another configuration of the same name is another report.
  const auto other = report(f.folder.write("other.yaml", replaced(kConfig, "queue_depth: 7", "queue_depth: 15")));
  EXPECT_EQ(other["config"], j["config"]);
  EXPECT_NE(other["configuration"], j["configuration"]);
}

// Shape and type are those of the array that was read, the digest that of the file that holds it.
TEST(Program, ReportsNameFilesOfEveryFormat) {
  Files f;
  f.folder.write("w.mtx", "%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 0.5\n3 2 -1\n");
  f.folder.write("a.csv", "1,2\n0.5,0\n4,1\n");
  f.folder.write("b.txt", "1\n2\n3\n");
  ASSERT_EQ(eie({"run", "--config", f.config, "--weights", f.folder.file("w.mtx"), "--activations", f.folder.file("a.csv"),
                 "--bias", f.folder.file("b.txt"), "--json", f.folder.file("r.json")})
                .status,
            kExitDone);
  const auto j = f.json("r.json");
  ASSERT_EQ(j["inputs"].size(), 4u);
  EXPECT_EQ(j["inputs"][1]["shape"], (std::vector<int>{3, 2}));
  EXPECT_EQ(j["inputs"][1]["dtype"], "float64");
  EXPECT_EQ(j["inputs"][1]["sha256"], sha256(read_text(f.folder.file("w.mtx"))));
  EXPECT_EQ(j["inputs"][2]["role"], "activations");
  EXPECT_EQ(j["inputs"][2]["shape"], (std::vector<int>{3, 2}));
  EXPECT_EQ(j["inputs"][3]["role"], "bias");
  EXPECT_EQ(j["inputs"][3]["sha256"], sha256(read_text(f.folder.file("b.txt"))));
}

TEST(Program, ReportsNameTheFilesOfAFolder) {
  Files f;
  const std::string sim = f.folder.file("sim");
  for (const char* part : {"", "/ptr", "/spm"}) std::filesystem::create_directory(sim + part);
  auto write = [&](const std::string& name, const auto& values) {
    f.folder.write("sim/" + name, std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]));
  };
  std::vector<float> table(16, 0);
  table[1] = 0.5F;
  write("arithm.dat", table);
  write("act.dat", std::vector<float>{1, 2});
  write("ptr/ptr0.dat", std::vector<std::uint32_t>{0, 1, 2, 3});  // the last column is the bias
  write("spm/spm0.dat", std::vector<std::uint32_t>{1, 0, 1, 1, 1, 0});
  ASSERT_EQ(eie({"run", "--config", f.config, "--weights", sim, "--json", f.folder.file("r.json")}).status, kExitDone);
  const auto j = f.json("r.json");
  std::vector<std::string> seen;
  for (const auto& file : j["inputs"]) {
    const std::string path = file["path"];
    seen.push_back(std::string(file["role"]) + " " + path.substr(path.rfind("/sim") + 1));
    EXPECT_EQ(file["sha256"].is_null(), std::filesystem::is_directory(file_of(path))) << path;
  }
  EXPECT_EQ(seen[1], "weights sim");
  EXPECT_EQ(j["inputs"][1]["shape"], (std::vector<int>{2, 2}));
  const std::vector<std::string> files(seen.begin() + 2, seen.end());
  EXPECT_EQ(files, (std::vector<std::string>{"weights sim/arithm.dat", "weights sim/ptr/ptr0.dat", "weights sim/spm/spm0.dat",
                                             "activations sim:act", "activations sim/act.dat", "bias sim:bias"}));
}

// Formats are chosen by all samples: none clamps, be it the last one that is large.
TEST(Program, FormatsHoldTheSumsOfEverySample) {
  Files f;
  write_npy(f.folder.file("w1.npy"), std::vector<double>{1, -0.98}, {1, 2});
  write_npy(f.folder.file("s.npy"), std::vector<double>{1, 1, 0.5, 0, 100, 100}, {3, 2});
  ASSERT_EQ(eie({"run", "--config", f.config, "--weights", f.folder.file("w1.npy"), "--activations", f.folder.file("s.npy"),
                 "--output", f.folder.file("y.npy"), "--json", f.folder.file("r.json")})
                .status,
            kExitDone);
  const auto j = f.json("r.json");
  EXPECT_EQ(j["saturated"], false);
  EXPECT_EQ(j["quantisation"]["sums"]["clamped"], 0);
  EXPECT_EQ(j["quantisation"]["activations"]["clamped"], 0);
  NpyReader y(f.folder.file("y.npy"));
  for (const double expected : {0.02, 0.5, 2.0}) {
    std::vector<double> row;
    y.read_row(row);
    EXPECT_NEAR(row.at(0), expected, std::ldexp(2, -static_cast<int>(j["formats"]["out_frac"])));
  }
  // An option says what drew activations; no file does.
  ASSERT_EQ(eie({"run", "--config", f.config, "--weights", f.weights, "--act-density", "0.25", "--seed", "9", "--json",
                 f.folder.file("d.json")})
                .status,
            kExitDone);
  const auto drawn = f.json("d.json");
  EXPECT_EQ(drawn["options"]["act-density"], "0.25");
  EXPECT_EQ(drawn["options"]["seed"], "9");
  for (const auto& file : drawn["inputs"]) EXPECT_NE(file["role"], "activations");
}

TEST(Program, Figure3ReportsWhatRan) {
  Files f;
  ASSERT_EQ(eie({"figure3", "--config", f.config, "--json", f.folder.file("r.json")}).status, kExitDone);
  EXPECT_EQ(f.json("r.json")["reproduced"], true);
}

// A schema that accepts anything would prove nothing.
TEST(Program, TheSchemaRefusesWhatIsWrong) {
  Files f;
  ASSERT_EQ(eie({"run", "--config", f.config, "--weights", f.weights, "--activations", f.activations, "--json",
                 f.folder.file("r.json")})
                .status,
            kExitDone);
  const nlohmann::json good = f.json("r.json");
  auto faulty = [&good](const std::function<void(nlohmann::json&)>& spoil) {
    nlohmann::json bad = good;
    spoil(bad);
    return report_fault(bad);
  };
  for (const auto& [key, value] : good.items()) {
    if (key == "weight_sharing" || key == "samples" || key == "mismatch_at" || key == "saturated_at") {
      continue;  // some commands, and totals, have none
    }
    EXPECT_NE(faulty([&](nlohmann::json& j) { j.erase(key); }), "") << key;
  }
  EXPECT_NE(faulty([](nlohmann::json& j) { j["cycles"] = "100"; }), "");
  EXPECT_NE(faulty([](nlohmann::json& j) { j["inputs"][1]["sha256"] = "abc"; }), "");
  EXPECT_NE(faulty([](nlohmann::json& j) { j["samples"].erase("cycles_mean"); }), "");
  EXPECT_NE(faulty([](nlohmann::json& j) { j["samples"]["cycles"] = 1; }), "");
  EXPECT_NE(faulty([](nlohmann::json& j) { j["configuration"].erase("registers"); }), "");
  EXPECT_NE(faulty([](nlohmann::json& j) { j["warnings"] = "none"; }), "");
  EXPECT_NE(faulty([](nlohmann::json& j) {
              j["pe_cycles"] = {{"work", 1},         {"padding", 0}, {"empty_column", 0}, {"held", 0},
                                {"no_candidate", 0}, {"fill", 0},    {"drain", 0},        {"transfer", 0}};
            }),
            "");
  EXPECT_EQ(faulty([](nlohmann::json& j) { j["a_key_of_tomorrow"] = 1; }), "");
}

}  // namespace
}  // namespace eie::tb
