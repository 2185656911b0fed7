#include "engines.h"

#include <sstream>

#include "cfg_list.h"
#include "error.h"
#include "hw_engine_factory.h"

// The structs themselves are only needed by name here; each header is small.
#include "cfg_headers.h"

namespace eie::tb {
namespace {

/// The compiled configuration as the values that a YAML file gives.
template <class Cfg>
HwConfig compiled_config() {
  HwConfig c;
  c.name = Cfg::kName;
  c.n_pe = Cfg::kPes;
  c.queue_depth = Cfg::kQueueDepth;
  c.look_ahead = Cfg::kLookAhead;
  c.spmat_width = Cfg::kSpmatWidth;
  c.spmat_depth = Cfg::kSpmatDepth;
  c.pointer_width = Cfg::kPointerWidth;
  c.pointer_depth = Cfg::kPointerDepth;
  c.act_depth = Cfg::kActDepth;
  c.registers = Cfg::kRegisters;
  c.code_width = Cfg::kCodeWidth;
  c.run_width = Cfg::kRunWidth;
  c.data_width = Cfg::kDataWidth;
  c.acc_width = Cfg::kAccWidth;
  c.lnzd_fan_in = Cfg::kLnzdFanIn;
  c.ecc = Cfg::kEcc;
  c.clock_mhz = Cfg::kClockMhz;
  return c;
}

/// The first key in which two configurations differ, or an empty string.
std::string first_difference(const HwConfig& a, const HwConfig& b) {
  std::string key;
  auto compare = [&key](const char* name, auto x, auto y) {
    if (key.empty() && x != y) key = name;
  };
  compare("n_pe", a.n_pe, b.n_pe);
  compare("queue_depth", a.queue_depth, b.queue_depth);
  compare("look_ahead", a.look_ahead, b.look_ahead);
  compare("spmat_width", a.spmat_width, b.spmat_width);
  compare("spmat_depth", a.spmat_depth, b.spmat_depth);
  compare("pointer_width", a.pointer_width, b.pointer_width);
  compare("pointer_depth", a.pointer_depth, b.pointer_depth);
  compare("act_depth", a.act_depth, b.act_depth);
  compare("registers", a.registers, b.registers);
  compare("code_width", a.code_width, b.code_width);
  compare("run_width", a.run_width, b.run_width);
  compare("data_width", a.data_width, b.data_width);
  compare("acc_width", a.acc_width, b.acc_width);
  compare("lnzd_fan_in", a.lnzd_fan_in, b.lnzd_fan_in);
  compare("ecc", a.ecc, b.ecc);
  compare("clock_mhz", a.clock_mhz, b.clock_mhz);
  return key;
}

struct HwEntry {
  HwConfig config;
  std::unique_ptr<Device> (*make)(const TraceOptions&);
};

const std::vector<HwEntry>& hw_engines() {
  static const std::vector<HwEntry> engines = {
#define EIE_HW_ENTRY(name) {compiled_config<cfg::name>(), &HwFactory<cfg::name>::make},
      EIE_FOR_EACH_CFG(EIE_HW_ENTRY)
#undef EIE_HW_ENTRY
  };
  return engines;
}

std::unique_ptr<Device> make_hw(const HwConfig& config, const TraceOptions& trace) {
  std::string compiled;
  for (const HwEntry& entry : hw_engines()) {
    if (entry.config.name == config.name) {
      const std::string key = first_difference(config, entry.config);
      if (!key.empty()) {
        throw UserError(
            "configuration '" + config.name + "' differs in '" + key +
            "' from the one compiled for engine hw; rebuild, or give it another name and compile that");
      }
      return entry.make(trace);
    }
    compiled += (compiled.empty() ? "" : ", ") + entry.config.name;
  }
  throw UserError("configuration '" + config.name +
                  "' is not compiled for engine hw; compiled are: " + compiled);
}

}  // namespace

std::unique_ptr<Device> make_engine(const std::string& engine, const HwConfig& config,
                                    const TraceOptions& trace) {
  if (engine == "hw") return make_hw(config, trace);
  throw UserError("engine '" + engine + "' is not built in; expected: hw");
}

}  // namespace eie::tb
