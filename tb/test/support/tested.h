// SPDX-License-Identifier: Apache-2.0
// What the tests covered: with EIE_TESTED=FILE in the environment every layer that a test judges adds a line of JSON to
// FILE. scripts/tested_ranges makes docs/reports/tested.md of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>
#include <vector>

#include "tb/host/driver.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {

/// Adds the line of one layer. `stalls`: of the host, percent. Tests run side by side: a line is one append.
inline void record_tested(const HwConfig& c, const DeviceLayer& layer, const std::vector<std::int32_t>& inputs,
                          const LayerResult& result, unsigned stalls) {
  const char* path = std::getenv("EIE_TESTED");
  if (path == nullptr) return;
  const EncodedLayer& image = *layer.image;
  std::uint64_t entries = 0;
  std::uint64_t padding = 0;
  unsigned longest_run = 0;
  std::vector<bool> used(image.columns, false);
  for (const auto& block : image.code) {
    for (const PeCode& pe : block) {
      entries += pe.entries.size();
      for (const std::uint16_t entry : pe.entries) {
        longest_run = std::max(longest_run, static_cast<unsigned>(entry) >> c.code_width);
        padding += (entry & (c.codes() - 1)) == 0 ? 1 : 0;
      }
      for (std::size_t j = 0; j < image.columns; ++j) used[j] = used[j] || pe.pointers[j] != pe.pointers[j + 1];
    }
  }
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  nlohmann::ordered_json line;
  auto number = [&line](const char* key, std::int64_t value) { line[key] = value; };
  line["suite"] = test->test_suite_name();
  line["test"] = test->name();
  line["config"] = c.name;
  for (const NumberRule& rule : number_rules()) number(rule.key, c.*rule.value);
  number("rows", static_cast<std::int64_t>(image.rows));
  number("columns", static_cast<std::int64_t>(image.columns));
  number("weights", static_cast<std::int64_t>(entries - padding));
  number("padding", static_cast<std::int64_t>(padding));
  number("longest_run", longest_run);
  number("empty_columns", std::count(used.begin(), used.end(), false));
  number("activations", static_cast<std::int64_t>(inputs.size()) - std::count(inputs.begin(), inputs.end(), 0));
  number("negative", std::count_if(inputs.begin(), inputs.end(), [](std::int32_t a) { return a < 0; }));
  number("shift", layer.shift);
  number("bias", layer.bias.empty() ? 0 : 1);
  number("relu", layer.relu ? 1 : 0);
  number("launches", static_cast<std::int64_t>(result.counters.launches));
  number("batches", static_cast<std::int64_t>(result.counters.batches));
  number("cycles", static_cast<std::int64_t>(result.counters.cycles));
  number("queue_full_cycles", static_cast<std::int64_t>(result.counters.queue_full_cycles));
  number("port_beats", static_cast<std::int64_t>(result.counters.io_beats));
  number("saturated", result.saturated ? 1 : 0);
  number("host_stalls", stalls);
  const std::string text = line.dump() + "\n";
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  EXPECT_TRUE(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size())) << path;
  if (file >= 0) close(file);
}

}  // namespace eie::tb
