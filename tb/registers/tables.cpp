// SPDX-License-Identifier: Apache-2.0
// The register map in Markdown, for every configuration at once: what depends on one stands as a formula.
#include <sstream>

#include "tb/registers/text.h"

namespace eie::tb {
namespace {

const char* formula(reg::Width width) {
  switch (width) {
    case reg::Width::kVectorLength:
      return "log2(act_depth * 64 / data_width * n_pe) + 1";
    case reg::Width::kBatchLength:
      return "log2(registers * n_pe) + 1";
    case reg::Width::kPointerIndex:
      return "log2(pointer_depth)";
    case reg::Width::kActWord:
      return "log2(act_depth)";
    case reg::Width::kActValue:
      return "log2(act_depth * 64 / data_width)";
    case reg::Width::kData:
      return "data_width";
    case reg::Width::kAboveData:
      return "64 - data_width";
    default:
      return "";
  }
}

/// "31:16", "4", or how many bits a configuration gives it: from bit 0 up, and the sign of a codebook value at the top.
std::string bits_text(const reg::Field& field) {
  if (field.width == reg::Width::kAboveData) return "the upper `" + std::string(formula(field.width)) + "`";
  if (field.width != reg::Width::kFixed) return "the lower `" + std::string(formula(field.width)) + "`";
  const unsigned lsb = reg::lsb_of(field.bits);
  const unsigned width = reg::width_of(field.bits);
  return width == 1 ? std::to_string(lsb) : std::to_string(lsb + width - 1) + ":" + std::to_string(lsb);
}

const char* short_access(reg::Access access) {
  switch (access) {
    case reg::Access::kConstant:
    case reg::Access::kReadOnly:
      return "R";
    case reg::Access::kReadWrite:
      return "RW";
    case reg::Access::kWriteOneToClear:
      return "W1C";
    default:
      return "W";
  }
}

const char* condition(reg::Needs needs) {
  switch (needs) {
    case reg::Needs::kEcc:
      return "with `ecc`: ";
    case reg::Needs::kCountersOfPes:
      return "with `pe_counters`: ";
    default:
      return "";
  }
}

std::string reset_text(const reg::Field& field) {
  if (field.reset == reg::kOfConfiguration) return "the key";
  return field.reset < 10 ? std::to_string(field.reset) : hex_text(field.reset);
}

std::string offset_text(const reg::Register& row) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%03X", static_cast<unsigned>(row.offset));
  return row.offset == reg::kCodebook ? std::string(text) + " + 8c" : text;
}

void add(std::ostream& out, const reg::Register& row) {
  const std::string name = row.offset == reg::kCodebook ? std::string(row.name) + "[c]" : row.name;
  const std::string head = "| " + offset_text(row) + " | " + name + " | ";
  const std::string busy = while_busy_name(row.while_busy);
  const reg::Field& first = row.fields[0];
  if (row.fields[1].name == nullptr) {
    out << head << bits_text(first) << " | " << first.name << " | " << short_access(first.access) << " | " << reset_text(first)
        << " | " << busy << " | " << condition(row.needs) << row.meaning << ": " << first.meaning << " |\n";
    return;
  }
  out << head << "| | | | " << busy << " | " << condition(row.needs) << row.meaning << " |\n";
  for (const reg::Field& field : row.fields) {
    if (field.name == nullptr) continue;
    out << "| | | " << bits_text(field) << " | " << field.name << " | " << short_access(field.access) << " | "
        << reset_text(field) << " | | " << condition(field.needs) << field.meaning << " |\n";
  }
}

}  // namespace

std::string markdown_tables() {
  std::ostringstream out;
  out << "== registers\n"
         "| Offset | Register | Bits | Field | Access | Reset | While busy | Meaning |\n"
         "|---|---|---|---|---|---|---|---|\n";
  for (const reg::Register& row : reg::kRegisters) add(out, row);
  out << "== memories\n| Memory | Access | Contents |\n|---|---|---|\n";
  for (const reg::Memory& memory : reg::kMemories) {
    out << "| " << memory.name << " | " << (memory.writable ? "RW" : "R") << " | " << condition(memory.needs) << memory.meaning
        << " |\n";
  }
  out << "== counters\n| Counter | Offset | Counts |\n|---|---|---|\n";
  for (const reg::Counter& counter : reg::kPeCounterList) {
    char offset[16];
    std::snprintf(offset, sizeof offset, "+0x%02X", 8 * counter.number);
    out << "| " << counter.name << " | " << offset << " | " << counter.meaning << " |\n";
  }
  return out.str();
}

}  // namespace eie::tb
