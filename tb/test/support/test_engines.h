// SPDX-License-Identifier: Apache-2.0
// Devices whose configurations only tests need: tb/test/system/configs.
#pragma once

#include <string>
#include <vector>

#include "tb/engines/compiled.h"

namespace eie::tb {

/// tb/test/system/configs/NAME.yaml
HwConfig test_config(const std::string& name);

/// A device of test_config(name).
std::unique_ptr<Device> make_test_device(const HwConfig& config);

/// Those that hw/ is compiled for (generated).
const std::vector<CompiledEngine>& compiled_test_engines();

/// Names of the small configurations that cross the parameters.
std::vector<std::string> small_configs();

}  // namespace eie::tb
