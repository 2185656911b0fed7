// SPDX-License-Identifier: Apache-2.0
#include "tlm/config/device_config_check.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace eie {
namespace {

bool is_power_of_two(unsigned n) { return n != 0 && (n & (n - 1)) == 0; }

bool is_name(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && name.size() <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

std::string text_of(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

/// A name may hold anything until it has been checked; a message is one line.
std::string printable(const std::string& name) {
  std::string text = name.substr(0, 60);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

ConfigFault fault(const char* key, unsigned value, std::string expected) {
  return {key, std::to_string(value), std::move(expected)};
}

}  // namespace

InvalidConfig::InvalidConfig(const std::string& configuration, ConfigFault fault)
    : std::invalid_argument("configuration '" + printable(configuration) + "': key '" + fault.key + "' is " + fault.value +
                            ": expected " + fault.expected),
      fault_(std::move(fault)) {}

bool NumberRule::allows(unsigned number) const {
  return number >= low && number <= high && (kind == Kind::kAny || is_power_of_two(number));
}

std::string NumberRule::expected() const {
  if (kind == Kind::kListedPowerOfTwo) {
    std::string list = "one of " + std::to_string(low);
    for (unsigned n = 2 * low; n <= high; n *= 2) list += ", " + std::to_string(n);
    return list;
  }
  return (kind == Kind::kPowerOfTwo ? "a power of two from " : "an integer from ") + std::to_string(low) + " to " +
         std::to_string(high);
}

const std::vector<NumberRule>& number_rules() {
  using Kind = NumberRule::Kind;
  using C = DeviceConfig;
  static const std::vector<NumberRule> rules = {
      {"n_pe", &C::n_pe, 1, 1024, Kind::kPowerOfTwo},
      {"queue_depth", &C::queue_depth, 1, 256, Kind::kAny},
      {"look_ahead", &C::look_ahead, 0, 64, Kind::kAny},
      {"spmat_width", &C::spmat_width, 32, 512, Kind::kListedPowerOfTwo},
      {"spmat_depth", &C::spmat_depth, 2, 1u << 20, Kind::kPowerOfTwo},
      {"pointer_width", &C::pointer_width, 8, 20, Kind::kAny},
      {"pointer_depth", &C::pointer_depth, 4, 1u << 20, Kind::kPowerOfTwo},
      {"act_depth", &C::act_depth, 4, 1u << 20, Kind::kPowerOfTwo},
      {"code_width", &C::code_width, 1, 8, Kind::kAny},
      {"run_width", &C::run_width, 1, 8, Kind::kAny},
      {"data_width", &C::data_width, 8, 32, Kind::kListedPowerOfTwo},
      {"registers", &C::registers, 4, 16384, Kind::kPowerOfTwo},
      {"acc_width", &C::acc_width, 8, 48, Kind::kAny},
      {"lnzd_fan_in", &C::lnzd_fan_in, 2, 4, Kind::kListedPowerOfTwo},
  };
  return rules;
}

std::optional<ConfigFault> find_fault(const DeviceConfig& c) {
  if (!is_name(c.name)) {
    return ConfigFault{"name", c.name.empty() ? "empty" : printable(c.name),
                       "a letter, then letters, digits, '_' or '-', at most 64"};
  }
  for (const NumberRule& rule : number_rules()) {
    if (!rule.allows(c.*rule.value)) return fault(rule.key, c.*rule.value, rule.expected());
  }
  const unsigned entry = c.entry_bits();
  if (entry != 4 && entry != 8 && entry != 16) {
    return fault("run_width", c.run_width,
                 "code_width + run_width = 4, 8 or 16 (code_width is " + std::to_string(c.code_width) + ")");
  }
  if (c.registers < c.lanes()) {
    return fault("registers", c.registers,
                 "at least one word of " + std::to_string(c.lanes()) + " activations (data_width is " +
                     std::to_string(c.data_width) + ")");
  }
  if (c.acc_width < c.data_width) {
    return fault("acc_width", c.acc_width, "at least data_width, which is " + std::to_string(c.data_width) + ", and at most 48");
  }
  if (!(c.clock_mhz >= kLowestClockMhz && c.clock_mhz <= kHighestClockMhz)) {  // so that nan is refused too
    return ConfigFault{"clock_mhz", text_of(c.clock_mhz),
                       "a number from " + text_of(kLowestClockMhz) + " to " + text_of(kHighestClockMhz)};
  }
  return std::nullopt;
}

const DeviceConfig& check_ranges(const DeviceConfig& config) {
  if (const auto found = find_fault(config)) throw InvalidConfig(config.name, *found);
  return config;
}

const DeviceConfig& check(const DeviceConfig& config) {
  check_ranges(config);
  if (config.ecc) {
    throw InvalidConfig(config.name, {"ecc", "true", "false (no engine has error correction yet)"});
  }
  return config;
}

const DeviceConfig& check_32_bit(const DeviceConfig& config) {
  check(config);
  const std::uint64_t room = (std::uint64_t{1} << 32) - reg::kWindowBase;
  const std::uint64_t stride = config.window().stride;
  if (stride * config.n_pe > room) {
    throw std::invalid_argument("configuration '" + config.name + "': " + std::to_string(config.n_pe) + " PEs with windows of " +
                                std::to_string(stride) + " bytes end past 32-bit addresses: expected n_pe * window up to " +
                                std::to_string(room) + " bytes (spmat_depth, pointer_depth, act_depth)");
  }
  return config;
}

}  // namespace eie
