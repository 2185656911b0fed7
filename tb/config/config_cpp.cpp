// SPDX-License-Identifier: Apache-2.0
#include "tb/config/config_cpp.h"

#include <algorithm>
#include <sstream>

namespace eie::tb {

std::string config_identifier(const HwConfig& config) {
  std::string name = config.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string config_header(const HwConfig& c) {
  std::ostringstream text;
  auto value = [&text](const char* name, unsigned number, const char* comment) {
    text << "  static constexpr unsigned " << name << " = " << number << ";";
    if (comment[0] != '\0') text << "  // " << comment;
    text << "\n";
  };
  text << "// Generated from the configuration '" << c.name << "' by eie_config_gen. Do not edit.\n"
       << "#pragma once\n\n#include \"hw/config.h\"\n\nnamespace eie::cfg {\n\n"
       << "struct " << config_identifier(c) << " {\n"
       << "  static constexpr const char* kName = \"" << c.name << "\";\n";
  value("kPes", c.n_pe, "");
  value("kQueueDepth", c.queue_depth, "usable entries");
  value("kLookAhead", c.look_ahead, "descriptors between pointer read and Spmat read");
  value("kSpmatWidth", c.spmat_width, "bits");
  value("kSpmatDepth", c.spmat_depth, "rows");
  value("kPointerWidth", c.pointer_width, "bits");
  value("kPointerDepth", c.pointer_depth, "pointers, both banks");
  value("kActDepth", c.act_depth, "64-bit words");
  value("kRegisters", c.registers, "source and destination registers, each");
  value("kCodeWidth", c.code_width, "bits");
  value("kRunWidth", c.run_width, "bits");
  value("kDataWidth", c.data_width, "bits");
  value("kAccWidth", c.acc_width, "bits");
  value("kLnzdFanIn", c.lnzd_fan_in, "children of an LNZD node");
  std::ostringstream clock;
  clock.precision(17);
  clock << c.clock_mhz;
  text << "  static constexpr bool kEcc = " << (c.ecc ? "true" : "false") << ";\n"
       << "  static constexpr double kClockMhz = " << clock.str() << ";\n"
       << "};\n\n}  // namespace eie::cfg\n";
  return text.str();
}

}  // namespace eie::tb
