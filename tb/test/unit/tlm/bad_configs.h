// SPDX-License-Identifier: Apache-2.0
// Configurations that no device can have, each with the words that it is refused with; for files and for
// constructors.
#pragma once

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "tlm/config/device_config.h"

namespace eie::tb {

struct BadConfig {
  std::string key;
  std::string expected;  // text behind "key 'x' is "
  DeviceConfig config;
};
inline void PrintTo(const BadConfig& bad, std::ostream* out) { *out << bad.key << " is " << bad.expected; }

/// Whole numbers of `good`, each with every value next to a border of its range, inside and outside.
struct NumberCase {
  const char* key;
  unsigned DeviceConfig::*field;
  std::string expected;
  std::vector<unsigned> legal;  // alone, beside the others of `good`
  std::vector<unsigned> illegal;
};

inline std::vector<NumberCase> number_cases() {
  using C = DeviceConfig;
  constexpr unsigned kMany = std::numeric_limits<unsigned>::max();
  const std::string million = std::to_string(1u << 20);
  return {
      {"n_pe", &C::n_pe, "a power of two from 1 to 1024", {1, 2, 512, 1024}, {0, 3, 24, 1023, 1025, 2048, kMany}},
      {"queue_depth", &C::queue_depth, "an integer from 1 to 256", {1, 3, 256}, {0, 257, kMany}},
      {"look_ahead", &C::look_ahead, "an integer from 0 to 64", {0, 1, 63, 64}, {65, 128, kMany}},
      {"spmat_width", &C::spmat_width, "one of 32, 64, 128, 256, 512", {32, 64, 128, 256, 512}, {0, 8, 16, 48, 96, 1024, kMany}},
      {"spmat_depth", &C::spmat_depth, "a power of two from 2 to " + million, {2, 4, 1u << 20}, {0, 1, 3, 1000, 1u << 21, kMany}},
      {"pointer_width", &C::pointer_width, "an integer from 8 to 20", {8, 17, 20}, {0, 7, 21, 32, 64, kMany}},
      {"pointer_depth", &C::pointer_depth, "a power of two from 4 to " + million, {4, 1u << 20}, {0, 1, 2, 6, 1u << 21, kMany}},
      {"act_depth", &C::act_depth, "a power of two from 4 to " + million, {4, 1u << 20}, {0, 1, 2, 5, 257, 1u << 21, kMany}},
      {"code_width", &C::code_width, "an integer from 1 to 8", {4}, {0, 9, 32, kMany}},
      {"run_width", &C::run_width, "an integer from 1 to 8", {4}, {0, 9, 32, kMany}},
      {"data_width", &C::data_width, "one of 8, 16, 32", {8, 16}, {0, 1, 4, 12, 24, 64, kMany}},
      {"registers", &C::registers, "a power of two from 4 to 16384", {4, 16384}, {0, 1, 2, 3, 48, 32768, kMany}},
      {"acc_width", &C::acc_width, "an integer from 8 to 48", {16, 17, 48}, {0, 7, 49, 64, kMany}},
      {"lnzd_fan_in", &C::lnzd_fan_in, "one of 2, 4", {2, 4}, {0, 1, 3, 8, kMany}},
  };
}

/// `good` with one thing wrong, in every way.
inline std::vector<BadConfig> bad_configs(const DeviceConfig& good) {
  std::vector<BadConfig> bad;
  const auto add = [&](const char* key, const std::string& expected, auto&& change) {
    bad.push_back({key, expected, good});
    change(bad.back().config);
  };
  for (const NumberCase& number : number_cases()) {
    for (const unsigned value : number.illegal) {
      add(number.key, std::to_string(value) + ": expected " + number.expected, [&](DeviceConfig& c) { c.*number.field = value; });
    }
  }
  add("run_width", "5: expected code_width + run_width = 4, 8 or 16 (code_width is 4)", [](auto& c) { c.run_width = 5; });
  add("run_width", "1: expected code_width + run_width = 4, 8 or 16 (code_width is 1)",
      [](auto& c) { c.code_width = c.run_width = 1; });
  add("registers", "4: expected at least one word of 8 activations (data_width is 8)", [](auto& c) {
    c.data_width = 8;
    c.registers = 4;
  });
  add("acc_width", "15: expected at least data_width, which is 16, and at most 48", [](auto& c) { c.acc_width = 15; });
  add("acc_width", "16: expected at least data_width, which is 32, and at most 48", [](auto& c) { c.data_width = 32; });
  const std::string clock = ": expected a number from 0.001 to 1e+06";
  using Real = std::numeric_limits<double>;
  add("clock_mhz", "0" + clock, [](auto& c) { c.clock_mhz = 0; });
  add("clock_mhz", "-800" + clock, [](auto& c) { c.clock_mhz = -800; });
  add("clock_mhz", "0.0009" + clock, [](auto& c) { c.clock_mhz = 0.0009; });
  add("clock_mhz", "1.1e+06" + clock, [](auto& c) { c.clock_mhz = 1.1e6; });
  add("clock_mhz", "inf" + clock, [](auto& c) { c.clock_mhz = Real::infinity(); });
  add("clock_mhz", "-inf" + clock, [](auto& c) { c.clock_mhz = -Real::infinity(); });
  add("clock_mhz", "nan" + clock, [](auto& c) { c.clock_mhz = Real::quiet_NaN(); });
  const std::string name = ": expected a letter, then letters, digits, '_' or '-', at most 64";
  add("name", "empty" + name, [](auto& c) { c.name.clear(); });
  add("name", "empty" + name, [](auto& c) { c = DeviceConfig(); });
  add("name", "1x" + name, [](auto& c) { c.name = "1x"; });
  add("name", "../x" + name, [](auto& c) { c.name = "../x"; });
  add("name", "a b" + name, [](auto& c) { c.name = "a\nb"; });
  add("name", std::string(60, 'x') + name, [](auto& c) { c.name = std::string(65, 'x'); });
  return bad;
}

}  // namespace eie::tb
