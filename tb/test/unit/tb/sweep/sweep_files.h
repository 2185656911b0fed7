// SPDX-License-Identifier: Apache-2.0
// Sweeps in files for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tb/sweep/sweep_file.h"

namespace eie::tb {

/// A folder that goes with its object.
class SweepFolder {
 public:
  SweepFolder() {
    char name[] = "/tmp/eie-sweep-XXXXXX";
    path_ = mkdtemp(name);
    write("small.yaml",
          "n_pe: 4\nfifo_depths: [8]\nlayers:\n"
          "  - {name: a, inputs: 24, outputs: 20, weight_density: 0.3, activation_density: 0.5, time_us: 1, theoretical_us: 1, "
          "load_balance: [1]}\n"
          "  - {name: b, inputs: 17, outputs: 31, weight_density: 0.2, activation_density: 1, time_us: 1, theoretical_us: 1, "
          "load_balance: [1]}\n");
  }
  ~SweepFolder() { std::filesystem::remove_all(path_); }
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// A sweep over the layers a and b.
  SweepFile sweep(const std::string& more) const {
    return load_sweep(write("sweep.yaml", "base: eie4\nworkload: small.yaml\n" + more), find);
  }
  /// What comes with the source tree.
  static std::string find(SweepData kind, const std::string&, const std::string& text) {
    const char* folder = kind == SweepData::kWorkload     ? "workloads/"
                         : kind == SweepData::kTechnology ? "technology/"
                         : kind == SweepData::kNetwork    ? "networks/"
                                                          : "";
    const std::string name = kind == SweepData::kNetwork ? text + "/" + text : text;
    return std::string(EIE_SOURCE_DIR) + "/configs/" + folder + name + ".yaml";
  }

 private:
  std::string path_;
};

}  // namespace eie::tb
