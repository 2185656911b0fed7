// SPDX-License-Identifier: Apache-2.0
// IP-XACT, IEEE 1685-2014: a component with one memory map. Elements stand in the order of the standard's schema.
#include <sstream>

#include "tb/registers/text.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

const char* access_of(bool readable, bool writable) { return readable ? writable ? "read-write" : "read-only" : "write-only"; }

class Writer {
 public:
  std::string write(const MapDescription& map) {
    out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<ipxact:component xmlns:ipxact=\"http://www.accellera.org/XMLSchema/IPXACT/1685-2014\"\n"
            "                  xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
            "                  xsi:schemaLocation=\"http://www.accellera.org/XMLSchema/IPXACT/1685-2014 "
            "http://www.accellera.org/XMLSchema/IPXACT/1685-2014/index.xsd\">\n";
    depth_ = 1;
    element("vendor", "eie");
    element("library", "accelerators");
    element("name", map.config);
    element("version", kVersion);
    open("memoryMaps");
    open("memoryMap");
    element("name", "host");
    element("description", "64-bit AXI4-Lite subordinate, 32-bit addresses");
    open("addressBlock");
    element("name", "registers");
    element("baseAddress", "0x0");
    element("range", hex_text(reg::kRegisterSpace));
    element("width", "64");
    element("usage", "register");
    for (const RegisterDescription& r : map.registers) add(r);
    close("addressBlock");
    for (unsigned pe = 0; pe < map.n_pe; ++pe) {
      for (const MemoryDescription& m : map.memories) add(m, pe, map.window_base + map.window_stride * pe + m.offset);
    }
    element("addressUnitBits", "8");
    close("memoryMap");
    close("memoryMaps");
    element("description", "EIE, configuration " + map.config + ": registers and memory windows. Made by the program eie.");
    out_ << "</ipxact:component>\n";
    return out_.str();
  }

 private:
  void indent() { out_ << std::string(2 * depth_, ' '); }
  void open(const char* name) {
    indent();
    out_ << "<ipxact:" << name << ">\n";
    ++depth_;
  }
  void close(const char* name) {
    --depth_;
    indent();
    out_ << "</ipxact:" << name << ">\n";
  }
  void element(const char* name, const std::string& text) {
    indent();
    out_ << "<ipxact:" << name << '>' << escaped(text) << "</ipxact:" << name << ">\n";
  }

  void add(const RegisterDescription& r) {
    open("register");
    element("name", r.name);
    element("description", whole_meaning(r));
    if (r.count != 1) element("dim", std::to_string(r.count));
    element("addressOffset", hex_text(r.offset));
    element("size", "64");
    element("access", access_of(r.readable, r.writable));
    for (const FieldDescription& field : r.fields) add(field);
    close("register");
  }

  void add(const FieldDescription& field) {
    open("field");
    element("name", field.name);
    element("description", field.meaning);
    element("bitOffset", std::to_string(field.lsb));
    if (is_readable(field.access)) {
      open("resets");
      open("reset");
      element("value", hex_text(field.reset));
      close("reset");
      close("resets");
    }
    element("bitWidth", std::to_string(field.width));
    if (field.access == reg::Access::kReadOnly || field.access == reg::Access::kWriteOneToClear) element("volatile", "true");
    element("access", access_of(is_readable(field.access), is_writable(field.access)));
    if (field.access == reg::Access::kWriteOneToClear) element("modifiedWriteValue", "oneToClear");
    if (field.access == reg::Access::kWriteOneToSet) element("modifiedWriteValue", "oneToSet");
    close("field");
  }

  void add(const MemoryDescription& m, unsigned pe, std::uint64_t address) {
    open("addressBlock");
    element("name", "pe" + std::to_string(pe) + "_" + m.name);
    element("description", m.meaning);
    element("baseAddress", hex_text(address));
    element("range", hex_text(m.bytes));
    element("width", "64");
    element("usage", m.registers.empty() ? "memory" : "register");
    element("access", access_of(true, m.writable));
    for (const RegisterDescription& r : m.registers) add(r);
    close("addressBlock");
  }

  std::ostringstream out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string ip_xact(const MapDescription& map) { return Writer().write(map); }

}  // namespace eie::tb
