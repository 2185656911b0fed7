// AXI4-Lite manager for test benches: sends a list of beats as fast as the device takes them, or with random
// stalls on every channel, and pauses the simulation when all responses are in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <systemc>
#include <vector>

#include "device.h"

namespace eie::tb {

class AxiLiteHost : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_out<bool> SC_NAMED(awvalid);
  sc_core::sc_in<bool> SC_NAMED(awready);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(awaddr);
  sc_core::sc_out<bool> SC_NAMED(wvalid);
  sc_core::sc_in<bool> SC_NAMED(wready);
  sc_core::sc_out<sc_dt::sc_uint<64>> SC_NAMED(wdata);
  sc_core::sc_out<sc_dt::sc_uint<8>> SC_NAMED(wstrb);
  sc_core::sc_in<bool> SC_NAMED(bvalid);
  sc_core::sc_out<bool> SC_NAMED(bready);
  sc_core::sc_in<sc_dt::sc_uint<2>> SC_NAMED(bresp);
  sc_core::sc_out<bool> SC_NAMED(arvalid);
  sc_core::sc_in<bool> SC_NAMED(arready);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(araddr);
  sc_core::sc_in<bool> SC_NAMED(rvalid);
  sc_core::sc_out<bool> SC_NAMED(rready);
  sc_core::sc_in<sc_dt::sc_uint<64>> SC_NAMED(rdata);
  sc_core::sc_in<sc_dt::sc_uint<2>> SC_NAMED(rresp);

  SC_HAS_PROCESS(AxiLiteHost);
  explicit AxiLiteHost(const sc_core::sc_module_name& name);

  /// Starts writing `beats` and reading `reads`, both in order, side by side. The simulation pauses when the last
  /// response is in. The vectors must live until then.
  void begin(const std::vector<Device::Beat>* beats, const std::vector<std::uint64_t>* reads);

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
  bool stall();
  void tick();
  void drive();

  const std::vector<Device::Beat>* beats_ = nullptr;
  const std::vector<std::uint64_t>* reads_ = nullptr;
  std::size_t aw_sent_ = 0;
  std::size_t w_sent_ = 0;
  std::size_t b_done_ = 0;
  std::size_t ar_sent_ = 0;
  std::size_t r_done_ = 0;
  bool active_ = false;
  std::vector<bool> write_errors_;
  std::vector<bool> read_errors_;
  std::vector<std::uint64_t> read_data_;
  unsigned stall_percent_ = 0;
  std::mt19937_64 random_;
  sc_core::sc_event begin_event_;
};

}  // namespace eie::tb
