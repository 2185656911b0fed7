// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <sstream>

#include "tb/registers/text.h"

namespace eie::tb {
namespace {

class Defines {
 public:
  void add(const std::string& name, std::uint64_t value, const std::string& meaning = "") {
    if (!names_.insert(name).second) return;  // fields of two registers that are the same bits
    out_ << "#define EIE_" << name << " UINT64_C(" << hex_text(value) << ')';
    if (!meaning.empty()) out_ << " /* " << meaning << " */";
    out_ << '\n';
  }
  void line(const std::string& text) { out_ << text << '\n'; }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
  std::set<std::string> names_;
};

void add_fields(Defines& defines, const reg::Register& row) {
  for (const reg::Field& field : row.fields) {
    if (field.name == nullptr || field.stem[0] == '\0') continue;
    const unsigned lsb = reg::lsb_of(field.bits);
    if (reg::width_of(field.bits) == 1) {
      defines.add(field.stem, field.bits, field.meaning);
    } else {
      defines.add(std::string(field.stem) + "_LSB", lsb, field.meaning);
      defines.add(std::string(field.stem) + "_MASK", field.bits >> lsb);
    }
  }
}

}  // namespace

std::string c_constants() {
  Defines defines;
  for (const reg::Register& row : reg::kRegisters) {
    defines.add(row.name, row.offset, row.meaning);
    add_fields(defines, row);
  }
  defines.add("ID_VALUE", reg::kIdValue);
  defines.add("VERSION_VALUE", reg::kVersionValue);
  defines.add("LAYER_CTRL_MASK", reg::kLayerCtrlMask);
  defines.add("COUNTER_MASK", reg::kCounterMask, "bits of a counter");
  defines.add("REGISTER_SPACE", reg::kRegisterSpace);
  defines.add("WINDOW_BASE", reg::kWindowBase, "of PE 0");
  for (const reg::Counter& counter : reg::kPeCounterList) {
    defines.add("PE_" + upper_text(counter.name), counter.number, counter.meaning);
  }
  defines.add("PE_COUNTERS", reg::kPeCounters);
  defines.add("COUNTER_BYTES", reg::kCounterBytes);
  return defines.text();
}

std::string c_header(const MapDescription& map) {
  Defines defines;
  defines.line("/* Generated: eie info " + map.config + " --registers c */");
  defines.line("#ifndef EIE_REGS_H\n#define EIE_REGS_H\n#include <stdint.h>\n\n/* The same for every configuration. */");
  defines.line(c_constants());
  defines.line("/* Of configuration " + map.config + ". */");
  defines.add("CONFIG_PES", map.n_pe);
  for (const RegisterDescription& r : map.registers) {
    if (r.offset < reg::kCap0 || r.offset > reg::kCap3) continue;
    std::uint64_t value = 0;
    for (const FieldDescription& field : r.fields) value |= field.reset << field.lsb;
    defines.add("CONFIG_" + r.name, value, "what " + r.name + " reads");
  }
  for (const RegisterDescription& r : map.registers) {
    if (r.count != 1) defines.add("CONFIG_" + r.name + "_ENTRIES", r.count);
  }
  defines.add("CONFIG_WINDOW_STRIDE", map.window_stride, "bytes from the window of a PE to the next");
  for (const MemoryDescription& m : map.memories) {
    defines.add("CONFIG_" + upper_text(m.name) + "_OFFSET", m.offset, m.meaning);
    defines.add("CONFIG_" + upper_text(m.name) + "_BYTES", m.bytes);
  }
  defines.line("\n#endif");
  return defines.text();
}

}  // namespace eie::tb
