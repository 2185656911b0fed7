// SPDX-License-Identifier: Apache-2.0
#include "tb/test/support/test_engines.h"

#include "tb/engines/compiled.h"
#include "tb/test/support/kept_device.h"

namespace eie::tb {

HwConfig test_config(const std::string& name) {
  return load_config(std::string(EIE_SOURCE_DIR) + "/tb/test/system/configs/" + name + ".yaml");
}

std::unique_ptr<Device> make_test_device(const HwConfig& config) {
  return make_kept("hw", config, [&config](const TraceOptions& trace) {
    return find_compiled(compiled_test_engines(), config, "hw").make(trace);
  });
}

std::vector<std::string> small_configs() {
  std::vector<std::string> names;
  for (const CompiledEngine& entry : compiled_test_engines()) {
    if (entry.config.name.rfind("small", 0) == 0) names.push_back(entry.config.name);
  }
  return names;
}

}  // namespace eie::tb
