// SPDX-License-Identifier: Apache-2.0
#include "tb/registers/description.h"

#include "hw/config.h"
#include "tlm/config/config_keys.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

std::uint64_t reset_value(const reg::Register& row, const reg::Field& field, const DeviceConfig& config) {
  if (field.reset != reg::kOfConfiguration) return field.reset;
  const unsigned cap = (row.offset - reg::kCap0) / 8;
  return cap_register(config, cap) >> reg::lsb_of(field.bits) & ~std::uint64_t{0} >> (64 - reg::width_of(field.bits));
}

RegisterDescription describe(const reg::Register& row, const DeviceConfig& config) {
  RegisterDescription r;
  r.name = row.name;
  r.offset = row.offset;
  r.count = row.offset == reg::kCodebook ? config.codes() : 1;
  r.readable = is_readable(row);
  r.writable = is_writable(row);
  r.while_busy = row.while_busy;
  r.meaning = row.meaning;
  const reg::Shape shape = config.shape();
  for (const reg::Field& field : row.fields) {
    const std::uint64_t bits = field.name == nullptr ? 0 : field_bits(field, shape);
    if (bits == 0) continue;
    r.fields.push_back(
        {field.name, reg::lsb_of(bits), reg::width_of(bits), field.access, reset_value(row, field, config), field.meaning});
  }
  return r;
}

MemoryDescription describe(const reg::Memory& row, const DeviceConfig& config) {
  MemoryDescription m;
  m.name = row.name;
  m.offset = memory_offset(row.region, config.window());
  m.bytes = memory_bytes(row.region, config.shape());
  m.writable = row.writable;
  m.meaning = row.meaning;
  if (row.region == reg::Region::kCounters) {
    for (const reg::Counter& counter : reg::kPeCounterList) {
      RegisterDescription r;
      r.name = counter.name;
      r.offset = 8 * counter.number;
      r.readable = true;
      r.while_busy = reg::WhileBusy::kNothing;
      r.meaning = "of the latest launch, cleared by start";
      r.fields = {{"value", 0, reg::width_of(reg::kCounterMask), reg::Access::kReadOnly, 0, counter.meaning}};
      m.registers.push_back(r);
    }
  }
  return m;
}

}  // namespace

MapDescription describe_map(const DeviceConfig& config) {
  MapDescription map;
  map.config = check(config).name;
  map.n_pe = config.n_pe;
  map.window_base = reg::kWindowBase;
  map.window_stride = config.window().stride;
  const reg::Shape shape = config.shape();
  for (const reg::Register& row : reg::kRegisters) {
    if (has(row.needs, shape)) map.registers.push_back(describe(row, config));
  }
  for (const reg::Memory& row : reg::kMemories) {
    if (has(row.needs, shape)) map.memories.push_back(describe(row, config));
  }
  return map;
}

const char* access_name(reg::Access access) {
  switch (access) {
    case reg::Access::kConstant:
      return "constant";
    case reg::Access::kReadOnly:
      return "read-only";
    case reg::Access::kReadWrite:
      return "read-write";
    case reg::Access::kWriteOneToClear:
      return "write-one-to-clear";
    default:
      return "write-one-to-set";
  }
}

const char* while_busy_name(reg::WhileBusy while_busy) {
  switch (while_busy) {
    case reg::WhileBusy::kAll:
      return "all";
    case reg::WhileBusy::kAllButStart:
      return "all but start";
    case reg::WhileBusy::kReads:
      return "reads";
    default:
      return "nothing";
  }
}

}  // namespace eie::tb
