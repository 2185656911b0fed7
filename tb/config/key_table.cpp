// SPDX-License-Identifier: Apache-2.0
#include "tb/config/key_table.h"

#include <sstream>

#include "tb/support/thousands.h"
#include "tlm/config/config_keys.h"

namespace eie::tb {
namespace {

const char* type_of(const TextKey&) { return "string"; }
const char* type_of(const WholeKey&) { return "integer"; }
const char* type_of(const FlagKey&) { return "boolean"; }
const char* type_of(const RealKey&) { return "number"; }

std::string range_text(const AnyValue&) { return ""; }
std::string range_text(const RealRange& range) {
  std::ostringstream text;
  text << range.low << " to " << thousands(static_cast<std::uint64_t>(range.high));
  return text.str();
}
std::string range_text(const WholeRange& range) {
  if (range.kind == WholeRange::Kind::kListedPowerOfTwo) {
    std::string list = std::to_string(range.low);
    for (unsigned n = 2 * range.low; n <= range.high; n *= 2) list += ", " + std::to_string(n);
    return list;
  }
  return (range.kind == WholeRange::Kind::kPowerOfTwo ? "power of two, " : "") + thousands(range.low) + " to " +
         thousands(range.high);
}

std::string field_text(const CapField& field) {
  if (field.bits == 0) return "-";
  const std::string lsb = std::to_string(field.lsb);
  return "CAP" + std::to_string(field.index) + " " +
         (field.bits == 1 ? lsb : std::to_string(field.lsb + field.bits - 1) + ":" + lsb);
}

}  // namespace

std::string key_table() {
  std::ostringstream text;
  for_each_key([&text](const auto& key, auto) {
    text << key.name << '\t' << type_of(key) << '\t' << range_text(key.range) << key.limits << '\t' << key.meaning << '\t'
         << key.paper << '\t' << field_text(cap_field(key.name)) << '\n';
  });
  return text.str();
}

}  // namespace eie::tb
