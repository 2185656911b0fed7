// SPDX-License-Identifier: Apache-2.0
// The device's address map as run-time values (hw/register_map.h): what lies where, and which accesses exist at all.
// Whether one is refused because a launch runs is not known here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hw/config.h"
#include "tlm/config/device_config.h"
#include "tlm/config/device_config_check.h"

namespace eie::model {

/// Why an access is refused; the AXI4-Lite port has SLVERR for all of them.
enum class Access {
  kOk,
  kNoSuchAddress,  // outside the map
  kNotAllowed,     // a write to what is read-only, or a read of what is write-only
  kBusy            // not while a launch runs
};

namespace detail {
/// Rows of reg::kRegisters by offset, so that an access does not search them: row + 1, or 0 where there is none.
constexpr std::array<unsigned char, reg::kCodebook / 8> register_rows() {
  std::array<unsigned char, reg::kCodebook / 8> rows{};
  unsigned char row = 0;
  for (const reg::Register& r : reg::kRegisters) {
    ++row;
    if (r.offset < reg::kCodebook) rows[r.offset / 8] = row;
  }
  return rows;
}
inline constexpr std::array<unsigned char, reg::kCodebook / 8> kRegisterRows = register_rows();
}  // namespace detail

class AddressMap {
 public:
  enum class Target { kNone, kRegister, kCodebook, kSpmat, kPtr, kAct, kCounters };
  struct Place {
    Target target = Target::kNone;
    unsigned pe = 0;
    std::uint64_t word = 0;  // 64-bit word of the memory, codebook entry, number of the counter
    std::uint64_t reg = 0;   // offset of the register
  };

  explicit AddressMap(const DeviceConfig& config)
      : shape_(check(config).shape()),
        window_(config.window()),
        log2_stride_(log2_ceil(window_.stride)),
        codes_(config.codes()),
        n_pe_(config.n_pe),
        spmat_beats_(std::uint64_t{config.spmat_depth} * config.spmat_width / 64),
        ptr_beats_(config.pointer_depth / 2),
        act_beats_(config.act_depth),
        counters_(config.pe_counters ? reg::kPeCounters : 0) {}

  const reg::WindowLayout& window() const { return window_; }
  unsigned log2_stride() const { return log2_stride_; }

  /// One behind the last PE window.
  std::uint64_t end() const { return reg::kWindowBase + n_pe_ * window_.stride; }

  /// What lies at an address; the low three bits do not matter.
  Place locate(std::uint64_t address) const {
    Place at;
    if (address < reg::kCodebook) {
      at.target = Target::kRegister;
      at.reg = address & ~std::uint64_t{7};
    } else if (address < reg::kCodebook + 8ull * codes_) {
      at.target = Target::kCodebook;
      at.word = (address - reg::kCodebook) / 8;
    } else if (address >= reg::kWindowBase && address < end()) {
      at.pe = static_cast<unsigned>((address - reg::kWindowBase) >> log2_stride_);
      const std::uint64_t offset = (address - reg::kWindowBase) & (window_.stride - 1);
      auto inside = [&](std::uint64_t first, std::uint64_t beats, Target target) {
        if (offset < first || offset - first >= beats * 8) return;
        at.target = target;
        at.word = (offset - first) / 8;
      };
      inside(0, spmat_beats_, Target::kSpmat);
      inside(window_.ptr_offset, ptr_beats_, Target::kPtr);
      inside(window_.act_offset, act_beats_, Target::kAct);
      inside(window_.counter_offset, counters_, Target::kCounters);
    }
    return at;
  }

  /// kOk, kNoSuchAddress or kNotAllowed.
  Access allows(const Place& at, bool write) const {
    if (at.target == Target::kNone) return Access::kNoSuchAddress;
    if (at.target == Target::kCounters) return write ? Access::kNotAllowed : Access::kOk;
    if (at.target != Target::kRegister) return Access::kOk;
    const reg::Register* const row = register_at(at.reg);
    if (row == nullptr || !reg::has(row->needs, shape_)) return Access::kNoSuchAddress;
    return (write ? reg::is_writable(*row) : reg::is_readable(*row)) ? Access::kOk : Access::kNotAllowed;
  }
  Access allows(std::uint64_t address, bool write) const { return allows(locate(address), write); }

  /// Registers and codebook entries are read and written by whole 32-bit halves; memory windows take any bytes, but with ECC
  /// they are written by halves, too.
  bool is_by_halves(const Place& at, bool write) const {
    return at.target == Target::kRegister || at.target == Target::kCodebook || (shape_.ecc && write && is_memory(at.target));
  }
  static bool is_memory(Target target) { return target == Target::kSpmat || target == Target::kPtr || target == Target::kAct; }

  /// A register of the layer descriptor: read at all times, written while no launch runs.
  static bool is_descriptor(std::uint64_t reg) {
    const reg::Register* const row = register_at(reg);
    return row != nullptr && row->while_busy == reg::WhileBusy::kReads;
  }

  /// Bits of a register that read what was written.
  std::uint64_t kept_bits(std::uint64_t reg) const { return reg::kept_bits(*register_at(reg), shape_); }

 private:
  static const reg::Register* register_at(std::uint64_t offset) {
    const unsigned row = detail::kRegisterRows[static_cast<std::size_t>(offset / 8)];
    return row == 0 ? nullptr : &reg::kRegisters[row - 1];
  }

  reg::Shape shape_;
  reg::WindowLayout window_;
  unsigned log2_stride_;
  unsigned codes_;
  unsigned n_pe_;
  std::uint64_t spmat_beats_;
  std::uint64_t ptr_beats_;
  std::uint64_t act_beats_;
  std::uint64_t counters_;  // of a PE
};

}  // namespace eie::model
