// Faults: bits of a PE's memories that flip before a launch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tb/config.h"
#include "tb/host/forwarding_device.h"
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

/// A device whose bits flip.
class FaultyDevice final : public ForwardingDevice {
 public:
  FaultyDevice(std::unique_ptr<Device> device, const HwConfig& config, std::vector<Flip> flips)
      : ForwardingDevice(*device),
        owned_(std::move(device)),
        config_(config),
        flips_(std::move(flips)),
        done_(flips_.size(), false) {}

  /// All bits have flipped.
  bool all_done() const;

  void announce(const LaunchContext& context) override;

 private:
  std::unique_ptr<Device> owned_;
  HwConfig config_;
  std::vector<Flip> flips_;
  std::vector<bool> done_;
};

}  // namespace eie::tb
