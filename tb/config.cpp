#include "config.h"

#include <algorithm>
#include <initializer_list>

#include "yaml_map.h"

namespace eie::tb {
namespace {

unsigned number(const YamlMap& map, const char* key, unsigned low, unsigned high) {
  return static_cast<unsigned>(map.integer(key, low, high));
}

unsigned power_of_two(const YamlMap& map, const char* key, unsigned low, unsigned high) {
  const std::string expected = "a power of two from " + std::to_string(low) + " to " + std::to_string(high);
  const std::int64_t value = map.integer(key, INT64_MIN, INT64_MAX);
  if (value < low || value > high || (value & (value - 1)) != 0) map.fail(key, expected);
  return static_cast<unsigned>(value);
}

unsigned one_of(const YamlMap& map, const char* key, std::initializer_list<unsigned> legal) {
  std::string expected;
  for (const unsigned value : legal)
    expected += (expected.empty() ? "one of " : ", ") + std::to_string(value);
  const std::int64_t value = map.integer(key, INT64_MIN, INT64_MAX);
  if (std::none_of(legal.begin(), legal.end(), [value](unsigned v) { return v == value; })) {
    map.fail(key, expected);
  }
  return static_cast<unsigned>(value);
}

bool is_name(const std::string& name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && name.size() <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

}  // namespace

HwConfig load_config(const std::string& path) {
  const YamlMap map =
      YamlMap::load(path, {"name", "n_pe", "queue_depth", "look_ahead", "spmat_width", "spmat_depth",
                           "pointer_width", "pointer_depth", "act_depth", "registers", "code_width",
                           "run_width", "data_width", "acc_width", "lnzd_fan_in", "ecc", "clock_mhz"});
  HwConfig c;
  c.name = map.text("name");
  if (!is_name(c.name)) map.fail("name", "a letter, then letters, digits, '_' or '-', at most 64");
  c.n_pe = power_of_two(map, "n_pe", 1, 1024);
  c.queue_depth = number(map, "queue_depth", 1, 256);
  c.look_ahead = number(map, "look_ahead", 0, 64);
  c.spmat_width = one_of(map, "spmat_width", {32, 64, 128, 256, 512});
  c.spmat_depth = power_of_two(map, "spmat_depth", 2, 1u << 20);
  c.pointer_width = number(map, "pointer_width", 8, 20);
  c.pointer_depth = power_of_two(map, "pointer_depth", 4, 1u << 20);
  c.act_depth = power_of_two(map, "act_depth", 4, 1u << 20);
  c.code_width = number(map, "code_width", 1, 8);
  c.run_width = number(map, "run_width", 1, 8);
  const unsigned entry = c.code_width + c.run_width;
  if (entry != 4 && entry != 8 && entry != 16) {
    map.fail("run_width",
             "code_width + run_width = 4, 8 or 16 (code_width is " + std::to_string(c.code_width) + ")");
  }
  c.data_width = one_of(map, "data_width", {8, 16, 32});
  c.registers = power_of_two(map, "registers", 4, 16384);
  if (c.registers < c.lanes()) {
    map.fail("registers", "at least one word of " + std::to_string(c.lanes()) +
                              " activations (data_width is " + std::to_string(c.data_width) + ")");
  }
  c.acc_width = number(map, "acc_width", 8, 48);
  if (c.acc_width < c.data_width) {
    map.fail("acc_width", "at least data_width, which is " + std::to_string(c.data_width));
  }
  c.lnzd_fan_in = one_of(map, "lnzd_fan_in", {2, 4});
  c.ecc = map.boolean("ecc");
  c.clock_mhz = map.real("clock_mhz", 1e-3, 1e6);
  return c;
}

void check_engine_keys(const HwConfig& config) {
  if (!config.ecc) return;
  throw UserError("configuration '" + config.name +
                  "': key 'ecc' is true: no engine has error correction yet: expected ecc: false");
}

void check_address_range(const HwConfig& config) {
  const std::uint64_t room = (std::uint64_t{1} << 32) - reg::kWindowBase;
  const std::uint64_t stride = config.window().stride;
  if (stride * config.n_pe <= room) return;
  throw UserError("configuration '" + config.name + "': " + std::to_string(config.n_pe) + " PEs with windows of " +
                  std::to_string(stride) + " bytes end past 32-bit addresses: expected n_pe * window up to " +
                  std::to_string(room) + " bytes (spmat_depth, pointer_depth, act_depth)");
}

}  // namespace eie::tb
