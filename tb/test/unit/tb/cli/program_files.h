// SPDX-License-Identifier: Apache-2.0
// Files that tests of the program give it.
#pragma once

#include <cmath>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tb/cli/program.h"
#include "tb/engines/engines.h"
#include "tb/formats/npy.h"
#include "tb/support/sha256.h"
#include "tb/test/support/fake_device.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/cli/run_program.h"

namespace eie::tb {

inline bool g_flip = false;  // the next engine has a fault

inline const char* const kConfig =
    "name: t\nn_pe: 4\nqueue_depth: 7\nlook_ahead: 0\nspmat_width: 64\nspmat_depth: 4096\npointer_width: 16\n"
    "pointer_depth: 4096\nact_depth: 256\nregisters: 16\ncode_width: 4\nrun_width: 4\ndata_width: "
    "16\nacc_width: 16\n"
    "lnzd_fan_in: 4\necc: false\nclock_mhz: 800\n";

// A 100 x 90 layer with 12 distinct weights, its input and bias.
struct Files {
  TempFolder folder;
  std::vector<double> w, a, b;
  std::string config, weights, activations, bias;

  Files() {
    for (const std::int32_t v : random_vector(9000, -6, 6, 0.3, 1)) w.push_back(v / 8.0);
    for (const std::int32_t v : random_vector(90, 0, 1000, 0.5, 2)) a.push_back(v / 1000.0);
    for (const std::int32_t v : random_vector(100, -500, 500, 1, 3)) b.push_back(v / 1000.0);
    config = folder.write("c.yaml", kConfig);
    write_npy(weights = folder.file("w.npy"), w, {100, 90});
    write_npy(activations = folder.file("a.npy"), a);
    write_npy(bias = folder.file("b.npy"), b);
    g_flip = false;
  }
  nlohmann::json json(const std::string& name) const { return read_report(folder.file(name)); }
};

}  // namespace eie::tb
