// SPDX-License-Identifier: Apache-2.0
// The device model of tlm/ without SystemC: many of them in one process, one a thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/flips/model_flips.h"
#include "tb/engines/watch/model_observer.h"
#include "tb/host/device.h"
#include "tlm/model/device_model.h"

namespace eie::tb {

/// Engine "tlm" for one host that waits for each access: the results, cycles and counters of TlmEngine. Time
/// passes in accesses and launches only, and an access takes as long as one behind the TLM model's socket.
class ModelDevice final : public Device {
 public:
  explicit ModelDevice(const HwConfig& config);

  std::string engine() const override { return "tlm"; }
  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;
  void backdoor_write(std::uint64_t address, std::uint64_t data) override;
  std::uint64_t backdoor_read(std::uint64_t address) override;
  void wait_interrupt(std::uint64_t limit_cycles) override;
  void announce(const LaunchContext& context) override { observer_.announce(context); }
  void observe(EventSink& sink) override { observer_.add_sink(sink); }
  void check_flip(const BitFlip& flip) override { ModelFlips<DeviceModel>::check(flip); }
  void flip_in_next_launch(const BitFlip& flip) override { flips_.add(flip); }
  std::vector<std::string> missed_flips() const override { return flips_.missed(); }
  std::uint64_t now_cycles() const override { return now_; }

 private:
  void write_word(std::uint64_t address, std::uint64_t data, unsigned strobe);

  DeviceModel model_;
  ModelObserver<DeviceModel> observer_{model_};
  ModelFlips<DeviceModel> flips_;
  std::uint64_t now_ = 0;  // clock edges
};

}  // namespace eie::tb
