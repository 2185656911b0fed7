// SPDX-License-Identifier: Apache-2.0
// A host's view of one EIE device, whichever engine is behind it (hw, tlm, rtl): an address space
// (hw/register_map.h), an interrupt, and a clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tb/support/error.h"

namespace eie::tb {

class EventSink;
struct LaunchContext;
struct PlayerData;

/// The device answered an access with SLVERR (or, for an engine, gave up: watchdog).
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A bit that flips in the middle of a launch, at the beginning of a cycle.
struct BitFlip {
  std::string text;         // as it was asked for
  std::uint64_t cycle = 0;  // of the launch, from 0
  unsigned pe = 0;
  std::string register_name;  // in the PE, as waves have it ("arith_unit.sum3_"); empty: a memory's word
  std::uint64_t address = 0;  // of that word in the memory windows
  unsigned bit = 0;           // of the register or the word; with ECC from 64 on: of the word's check bits
};

/// Abstract engine. Accesses complete before they return; simulated time advances meanwhile.
class Device {
 public:
  /// One 64-bit beat of a stream of writes.
  struct Beat {
    std::uint64_t address = 0;  // a multiple of 8
    std::uint64_t data = 0;
    std::uint8_t strobe = 0xFF;  // bytes that are written, a bit each
  };

  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  /// "hw", "tlm" or "rtl".
  virtual std::string engine() const = 0;

  /// One access of 4 or 8 bytes, aligned to its size. Throws DeviceError on SLVERR.
  virtual void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) = 0;
  virtual std::uint64_t read(std::uint64_t address, unsigned bytes = 8) = 0;

  /// Back-to-back beats, pipelined as the port allows. Throw DeviceError naming the first refused address.
  virtual void write_stream(const std::vector<Beat>& beats) = 0;
  virtual std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) = 0;

  /// Simulation only: a 64-bit beat straight into or out of a PE memory window (Spmat, Ptr, Act), without
  /// simulated time. The address is that of the port.
  virtual void backdoor_write(std::uint64_t address, std::uint64_t data) = 0;
  virtual std::uint64_t backdoor_read(std::uint64_t address) = 0;

  /// Lets time pass until the interrupt line is high. Throws DeviceError when `limit` cycles have passed
  /// without it (a watchdog; the text says in which state the blocks are).
  virtual void wait_interrupt(std::uint64_t limit_cycles) = 0;

  /// The host stalls each channel of the port in a cycle with probability `percent` / 100 from now on; 0 (the default)
  /// never. Does nothing in an engine without handshakes.
  virtual void set_host_stalls(unsigned /*percent*/, std::uint64_t /*seed*/) {}

  /// Says which launch the next start begins (tb/host/events.h). Costs no simulated time.
  virtual void announce(const LaunchContext& /*context*/) {}

  /// From now on the sink is told what each launch did. Several may be; all outlive the device's last launch. An engine that
  /// cannot tell calls none.
  virtual void observe(EventSink& /*sink*/) {}

  /// From now on the values of wires in the first cycles of launches are recorded there, which outlives the device's last
  /// launch. An engine without wires does nothing.
  virtual void record(PlayerData& /*player*/) {}

  /// Throws UserError when the engine cannot flip that bit, or has no such register.
  virtual void check_flip(const BitFlip& flip) {
    throw UserError("--flip " + flip.text + ": engine " + engine() +
                    " cannot flip bits in the middle of a launch: expected --engine hw or tlm, or no cycle= and register=");
  }
  /// The bit flips in the launch that the next start begins. Throws as check_flip().
  virtual void flip_in_next_launch(const BitFlip& flip) { check_flip(flip); }
  /// A memory's bit flips now, without simulated time, while no launch runs.
  virtual void flip_now(const BitFlip& flip) {
    backdoor_write(flip.address, backdoor_read(flip.address) ^ std::uint64_t{1} << flip.bit);
  }
  /// The texts of flips that never came: their launch was over before.
  virtual std::vector<std::string> missed_flips() const { return {}; }

  /// Ends what the engine writes beside its results: waves. Throws UserError when they could not be written in full.
  virtual void finish() {}

  /// Clock edges since the engine started.
  virtual std::uint64_t now_cycles() const = 0;
};

}  // namespace eie::tb
