// SPDX-License-Identifier: Apache-2.0
// The digits network, all of its test set, on 64 PEs: golden match in every layer, and an accuracy of at most half a
// point below the unpruned float network's, which is computed here from the committed dense weights.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tb/cli/program.h"
#include "tb/formats/matrix_file.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

const std::string kFolder = std::string(EIE_SOURCE_DIR) + "/configs/networks/digits/";

using Rows = std::vector<std::vector<double>>;

Rows load_rows(const std::string& path) {
  const std::unique_ptr<MatrixFile> file = open_matrix(path);
  Rows rows(file->rows(), std::vector<double>(file->columns()));
  for (std::size_t i = 0; i < rows.size(); ++i) file->read_rows(i, 1, rows[i].data());
  return rows;
}

/// y = W x + b, plain loops.
std::vector<double> layer(const Rows& w, const std::vector<double>& b, const std::vector<double>& x, bool relu) {
  std::vector<double> y(w.size());
  for (std::size_t i = 0; i < w.size(); ++i) {
    y[i] = b[i];
    for (std::size_t j = 0; j < x.size(); ++j) y[i] += w[i][j] * x[j];
    if (relu) y[i] = std::max(y[i], 0.0);
  }
  return y;
}

double dense_accuracy() {
  const Rows inputs = load_rows(kFolder + "test_inputs.npy");
  const std::vector<std::int64_t> labels = read_integer_vector(kFolder + "test_labels.npy", inputs.size());
  Rows w[3];
  std::vector<double> b[3];
  for (int l = 0; l < 3; ++l) {
    const std::string name = kFolder + "dense_ip" + std::to_string(l + 1);
    w[l] = load_rows(name + "_weights.npy");
    b[l] = read_vector(name + "_bias.npy", w[l].size());
  }
  std::size_t right = 0;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    std::vector<double> x = inputs[s];
    for (int l = 0; l < 3; ++l) x = layer(w[l], b[l], x, l < 2);
    right += std::max_element(x.begin(), x.end()) - x.begin() == labels[s] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

TEST(Digits, WholeTestSetOnTheDevice) {
  const TempFolder folder;
  const std::string json = folder.file("report.json");
  const std::string config = std::string(EIE_SOURCE_DIR) + "/configs/eie64.yaml";
  const std::string network = kFolder + "digits.yaml";
  const char* const arguments[] = {"eie",       "network",       "--config", config.c_str(),
                                   "--network", network.c_str(), "--json",   json.c_str()};
  ASSERT_EQ(program(8, arguments), kExitDone);
  const auto report = read_report(json);
  EXPECT_EQ(report.at("samples"), 899);
  ASSERT_EQ(report.at("layers").size(), 3u);
  for (const auto& l : report.at("layers")) {
    EXPECT_TRUE(l.at("golden_match").get<bool>()) << l.at("name");
    EXPECT_FALSE(l.at("saturated").get<bool>()) << l.at("name");
    EXPECT_FALSE(l.at("pe_cycles").is_null()) << l.at("name");
  }
  const double dense = dense_accuracy();
  const double accuracy = report.at("accuracy").get<double>();
  std::printf("unpruned float network %.4f, pruned and shared on the device %.4f\n", dense, accuracy);
  EXPECT_GT(dense, 0.97);
  EXPECT_GE(accuracy, dense - 0.005);
}

}  // namespace
}  // namespace eie::tb
