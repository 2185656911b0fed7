// SPDX-License-Identifier: Apache-2.0
// The program on a small layer, each run in a process of its own: a SystemC kernel elaborates once.
#pragma once

#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tb/cli/in_child.h"
#include "tb/cli/program.h"
#include "tb/formats/npy.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {

class ProgramRuns : public testing::Test {
 protected:
  void SetUp() override {
    Random random(8);
    std::vector<double> weights(60 * 90);
    for (double& w : weights) w = random.uniform() < 0.3 ? static_cast<double>(1 + random.below(7)) / 8 - 0.5 : 0;
    std::vector<double> inputs(90);
    for (double& a : inputs) a = random.uniform() < 0.6 ? random.uniform() : 0;
    write_npy(weights_, weights, {60, 90});
    write_npy(activations_, inputs, {90});
  }

  /// `eie` with these arguments, in the folder of the files; its exit status, and what it printed.
  int run_program(const std::vector<std::string>& arguments) {
    const std::string out = folder_.file("stdout");
    const std::string err = folder_.file("stderr");
    auto child = [&] {
      std::vector<const char*> argv = {"eie"};
      for (const std::string& a : arguments) argv.push_back(a.c_str());
      std::filesystem::current_path(folder_.file(""));
      const bool opened = std::freopen(out.c_str(), "w", stdout) != nullptr && std::freopen(err.c_str(), "w", stderr) != nullptr;
      const int status = opened ? program(static_cast<int>(argv.size()), argv.data()) : -1;
      std::fflush(nullptr);
      return std::to_string(status);
    };
    const int status = std::stoi(in_children({child}, 1).front());
    out_ = read_text(out);
    err_ = read_text(err);
    return status;
  }

  TempFolder folder_;
  std::string weights_ = folder_.file("W.npy");
  std::string activations_ = folder_.file("a.npy");
  std::string out_;
  std::string err_;
};

}  // namespace eie::tb
