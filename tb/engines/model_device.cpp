// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/model_device.h"

#include <algorithm>

#include "tlm/strobe.h"

namespace eie::tb {
namespace {

// Edges between an access and its effect, and its answer: those of tlm/port_access.h.
constexpr unsigned kEffect = 3;
constexpr unsigned kWriteLatency = 4;
constexpr unsigned kReadLatency = 7;
constexpr unsigned kResetEdges = 5;

unsigned strobe_of(std::uint64_t address, unsigned bytes) {
  return bytes == 8 ? kWholeWord : address % 8 == 4 ? kHighHalf : kLowHalf;
}

}  // namespace

ModelDevice::ModelDevice(const HwConfig& config) : ModelEngine(config) {
  model_.reset(1);
  now_ = kResetEdges;
}

void ModelDevice::retime(const HwConfig& config) {
  model_.retime(now_ + 1, config);
  now_ += kResetEdges;
}

void ModelDevice::write_word(std::uint64_t address, std::uint64_t data, unsigned strobe) {
  const model::Access answer = model_.write(now_ + kEffect, address & ~std::uint64_t{7}, data, strobe);
  now_ += kWriteLatency;
  if (answer != model::Access::kOk) refuse("write", address);
}

void ModelDevice::write(std::uint64_t address, std::uint64_t data, unsigned bytes) {
  const bool upper = bytes == 4 && address % 8 == 4;
  write_word(address, upper ? data << 32 : data, strobe_of(address, bytes));
}

std::uint64_t ModelDevice::read(std::uint64_t address, unsigned bytes) {
  std::uint64_t data = 0;
  const model::Access answer = model_.read(now_ + kEffect, address & ~std::uint64_t{7}, data);
  now_ += kReadLatency;
  if (answer != model::Access::kOk) refuse("read", address);
  if (bytes == 8) return data;
  return address % 8 == 4 ? data >> 32 : data & 0xFFFFFFFF;
}

void ModelDevice::write_stream(const std::vector<Beat>& beats) {
  for (const Beat& beat : beats) write_word(beat.address, beat.data, beat.strobe);
}

std::vector<std::uint64_t> ModelDevice::read_stream(const std::vector<std::uint64_t>& addresses) {
  std::vector<std::uint64_t> data;
  for (const std::uint64_t address : addresses) data.push_back(read(address));
  return data;
}

void ModelDevice::backdoor_write(std::uint64_t address, std::uint64_t data) {
  if (address % 8 != 0 || !model_.poke(address, data, kWholeWord)) refuse("back-door access", address);
}

std::uint64_t ModelDevice::backdoor_read(std::uint64_t address) {
  std::uint64_t data = 0;
  if (address % 8 != 0 || !model_.peek(now_, address, data)) refuse("back-door access", address);
  return data;
}

void ModelDevice::wait_interrupt(std::uint64_t limit_cycles) {
  const std::uint64_t limit = now_ + limit_cycles;
  while (!model_.irq_line(now_)) {
    const std::uint64_t next = model_.next_irq_change(now_);
    if (next > limit) throw DeviceError("watchdog: no interrupt within " + std::to_string(limit_cycles) + " cycles");
    now_ = std::max(next, now_ + 1);
  }
  model_.forget_before(now_);
}

}  // namespace eie::tb
