#include "tb/test/support/test_engines.h"

#include "tb/engines/hw_registry.h"
#include "tb/test/support/kept_device.h"
#include "test_cfg_list.h"

namespace eie::tb {
namespace {

const std::vector<HwEntry>& test_engines() {
  static const std::vector<HwEntry> engines = {
#define EIE_TEST_ENTRY(name) {compiled_config<cfg::name>(), &HwFactory<cfg::name>::make},
      EIE_FOR_EACH_CFG(EIE_TEST_ENTRY)
#undef EIE_TEST_ENTRY
  };
  return engines;
}

}  // namespace

HwConfig test_config(const std::string& name) {
  return load_config(std::string(EIE_SOURCE_DIR) + "/tb/test/system/configs/" + name + ".yaml");
}

std::unique_ptr<Device> make_test_device(const HwConfig& config) {
  return make_kept("hw", config,
                   [&config](const TraceOptions& trace) { return make_compiled(test_engines(), config, trace); });
}

std::vector<std::string> small_configs() {
  std::vector<std::string> names;
  for (const HwEntry& entry : test_engines()) {
    if (entry.config.name.rfind("small", 0) == 0) names.push_back(entry.config.name);
  }
  return names;
}

}  // namespace eie::tb
