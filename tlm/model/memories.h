// SPDX-License-Identifier: Apache-2.0
// The SRAMs of all PEs as the host sees them: 64-bit beats of the memory windows (hw/register_map.h).
//
// A debugger, a loosely timed initiator and DMI all read and write these beats; nothing else holds an image or an
// activation. Beats are in the host's byte order, which has to be little-endian for DMI to be right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/config/device_config_check.h"
#include "tlm/model/zero_pages.h"

namespace eie::model {

class Memories {
 public:
  explicit Memories(const DeviceConfig& config)
      : spmat_beats_(std::size_t{check(config).spmat_depth} * config.spmat_width / 64),
        ptr_beats_(config.pointer_depth / 2),
        act_beats_(config.act_depth),
        pointer_mask_((std::uint64_t{1} << config.pointer_width) - 1),
        spmat_((spmat_beats_ + kPadding) * config.n_pe),
        ptr_((ptr_beats_ + kPadding) * config.n_pe),
        act_((act_beats_ + kPadding) * config.n_pe) {}

  std::size_t spmat_beats() const { return spmat_beats_; }
  std::size_t ptr_beats() const { return ptr_beats_; }
  std::size_t act_beats() const { return act_beats_; }

  /// The beats of one PE's memory, in window order.
  std::uint64_t* spmat(unsigned pe) { return spmat_.data() + pe * (spmat_beats_ + kPadding); }
  std::uint64_t* ptr(unsigned pe) { return ptr_.data() + pe * (ptr_beats_ + kPadding); }
  std::uint64_t* act(unsigned pe) { return act_.data() + pe * (act_beats_ + kPadding); }
  const std::uint64_t* spmat(unsigned pe) const { return spmat_.data() + pe * (spmat_beats_ + kPadding); }
  const std::uint64_t* ptr(unsigned pe) const { return ptr_.data() + pe * (ptr_beats_ + kPadding); }
  const std::uint64_t* act(unsigned pe) const { return act_.data() + pe * (act_beats_ + kPadding); }

  /// A pointer beat keeps pointer_width bits of each half, as the SRAM banks do.
  std::uint64_t stored_pointers(std::uint64_t beat) const { return beat & (pointer_mask_ | pointer_mask_ << 32); }

  /// Pointer `index` of a PE: even ones in the low halves.
  std::uint32_t pointer(unsigned pe, std::size_t index) const {
    return static_cast<std::uint32_t>(ptr(pe)[index / 2] >> (index % 2 * 32));
  }

  /// To be called after every change of Spmat or Ptr, so that decoded images are dropped.
  void touch_weights() { ++weights_version_; }
  std::uint64_t weights_version() const { return weights_version_; }

 private:
  // A cache line between the memories of two PEs. All are a power of two long and are walked side by side: without it
  // they would all compete for the same cache sets.
  static constexpr std::size_t kPadding = 8;

  std::size_t spmat_beats_;
  std::size_t ptr_beats_;
  std::size_t act_beats_;
  std::uint64_t pointer_mask_;
  // Of a large machine most words are never written.
  std::vector<std::uint64_t, ZeroPages<std::uint64_t>> spmat_;
  std::vector<std::uint64_t, ZeroPages<std::uint64_t>> ptr_;
  std::vector<std::uint64_t, ZeroPages<std::uint64_t>> act_;
  std::uint64_t weights_version_ = 0;
};

}  // namespace eie::model
