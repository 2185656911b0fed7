// SPDX-License-Identifier: Apache-2.0
#include "tlm/config/config_keys.h"

#include <algorithm>
#include <sstream>
#include <type_traits>

#include "hw/config.h"

namespace eie {
namespace {

std::string text_of(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

bool WholeRange::allows(unsigned number) const {
  return number >= low && number <= high && (kind == Kind::kAny || is_pow2(number));
}

std::string WholeRange::expected() const {
  if (kind == Kind::kListedPowerOfTwo) {
    std::string list = "one of " + std::to_string(low);
    for (unsigned n = 2 * low; n <= high; n *= 2) list += ", " + std::to_string(n);
    return list;
  }
  return (kind == Kind::kPowerOfTwo ? "a power of two from " : "an integer from ") + std::to_string(low) + " to " +
         std::to_string(high);
}

std::string RealRange::expected() const { return "a number from " + text_of(low) + " to " + text_of(high); }

const std::vector<NumberRule>& number_rules() {
  static const std::vector<NumberRule> rules = [] {
    std::vector<NumberRule> list;
    for_each_checked_key([&list](const auto& key, auto) {
      if constexpr (std::is_same_v<std::decay_t<decltype(key)>, WholeKey>) list.push_back({key.range, key.name, key.value});
    });
    return list;
  }();
  return rules;
}

std::vector<CapValue> cap_values(const DeviceConfig& config) {
  std::vector<CapValue> values;
  for_each_key([&](const auto& key, auto) {
    if constexpr (std::is_integral_v<typename std::decay_t<decltype(key)>::Value>) {
      const CapField field = cap_field(key.name);
      if (field.bits > 0) values.push_back({key.name, field, std::uint64_t{config.*key.value}});
    }
  });
  std::sort(values.begin(), values.end(), [](const CapValue& a, const CapValue& b) {
    return 64 * a.field.index + a.field.lsb < 64 * b.field.index + b.field.lsb;
  });
  return values;
}

std::uint64_t cap_register(const DeviceConfig& config, unsigned index) {
  std::uint64_t bits = 0;
  for (const CapValue& cap : cap_values(config)) {
    if (cap.field.index == index) bits |= cap.value << cap.field.lsb;
  }
  if (index == kCapStride.index) bits |= std::uint64_t{log2_ceil(config.window().stride)} << kCapStride.lsb;
  return bits;
}

}  // namespace eie
