// The AXI4-Lite manager of tb/axi_lite_host.h in plain C++, for a device that is clocked without a SystemC
// kernel: the same beats and the same random stalls in the same cycles.
#pragma once

#include <random>
#include <vector>

#include "device.h"
#include "rtl_model.h"

namespace eie::tb {

class RtlHost {
 public:
  /// Starts writing `beats` and reading `reads`, both in order, side by side. The vectors must live until
  /// done().
  void begin(const std::vector<Device::Beat>* beats, const std::vector<std::uint64_t>* reads);

  /// What a clock edge makes of it: handshakes seen with `out`, then the next inputs.
  void tick(const RtlOutputs& out, RtlInputs& in);

  bool done() const { return b_done_ == writes() && r_done_ == reads(); }

  const std::vector<bool>& write_errors() const { return write_errors_; }
  const std::vector<bool>& read_errors() const { return read_errors_; }
  const std::vector<std::uint64_t>& read_data() const { return read_data_; }

  /// Each channel stalls in a cycle with probability `percent` / 100 from now on; 0 (the default) never.
  void set_stalls(unsigned percent, std::uint64_t seed);

 private:
  std::size_t writes() const { return beats_ == nullptr ? 0 : beats_->size(); }
  std::size_t reads() const { return reads_ == nullptr ? 0 : reads_->size(); }
  bool stall() { return stall_percent_ != 0 && random_() % 100 < stall_percent_; }

  const std::vector<Device::Beat>* beats_ = nullptr;
  const std::vector<std::uint64_t>* reads_ = nullptr;
  std::size_t aw_sent_ = 0;
  std::size_t w_sent_ = 0;
  std::size_t b_done_ = 0;
  std::size_t ar_sent_ = 0;
  std::size_t r_done_ = 0;
  std::vector<bool> write_errors_;
  std::vector<bool> read_errors_;
  std::vector<std::uint64_t> read_data_;
  unsigned stall_percent_ = 0;
  std::mt19937_64 random_;
};

}  // namespace eie::tb
