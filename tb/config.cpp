#include "config.h"

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "tlm/config/device_config_check.h"
#include "yaml_map.h"

namespace eie::tb {

HwConfig load_config(const std::string& path) {
  const YamlMap map =
      YamlMap::load(path, {"name", "n_pe", "queue_depth", "look_ahead", "spmat_width", "spmat_depth",
                           "pointer_width", "pointer_depth", "act_depth", "registers", "code_width",
                           "run_width", "data_width", "acc_width", "lnzd_fan_in", "ecc", "clock_mhz"});
  HwConfig c;
  c.name = map.text("name");
  for (const NumberRule& rule : number_rules()) {
    const std::optional<std::int64_t> value = map.find_integer(rule.key);
    if (!value) map.fail(rule.key, rule.kind == NumberRule::Kind::kAny ? rule.expected() : "an integer, " + rule.expected());
    if (*value < 0 || *value > UINT32_MAX) map.fail(rule.key, rule.expected());
    c.*rule.value = static_cast<unsigned>(*value);
  }
  c.ecc = map.boolean("ecc");
  c.clock_mhz = map.real("clock_mhz", kLowestClockMhz, kHighestClockMhz);
  if (const auto fault = find_fault(c)) map.fail(fault->key, fault->expected);
  return c;
}

void check_address_range(const HwConfig& config) {
  try {
    check_32_bit(config);
  } catch (const std::invalid_argument& error) {
    throw UserError(error.what());
  }
}

}  // namespace eie::tb
