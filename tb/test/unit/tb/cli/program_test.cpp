// SPDX-License-Identifier: Apache-2.0
// The `eie` program on a fake engine: options, files, exit status. Linked with program and commands, not with
// engines.cpp.
#include "tb/formats/matrix_file.h"
#include "tb/test/unit/tb/cli/program_files.h"
#include "tb/test/unit/tb/formats/npy_reader.h"

namespace eie::tb {
namespace {

TEST(Program, RunsALayer) {
  Files f;
  const Outcome o = eie({"run", "--config", f.config, "--weights", f.weights, "--activations", f.activations, "--bias", f.bias,
                         "--relu", "--output", f.folder.file("y.npy"), "--raw-output", f.folder.file("yq.npy"), "--json",
                         f.folder.file("r.json"), "--load", "port"});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  EXPECT_TRUE(o.err.empty()) << o.err;
  const auto j = f.json("r.json");
  EXPECT_EQ(j["golden_match"], true);
  EXPECT_EQ(j["launches"], 2);  // 25 local rows on 16 registers
  EXPECT_GT(j["io_cycles"], 0);
  const int frac = j["formats"]["out_frac"];
  const std::vector<double> y = read_vector(f.folder.file("y.npy"), 100);
  const std::vector<std::int64_t> yq = read_integer_vector(f.folder.file("yq.npy"), 100);
  for (std::size_t i = 0; i < 100; ++i) {
    double expected = f.b[i];
    for (std::size_t k = 0; k < 90; ++k) expected += f.w[i * 90 + k] * f.a[k];
    EXPECT_NEAR(y[i], std::max(expected, 0.0), 0.05);
    EXPECT_EQ(y[i], std::ldexp(static_cast<double>(yq[i]), -frac));
  }
  EXPECT_LT(j["float_error"]["max_abs"], 0.05);
}

TEST(Program, RunsSamplesAndVectorsOfAnyShape) {
  Files f;
  std::vector<double> samples = f.a;
  samples.insert(samples.end(), 90, 0.0);
  samples.insert(samples.end(), f.a.begin(), f.a.end());
  auto run = [&f](const std::vector<double>& values, const std::vector<std::size_t>& shape) {
    write_npy(f.folder.file("s.npy"), values, shape);
    const Outcome o = eie({"run", "--config", f.config, "--weights", f.weights, "--activations", f.folder.file("s.npy"), "--json",
                           f.folder.file("r.json"), "--raw-output", f.folder.file("y.npy")});
    EXPECT_EQ(o.status, kExitDone) << o.err;
    return o;
  };
  const Outcome o = run(samples, {3, 90});
  EXPECT_NE(o.out.find("  samples       3, each "), std::string::npos) << o.out;
  const auto three = f.json("r.json");
  NpyReader y(f.folder.file("y.npy"));
  EXPECT_EQ(y.shape_text(), "(3, 100)");
  std::vector<std::int64_t> first, second, third;
  y.read_row(first);
  y.read_row(second);
  y.read_row(third);
  EXPECT_EQ(first, third);
  EXPECT_EQ(second, std::vector<std::int64_t>(100, 0));
  EXPECT_EQ(three["samples"]["count"], 3);
  ASSERT_EQ(three["samples"]["cycles"].size(), 3u);
  EXPECT_EQ(three["samples"]["cycles_min"], three["samples"]["cycles"][1]);
  EXPECT_EQ(three["samples"]["cycles_max"], three["samples"]["cycles"][0]);
  const double sum = three["cycles"];
  EXPECT_DOUBLE_EQ(three["samples"]["cycles_mean"], sum / 3);

  for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{90}, {1, 90}, {90, 1}}) {
    run(f.a, shape);
    EXPECT_EQ(NpyReader(f.folder.file("y.npy")).shape_text(), "(100,)");
    EXPECT_EQ(read_integer_vector(f.folder.file("y.npy"), 100), first);
    EXPECT_EQ(f.json("r.json")["samples"]["count"], 1);
    EXPECT_EQ(f.json("r.json")["cycles"], three["samples"]["cycles"][0]);
  }
  const Outcome several = eie({"export", "--config", f.config, "--weights", f.weights, "--activations",
                               [&] {
                                 write_npy(f.folder.file("s.npy"), samples, {3, 90});
                                 return f.folder.file("s.npy");
                               }(),
                               "--output", f.folder.file("x")});
  EXPECT_EQ(several.status, kExitUsage);
  EXPECT_NE(several.err.find("holds 3 samples: expected one"), std::string::npos) << several.err;
}

// A layer of one column has samples of one value.
TEST(Program, SamplesOfOneColumn) {
  Files f;
  write_npy(f.folder.file("w1.npy"), std::vector<double>{1, 2, 3}, {3, 1});
  write_npy(f.folder.file("s.npy"), std::vector<double>{1, 0, 2, 3}, {4, 1});
  ASSERT_EQ(eie({"run", "--config", f.config, "--weights", f.folder.file("w1.npy"), "--activations", f.folder.file("s.npy"),
                 "--output", f.folder.file("y.npy")})
                .status,
            kExitDone);
  EXPECT_EQ(NpyReader(f.folder.file("y.npy")).shape_text(), "(4, 3)");
}

TEST(Program, DrawsActivations) {
  Files f;
  auto run = [&f](const char* density, const char* seed) {
    EXPECT_EQ(eie({"run", "--config", f.config, "--weights", f.weights, "--act-density", density, "--seed", seed, "--json",
                   f.folder.file("r.json"), "--raw-output", f.folder.file("y.npy")})
                  .status,
              kExitDone);
    return std::make_pair(f.json("r.json"), read_integer_vector(f.folder.file("y.npy"), 100));
  };
  const auto [report, y] = run("0.3", "7");
  EXPECT_EQ(report["seed"], 7);
  EXPECT_EQ(report["broadcasts"], 2 * 27);  // of two launches
  EXPECT_EQ(run("0.3", "7").second, y);
  EXPECT_NE(run("0.3", "8").second, y);
  EXPECT_EQ(run("1", "8").first["broadcasts"], 2 * 90);
  EXPECT_EQ(run("0", "8").first["broadcasts"], 0);
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{"--act-density", "1.5"},
                                             {"--act-density", "-0.1"},
                                             {"--act-density", "nan"},
                                             {"--act-density", "x"},
                                             {"--seed", "1"},
                                             {"--act-density", "0.5", "--activations", f.activations},
                                             {"--act-density", "0.5", "--seed", "-1"}}) {
    std::vector<std::string> arguments = {"run", "--config", f.config, "--weights", f.weights};
    arguments.insert(arguments.end(), bad.begin(), bad.end());
    const Outcome o = eie(arguments);
    EXPECT_EQ(o.status, kExitUsage) << bad[1];
    EXPECT_NE(o.err.find("expected"), std::string::npos) << o.err;
  }
}

TEST(Program, SaysWhichTransposeWouldFit) {
  Files f;
  write_npy(f.folder.file("t.npy"), f.w, {90, 100});
  const Outcome weights = eie({"run", "--config", f.config, "--weights", f.folder.file("t.npy"), "--activations", f.activations});
  EXPECT_EQ(weights.status, kExitUsage);
  EXPECT_NE(weights.err.find("has shape (90, 100): expected 90 columns, one for each input activation; its transpose would fit"),
            std::string::npos)
      << weights.err;
  write_npy(f.folder.file("x.npy"), std::vector<double>(180, 1), {90, 2});
  const Outcome samples = eie({"run", "--config", f.config, "--weights", f.weights, "--activations", f.folder.file("x.npy")});
  EXPECT_EQ(samples.status, kExitUsage);
  EXPECT_NE(samples.err.find("expected 2 columns, one for each input activation (they have shape (90, 2)); the transpose of the "
                             "activations would fit"),
            std::string::npos)
      << samples.err;
}

// Sparse files stay sparse: the results are those of the same numbers in a dense one.
TEST(Program, SparseAndDenseFilesGiveTheSame) {
  Files f;
  std::string market = "%%MatrixMarket matrix coordinate real general\n";
  std::string elements;
  std::string table;
  int count = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    for (std::size_t j = 0; j < 90; ++j) {
      const double w = f.w[i * 90 + j];
      table += (j != 0 ? "," : "") + std::to_string(w);
      if (w == 0) continue;
      ++count;
      elements += std::to_string(i + 1) + " " + std::to_string(j + 1) + " " + std::to_string(w) + "\n";
    }
    table += "\n";
  }
  f.folder.write("w.mtx", market + "100 90 " + std::to_string(count) + "\n" + elements);
  f.folder.write("w.csv", table);
  std::vector<nlohmann::json> reports;
  for (const char* name : {"w.npy", "w.mtx", "w.csv"}) {
    ASSERT_EQ(eie({"run", "--config", f.config, "--weights", f.folder.file(name), "--activations", f.activations, "--bias",
                   f.bias, "--json", f.folder.file("r.json")})
                  .status,
              kExitDone);
    reports.push_back(f.json("r.json"));
    ASSERT_EQ(eie({"encode", "--config", f.config, "--weights", f.folder.file(name), "--output", f.folder.file("enc"), "--force"})
                  .status,
              kExitDone);
    reports.back()["codes"] = read_text(f.folder.file("enc/codes.npy"));
    reports.back()["entries"] = read_text(f.folder.file("enc/pe1_entries.npy"));
  }
  for (const char* key : {"cycles", "work", "formats", "codebook", "saturated", "codes", "entries"}) {
    EXPECT_EQ(reports[1][key], reports[0][key]) << key;
    EXPECT_EQ(reports[2][key], reports[0][key]) << key;
  }
  EXPECT_NEAR(reports[1]["float_error"]["rms"], static_cast<double>(reports[0]["float_error"]["rms"]), 1e-12);
}

TEST(Program, MismatchIsStatus1) {
  Files f;
  g_flip = true;
  const Outcome o = eie(
      {"run", "--config", f.config, "--weights", f.weights, "--activations", f.activations, "--json", f.folder.file("r.json")});
  EXPECT_EQ(o.status, kExitMismatch);
  EXPECT_NE(o.err.find("does not match the golden model: output 0: expected"), std::string::npos) << o.err;
  EXPECT_EQ(f.json("r.json")["golden_match"], false);
}

TEST(Program, BenchNamesWhereItWentWrong) {
  Files f;
  g_flip = true;
  const std::string workload = f.folder.write(
      "w.yaml",
      "n_pe: 64\nfifo_depths: [8]\nlayers:\n"
      "  - {name: one, inputs: 60, outputs: 40, weight_density: 0.3, activation_density: 0.5, time_us: 1, theoretical_us: 1,\n"
      "     load_balance: [1]}\n"
      "  - {name: two, inputs: 60, outputs: 80, weight_density: 0.3, activation_density: 0.5, time_us: 1, theoretical_us: 1,\n"
      "     load_balance: [1]}\n");
  const Outcome o = eie({"bench", "--config", f.config, "--workload", workload, "--json", f.folder.file("r.json")});
  EXPECT_EQ(o.status, kExitMismatch) << o.err;
  const auto layers = f.json("r.json")["layers"];
  ASSERT_EQ(layers.size(), 2u);
  for (std::size_t l = 0; l < 2; ++l) {  // a fault that the model does not have: the output and its launch are known
    ASSERT_FALSE(layers[l]["mismatch_at"].is_null()) << layers[l];
    EXPECT_EQ(layers[l]["mismatch_at"]["launch"], l + 1);
    EXPECT_EQ(layers[l]["mismatch_at"]["row"], 0);
    EXPECT_EQ(layers[l]["mismatch_at"]["pe"], 0);
    EXPECT_NE(layers[l]["mismatch_at"]["expected"], layers[l]["mismatch_at"]["seen"]);
  }
  EXPECT_NE(o.out.find("mismatch at   two: launch 2, PE 0, row 0"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("--trace window.fst --trace-launch 2 --trace-pe 0"), std::string::npos) << o.out;
}

TEST(Program, EncodeWritesWhatDecodes) {
  Files f;
  ASSERT_EQ(eie({"encode", "--config", f.config, "--weights", f.weights, "--output", f.folder.file("enc")}).status, 0);
  const std::string enc = f.folder.file("enc") + "/";
  const std::vector<double> values = read_vector(enc + "codebook_float.npy", 16);
  std::vector<double> w(9000, 0);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto entries = read_integer_vector(enc + "pe" + std::to_string(k) + "_entries.npy", 0);
    const auto pointers = read_integer_vector(enc + "pe" + std::to_string(k) + "_ptr.npy", 91);
    for (std::size_t j = 0; j < 90; ++j) {
      std::int64_t row = 0;
      for (std::int64_t e = pointers[j]; e < pointers[j + 1]; ++e) {
        const std::int64_t entry = entries[static_cast<std::size_t>(e)];
        row += entry >> 4;
        if ((entry & 15) != 0) w[(static_cast<std::size_t>(row) * 4 + k) * 90 + j] = values[entry & 15];
        ++row;
      }
    }
  }
  EXPECT_EQ(w, f.w);
  EXPECT_TRUE(std::filesystem::exists(enc + "launch1/pe3_ptr.npy"));
  NpyReader codes(enc + "codes.npy");
  EXPECT_EQ(codes.type(), "uint8");
  EXPECT_EQ(codes.shape_text(), "(100, 90)");
}

TEST(Program, ExportWritesBothFiles) {
  Files f;
  const std::vector<std::string> arguments = {"export",      "--config", f.config, "--weights", f.weights,  "--activations",
                                              f.activations, "--bias",   f.bias,   "--relu",    "--output", f.folder.file("x")};
  auto text = [&f](const std::string& name) { return read_text(f.folder.file("x/") + name); };
  const Outcome o = eie(arguments);
  ASSERT_EQ(o.status, kExitDone) << o.err;
  EXPECT_NE(o.out.find("golden model  match"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("writes, "), std::string::npos) << o.out;
  const std::string stimulus = text("stimulus.txt");
  const std::string expected = text("expected.txt");
  EXPECT_EQ(stimulus.rfind("// EIE stimulus, format 1", 0), 0u) << stimulus.substr(0, 300);
  EXPECT_EQ(expected.rfind("// EIE expected values, format 1", 0), 0u) << expected.substr(0, 300);
  for (const char* part :
       {"configuration t (4 PEs)", "layer w.npy: 100 rows x 90 columns, bias, ReLU, 2 launches; fraction bits"}) {
    EXPECT_NE(stimulus.find(part), std::string::npos) << part;
    EXPECT_NE(expected.find(part), std::string::npos) << part;
  }
  EXPECT_NE(stimulus.find("\n// launch 2 of 2\n"), std::string::npos);
  EXPECT_NE(stimulus.find("\ne "), std::string::npos);
  EXPECT_NE(expected.find("golden model; cycles "), std::string::npos);

  // Again over what is there, with a report: the same bytes.
  std::vector<std::string> again = arguments;
  again.insert(again.end(), {"--json", f.folder.file("r.json")});
  ASSERT_EQ(eie(again).status, kExitDone);
  EXPECT_EQ(text("stimulus.txt"), stimulus);
  EXPECT_EQ(text("expected.txt"), expected);
  EXPECT_EQ(f.json("r.json")["command"], "export");
  EXPECT_EQ(f.json("r.json")["golden_match"], true);
}

// The name of a file cannot end a comment.
TEST(Program, ExportNamesAnyFile) {
  Files f;
  const std::string weights = f.folder.file("a\nw 0.npy");
  write_npy(weights, f.w, {100, 90});
  ASSERT_EQ(
      eie({"export", "--config", f.config, "--weights", weights, "--activations", f.activations, "--output", f.folder.file("x")})
          .status,
      kExitDone);
  const std::string text = read_text(f.folder.file("x/stimulus.txt"));
  EXPECT_NE(text.find("// layer a?w 0.npy: 100 rows"), std::string::npos) << text.substr(0, 500);
}

TEST(Program, ExportRefusesWhatDoesNotMatch) {
  Files f;
  g_flip = true;
  const Outcome o = eie(
      {"export", "--config", f.config, "--weights", f.weights, "--activations", f.activations, "--output", f.folder.file("x")});
  EXPECT_EQ(o.status, kExitMismatch);
  EXPECT_NE(o.err.find("eie export: does not match the golden model: output 0: expected"), std::string::npos) << o.err;
  EXPECT_FALSE(std::filesystem::exists(f.folder.file("x")));
}

TEST(Program, NetworkRunsEverySample) {
  Files f;
  std::vector<double> inputs;
  for (int s = 0; s < 5; ++s) inputs.insert(inputs.end(), f.a.begin() + s, f.a.end() - 5 + s);
  std::vector<double> small(10 * 100);
  for (std::size_t i = 0; i < small.size(); ++i) small[i] = (i * 37) % 11 < 4 ? static_cast<double>(i % 9) / 4 - 1 : 0;
  std::vector<double> first(100 * 85);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = f.w[i];
  write_npy(f.folder.file("x.npy"), inputs, {5, 85});
  write_npy(f.folder.file("w1.npy"), first, {100, 85});
  write_npy(f.folder.file("w2.npy"), small, {10, 100});
  write_npy(f.folder.file("labels.npy"), std::vector<std::int64_t>{0, 1, 2, 3, 4});
  const std::string net = f.folder.write("net.yaml",
                                         "inputs: x.npy\nlabels: labels.npy\nlayers:\n"
                                         "  - {name: one, weights: w1.npy, bias: b.npy, relu: true}\n"
                                         "  - {name: two, weights: w2.npy, relu: false, weight_frac: 12}\n");
  const Outcome o = eie({"network", "--config", f.config, "--network", net, "--json", f.folder.file("n.json"), "--raw-output",
                         f.folder.file("y.npy")});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const auto j = f.json("n.json");
  EXPECT_EQ(j["samples"], 5);
  EXPECT_EQ(j["accuracy"], j["float_accuracy"]);
  ASSERT_EQ(j["layers"].size(), 2u);
  EXPECT_EQ(j["layers"][1]["formats"]["act_frac"], j["layers"][0]["formats"]["out_frac"]);
  EXPECT_EQ(j["layers"][1]["formats"]["weight_frac"], 12);
  EXPECT_EQ(NpyReader(f.folder.file("y.npy")).shape_text(), "(5, 10)");
  EXPECT_EQ(eie({"network", "--config", f.config, "--network", net, "--samples", "2"}).status, kExitDone);

  write_npy(f.folder.file("labels.npy"), std::vector<std::int64_t>{0, 1, 2, 3, 10});
  const Outcome bad = eie({"network", "--config", f.config, "--network", net});
  EXPECT_EQ(bad.status, kExitUsage);
  EXPECT_NE(bad.err.find("element [4] is 10: expected 0 to 9"), std::string::npos) << bad.err;
}

TEST(Program, BenchPrintsAndReportsThePaper) {
  Files f;
  const std::string workload =
      f.folder.write("w.yaml",
                     "n_pe: 4\nfifo_depths: [1, 8]\nlayers:\n"
                     "  - {name: a, inputs: 200, outputs: 150, weight_density: 0.2, activation_density: 0.5, time_us: 2,"
                     " theoretical_us: 1, load_balance: [0.5, 0.9]}\n"
                     "  - {name: b, inputs: 100, outputs: 30, weight_density: 0.2, activation_density: 1, time_us: 2,"
                     " theoretical_us: 1, load_balance: [0.5, 0.8]}\n");
  const Outcome o = eie(
      {"bench", "--config", f.config, "--workload", workload, "--json", f.folder.file("b.json"), "--layers", "b", "--seed", "7"});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const auto j = f.json("b.json");
  EXPECT_EQ(j["seed"], 7);
  ASSERT_EQ(j["layers"].size(), 1u);
  EXPECT_EQ(j["layers"][0]["name"], "b");
  EXPECT_EQ(j["layers"][0]["paper"]["time_us"], 2);
  EXPECT_EQ(j["layers"][0]["paper"]["load_balance"], 0.8);
  EXPECT_EQ(j["layers"][0]["broadcasts"], 100);
}

TEST(Program, WrongUsageIsStatus2) {
  Files f;
  const std::vector<std::string> run = {"run", "--config", f.config, "--weights", f.weights, "--activations", f.activations};
  auto with = [&run](std::vector<std::string> more) {
    more.insert(more.begin(), run.begin(), run.end());
    return more;
  };
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"fly"},
      {"run"},
      {"run", "extra"},
      {"run", "--bogus"},
      with({"--engine", "abacus"}),
      with({"--load", "truck"}),
      with({"--act-frac", "1.5"}),
      with({"--act-frac", "-65"}),
      with({"--trace-from", "5"}),
      with({"--bias", f.activations}),
      with({"--json", f.folder.file("absent/r.json")}),
      with({"--config", f.config}),
      {"run", "--config", f.config, "--weights", f.weights, "--activations", f.bias},
      {"encode", "--config", f.config, "--weights", f.weights, "--output", f.weights},
      {"export", "--config", f.config, "--weights", f.weights, "--activations", f.activations},
      {"export", "--config", f.config, "--weights", f.weights, "--activations", f.activations, "--output", f.weights},
      {"network", "--config", f.config, "--network", f.config},
      {"bench", "--config", f.config, "--seed", "-1"},
      {"bench", "--config", f.config, "--workload", f.folder.file("absent.yaml")},
  };
  for (const auto& arguments : cases) {
    const Outcome o = eie(arguments);
    EXPECT_EQ(o.status, kExitUsage) << o.err;
    EXPECT_NE(o.err.find("expected"), std::string::npos) << o.err;
    EXPECT_TRUE(o.out.empty()) << o.out;
  }
}

TEST(Program, HelpListsEveryOption) {
  EXPECT_EQ(eie({"--help"}).status, kExitDone);
  const Outcome o = eie({"run", "--help"});
  EXPECT_EQ(o.status, kExitDone);
  for (const char* option :
       {"--config", "--weights", "--activations", "--bias", "--relu", "--engine", "--load", "--weight-frac", "--act-frac",
        "--out-frac", "--output", "--raw-output", "--json", "--trace", "--trace-scope", "--trace-from", "--trace-to"}) {
    EXPECT_NE(o.out.find(option), std::string::npos) << option;
  }
  for (const char* command : {"encode", "network", "bench", "export"}) EXPECT_EQ(eie({command, "--help"}).status, kExitDone);
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string&, const HwConfig& config, const TraceOptions&) {
  auto device = std::make_unique<FakeDevice>(config);
  device->flip_output = g_flip;
  return device;
}

}  // namespace eie::tb
