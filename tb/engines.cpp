#include "engines.h"

#include "cfg_list.h"
#include "error.h"
#include "hw_registry.h"

namespace eie::tb {
namespace {

const std::vector<HwEntry>& hw_engines() {
  static const std::vector<HwEntry> engines = {
#define EIE_HW_ENTRY(name) {compiled_config<cfg::name>(), &HwFactory<cfg::name>::make},
      EIE_FOR_EACH_CFG(EIE_HW_ENTRY)
#undef EIE_HW_ENTRY
  };
  return engines;
}

}  // namespace

std::unique_ptr<Device> make_compiled(const std::vector<HwEntry>& entries, const HwConfig& config,
                                      const TraceOptions& trace, const std::string& engine) {
  std::string compiled;
  for (const HwEntry& entry : entries) {
    if (entry.config.name == config.name) {
      const std::string key = first_differing_key(config, entry.config);
      if (!key.empty()) {
        throw UserError("configuration '" + config.name + "' differs in '" + key +
                        "' from the one compiled for engine " + engine +
                        "; rebuild, or give it another name and compile that");
      }
      return entry.make(trace);
    }
    compiled += (compiled.empty() ? "" : ", ") + entry.config.name;
  }
  throw UserError("configuration '" + config.name + "' is not compiled for engine " + engine +
                  "; compiled are: " + (compiled.empty() ? "none" : compiled));
}

std::unique_ptr<Device> make_engine(const std::string& engine, const HwConfig& config,
                                    const TraceOptions& trace) {
  if (engine == "hw") return make_compiled(hw_engines(), config, trace);
  if (engine == "rtl") return make_compiled(rtl_engines(), config, trace, engine);
  throw UserError("engine '" + engine + "' is not built in; expected: hw or rtl");
}

}  // namespace eie::tb
