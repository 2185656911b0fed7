// A hardware configuration: the values of a file in configs/, checked, and what follows from them.
#pragma once

#include <string>

#include "../tlm/device_config.h"
#include "error.h"

namespace eie::tb {

/// The values of a configuration file, one field per key.
using HwConfig = DeviceConfig;

/// Reads and checks a configuration file. Throws ConfigError (`file:line: key 'x' is 3: expected ...`) on a
/// missing, unreadable or malformed file, an unknown, duplicate or missing key, a wrong type, a value out of
/// range and widths that do not go together.
HwConfig load_config(const std::string& path);

/// Throws UserError when the windows of all PEs do not fit the 32-bit address space of a device, or it has what no device has.
void check_address_range(const HwConfig& config);

}  // namespace eie::tb
