// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/compare/read_log.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace eie::tb {
namespace {

struct Register {
  std::uint64_t address;
  const char* block;
  const char* what;
};
constexpr Register kRegisters[] = {
    {reg::kStatus, "host_port", "STATUS"},
    {reg::kIrqStatus, "host_port", "IRQ_STATUS"},
    {reg::kCycles, "ccu", "cycles of the launch"},
    {reg::kBroadcasts, "ccu", "broadcasts"},
    {reg::kQueueFullCycles, "ccu", "cycles with a full queue"},
    {reg::kActTransferCycles, "ccu", "cycles of activation transfers"},
    {reg::kBatches, "ccu", "batches"},
};
constexpr Register kPeCounter[reg::kPeCounters] = {
    {reg::kPeEntries, "arith_unit", "entries"},
    {reg::kPePadding, "arith_unit", "padding entries"},
    {reg::kPeStarved, "arith_unit", "starved cycles"},
    {reg::kPeSpmatReads, "spmat_read", "Spmat reads"},
    {reg::kPePtrReads, "ptr_read", "pointer reads"},
    {reg::kPeActReads, "act_rw", "activation reads"},
    {reg::kPePaddingSkipped, "arith_unit", "padding entries skipped"},
};

}  // namespace

ReadPlace place_of(const HwConfig& config, std::uint64_t address) {
  if (address < reg::kWindowBase) {
    for (const Register& r : kRegisters) {
      if (r.address == address) return {std::nullopt, r.block, r.what};
    }
    char text[32];
    std::snprintf(text, sizeof text, "register 0x%llx", static_cast<unsigned long long>(address));
    return {std::nullopt, "host_port", text};
  }
  const reg::WindowLayout w = config.window();
  const std::uint64_t offset = (address - reg::kWindowBase) % w.stride;
  ReadPlace place;
  place.pe = static_cast<unsigned>((address - reg::kWindowBase) / w.stride);
  if (offset >= w.counter_offset) {
    const std::uint64_t c = (offset - w.counter_offset) / 8;
    for (const Register& r : kPeCounter) {
      if (r.address != c) continue;
      place.block = r.block;
      place.what = r.what;
    }
  } else if (offset >= w.act_offset) {
    place.block = "act_rw";
    place.what = "activation SRAM word " + std::to_string((offset - w.act_offset) / 8);
  } else if (offset >= w.ptr_offset) {
    place.block = "ptr_read";
    place.what = "pointer " + std::to_string((offset - w.ptr_offset) / 4);
  } else {
    place.block = "spmat_read";
    place.what = "Spmat byte " + std::to_string(offset);
  }
  return place;
}

void ReadLog::note_write(std::uint64_t address, std::uint64_t data) {
  if (address != reg::kCtrl || (data & reg::kCtrlStart) == 0) return;
  ++last_.launch;
  last_.start = device_.now_cycles();
}

void ReadLog::note_read(std::uint64_t address, std::uint64_t value) {
  LoggedRead read = last_;
  read.address = address;
  read.value = value;
  reads_.push_back(read);
}

void ReadLog::write(std::uint64_t address, std::uint64_t data, unsigned bytes) {
  note_write(address, data);
  device_.write(address, data, bytes);
}

std::uint64_t ReadLog::read(std::uint64_t address, unsigned bytes) {
  const std::uint64_t value = device_.read(address, bytes);
  note_read(address, value);
  return value;
}

void ReadLog::write_stream(const std::vector<Beat>& beats) {
  for (const Beat& beat : beats) note_write(beat.address, beat.data);
  device_.write_stream(beats);
}

std::vector<std::uint64_t> ReadLog::read_stream(const std::vector<std::uint64_t>& addresses) {
  std::vector<std::uint64_t> values = device_.read_stream(addresses);
  for (std::size_t k = 0; k < addresses.size(); ++k) note_read(addresses[k], values[k]);
  return values;
}

std::uint64_t ReadLog::backdoor_read(std::uint64_t address) {
  const std::uint64_t value = device_.backdoor_read(address);
  note_read(address, value);
  return value;
}

void ReadLog::wait_interrupt(std::uint64_t limit_cycles) {
  device_.wait_interrupt(limit_cycles);
  last_.end = device_.now_cycles();
}

std::string pack_reads(const std::vector<LoggedRead>& reads) {
  std::string bytes(reads.size() * sizeof(LoggedRead), '\0');
  if (!reads.empty()) std::memcpy(bytes.data(), reads.data(), bytes.size());
  return bytes;
}

std::vector<LoggedRead> unpack_reads(const std::string& bytes) {
  std::vector<LoggedRead> reads(bytes.size() / sizeof(LoggedRead));
  if (!reads.empty()) std::memcpy(reads.data(), bytes.data(), reads.size() * sizeof(LoggedRead));
  return reads;
}

std::optional<std::size_t> first_difference(const std::vector<LoggedRead>& a, const std::vector<LoggedRead>& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t k = 0; k < common; ++k) {
    if (a[k].address != b[k].address || a[k].value != b[k].value) return k;
  }
  if (a.size() != b.size()) return common;
  return std::nullopt;
}

}  // namespace eie::tb
