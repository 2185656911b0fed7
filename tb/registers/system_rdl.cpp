// SPDX-License-Identifier: Apache-2.0
// SystemRDL 2.0: an address map with the registers, and an array of windows, one a PE.
#include <sstream>

#include "tb/registers/text.h"

namespace eie::tb {
namespace {

/// Names are letters, digits and underscores; a configuration's may have dashes.
std::string identifier(std::string name) {
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// Who writes a field: software as in its access, hardware where the device changes or takes it.
const char* properties(reg::Access access) {
  switch (access) {
    case reg::Access::kConstant:
      return "sw = r; hw = na;";
    case reg::Access::kReadOnly:
      return "sw = r; hw = w;";
    case reg::Access::kReadWrite:
      return "sw = rw; hw = r;";
    case reg::Access::kWriteOneToClear:
      return "sw = rw; onwrite = woclr; hw = w;";
    default:
      return "sw = w; onwrite = woset; hw = r; singlepulse;";
  }
}

void add(std::ostream& out, const std::string& indent, const RegisterDescription& r) {
  out << indent << "reg {\n" << indent << "  desc = " << quoted(whole_meaning(r)) << ";\n";
  for (const FieldDescription& field : r.fields) {
    out << indent << "  field { desc = " << quoted(field.meaning) << "; " << properties(field.access) << " } \\" << field.name
        << '[' << field.lsb + field.width - 1 << ':' << field.lsb << "] = " << field.width << hex_text(field.reset, "'h")
        << ";\n";
  }
  out << indent << "} " << r.name;
  if (r.count != 1) out << '[' << r.count << ']';
  out << " @" << hex_text(r.offset);
  if (r.count != 1) out << " += 0x8";
  out << ";\n";
}

}  // namespace

std::string system_rdl(const MapDescription& map) {
  std::ostringstream out;
  out << "// Generated: eie info " << map.config << " --registers systemrdl\n"
      << "addrmap eie_" << identifier(map.config) << " {\n"
      << "  name = \"EIE, configuration " << map.config << "\";\n"
      << "  desc = \"64-bit AXI4-Lite subordinate, 32-bit addresses\";\n"
      << "  addressing = regalign;\n"
      << "  default regwidth = 64;\n"
      << "  default accesswidth = 32;\n";
  for (const RegisterDescription& r : map.registers) add(out, "  ", r);
  out << "  addrmap {\n"
      << "    desc = \"memories of one processing element; any access while busy gets SLVERR\";\n"
      << "    default regwidth = 64;\n"
      << "    default accesswidth = 32;\n";
  for (const MemoryDescription& m : map.memories) {
    if (m.registers.empty()) {
      out << "    external mem {\n"
          << "      desc = " << quoted(m.meaning) << ";\n"
          << "      memwidth = 64;\n"
          << "      mementries = " << m.bytes / 8 << ";\n"
          << "      sw = " << (m.writable ? "rw" : "r") << ";\n"
          << "    } " << m.name << " @" << hex_text(m.offset) << ";\n";
    } else {
      out << "    regfile {\n      desc = " << quoted(m.meaning) << ";\n";
      for (const RegisterDescription& r : m.registers) add(out, "      ", r);
      out << "    } " << m.name << " @" << hex_text(m.offset) << ";\n";
    }
  }
  out << "  } pe[" << map.n_pe << "] @" << hex_text(map.window_base) << " += " << hex_text(map.window_stride) << ";\n};\n";
  return out.str();
}

}  // namespace eie::tb
