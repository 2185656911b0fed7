// SPDX-License-Identifier: Apache-2.0
// Registers behind the host port: what register_map.h says of each, and what the device does to them. Base of HostPort, whose
// one process reads and writes them. The switches below are the decoder that synthesis sees; tb/test/unit/hw/
// register_map_test.cpp holds each of their cases, and the lack of any other, against the table of register_map.h.
#pragma once

#include "types.h"

namespace eie {

template <class Cfg>
class HostRegisters {
 protected:
  using P = Params<Cfg>;
  using Data = sc_dt::sc_uint<64>;

  static constexpr unsigned kLog2Stride =
      log2_ceil(reg::window_layout(Cfg::kSpmatDepth, Cfg::kSpmatWidth, Cfg::kPointerDepth, Cfg::kActDepth).stride);
  static constexpr std::uint64_t kCap0 =
      std::uint64_t{Cfg::kPes} << reg::kCapNPeLsb | std::uint64_t{Cfg::kQueueDepth} << reg::kCapQueueDepthLsb |
      std::uint64_t{Cfg::kLookAhead} << reg::kCapLookAheadLsb | std::uint64_t{Cfg::kRegisters} << reg::kCapRegistersLsb;
  static constexpr std::uint64_t kCap1 =
      std::uint64_t{Cfg::kDataWidth} << reg::kCapDataWidthLsb | std::uint64_t{Cfg::kAccWidth} << reg::kCapAccWidthLsb |
      std::uint64_t{Cfg::kCodeWidth} << reg::kCapCodeWidthLsb | std::uint64_t{Cfg::kRunWidth} << reg::kCapRunWidthLsb |
      std::uint64_t{Cfg::kPointerWidth} << reg::kCapPointerWidthLsb | std::uint64_t{Cfg::kSpmatWidth} << reg::kCapSpmatWidthLsb;
  static constexpr std::uint64_t kCap2 =
      std::uint64_t{Cfg::kSpmatDepth} << reg::kCapSpmatDepthLsb | std::uint64_t{Cfg::kPointerDepth} << reg::kCapPointerDepthLsb;
  static constexpr std::uint64_t kCap3 =
      std::uint64_t{Cfg::kActDepth} << reg::kCapActDepthLsb | std::uint64_t{Cfg::kLnzdFanIn} << reg::kCapLnzdFanInLsb |
      (Cfg::kEcc ? reg::kCapEcc : 0) | (Cfg::kSkipPadding ? reg::kCapSkipPadding : 0) |
      (Cfg::kPeCounters ? reg::kCapPeCounters : 0) | std::uint64_t{kLog2Stride} << reg::kCapLog2StrideLsb;

  void clear_registers() {
    done_ = false;
    error_ = false;
    saturated_ = false;
    irq_status_ = false;
    irq_enable_ = false;
    if constexpr (Cfg::kEcc) {
      uncorrected_ = false;
      irq_uncorrected_ = false;
      irq_uncorrected_enable_ = false;
      new_corrected_ = 0;
      new_detected_ = 0;
      corrected_ = 0;
      detected_ = 0;
    }
    soft_reset_ = false;
    in_length_ = 0;
    out_length_ = 0;
    pointer_base_ = 0;
    in_address_ = 0;
    out_address_ = 0;
    bias_address_ = 0;
    layer_ctrl_ = 0;
  }

  /// Data of the register at offset `at`; false if there is none here. The counters of a launch are the CCU's.
  bool read_register(unsigned at, bool is_busy, Data& data) const {
    bool ok = true;
    switch (at) {
      case reg::kId:
        data = 0x31454945u;  // "EIE1", least significant byte first
        break;
      case reg::kVersion:
        data = 0x00010000u;
        break;
      case reg::kCap0:
        data = kCap0;
        break;
      case reg::kCap1:
        data = kCap1;
        break;
      case reg::kCap2:
        data = kCap2;
        break;
      case reg::kCap3:
        data = kCap3;
        break;
      case reg::kStatus:
        data = (is_busy ? 1u : 0u) | (done_ ? 2u : 0u) | (error_ ? 4u : 0u) | (saturated_ ? 8u : 0u) |
               (Cfg::kEcc && uncorrected_ ? 16u : 0u);
        break;
      case reg::kIrqStatus:
        data = (irq_status_ ? 1u : 0u) | (Cfg::kEcc && irq_uncorrected_ ? 2u : 0u);
        break;
      case reg::kIrqEnable:
        data = (irq_enable_ ? 1u : 0u) | (Cfg::kEcc && irq_uncorrected_enable_ ? 2u : 0u);
        break;
      case reg::kInLength:
        data = in_length_;
        break;
      case reg::kOutLength:
        data = out_length_;
        break;
      case reg::kPointerBase:
        data = pointer_base_;
        break;
      case reg::kInAddress:
        data = in_address_;
        break;
      case reg::kOutAddress:
        data = out_address_;
        break;
      case reg::kBiasAddress:
        data = bias_address_;
        break;
      case reg::kLayerCtrl:
        data = layer_ctrl_;
        break;
      case reg::kEccCorrected:
        ok = Cfg::kEcc;
        if constexpr (Cfg::kEcc) data = corrected_;
        break;
      case reg::kEccDetected:
        ok = Cfg::kEcc;
        if constexpr (Cfg::kEcc) data = detected_;
        break;
      default:
        ok = false;
        break;
    }
    return ok;
  }

  /// A write to the register at offset `at`, if it is allowed. All fields lie in the low half; a write of the high half alone
  /// changes nothing and is legal. `ends`: the last cycle of a launch.
  bool write_register(unsigned at, const Data& data, bool low, bool is_busy, bool ends) {
    bool ok = true;
    const Data value = low ? data : Data(0);
    switch (at) {
      case reg::kCtrl:
        if (value[1]) {
          soft_reset_ = true;
        } else if (value[0]) {
          ok = !is_busy && !ends;  // in the last cycle of a launch too: the units restart on a rising edge of busy
          start_ = ok;
        }
        break;
      case reg::kStatus:
        if (value[2]) error_ = false;
        if (value[3]) saturated_ = false;
        if constexpr (Cfg::kEcc) {
          if (value[4]) uncorrected_ = false;
        }
        break;
      case reg::kIrqStatus:
        if (value[0]) irq_status_ = false;
        if constexpr (Cfg::kEcc) {
          if (value[1]) irq_uncorrected_ = false;
        }
        break;
      case reg::kIrqEnable:
        if (low) irq_enable_ = value[0];
        if constexpr (Cfg::kEcc) {
          if (low) irq_uncorrected_enable_ = value[1];
        }
        break;
      case reg::kInLength:
        ok = !is_busy;
        if (ok && low) in_length_ = value;
        break;
      case reg::kOutLength:
        ok = !is_busy;
        if (ok && low) out_length_ = value;
        break;
      case reg::kPointerBase:
        ok = !is_busy;
        if (ok && low) pointer_base_ = value;
        break;
      case reg::kInAddress:
        ok = !is_busy;
        if (ok && low) in_address_ = value;
        break;
      case reg::kOutAddress:
        ok = !is_busy;
        if (ok && low) out_address_ = value;
        break;
      case reg::kBiasAddress:
        ok = !is_busy;
        if (ok && low) bias_address_ = value;
        break;
      case reg::kLayerCtrl:
        ok = !is_busy;
        if (ok && low) layer_ctrl_ = value & reg::kLayerCtrlMask;
        break;
      default:
        ok = false;
        break;
    }
    return ok;
  }

  /// The layer descriptor as the CCU sees it.
  LayerDescriptor<Cfg> descriptor() const {
    LayerDescriptor<Cfg> out;
    out.in_length = in_length_;
    out.out_length = out_length_;
    out.pointer_base = pointer_base_;
    out.in_address = in_address_;
    out.out_address = out_address_;
    out.bias_address = bias_address_;
    out.shift = layer_ctrl_ & reg::kShiftMask;
    out.relu = layer_ctrl_[8];
    out.bias = layer_ctrl_[9];
    out.first = layer_ctrl_[10];
    out.last = layer_ctrl_[11];
    out.src_resident = layer_ctrl_[12];
    return out;
  }

  /// Errors of memory words. They are counted an edge later than they come: the sum over all PEs has a cycle of its own.
  void tick_faults(bool counts, const UInt<P::kFaultsWidth>& corrected, const UInt<P::kFaultsWidth>& detected) {
    if (new_detected_ != 0) {
      uncorrected_ = true;
      irq_uncorrected_ = true;
    }
    corrected_ = corrected_ + new_corrected_;
    detected_ = detected_ + new_detected_;
    new_corrected_ = counts ? corrected : UInt<P::kFaultsWidth>(0);
    new_detected_ = counts ? detected : UInt<P::kFaultsWidth>(0);
  }

  bool start_;  // of the access at hand
  bool done_;
  bool error_;
  bool saturated_;
  bool irq_status_;
  bool irq_enable_;
  bool soft_reset_;
  // ECC
  bool uncorrected_;
  bool irq_uncorrected_;
  bool irq_uncorrected_enable_;
  UInt<P::kFaultsWidth> new_corrected_;
  UInt<P::kFaultsWidth> new_detected_;
  sc_dt::sc_uint<40> corrected_;
  sc_dt::sc_uint<40> detected_;
  sc_dt::sc_uint<P::kLengthWidth> in_length_;
  sc_dt::sc_uint<P::kColumnWidth + 1> out_length_;
  sc_dt::sc_uint<P::kPtrAddressWidth> pointer_base_;
  sc_dt::sc_uint<P::kActAddressWidth> in_address_;
  sc_dt::sc_uint<P::kActAddressWidth + P::kLog2Lanes> out_address_;
  sc_dt::sc_uint<P::kActAddressWidth> bias_address_;
  sc_dt::sc_uint<13> layer_ctrl_;
};

}  // namespace eie
