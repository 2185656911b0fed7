// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite checker: the specification's rules (AMBA AXI, chapters A3.1 to A3.4 and B1) for one 64-bit channel set.
//
//   <c>_held       valid, once high, stays until ready                       c: aw, w, b, ar, r
//   <c>_stable     the payload does not change while valid waits for ready
//   <c>_reset      valid is low in the cycle after a clock edge in reset
//   before_reset   no valid before the first reset: the registers behind it are unknown until then. Signals here have
//                  two values, so this is what is left of the usual rules against X
//   b_without_aw   a write response comes after its address was taken, and there is one response a request
//   b_without_w    the same for its data
//   r_without_ar   a read response comes after its address was taken, one a request
//   b_response     OKAY or SLVERR
//   r_response     OKAY or SLVERR
#pragma once

#include <array>

#include "tb/checkers/checker.h"

namespace eie::tb {

struct AxiLiteSample {
  struct Channel {
    bool valid = false;
    bool ready = false;
    std::array<std::uint64_t, 2> payload{};
  };
  bool rst_n = true;
  Channel aw;  // address
  Channel w;   // data, strobe
  Channel b;   // response
  Channel ar;  // address
  Channel r;   // response, data
};

class AxiLiteRules : public ChannelChecker<AxiLiteSample> {
 public:
  AxiLiteRules(const std::string& where, Violations& violations)
      : ChannelChecker("axi_lite", where,
                       {"aw_held",  "aw_stable",    "aw_reset",     "w_held",      "w_stable",     "w_reset",    "b_held",
                        "b_stable", "b_reset",      "ar_held",      "ar_stable",   "ar_reset",     "r_held",     "r_stable",
                        "r_reset",  "before_reset", "b_without_aw", "b_without_w", "r_without_ar", "b_response", "r_response"},
                       violations) {}

 private:
  using Channel = AxiLiteSample::Channel;
  enum Rule : unsigned {
    kAw = 0,  // three rules a channel
    kW = 3,
    kB = 6,
    kAr = 9,
    kR = 12,
    kBeforeReset = 15,
    kBWithoutAw,
    kBWithoutW,
    kRWithoutAr,
    kBResponse,
    kRResponse
  };
  static constexpr unsigned kHeld = 0;
  static constexpr unsigned kStable = 1;
  static constexpr unsigned kReset = 2;

  void clear() override { aw_ = w_ = ar_ = 0; }

  void check_before_reset(const AxiLiteSample& s) override {
    require(kBeforeReset, !s.aw.valid && !s.w.valid && !s.b.valid && !s.ar.valid && !s.r.valid,
            [] { return std::string("valid before the first reset"); });
  }

  void check_reset(const AxiLiteSample& s) override {
    reset_channel(kAw, s.aw);
    reset_channel(kW, s.w);
    reset_channel(kB, s.b);
    reset_channel(kAr, s.ar);
    reset_channel(kR, s.r);
  }

  void check(const AxiLiteSample& s) override {
    check_channel(kAw, previous().aw, s.aw);
    check_channel(kW, previous().w, s.w);
    check_channel(kB, previous().b, s.b);
    check_channel(kAr, previous().ar, s.ar);
    check_channel(kR, previous().r, s.r);
    if (s.b.valid) {
      require(kBWithoutAw, aw_ != 0, [] { return std::string("no write address is waiting for a response"); });
      require(kBWithoutW, w_ != 0, [] { return std::string("no write data is waiting for a response"); });
      require(kBResponse, legal(s.b), [&] { return seen(s.b.payload[0]); });
    }
    if (s.r.valid) {
      require(kRWithoutAr, ar_ != 0, [] { return std::string("no read is waiting for a response"); });
      require(kRResponse, legal(s.r), [&] { return seen(s.r.payload[0]); });
    }
  }

  void advance(const AxiLiteSample& s) override {
    const bool b = s.b.valid && s.b.ready;
    aw_ = aw_ + (s.aw.valid && s.aw.ready) - b;
    w_ = w_ + (s.w.valid && s.w.ready) - b;
    ar_ = ar_ + (s.ar.valid && s.ar.ready) - (s.r.valid && s.r.ready);
  }

  void reset_channel(unsigned rules, const Channel& now) {
    require(rules + kReset, !now.valid, [] { return std::string("valid after a clock edge in reset"); });
  }
  void check_channel(unsigned rules, const Channel& before, const Channel& now) {
    if (!before.valid || before.ready) return;
    require(rules + kHeld, now.valid, [] { return std::string("valid fell before ready"); });
    require(rules + kStable, now.payload == before.payload, [&] {
      std::ostringstream os;
      os << std::hex << "expected 0x" << before.payload[0] << " 0x" << before.payload[1] << ", seen 0x" << now.payload[0] << " 0x"
         << now.payload[1];
      return os.str();
    });
  }
  static bool legal(const Channel& response) { return response.payload[0] == 0 || response.payload[0] == 2; }

  int aw_ = 0;  // write addresses taken whose response was not
  int w_ = 0;   // write data
  int ar_ = 0;  // reads
};

/// The rules bound to signals. Samples at the falling edge, when the values of the cycle have settled.
class AxiLiteChecker : public sc_core::sc_module {
 public:
  template <unsigned W>
  using Bits = sc_core::sc_in<sc_dt::sc_uint<W>>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_in<bool> SC_NAMED(awvalid);
  sc_core::sc_in<bool> SC_NAMED(awready);
  Bits<32> SC_NAMED(awaddr);
  sc_core::sc_in<bool> SC_NAMED(wvalid);
  sc_core::sc_in<bool> SC_NAMED(wready);
  Bits<64> SC_NAMED(wdata);
  Bits<8> SC_NAMED(wstrb);
  sc_core::sc_in<bool> SC_NAMED(bvalid);
  sc_core::sc_in<bool> SC_NAMED(bready);
  Bits<2> SC_NAMED(bresp);
  sc_core::sc_in<bool> SC_NAMED(arvalid);
  sc_core::sc_in<bool> SC_NAMED(arready);
  Bits<32> SC_NAMED(araddr);
  sc_core::sc_in<bool> SC_NAMED(rvalid);
  sc_core::sc_in<bool> SC_NAMED(rready);
  Bits<64> SC_NAMED(rdata);
  Bits<2> SC_NAMED(rresp);

  SC_HAS_PROCESS(AxiLiteChecker);

  AxiLiteChecker(const sc_core::sc_module_name& name, Violations& violations)
      : sc_module(name), violations_(violations), rules_(basename(), violations) {
    SC_METHOD(sample);
    sensitive << clk.neg();
    dont_initialize();
  }

  const AxiLiteRules& rules() const { return rules_; }

 private:
  void sample() {
    AxiLiteSample s;
    s.rst_n = rst_n.read();
    s.aw = {awvalid.read(), awready.read(), {awaddr.read().to_uint64(), 0}};
    s.w = {wvalid.read(), wready.read(), {wdata.read().to_uint64(), wstrb.read().to_uint64()}};
    s.b = {bvalid.read(), bready.read(), {bresp.read().to_uint64(), 0}};
    s.ar = {arvalid.read(), arready.read(), {araddr.read().to_uint64(), 0}};
    s.r = {rvalid.read(), rready.read(), {rresp.read().to_uint64(), rdata.read().to_uint64()}};
    violations_.set_cycle(++cycle_);
    rules_.sample(s);
  }

  Violations& violations_;
  AxiLiteRules rules_;
  std::uint64_t cycle_ = 0;  // of the first rising edge: 1
};

}  // namespace eie::tb
