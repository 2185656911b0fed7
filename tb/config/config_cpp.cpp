// SPDX-License-Identifier: Apache-2.0
#include "tb/config/config_cpp.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "tlm/config/config_keys.h"

namespace eie::tb {

std::string config_identifier(const HwConfig& config) {
  std::string name = config.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

namespace {

std::string constant(const TextKey& key, const HwConfig& c) {
  return std::string("const char* ") + key.constant + " = \"" + c.*key.value + "\";";
}
std::string constant(const FlagKey& key, const HwConfig& c) {
  return std::string("bool ") + key.constant + " = " + (c.*key.value ? "true" : "false") + ";";
}
std::string constant(const WholeKey& key, const HwConfig& c) {
  return std::string("unsigned ") + key.constant + " = " + std::to_string(c.*key.value) + ";";
}
std::string constant(const RealKey& key, const HwConfig& c) {
  std::ostringstream text;
  text.precision(17);
  text << "double " << key.constant << " = " << c.*key.value << ";";
  return text.str();
}

}  // namespace

std::string config_header(const HwConfig& c) {
  std::ostringstream text;
  text << "// Generated from the configuration '" << c.name << "' by eie_config_gen. Do not edit.\n"
       << "#pragma once\n\n#include \"hw/config.h\"\n\nnamespace eie::cfg {\n\n"
       << "struct " << config_identifier(c) << " {\n";
  for_each_key([&](const auto& key, auto) {
    text << "  static constexpr " << constant(key, c) << (key.unit[0] != '\0' ? "  // " : "") << key.unit << "\n";
  });
  text << "};\n\n}  // namespace eie::cfg\n";
  return text.str();
}

}  // namespace eie::tb
