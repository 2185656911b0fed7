// Faults: bits of a PE's memories that flip before a launch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/config.h"
#include "tb/device.h"
#include "tb/trace/events.h"

namespace eie::tb {

/// One bit.
struct Flip {
  enum class Memory { kSpmat, kPtr, kAct };
  unsigned pe = 0;
  Memory memory = Memory::kSpmat;
  std::uint64_t index = 0;   // entry of Spmat, pointer, 64-bit word of Act
  unsigned bit = 0;          // of that
  std::uint64_t launch = 1;  // it flips before this launch starts, behind all loads
  std::string text;          // as it was written
};

/// "pe=3,spmat=306,bit=1", with ptr= or act= instead of spmat=, and launch=2 beside them. Throws UserError for another form
/// and for what the configuration does not have.
Flip parse_flip(const std::string& text, const HwConfig& config);

/// A device whose bits flip. Forwards everything.
class FaultyDevice final : public Device {
 public:
  FaultyDevice(std::unique_ptr<Device> device, const HwConfig& config, std::vector<Flip> flips)
      : device_(std::move(device)), config_(config), flips_(std::move(flips)), done_(flips_.size(), false) {}

  /// All bits have flipped.
  bool all_done() const;

  std::string engine() const override { return device_->engine(); }
  void write(std::uint64_t address, std::uint64_t data, unsigned bytes) override { device_->write(address, data, bytes); }
  std::uint64_t read(std::uint64_t address, unsigned bytes) override { return device_->read(address, bytes); }
  void write_stream(const std::vector<Beat>& beats) override { device_->write_stream(beats); }
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override {
    return device_->read_stream(addresses);
  }
  void backdoor_write(std::uint64_t address, std::uint64_t data) override { device_->backdoor_write(address, data); }
  std::uint64_t backdoor_read(std::uint64_t address) override { return device_->backdoor_read(address); }
  void wait_interrupt(std::uint64_t limit_cycles) override { device_->wait_interrupt(limit_cycles); }
  void set_host_stalls(unsigned percent, std::uint64_t seed) override { device_->set_host_stalls(percent, seed); }
  void announce(const LaunchContext& context) override;
  void observe(EventSink& sink) override { device_->observe(sink); }
  void record(PlayerData& player) override { device_->record(player); }
  void finish() override { device_->finish(); }
  std::uint64_t now_cycles() const override { return device_->now_cycles(); }

 private:
  std::unique_ptr<Device> device_;
  HwConfig config_;
  std::vector<Flip> flips_;
  std::vector<bool> done_;
};

}  // namespace eie::tb
