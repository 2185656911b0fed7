// SPDX-License-Identifier: Apache-2.0
// The device model of tlm/ without SystemC: many of them in one process, one a thread.
#pragma once

#include <cstdint>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/model_engine.h"
#include "tlm/model/device_model.h"

namespace eie::tb {

/// Engine "tlm" for one host that waits for each access: the results, cycles and counters of TlmEngine. Time
/// passes in accesses and launches only, and an access takes as long as one behind the TLM model's socket.
class ModelDevice final : public ModelEngine<DeviceModel> {
 public:
  explicit ModelDevice(const HwConfig& config);

  /// The same device with other queues, look-ahead or clock, reset; its memories hold what they held (DeviceModel::retime).
  void retime(const HwConfig& config);

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;
  void backdoor_write(std::uint64_t address, std::uint64_t data) override;
  std::uint64_t backdoor_read(std::uint64_t address) override;
  void wait_interrupt(std::uint64_t limit_cycles) override;
  void flip_now(const BitFlip& flip) override { model_.flip_now(now_, bit_of(flip)); }
  std::uint64_t now_cycles() const override { return now_; }

 private:
  void write_word(std::uint64_t address, std::uint64_t data, unsigned strobe);

  std::uint64_t now_ = 0;  // clock edges
};

}  // namespace eie::tb
