// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite manager in plain C++: sends lists of beats as fast as the device takes them, or with random stalls on every
// channel. Whoever owns a clock calls tick() at its edges: the signal-level host and the TLM adaptor in SystemC, the rtl
// engine without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace eie {

/// One 64-bit beat of a write stream; `strobe` has a bit a byte (strobe.h).
struct AxiLiteBeat {
  std::uint64_t address;
  std::uint64_t data;
  std::uint8_t strobe = 0xFF;
};

/// What the manager drives.
struct AxiLiteRequests {
  bool awvalid = false;
  std::uint32_t awaddr = 0;
  bool wvalid = false;
  std::uint64_t wdata = 0;
  std::uint8_t wstrb = 0;
  bool bready = false;
  bool arvalid = false;
  std::uint32_t araddr = 0;
  bool rready = false;
};

/// What the device drives.
struct AxiLiteAnswers {
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
  unsigned bresp = 0;
  bool arready = false;
  bool rvalid = false;
  std::uint64_t rdata = 0;
  unsigned rresp = 0;
};

class AxiLiteManager {
 public:
  /// Starts writing `beats` and reading `reads`, both in order, side by side. The vectors must live until done(); a null
  /// pointer is an empty list.
  void begin(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads);

  /// A clock edge: handshakes between `answers` and `requests` as they were before it, then the next requests.
  void tick(const AxiLiteAnswers& answers, AxiLiteRequests& requests);

  bool done() const { return b_done_ == writes() && r_done_ == reads(); }

  /// Responses so far: error of each write, data and error of each read.
  const std::vector<bool>& write_errors() const { return write_errors_; }
  const std::vector<bool>& read_errors() const { return read_errors_; }
  const std::vector<std::uint64_t>& read_data() const { return read_data_; }

  /// Each channel stalls in a cycle with probability `percent` / 100 from now on; 0 (the default) never.
  void set_stalls(unsigned percent, std::uint64_t seed);

 private:
  std::size_t writes() const { return beats_ == nullptr ? 0 : beats_->size(); }
  std::size_t reads() const { return reads_ == nullptr ? 0 : reads_->size(); }
  bool stall() { return stall_percent_ != 0 && random_() % 100 < stall_percent_; }

  const std::vector<AxiLiteBeat>* beats_ = nullptr;
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

}  // namespace eie
