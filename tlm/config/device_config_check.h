// SPDX-License-Identifier: Apache-2.0
// Which configurations are legal: each value in its range (config_keys.h), and those that go together. Plain C++17.
//
// Every class that takes a DeviceConfig calls check(), so that a configuration filled in by hand is refused
// with the words that a YAML file gets; tb/config/config.cpp adds file and line.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tlm/config/config_keys.h"
#include "tlm/config/device_config.h"

namespace eie {

/// The first value of a configuration that is not legal.
struct ConfigFault {
  std::string key;
  std::string value;     // as text: "3", "nan", "empty"
  std::string expected;  // "a power of two from 1 to 1024"
};

/// A configuration that no device can have. what() is one line:
/// `configuration 'mine': key 'n_pe' is 3: expected a power of two from 1 to 1024`.
class InvalidConfig : public std::invalid_argument {
 public:
  InvalidConfig(const std::string& configuration, ConfigFault fault);
  const ConfigFault& fault() const { return fault_; }

 private:
  ConfigFault fault_;
};

/// Reports the first value that is out of range or does not go with another.
std::optional<ConfigFault> find_fault(const DeviceConfig& config);

/// Returns its argument. Throws InvalidConfig when find_fault() finds something: for what a host does without
/// a device.
const DeviceConfig& check_ranges(const DeviceConfig& config);

/// The same for devices.
const DeviceConfig& check(const DeviceConfig& config);

/// The same for what has an AXI4-Lite port: throws std::invalid_argument, too, when the windows of all PEs do
/// not fit 32-bit addresses. EieTlm, whose addresses have 64 bits, does not ask.
const DeviceConfig& check_32_bit(const DeviceConfig& config);

}  // namespace eie
