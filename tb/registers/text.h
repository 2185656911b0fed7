// SPDX-License-Identifier: Apache-2.0
// Numbers and comments as the descriptions of the register map write them.
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tb/registers/description.h"

namespace eie::tb {

/// "0x1F", or with another prefix "'h1F".
inline std::string hex_text(std::uint64_t value, const char* prefix = "0x") {
  char text[24];
  std::snprintf(text, sizeof text, "%s%" PRIX64, prefix, value);
  return text;
}

/// kIrqStatus or act_reads -> IRQ_STATUS, ACT_READS
inline std::string upper_text(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

/// The meaning of a register, and what it takes while a launch runs where that is not everything.
inline std::string whole_meaning(const RegisterDescription& r) {
  switch (r.while_busy) {
    case reg::WhileBusy::kAll:
      return r.meaning;
    case reg::WhileBusy::kAllButStart:
      return r.meaning + "; a start while busy gets SLVERR";
    case reg::WhileBusy::kReads:
      return r.meaning + "; a write while busy gets SLVERR";
    default:
      return r.meaning + "; any access while busy gets SLVERR";
  }
}

}  // namespace eie::tb
