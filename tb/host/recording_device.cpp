// SPDX-License-Identifier: Apache-2.0
#include "tb/host/recording_device.h"

#include <cinttypes>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "tlm/config/device_config_check.h"
#include "tlm/strobe.h"

namespace eie::tb {
namespace {

std::string hex(std::uint64_t value, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*" PRIx64, digits, value);
  return text;
}

}  // namespace

RecordingDevice::RecordingDevice(Device& device, const HwConfig& config, Sink stimulus, Sink expected)
    : ForwardingDevice(device),
      config_(check(config)),
      stimulus_(std::move(stimulus)),
      expected_(std::move(expected)),
      known_(std::size_t{config.n_pe} * config.act_depth) {}

void RecordingDevice::operation(const std::string& text) {
  stimulus_(text + "\n");
  ++operations_;
}

// What is known of the activation word at an address; null if none is there.
std::uint64_t* RecordingDevice::act_word(std::uint64_t address) {
  if (address < reg::kWindowBase) return nullptr;
  const reg::WindowLayout w = config_.window();
  const std::uint64_t k = (address - reg::kWindowBase) / w.stride;
  const std::uint64_t offset = (address - reg::kWindowBase) % w.stride;
  if (k >= config_.n_pe || offset < w.act_offset || offset >= w.act_offset + std::uint64_t{config_.act_depth} * 8) {
    return nullptr;
  }
  return &known_[static_cast<std::size_t>(k * config_.act_depth + (offset - w.act_offset) / 8)];
}

std::string RecordingDevice::name(std::uint64_t address) const {
  if (address < reg::kWindowBase) {
    if (address >= reg::kCodebook) return "CODEBOOK[" + std::to_string((address - reg::kCodebook) / 8) + "]";
    const reg::Register* const row = reg::find_register(address - address % 8);
    return row != nullptr ? row->name : "register";
  }
  const reg::WindowLayout w = config_.window();
  const std::uint64_t offset = (address - reg::kWindowBase) % w.stride;
  const std::string pe = "PE " + std::to_string((address - reg::kWindowBase) / w.stride) + " ";
  if (offset >= w.counter_offset) {
    const std::uint64_t c = (offset - w.counter_offset) / 8;
    return pe + (c < reg::kPeCounters ? reg::kPeCounterList[c].name : "counter");
  }
  if (offset >= w.act_offset) return pe + "activation word " + std::to_string((offset - w.act_offset) / 8);
  if (offset >= w.ptr_offset) return pe + "pointer " + std::to_string((offset - w.ptr_offset) / 4);
  return pe + "Spmat byte " + std::to_string(offset);
}

// A launch with `last` stores its outputs, row i in PE i mod n_pe.
void RecordingDevice::outputs_written() {
  if ((layer_ctrl_ & reg::kLayerLast) == 0) return;
  const std::uint64_t lanes = config_.lanes();
  const std::uint64_t lane_bits = (std::uint64_t{1} << config_.data_width) - 1;
  for (std::uint64_t i = 0; i < out_length_; ++i) {
    const std::uint64_t local = out_address_ + i / config_.n_pe;
    const std::uint64_t word = i % config_.n_pe * config_.act_depth + local / lanes;
    known_.at(static_cast<std::size_t>(word)) |= lane_bits << (local % lanes * config_.data_width);
  }
}

void RecordingDevice::record_write(const Beat& beat) {
  const std::uint64_t address = beat.address & ~std::uint64_t{7};  // the strobe names the bytes
  const bool start = address == reg::kCtrl && (beat.strobe & 1) != 0 && (beat.data & reg::kCtrlStart) != 0;
  // All answers are in before a start, so that nothing delays it.
  if (start) operation("q");
  operation("w " + hex(beat.address, 8) + " " + hex(beat.data, 16) + " " + hex(beat.strobe, 2));
  ++writes_;
  const std::uint64_t written = strobe_bits(beat.strobe);
  if (std::uint64_t* word = act_word(address)) {
    *word |= written;
    return;
  }
  if ((written & 0xFF) == 0) return;  // all fields are in the low half
  switch (address) {
    case reg::kOutLength:
      out_length_ = beat.data;
      break;
    case reg::kOutAddress:
      out_address_ = beat.data;
      break;
    case reg::kLayerCtrl:
      layer_ctrl_ = beat.data;
      break;
    case reg::kCtrl:
      if ((beat.data & reg::kCtrlSoftReset) != 0) {
        out_length_ = out_address_ = layer_ctrl_ = 0;
      } else if (start) {
        outputs_written();
      }
      break;
    case reg::kIrqStatus:
      if ((beat.data & reg::kIrqDone) != 0) operation("q");
      break;
    default:
      break;
  }
}

void RecordingDevice::record_read(std::uint64_t address, std::uint64_t data, std::uint64_t mask) {
  operation("r " + hex(address, 8));
  ++reads_;
  if (const std::uint64_t* word = act_word(address)) mask &= *word;
  expected_(hex(address, 8) + " " + hex(data & mask, 16) + " " + hex(mask, 16) + " // " + name(address) + "\n");
  if (address == reg::kCycles && interrupts_ != 0) operation("t " + hex(data, 1));
}

void RecordingDevice::write(std::uint64_t address, std::uint64_t data, unsigned bytes) {
  device_.write(address, data, bytes);
  const bool upper = bytes == 4 && address % 8 == 4;
  record_write({address, upper ? data << 32 : data, static_cast<std::uint8_t>(bytes == 8 ? 0xFF : upper ? 0xF0 : 0x0F)});
}

std::uint64_t RecordingDevice::read(std::uint64_t address, unsigned bytes) {
  const std::uint64_t data = device_.read(address, bytes);
  const bool upper = bytes == 4 && address % 8 == 4;
  record_read(address, upper ? data << 32 : data, strobe_bits(bytes == 8 ? 0xFF : upper ? 0xF0 : 0x0F));
  return data;
}

void RecordingDevice::write_stream(const std::vector<Beat>& beats) {
  device_.write_stream(beats);
  for (const Beat& beat : beats) record_write(beat);
}

std::vector<std::uint64_t> RecordingDevice::read_stream(const std::vector<std::uint64_t>& addresses) {
  std::vector<std::uint64_t> data = device_.read_stream(addresses);
  for (std::size_t k = 0; k < addresses.size(); ++k) record_read(addresses[k], data[k], ~std::uint64_t{0});
  return data;
}

void RecordingDevice::backdoor_write(std::uint64_t, std::uint64_t) {
  throw std::logic_error("recording device: a write through the back door cannot be played again");
}

void RecordingDevice::wait_interrupt(std::uint64_t limit_cycles) {
  device_.wait_interrupt(limit_cycles);
  operation("i " + hex(limit_cycles, 1));
  ++interrupts_;
}

void RecordingDevice::finish() {
  stimulus_("e " + hex(operations_, 1) + "\n");
  device_.finish();
}

}  // namespace eie::tb
