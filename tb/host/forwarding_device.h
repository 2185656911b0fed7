// SPDX-License-Identifier: Apache-2.0
// A device in front of another one: what looks at, or changes, a part of what passes derives from it and overrides that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/host/device.h"

namespace eie::tb {

/// Forwards every call.
class ForwardingDevice : public Device {
 public:
  /// `device` must outlive this one.
  explicit ForwardingDevice(Device& device) : device_(device) {}

  std::string engine() const override { return device_.engine(); }
  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override { device_.write(address, data, bytes); }
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) override { return device_.read(address, bytes); }
  void write_stream(const std::vector<Beat>& beats) override { device_.write_stream(beats); }
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override {
    return device_.read_stream(addresses);
  }
  void backdoor_write(std::uint64_t address, std::uint64_t data) override { device_.backdoor_write(address, data); }
  std::uint64_t backdoor_read(std::uint64_t address) override { return device_.backdoor_read(address); }
  void wait_interrupt(std::uint64_t limit_cycles) override { device_.wait_interrupt(limit_cycles); }
  void set_host_stalls(unsigned percent, std::uint64_t seed) override { device_.set_host_stalls(percent, seed); }
  void announce(const LaunchContext& context) override { device_.announce(context); }
  void observe(EventSink& sink) override { device_.observe(sink); }
  void record(PlayerData& player) override { device_.record(player); }
  void check_flip(const BitFlip& flip) override { device_.check_flip(flip); }
  void flip_in_next_launch(const BitFlip& flip) override { device_.flip_in_next_launch(flip); }
  void flip_now(const BitFlip& flip) override { device_.flip_now(flip); }
  std::vector<std::string> missed_flips() const override { return device_.missed_flips(); }
  void finish() override { device_.finish(); }
  std::uint64_t now_cycles() const override { return device_.now_cycles(); }

 protected:
  Device& device_;
};

}  // namespace eie::tb
