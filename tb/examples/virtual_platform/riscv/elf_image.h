// SPDX-License-Identifier: Apache-2.0
// An executable for the RISC-V core: its loadable segments, its entry, and its symbols. Read by libelf.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace eie::platform {

struct ElfSegment {
  std::uint64_t address = 0;
  std::vector<unsigned char> bytes;  // what the file leaves out is zero
};

struct ElfSymbol {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

struct ElfImage {
  std::uint64_t entry = 0;
  std::vector<ElfSegment> segments;
  std::map<std::string, ElfSymbol> objects;

  /// Throws tb::UserError when there is none of this name and size.
  std::uint64_t object(const std::string& file, const std::string& name, std::uint64_t bytes) const;
};

/// Throws tb::UserError for what is no little-endian 64-bit executable for RISC-V, or has a segment outside [low, high).
ElfImage read_elf(const std::string& file, std::uint64_t low, std::uint64_t high);

}  // namespace eie::platform
