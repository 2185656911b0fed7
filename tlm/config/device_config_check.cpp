// SPDX-License-Identifier: Apache-2.0
#include "tlm/config/device_config_check.h"

#include <algorithm>
#include <sstream>
#include <type_traits>
#include <utility>

namespace eie {
namespace {

bool is_name(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && name.size() <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

template <class T>
std::string text_of(T value) {
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

/// The first number that is out of its range.
template <class Key>
std::optional<ConfigFault> find_fault_alone(const DeviceConfig& c) {
  std::optional<ConfigFault> found;
  for_each_checked_key([&](const auto& key, auto) {
    if constexpr (std::is_same_v<std::decay_t<decltype(key)>, Key>) {
      if (found || key.range.allows(c.*key.value)) return;
      found = ConfigFault{key.name, text_of(c.*key.value), key.range.expected()};
    }
  });
  return found;
}

}  // namespace

InvalidConfig::InvalidConfig(const std::string& configuration, ConfigFault fault)
    : std::invalid_argument("configuration '" + printable(configuration) + "': key '" + fault.key + "' is " + fault.value +
                            ": expected " + fault.expected),
      fault_(std::move(fault)) {}

std::optional<ConfigFault> find_fault(const DeviceConfig& c) {
  if (!is_name(c.name)) {
    return ConfigFault{"name", c.name.empty() ? "empty" : printable(c.name),
                       "a letter, then letters, digits, '_' or '-', at most 64"};
  }
  if (const auto found = find_fault_alone<WholeKey>(c)) return found;
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
  return find_fault_alone<RealKey>(c);
}

const DeviceConfig& check_ranges(const DeviceConfig& config) {
  if (const auto found = find_fault(config)) throw InvalidConfig(config.name, *found);
  return config;
}

const DeviceConfig& check(const DeviceConfig& config) {
  check_ranges(config);
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
