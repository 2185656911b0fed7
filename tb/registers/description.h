// SPDX-License-Identifier: Apache-2.0
// The register map of one configuration: what the table of hw/register_map.h says of it, as values, and the forms in which
// other tools read it. Text only; nothing here knows a device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tlm/config/device_config.h"

namespace eie::tb {

/// A field that this configuration has. Its name is unique in its register.
struct FieldDescription {
  std::string name;
  unsigned lsb = 0;
  unsigned width = 0;  // bits
  reg::Access access = reg::Access::kReadOnly;
  std::uint64_t reset = 0;  // from bit 0 on
  std::string meaning;
};

struct RegisterDescription {
  std::string name;
  std::uint64_t offset = 0;  // from address 0; of a PE's counter from the start of its memory
  unsigned count = 1;        // so many, 8 bytes apart
  bool readable = false;
  bool writable = false;
  reg::WhileBusy while_busy = reg::WhileBusy::kAll;
  std::string meaning;
  std::vector<FieldDescription> fields;  // from bit 0 up
};

/// A memory of each PE's window. One with registers holds these and nothing else.
struct MemoryDescription {
  std::string name;
  std::uint64_t offset = 0;  // in the window
  std::uint64_t bytes = 0;   // in use
  bool writable = false;
  std::string meaning;
  std::vector<RegisterDescription> registers;
};

struct MapDescription {
  std::string config;
  unsigned n_pe = 0;
  std::uint64_t window_base = 0;
  std::uint64_t window_stride = 0;
  std::vector<RegisterDescription> registers;  // the codebook is the last one
  std::vector<MemoryDescription> memories;     // of one window
};

/// Registers, fields and memories that a device of this configuration has, with its reset values and widths. Throws what
/// check() does for one that no device can be.
MapDescription describe_map(const DeviceConfig& config);

/// Name of an access, as it stands in docs/registers.md and in the JSON description: "constant", "read-only", "read-write",
/// "write-one-to-clear", "write-one-to-set".
const char* access_name(reg::Access access);

/// What a register takes while a launch runs: "all", "all but start", "reads", "nothing".
const char* while_busy_name(reg::WhileBusy while_busy);

/// The forms of `eie info --registers`. Each is the whole text of a file.
std::string ip_xact(const MapDescription& map);     // IEEE 1685-2014, a component
std::string system_rdl(const MapDescription& map);  // SystemRDL 2.0, an addrmap
std::string map_json(const MapDescription& map);
std::string c_header(const MapDescription& map);  // the constants, and the values of this configuration

/// `#define EIE_<NAME>` for every constant of hw/register_map.h, for all configurations alike.
std::string c_constants();

/// The tables of docs/registers.md, one after the other: "== NAME", then its lines.
std::string markdown_tables();

}  // namespace eie::tb
