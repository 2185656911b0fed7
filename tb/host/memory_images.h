// SPDX-License-Identifier: Apache-2.0
// What a host has put into the device's memories, as files for $readmemh and $readmemb: one a PE and memory, words as the
// SRAMs of hw/ have them (docs/formats.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/host/forwarding_device.h"

namespace eie::tb {

/// The memories of a PE: Spmat, the two banks of pointers, activations.
enum class PeMemory { kSpmat, kPtrEven, kPtrOdd, kAct };
constexpr std::array<PeMemory, 4> kPeMemories = {PeMemory::kSpmat, PeMemory::kPtrEven, PeMemory::kPtrOdd, PeMemory::kAct};

/// "spmat", "ptr_even", "ptr_odd", "act"
const char* memory_name(PeMemory memory);
/// The array of its words in the RTL, below a PE: "spmat_read.spmat.words".
const char* memory_array(PeMemory memory);
/// Bits of a word.
unsigned memory_width(PeMemory memory, const HwConfig& config);

/// The contents of all memories, as far as the host has written them.
class MemoryContents {
 public:
  explicit MemoryContents(const HwConfig& config);

  /// A write of the bytes under `strobe` to an address of the memory windows; others are ignored.
  void write(std::uint64_t address, std::uint64_t data, std::uint8_t strobe);

  /// The written words of a memory in ascending order, a line each, numbers in hexadecimal or binary, the most significant
  /// digit first; `@ADDRESS` (hexadecimal) stands before a word that does not follow the one before. Empty: none was written.
  std::string text(unsigned pe, PeMemory memory, bool binary) const;

 private:
  struct Word {
    std::uint64_t data = 0;
    bool written = false;
  };

  HwConfig config_;
  std::vector<std::vector<Word>> beats_;  // of each PE's window, 64 bits each
};

/// Forwards every access to another device, and shows what is in the memories whenever a launch starts.
class MemoryRecorder final : public ForwardingDevice {
 public:
  using Sink = std::function<void(std::uint64_t launch, const MemoryContents& contents)>;

  /// `device` must outlive this one. Launches count from 0.
  MemoryRecorder(Device& device, const HwConfig& config, Sink sink)
      : ForwardingDevice(device), contents_(config), sink_(std::move(sink)) {}

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override;
  void write_stream(const std::vector<Beat>& beats) override;
  void backdoor_write(std::uint64_t address, std::uint64_t data) override;

 private:
  void see(std::uint64_t address, std::uint64_t data);

  MemoryContents contents_;
  Sink sink_;
  std::uint64_t launches_ = 0;
};

/// A SystemVerilog module that loads images from the folder that `+images=DIR` names: each file into the array of the same place
/// in the list, a path below the device ("pe_0.act_rw.act.words"). A name that ends in b is a file for $readmemb.
std::string image_loader(const HwConfig& config, const std::vector<std::string>& files, const std::vector<std::string>& arrays);

}  // namespace eie::tb
