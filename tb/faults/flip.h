// SPDX-License-Identifier: Apache-2.0
// Faults: bits of a PE's memories that flip before a launch or in the middle of it, and bits of its registers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/host/events.h"
#include "tb/host/forwarding_device.h"

namespace eie::tb {

/// One bit.
struct Flip {
  enum class Memory { kSpmat, kPtr, kAct, kRegister };
  unsigned pe = 0;
  Memory memory = Memory::kSpmat;
  std::uint64_t index = 0;    // entry of Spmat, pointer, 64-bit word of Act
  std::string register_name;  // with kRegister: "arith_unit.sum3_"
  unsigned bit = 0;           // of that
  bool check = false;         // of the check bits of its code words instead
  std::uint64_t launch = 1;
  std::optional<std::uint64_t> cycle;  // of the launch, at its beginning; none: before the launch starts, behind all loads
  std::string text;                    // as it was written
};

/// "pe=3,spmat=306,bit=1", with check= (ECC) instead of bit=, of the check bits of the code word that holds it, with ptr=, act=
/// or register= instead of spmat=, and launch=2 and cycle=40 beside them; a register without a cycle flips in cycle 0. Throws
/// UserError for another form and for what the configuration does not have; which registers there are, the engine knows
/// (Device::check_flip).
Flip parse_flip(const std::string& text, const HwConfig& config);

/// All flips of --flip. Throws UserError.
std::vector<Flip> parse_flips(const std::vector<std::string>& texts, const HwConfig& config);

/// A device whose bits flip.
class FaultyDevice final : public ForwardingDevice {
 public:
  /// Throws UserError for a flip that the engine cannot do.
  FaultyDevice(std::unique_ptr<Device> device, const HwConfig& config, std::vector<Flip> flips);

  /// All bits have flipped. Throws UserError that says which has not and why, to be called behind the run.
  void check_all_done() const;

  void announce(const LaunchContext& context) override;

 private:
  std::unique_ptr<Device> owned_;
  HwConfig config_;
  std::vector<Flip> flips_;
  std::vector<bool> done_;
  std::uint64_t launches_ = 0;
};

}  // namespace eie::tb
