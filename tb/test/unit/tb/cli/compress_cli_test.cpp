// SPDX-License-Identifier: Apache-2.0
// eie compress on files: options, tables, reports, what it writes.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "tb/compress/container.h"
#include "tb/formats/matrix_file.h"
#include "tb/support/random.h"
#include "tb/test/unit/tb/cli/program_files.h"

namespace eie::tb {
namespace {

/// Two layers of normal weights, a calibration set, a network file.
struct Network {
  TempFolder folder;
  std::vector<float> first, second;
  std::string config, yaml, calibration;

  Network() {
    Random random(1);
    auto fill = [&random](std::vector<float>& w, std::size_t size) {
      for (std::size_t k = 0; k < size; ++k) w.push_back(static_cast<float>(random.normal()));
    };
    fill(first, 40 * 60);
    fill(second, 20 * 40);
    std::vector<double> samples;
    for (int k = 0; k < 30 * 60; ++k) samples.push_back(random.uniform());
    config = folder.write("c.yaml", kConfig);
    write_npy(folder.file("w1.npy"), first, {40, 60});
    write_npy(folder.file("w2.npy"), second, {20, 40});
    write_npy(folder.file("b1.npy"), std::vector<double>(40, 0.5));
    write_npy(calibration = folder.file("x.npy"), samples, {30, 60});
    yaml = folder.write("net.yaml",
                        "inputs: x.npy\nlayers:\n  - {name: fc1, weights: w1.npy, bias: b1.npy, relu: true}\n"
                        "  - {name: fc2, weights: w2.npy, relu: false, out_frac: 6}\n");
    g_flip = false;
  }
  Outcome run(std::vector<std::string> more) const {
    std::vector<std::string> words{"compress", yaml, "--config", config, "--json", folder.file("r.json")};
    words.insert(words.end(), more.begin(), more.end());
    return eie(words);
  }
  nlohmann::json report() const { return read_report(folder.file("r.json")); }
};

TEST(CompressProgram, TotalsAreSumsOfTheLayers) {
  const Network n;
  const Outcome o = n.run({"--density", "fc1=0.1,fc2=0.25", "--calibration", n.calibration});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  EXPECT_EQ(o.err, "");
  const auto j = n.report();
  ASSERT_EQ(j["layers"].size(), 2u);
  EXPECT_EQ(j["name"], "net");
  EXPECT_EQ(j["layers"][0]["kept"], 240);
  EXPECT_EQ(j["layers"][1]["kept"], 200);
  const auto& total = j["total"];
  for (const char* key : {"weights", "kept", "padding", "codebook_bytes", "table_bytes"}) {
    EXPECT_EQ(total[key].get<std::uint64_t>(),
              j["layers"][0][key].get<std::uint64_t>() + j["layers"][1][key].get<std::uint64_t>())
        << key;
  }
  for (const char* size : {"float32", "stored", "huffman"}) {
    EXPECT_EQ(total["bytes"][size].get<std::uint64_t>(),
              j["layers"][0]["bytes"][size].get<std::uint64_t>() + j["layers"][1]["bytes"][size].get<std::uint64_t>())
        << size;
  }
  // As docs/compression.md defines them.
  for (const auto& layer : {j["layers"][0], j["layers"][1], total}) {
    const std::uint64_t entries = layer["kept"].get<std::uint64_t>() + layer["padding"].get<std::uint64_t>();
    std::uint64_t stored = layer["codebook_bytes"];
    std::uint64_t huffman = stored + layer["table_bytes"].get<std::uint64_t>();
    for (const char* stream : {"codes", "indices"}) {
      const auto& s = layer[stream];
      stored += s["bytes"].get<std::uint64_t>();
      huffman += s["huffman_bytes"].get<std::uint64_t>();
      const double exact = static_cast<double>(entries) * s["huffman_bits"].get<double>() / 8;
      EXPECT_GE(s["huffman_bytes"].get<double>(), exact - 1e-9);
      EXPECT_LT(s["huffman_bytes"].get<double>(), exact + 2);
      EXPECT_GE(s["huffman_bits"].get<double>(), s["entropy"].get<double>() - 1e-9);
    }
    EXPECT_EQ(layer["bytes"]["float32"], 4 * layer["weights"].get<std::uint64_t>());
    EXPECT_EQ(layer["bytes"]["stored"], stored);
    EXPECT_EQ(layer["bytes"]["huffman"], huffman);
    EXPECT_EQ(layer["rate"]["stored"].get<double>(), 4 * layer["weights"].get<double>() / static_cast<double>(stored));
    EXPECT_EQ(layer["density"].get<double>(), layer["kept"].get<double>() / layer["weights"].get<double>());
  }
  EXPECT_GT(j["layers"][1]["chained_output_error"], j["layers"][1]["output_error"]);
  EXPECT_EQ(j["inputs"].size(), 6u);  // configuration, network, two weights, a bias, calibration
  EXPECT_TRUE(has(o.out, "fc1") && has(o.out, "total") && has(o.out, "output error")) << o.out;
}

TEST(CompressProgram, TheContainerIsTheNetwork) {
  const Network n;
  const std::string path = n.folder.file("net.eie");
  ASSERT_EQ(n.run({"--density", "0.1", "-o", path}).status, kExitDone);
  const auto j = n.report();
  const Container container = read_container(path);
  EXPECT_EQ(container.network.name, "net");
  EXPECT_EQ(container.network.code_width, 4u);
  EXPECT_EQ(container.options.at("density"), "0.1");
  ASSERT_EQ(container.network.layers.size(), 2u);
  const CompressedLayer& layer = container.network.layers[0];
  EXPECT_EQ(layer.name, "fc1");
  EXPECT_TRUE(layer.relu);
  EXPECT_EQ(layer.bias, std::vector<double>(40, 0.5));
  EXPECT_EQ(container.network.layers[1].formats.out_frac, 6);
  EXPECT_EQ(layer.codes.code.size(), 240u);
  EXPECT_EQ(layer.codebook.values, j["layers"][0]["codebook"].get<std::vector<double>>());
  // The largest 240, each the nearest shared value.
  std::vector<float> sorted = n.first;
  std::sort(sorted.begin(), sorted.end(), [](float a, float b) { return std::abs(a) > std::abs(b); });
  std::size_t found = 0;
  for (std::size_t column = 0; column < 60; ++column) {
    for (std::size_t e = layer.codes.offset[column]; e < layer.codes.offset[column + 1]; ++e) {
      const float w = n.first[layer.codes.row[e] * 60 + column];
      EXPECT_GE(std::abs(w), std::abs(sorted[239]));
      EXPECT_EQ(layer.codes.code[e], layer.codebook.code(w));
      ++found;
    }
  }
  EXPECT_EQ(found, 240u);
  // It is compressed already.
  const Outcome again = eie({"compress", path, "--config", n.config});
  EXPECT_EQ(again.status, kExitUsage);
  EXPECT_TRUE(has(again.err, "is a container, compressed already: expected a network of float weights")) << again.err;
}

TEST(CompressProgram, AWrittenNetworkRunsAndNeedsNoSharing) {
  const Network n;
  const std::string folder = n.folder.file("out");
  ASSERT_EQ(n.run({"--density", "0.2", "--output-yaml", folder}).status, kExitDone);
  const auto compressed = n.report();
  const Outcome o = eie({"network", folder + "/network.yaml", "--config", n.config, "--json", n.folder.file("run.json")});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const auto run = read_report(n.folder.file("run.json"));
  EXPECT_EQ(run["golden_match"], true);
  EXPECT_EQ(run["samples"], 30);
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_EQ(run["layers"][l]["weight_sharing"]["start"], "exact");
    EXPECT_EQ(run["layers"][l]["weight_sharing"]["shared"], compressed["layers"][l]["sharing"]["values"]);
    EXPECT_EQ(run["layers"][l]["formats"]["out_frac"] == 6, l == 1) << "fraction bits are kept";
  }
  // What is there is replaced only if asked for.
  const Outcome refused = n.run({"--density", "0.2", "--output-yaml", folder});
  EXPECT_EQ(refused.status, kExitUsage);
  EXPECT_TRUE(has(refused.err, "--force")) << refused.err;
  EXPECT_EQ(n.run({"--density", "0.3", "--output-yaml", folder, "--force"}).status, kExitDone);
}

TEST(CompressProgram, OneFileOfWeights) {
  const Network n;
  const Outcome o =
      eie({"compress", n.folder.file("w1.npy"), "--config", n.config, "--threshold", "1", "--json", n.folder.file("r.json")});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  const auto j = n.report();
  EXPECT_EQ(j["name"], "w1");
  ASSERT_EQ(j["layers"].size(), 1u);
  EXPECT_EQ(j["layers"][0]["kept"].get<std::int64_t>(),
            std::count_if(n.first.begin(), n.first.end(), [](float w) { return std::abs(w) >= 1; }));
  EXPECT_EQ(j["total"]["bytes"], j["layers"][0]["bytes"]);
}

TEST(CompressProgram, NamedAndOtherLayers) {
  const Network n;
  ASSERT_EQ(n.run({"--density", "0.5,fc2=0.1"}).status, kExitDone);
  auto j = n.report();
  EXPECT_EQ(j["layers"][0]["kept"], 1200);
  EXPECT_EQ(j["layers"][1]["kept"], 80);
  ASSERT_EQ(n.run({"--density", "fc2=0.1"}).status, kExitDone);
  j = n.report();
  EXPECT_EQ(j["layers"][0]["kept"], 2400);
  EXPECT_EQ(j["layers"][0]["asked_density"], nullptr);
  ASSERT_EQ(n.run({"--density", "fc2=0.1", "--threshold", "fc1=1.5"}).status, kExitDone);
  EXPECT_LT(n.report()["layers"][0]["kept"], 500);
}

TEST(CompressProgram, RateBitsAndBalance) {
  const Network n;
  ASSERT_EQ(n.run({"--rate", "18", "--calibration", n.calibration, "--prune-balance", "windows", "--window", "20"}).status,
            kExitDone);
  auto j = n.report();
  EXPECT_NEAR(j["total"]["rate"]["huffman"].get<double>(), 18, 0.7);  // of 711 bytes
  EXPECT_GT(j["layers"][0]["asked_density"], 0);
  ASSERT_EQ(n.run({"--bits", "6", "--index-bits", "5", "--density", "0.1", "--start", "linear"}).status, kExitDone);
  j = n.report();
  EXPECT_EQ(j["code_bits"], 6);
  EXPECT_EQ(j["layers"][0]["codebook"].size(), 64u);
  EXPECT_EQ(j["layers"][0]["codes"]["bits"], 6);
  EXPECT_EQ(j["layers"][0]["indices"]["bits"], 5);
  EXPECT_EQ(j["layers"][0]["sharing"]["start"], "linear");
  EXPECT_EQ(j["layers"][0]["device"]["obstacle"], "codes of 6 bits: expected at most code_width = 4");
  EXPECT_EQ(j["warnings"].size(), 2u);
  ASSERT_EQ(n.run({"--start", "density", "--density", "0.5"}).status, kExitDone);
  EXPECT_EQ(n.report()["layers"][0]["sharing"]["start"], "quantile");
}

TEST(CompressProgram, WarnsAboutLayersThatWereSparser) {
  const Files f;
  const Outcome o = eie({"compress", f.weights, "--config", f.config, "--density", "0.9"});
  ASSERT_EQ(o.status, kExitDone) << o.err;
  EXPECT_TRUE(has(o.err, "eie compress: warning: layer w has no more than ")) << o.err;
}

TEST(CompressProgram, RefusesInOneLine) {
  const Network n;
  write_npy(n.folder.file("nan.npy"), std::vector<double>{1, std::nan(""), 2, 3}, {2, 2});
  write_npy(n.folder.file("x2.npy"), std::vector<double>(20, 1.0), {2, 10});
  struct Case {
    std::vector<std::string> words;
    const char* message;
  };
  const std::vector<Case> cases{
      {{"--density", "0"}, "--density is '0': expected numbers over 0, up to 1, for all layers or as LAYER=VALUE,LAYER=VALUE"},
      {{"--density", "1.5"}, "--density is '1.5': expected numbers over 0, up to 1"},
      {{"--density", "nan"}, "--density is 'nan': expected"},
      {{"--density", "fc1=0.1,fc1=0.2"}, "layer 'fc1' is named twice: expected each once"},
      {{"--density", "fc3=0.1"}, "there is no layer 'fc3': expected one of fc1, fc2; nearest: fc1, fc2"},
      {{"--density", "0.1,0.2"}, "two values without a layer's name: expected one"},
      {{"--density", "0.1,"}, "'': expected numbers over 0"},
      {{"--density", "=0.1"}, "there is no layer '': expected one of fc1, fc2"},
      {{"--threshold", "-1"}, "--threshold is '-1': expected magnitudes from 0 to 1e150"},
      {{"--density", "0.5", "--threshold", "fc1=1"}, "layer fc1 has a value of --density and one of --threshold: expected one"},
      {{"--rate", "1"}, "--rate is '1': expected a number over 1, up to 1e6"},
      {{"--rate", "x"}, "--rate is 'x': expected a number over 1, up to 1e6"},
      {{"--rate", "10", "--density", "0.5"}, "each layer has a value of --density or --threshold: expected layers without"},
      {{"--rate", "9999"}, "a rate of 9999 is out of reach"},
      {{"--prune-balance", "rows"}, "--prune-balance is 'rows': expected none, pe or windows"},
      {{"--prune-balance", "pe"}, "--prune-balance is 'pe' without --density or --rate"},
      {{"--density", "0.5", "--window", "8"}, "--window is '8' without --prune-balance windows"},
      {{"--density", "0.5", "--prune-balance", "windows", "--window", "0"}, "--window is '0': expected an integer from 1"},
      {{"--bits", "1"}, "--bits is '1': expected an integer from 2 to 8"},
      {{"--bits", "9"}, "--bits is '9': expected an integer from 2 to 8"},
      {{"--index-bits", "0"}, "--index-bits is '0': expected an integer from 1 to 8"},
      {{"--start", "forgy"}, "--start is 'forgy': expected best, linear, density or random"},
      {{"--start", "linear", "--seed", "2"}, "--seed is '2' with --start linear"},
      {{"--calibration-samples", "3"}, "--calibration-samples is '3' without --calibration"},
      {{"--calibration", n.folder.file("x2.npy")}, "has shape (2, 10): expected 60 columns, one for each input of the network"},
      {{"--output", n.folder.file("w1.npy")}, "w1.npy"},
      {{"--output", n.folder.file("r.json")}, "r.json"},
      {{"--output-yaml", n.folder.file("w1.npy")}, "w1.npy"},
  };
  for (const Case& one : cases) {
    const Outcome o = n.run(one.words);
    EXPECT_EQ(o.status, kExitUsage) << one.message;
    EXPECT_TRUE(has(o.err, one.message)) << o.err << "\nexpected: " << one.message;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o.err;
    EXPECT_EQ(o.out, "");
  }
  const Outcome nan = eie({"compress", n.folder.file("nan.npy"), "--config", n.config, "-o", n.folder.file("new.eie")});
  EXPECT_EQ(nan.status, kExitUsage);
  EXPECT_TRUE(has(nan.err, "nan.npy: element [0, 1] is NaN: expected finite numbers")) << nan.err;
  EXPECT_FALSE(std::filesystem::exists(n.folder.file("new.eie")));
  EXPECT_EQ(eie({"compress"}).status, kExitUsage);
  EXPECT_EQ(eie({"compress", n.folder.file("none.npy")}).status, kExitUsage);
  const auto w1 = read_vector(n.folder.file("b1.npy"), 40);
  EXPECT_EQ(w1, std::vector<double>(40, 0.5)) << "inputs are as they were";
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string&, const HwConfig& config, const TraceOptions&) {
  return std::make_unique<FakeDevice>(config);
}

}  // namespace eie::tb
