// SPDX-License-Identifier: Apache-2.0
// A hardware configuration: the values of a file in configs/, checked, and what follows from them.
#pragma once

#include <string>
#include <vector>

#include "tb/support/error.h"
#include "tlm/config/device_config.h"

namespace eie::host {

/// The values of a configuration file, one field per key.
using HwConfig = DeviceConfig;

/// Reads and checks a configuration file. Throws ConfigError (`file:line: key 'x' is 3: expected ...`) on a
/// missing, unreadable or malformed file, an unknown, duplicate or missing key, a wrong type, a value out of
/// range and widths that do not go together.
HwConfig load_config(const std::string& path);

/// KEY=VALUE instead of what the file says.
struct ConfigChange {
  std::string key;
  std::string value;
  std::string text() const { return key + "=" + value; }
};

/// The same, with keys changed; the last change of a key counts. A fault in a changed key is reported as one of
/// `--set KEY=VALUE`, in the words of a file. What differs from the file is added to the name (`eie64-queue_depth-15`),
/// unless the name itself is changed, so that no changed configuration passes for the one in the file.
HwConfig load_config(const std::string& path, const std::vector<ConfigChange>& changes);

/// The keys of a configuration, in the order of a file.
const std::vector<std::string>& config_keys();

/// The value of a key as text: "15", "false", "800".
std::string config_value(const HwConfig& config, const std::string& key);

/// A configuration as a file that load_config() reads.
std::string config_yaml(const HwConfig& config);

/// Throws UserError when the windows of all PEs do not fit the 32-bit address space of a device, or it has what no device has.
void check_address_range(const HwConfig& config);

}  // namespace eie::host

namespace eie::tb {
using host::check_address_range;
using host::config_keys;
using host::config_value;
using host::config_yaml;
using host::ConfigChange;
using host::HwConfig;
using host::load_config;
}  // namespace eie::tb
