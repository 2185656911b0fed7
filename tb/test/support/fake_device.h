// SPDX-License-Identifier: Apache-2.0
// A device in a few lines: the register map and the arithmetic of a launch, done at once and without a clock.
// It lets the driver be tested without an engine. Cycle counts are rough: a column takes as long as its
// fullest PE.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hw/register_map.h"
#include "tb/config/config.h"
#include "tb/host/device.h"

namespace eie::tb {

class FakeDevice : public Device {
 public:
  explicit FakeDevice(const HwConfig& config) : c_(config), window_(config.window()), pe_(config.n_pe) {
    for (Pe& pe : pe_) {
      pe.spmat.assign(window_.spmat_bytes / 8, 0);
      pe.pointers.assign(config.pointer_depth, 0);
      pe.act.assign(config.act_depth, 0);
      pe.sums.assign(config.registers, 0);
      pe.source.assign(config.registers, 0);
    }
    codebook_.assign(config.codes(), 0);
  }

  std::string engine() const override { return "fake"; }

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override {
    ++now_;
    ++accesses;
    if (bytes != 8 || address % 8 != 0) refuse(address);
    if (address >= reg::kWindowBase) return store(address, data);
    if (address >= reg::kCodebook && address < reg::kCodebook + 8 * c_.codes()) {
      codebook_[(address - reg::kCodebook) / 8] = static_cast<std::int64_t>(data);
    } else if (address == reg::kCtrl) {
      if ((data & reg::kCtrlSoftReset) != 0) status_ = 0;
      if ((data & reg::kCtrlStart) != 0) launch();
    } else if (address == reg::kStatus) {
      status_ &= ~(data & (reg::kStatusError | reg::kStatusSaturated));
    } else if (address == reg::kIrqStatus) {
      irq_ = irq_ && (data & 1) == 0;
    } else if (address == reg::kIrqEnable || (address >= reg::kInLength && address <= reg::kLayerCtrl)) {
      reg_[address] = data;
    } else {
      refuse(address);
    }
  }

  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) override {
    ++now_;
    if (bytes == 4 && address % 4 == 0) return read(address & ~std::uint64_t{7}) >> (address % 8 * 8) & 0xFFFFFFFFu;
    if (bytes != 8 || address % 8 != 0) refuse(address);
    if (address >= reg::kWindowBase) return load(address);
    auto at = [](std::uint64_t value, unsigned lsb) { return value << lsb; };
    switch (address) {
      case reg::kCap0:
        return c_.n_pe | at(c_.queue_depth, 16) | at(c_.look_ahead, 32) | at(c_.registers, 48);
      case reg::kCap1:
        return c_.data_width | at(c_.acc_width, 8) | at(c_.code_width, 16) | at(c_.run_width, 24) | at(c_.pointer_width, 32) |
               at(c_.spmat_width, 40);
      case reg::kCap2:
        return c_.spmat_depth | at(c_.pointer_depth, 32);
      case reg::kCap3: {
        std::uint64_t log2 = 0;
        while ((std::uint64_t{1} << log2) < window_.stride) ++log2;
        return c_.act_depth | at(c_.lnzd_fan_in, 32) | at(c_.ecc ? 1 : 0, 40) | at(c_.skip_padding ? 1 : 0, 41) |
               at(c_.pe_counters ? 1 : 0, 42) | at(log2, 48);
      }
      case reg::kStatus:
        return status_;
      default:
        return reg_[address];
    }
  }

  void write_stream(const std::vector<Beat>& beats) override {
    for (const Beat& beat : beats) write(beat.address, beat.data);
  }
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override {
    std::vector<std::uint64_t> data;
    for (const std::uint64_t address : addresses) data.push_back(read(address));
    return data;
  }
  void backdoor_write(std::uint64_t address, std::uint64_t data) override { store(address, data); }
  std::uint64_t backdoor_read(std::uint64_t address) override { return load(address); }
  void wait_interrupt(std::uint64_t) override {
    if (!irq_ || reg_[reg::kIrqEnable] != 1) throw DeviceError("no interrupt");
  }
  std::uint64_t now_cycles() const override { return now_; }

  // What tests look at.
  std::uint64_t accesses = 0;
  std::uint64_t act_writes = 0;
  std::uint64_t spmat_writes = 0;
  std::uint64_t launches = 0;
  std::uint64_t resident_launches = 0;
  bool flip_output = false;  // a fault: bit 0 of output 0 of a layer is wrong

 private:
  struct Pe {
    std::vector<std::uint64_t> spmat, act;
    std::vector<std::uint32_t> pointers;
    std::vector<std::int64_t> sums, source;
    std::uint64_t counters[reg::kPeCounters] = {};
  };

  [[noreturn]] static void refuse(std::uint64_t address) { throw DeviceError("SLVERR at " + std::to_string(address)); }

  // PE and region of an address; the offset becomes one inside the region.
  Pe& decode(std::uint64_t address, reg::Region& region, std::uint64_t& offset) {
    const std::uint64_t k = (address - reg::kWindowBase) / window_.stride;
    if (k >= pe_.size()) refuse(address);
    offset = (address - reg::kWindowBase) % window_.stride;
    auto inside = [&](std::uint64_t base, std::uint64_t bytes) { return offset >= base && offset < base + bytes; };
    if (inside(0, std::uint64_t{c_.spmat_depth} * c_.spmat_width / 8)) {
      region = reg::Region::kSpmat;
    } else if (inside(window_.ptr_offset, std::uint64_t{c_.pointer_depth} * 4)) {
      region = reg::Region::kPtr;
      offset -= window_.ptr_offset;
    } else if (inside(window_.act_offset, std::uint64_t{c_.act_depth} * 8)) {
      region = reg::Region::kAct;
      offset -= window_.act_offset;
    } else if (inside(window_.counter_offset, reg::kCounterBytes)) {
      region = reg::Region::kCounters;
      offset -= window_.counter_offset;
    } else {
      refuse(address);
    }
    return pe_[k];
  }

  void store(std::uint64_t address, std::uint64_t data) {
    reg::Region region{};
    std::uint64_t offset = 0;
    Pe& pe = decode(address, region, offset);
    if (region == reg::Region::kSpmat) {
      pe.spmat[offset / 8] = data;
      ++spmat_writes;
    } else if (region == reg::Region::kPtr) {
      const std::uint64_t mask = (std::uint64_t{1} << c_.pointer_width) - 1;
      if ((data & 0xFFFFFFFFu) > mask || (data >> 32) > mask) refuse(address);
      pe.pointers[offset / 4] = static_cast<std::uint32_t>(data);
      pe.pointers[offset / 4 + 1] = static_cast<std::uint32_t>(data >> 32);
    } else if (region == reg::Region::kAct) {
      pe.act[offset / 8] = data;
      ++act_writes;
    } else {
      refuse(address);
    }
  }

  std::uint64_t load(std::uint64_t address) {
    reg::Region region{};
    std::uint64_t offset = 0;
    Pe& pe = decode(address, region, offset);
    if (region == reg::Region::kSpmat) return pe.spmat[offset / 8];
    if (region == reg::Region::kPtr) {
      return pe.pointers[offset / 4] | std::uint64_t{pe.pointers[offset / 4 + 1]} << 32;
    }
    if (region == reg::Region::kAct) return pe.act[offset / 8];
    return offset / 8 < reg::kPeCounters ? pe.counters[offset / 8] : 0;
  }

  std::int64_t get_act(Pe& pe, std::uint64_t local) const {
    const std::uint64_t d = c_.data_width;
    const std::uint64_t lanes = 64 / d;
    const std::uint64_t raw = pe.act.at(local / lanes) >> (local % lanes * d);
    return static_cast<std::int64_t>(raw << (64 - d)) >> (64 - d);
  }
  void put_act(Pe& pe, std::uint64_t local, std::int64_t value) const {
    const std::uint64_t d = c_.data_width;
    const std::uint64_t lanes = 64 / d;
    const std::uint64_t lsb = local % lanes * d;
    const std::uint64_t mask = ((std::uint64_t{1} << d) - 1) << lsb;
    std::uint64_t& word = pe.act.at(local / lanes);
    word = (word & ~mask) | ((static_cast<std::uint64_t>(value) << lsb) & mask);
  }

  void add_column(Pe& pe, std::uint64_t pointer, std::int64_t a, std::uint64_t& longest) {
    const std::uint32_t first = pe.pointers.at(pointer);
    const std::uint32_t last = pe.pointers.at(pointer + 1);
    if (last < first) status_ |= reg::kStatusError;
    const unsigned shift = static_cast<unsigned>(reg_[reg::kLayerCtrl] & reg::kShiftMask);
    const unsigned bits = c_.entry_bits();
    std::uint64_t row = 0;
    for (std::uint32_t e = first; e < last; ++e) {
      const std::uint64_t raw = pe.spmat.at(std::uint64_t{e} * bits / 64) >> (std::uint64_t{e} * bits % 64);
      const std::uint64_t entry = raw & ((std::uint64_t{1} << bits) - 1);
      const std::uint64_t code = entry & (c_.codes() - 1);
      row += entry >> c_.code_width;
      ++pe.counters[reg::kPeEntries];
      if (code == 0) {
        ++pe.counters[reg::kPePadding];
      } else if (row >= pe.sums.size()) {
        status_ |= reg::kStatusError;
      } else {
        const std::int64_t p = codebook_[code] * a;
        const std::int64_t t = shift == 0 ? p : (p >> shift) + ((p >> (shift - 1)) & 1);
        const std::int64_t limit = (std::int64_t{1} << (c_.acc_width - 1)) - 1;
        const std::int64_t sum = pe.sums[row] + t;
        if (sum > limit || sum < -limit - 1) status_ |= reg::kStatusSaturated;
        pe.sums[row] = std::clamp(sum, -limit - 1, limit);
      }
      ++row;
    }
    longest = std::max<std::uint64_t>(longest, last - first);
  }

  void launch() {
    ++launches;
    const std::uint64_t control = reg_[reg::kLayerCtrl];
    const std::uint64_t columns = reg_[reg::kInLength];
    const std::uint64_t rows = reg_[reg::kOutLength];
    const std::uint64_t batch = c_.batch_columns();
    std::uint64_t cycles = 20;
    std::uint64_t broadcasts = 0;
    if (columns == 0 || rows == 0 || rows > batch) status_ |= reg::kStatusError;
    resident_launches += (control & reg::kLayerSrcResident) != 0 ? 1 : 0;
    for (std::uint64_t k = 0; k < c_.n_pe; ++k) {
      for (std::uint64_t& counter : pe_[k].counters) counter = 0;
      if ((control & reg::kLayerFirst) == 0) continue;
      for (std::uint64_t r = 0; r < c_.registers; ++r) {
        const bool bias = (control & reg::kLayerBias) != 0 && r * c_.n_pe + k < rows;
        pe_[k].sums[r] = bias ? get_act(pe_[k], reg_[reg::kBiasAddress] * c_.lanes() + r) : 0;
      }
    }
    for (std::uint64_t j = 0; j < columns; ++j) {
      Pe& owner = pe_[j % c_.n_pe];
      if (j % batch == 0 && (control & reg::kLayerSrcResident) == 0) {
        for (std::uint64_t i = j; i < std::min(columns, j + batch); ++i) {
          Pe& pe = pe_[i % c_.n_pe];
          pe.source[(i - j) / c_.n_pe] = get_act(pe, reg_[reg::kInAddress] * c_.lanes() + i / c_.n_pe);
        }
      }
      const std::int64_t a = owner.source[j % batch / c_.n_pe];
      if (a == 0) continue;
      ++broadcasts;
      std::uint64_t longest = 1;
      for (Pe& pe : pe_) add_column(pe, reg_[reg::kPointerBase] + j, a, longest);
      cycles += longest;
    }
    if ((control & reg::kLayerLast) != 0) finish(rows, (control & reg::kLayerRelu) != 0);
    for (Pe& pe : pe_) pe.counters[reg::kPeStarved] = cycles - pe.counters[reg::kPeEntries];
    reg_[reg::kCycles] = cycles;
    reg_[reg::kBroadcasts] = broadcasts;
    reg_[reg::kBatches] = (columns + batch - 1) / batch;
    now_ += cycles;
    status_ |= reg::kStatusDone;
    irq_ = true;
  }

  void finish(std::uint64_t rows, bool relu) {
    const std::int64_t limit = (std::int64_t{1} << (c_.data_width - 1)) - 1;
    for (std::uint64_t i = 0; i < rows; ++i) {
      Pe& pe = pe_[i % c_.n_pe];
      std::int64_t y = pe.sums[i / c_.n_pe];
      if (relu) y = std::max<std::int64_t>(y, 0);
      y = std::clamp(y, -limit - 1, limit);
      if (flip_output && i == 0) y ^= 1;
      pe.sums[i / c_.n_pe] = y;
      put_act(pe, reg_[reg::kOutAddress] + i / c_.n_pe, y);
    }
    for (Pe& pe : pe_) std::swap(pe.sums, pe.source);
  }

  HwConfig c_;
  reg::WindowLayout window_;
  std::vector<Pe> pe_;
  std::vector<std::int64_t> codebook_;
  std::map<std::uint64_t, std::uint64_t> reg_;
  std::uint64_t status_ = 0;
  bool irq_ = false;
  std::uint64_t now_ = 0;
};

}  // namespace eie::tb
