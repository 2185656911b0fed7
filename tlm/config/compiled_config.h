// SPDX-License-Identifier: Apache-2.0
// The values of a compiled configuration, as those of a YAML file.
#pragma once

#include "tlm/config/config_keys.h"

namespace eie {

template <class Cfg>
DeviceConfig compiled_config() {
  DeviceConfig config;
  for_each_key([&config](const auto& key, auto constant) { config.*key.value = constant(Cfg()); });
  return config;
}

}  // namespace eie
