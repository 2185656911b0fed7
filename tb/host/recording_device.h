// SPDX-License-Identifier: Apache-2.0
// A device that writes down what its host does with it, for a testbench that plays it again on RTL and knows no address
// (tb/rtl/testbench/eie_tb.sv). docs/synthesis.md describes both texts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/host/forwarding_device.h"

namespace eie::tb {

/// Forwards every access to another device. What the port would see goes into two texts, a line each, numbers in
/// hexadecimal. `stimulus`, the operations in order:
///
///     w ADDRESS DATA STROBE   a write, answered with OKAY
///     r ADDRESS               a read, answered with OKAY and the values of the next line of `expected`
///     i LIMIT                 the interrupt gets high within LIMIT cycles
///     q                       the interrupt is low, all operations before being answered
///     t CYCLES                so many cycles counted the launch that the last `i` waited for
///     e COUNT                 the end, after so many operations
///
/// and `expected`, a line for each read; bits of DATA that are 0 in MASK may have any value:
///
///     ADDRESS DATA MASK // what it is
///
/// A word of the activation SRAM may hold lanes that neither the host nor a launch has written: RTL powers up with
/// anything there, so they are not in the mask. Other memory that the host reads it must have written.
class RecordingDevice final : public ForwardingDevice {
 public:
  /// Appends to one of the texts.
  using Sink = std::function<void(const std::string& text)>;

  /// `device` must outlive this one.
  RecordingDevice(Device& device, const HwConfig& config, Sink stimulus, Sink expected);

  void write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;

  /// There is no back door to RTL in another simulator: throws std::logic_error.
  void backdoor_write(std::uint64_t address, std::uint64_t data) override;
  // A read through the back door changes nothing in the device and is not recorded.

  void wait_interrupt(std::uint64_t limit_cycles) override;

  /// Ends the stimulus, then what the engine writes.
  void finish() override;

  /// A line of explanation in the stimulus.
  void comment(const std::string& text) { stimulus_("// " + text + "\n"); }

  std::uint64_t writes() const { return writes_; }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t interrupts() const { return interrupts_; }

 private:
  void operation(const std::string& text);
  void record_write(const Beat& beat);
  void record_read(std::uint64_t address, std::uint64_t data, std::uint64_t mask);
  void outputs_written();
  std::uint64_t* act_word(std::uint64_t address);
  std::string name(std::uint64_t address) const;

  HwConfig config_;
  Sink stimulus_;
  Sink expected_;
  std::vector<std::uint64_t> known_;  // bits of each activation word that were written, word act_depth * k + w of PE k
  std::uint64_t out_length_ = 0;      // descriptor, as last written
  std::uint64_t out_address_ = 0;
  std::uint64_t layer_ctrl_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t reads_ = 0;
  std::uint64_t interrupts_ = 0;
};

}  // namespace eie::tb
