// SPDX-License-Identifier: Apache-2.0
// The registers of hw/register_map.h with their names and access rights: the one list from which are made what the models
// allow (tlm/model/address_map.h), names in recorded programs (tb/host/recording_device.cpp) and the C header of the driver
// (tb/examples/virtual_platform/regs_gen.cpp). hw/host_port.h does not know it: it is an independent guard. Plain C++17.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hw/register_map.h"

namespace eie {

enum class RegisterAccess : unsigned char {
  kNone,        // no register
  kReadOnly,    //
  kWriteOnly,   //
  kReadWrite,   // at all times
  kDescriptor,  // read at all times, written while no launch runs
};

struct RegisterInfo {
  std::uint32_t offset;
  const char* name;  // as in docs/registers.md
  RegisterAccess access;
};

/// In the order of their offsets.
constexpr RegisterInfo kRegisterList[] = {
    {reg::kId, "ID", RegisterAccess::kReadOnly},
    {reg::kVersion, "VERSION", RegisterAccess::kReadOnly},
    {reg::kCap0, "CAP0", RegisterAccess::kReadOnly},
    {reg::kCap1, "CAP1", RegisterAccess::kReadOnly},
    {reg::kCap2, "CAP2", RegisterAccess::kReadOnly},
    {reg::kCap3, "CAP3", RegisterAccess::kReadOnly},
    {reg::kCtrl, "CTRL", RegisterAccess::kWriteOnly},
    {reg::kStatus, "STATUS", RegisterAccess::kReadWrite},
    {reg::kIrqStatus, "IRQ_STATUS", RegisterAccess::kReadWrite},
    {reg::kIrqEnable, "IRQ_ENABLE", RegisterAccess::kReadWrite},
    {reg::kInLength, "IN_LENGTH", RegisterAccess::kDescriptor},
    {reg::kOutLength, "OUT_LENGTH", RegisterAccess::kDescriptor},
    {reg::kPointerBase, "POINTER_BASE", RegisterAccess::kDescriptor},
    {reg::kInAddress, "IN_ADDRESS", RegisterAccess::kDescriptor},
    {reg::kOutAddress, "OUT_ADDRESS", RegisterAccess::kDescriptor},
    {reg::kBiasAddress, "BIAS_ADDRESS", RegisterAccess::kDescriptor},
    {reg::kLayerCtrl, "LAYER_CTRL", RegisterAccess::kDescriptor},
    {reg::kCycles, "CYCLES", RegisterAccess::kReadOnly},
    {reg::kBroadcasts, "BROADCASTS", RegisterAccess::kReadOnly},
    {reg::kQueueFullCycles, "QUEUE_FULL_CYCLES", RegisterAccess::kReadOnly},
    {reg::kActTransferCycles, "ACT_TRANSFER_CYCLES", RegisterAccess::kReadOnly},
    {reg::kBatches, "BATCHES", RegisterAccess::kReadOnly},
    {reg::kEccCorrected, "ECC_CORRECTED", RegisterAccess::kReadOnly},  // these two with ECC only
    {reg::kEccDetected, "ECC_DETECTED", RegisterAccess::kReadOnly},
};

namespace detail {
constexpr std::array<RegisterAccess, reg::kCodebook / 8> register_accesses() {
  std::array<RegisterAccess, reg::kCodebook / 8> accesses{};
  for (const RegisterInfo& info : kRegisterList) accesses[info.offset / 8] = info.access;
  return accesses;
}
inline constexpr std::array<RegisterAccess, reg::kCodebook / 8> kRegisterAccesses = register_accesses();
}  // namespace detail

/// Of the register at an offset below reg::kCodebook, a multiple of 8.
constexpr RegisterAccess register_access(std::uint64_t offset) {
  return detail::kRegisterAccesses[static_cast<std::size_t>(offset / 8)];
}

}  // namespace eie
