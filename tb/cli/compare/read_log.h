// SPDX-License-Identifier: Apache-2.0
// What a host reads from a device, kept to compare engines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/host/forwarding_device.h"

namespace eie::tb {

/// Where in the machine a value that a host reads comes from.
struct ReadPlace {
  std::optional<unsigned> pe;
  std::string block;  // as in waves: "ccu", "arith_unit", "act_rw"
  std::string what;   // "cycles of the launch", "activation SRAM word 3"
};
ReadPlace place_of(const HwConfig& config, std::uint64_t address);

/// One value that was read, and the launch that it came after.
struct LoggedRead {
  std::uint64_t address = 0;
  std::uint64_t value = 0;
  std::uint64_t launch = 0;  // from 1 on; 0: before the first
  std::uint64_t start = 0;   // cycles of the engine's clock in which that launch ran
  std::uint64_t end = 0;
};

/// Keeps what is read from another device, through the port and the back door.
class ReadLog final : public ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;

  const std::vector<LoggedRead>& reads() const { return reads_; }

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;
  std::uint64_t backdoor_read(std::uint64_t address) override;
  void wait_interrupt(std::uint64_t limit_cycles) override;

 private:
  void note_write(std::uint64_t address, std::uint64_t data);
  void note_read(std::uint64_t address, std::uint64_t value);

  std::vector<LoggedRead> reads_;
  LoggedRead last_;  // the launch that is over
};

/// A log as bytes and back, for another process of the same program.
std::string pack_reads(const std::vector<LoggedRead>& reads);
std::vector<LoggedRead> unpack_reads(const std::string& bytes);

/// The first read whose value differs, or that only one log has; nothing if they are the same.
std::optional<std::size_t> first_difference(const std::vector<LoggedRead>& a, const std::vector<LoggedRead>& b);

}  // namespace eie::tb
