// Devices whose configurations only tests need: tb/system/configs.
#pragma once

#include <string>
#include <vector>

#include "../engines.h"

namespace eie::tb {

/// tb/system/configs/NAME.yaml
HwConfig test_config(const std::string& name);

/// A device of test_config(name).
std::unique_ptr<Device> make_test_device(const HwConfig& config);

/// Names of the small configurations that cross the parameters.
std::vector<std::string> small_configs();

}  // namespace eie::tb
