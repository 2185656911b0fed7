// SPDX-License-Identifier: Apache-2.0
// An AXI4-Lite manager with random stalls on all five channels, and the core behind the host port: memory windows that
// answer two cycles after the access, flags and counters.
#pragma once

#include <deque>
#include <map>
#include <tuple>

#include "hw/host_port.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {

constexpr unsigned kOkay = 0;
constexpr unsigned kSlvErr = 2;

template <class Cfg>
struct HostPortBench : Bench {
  using P = Params<Cfg>;
  using Block = HostPort<Cfg>;
  Wire<decltype(Block::awvalid)> awvalid{"awvalid"};
  Wire<decltype(Block::awready)> awready{"awready"};
  Wire<decltype(Block::awaddr)> awaddr{"awaddr"};
  Wire<decltype(Block::wvalid)> wvalid{"wvalid"};
  Wire<decltype(Block::wready)> wready{"wready"};
  Wire<decltype(Block::wdata)> wdata{"wdata"};
  Wire<decltype(Block::wstrb)> wstrb{"wstrb"};
  Wire<decltype(Block::bvalid)> bvalid{"bvalid"};
  Wire<decltype(Block::bready)> bready{"bready"};
  Wire<decltype(Block::bresp)> bresp{"bresp"};
  Wire<decltype(Block::arvalid)> arvalid{"arvalid"};
  Wire<decltype(Block::arready)> arready{"arready"};
  Wire<decltype(Block::araddr)> araddr{"araddr"};
  Wire<decltype(Block::rvalid)> rvalid{"rvalid"};
  Wire<decltype(Block::rready)> rready{"rready"};
  Wire<decltype(Block::rdata)> rdata{"rdata"};
  Wire<decltype(Block::rresp)> rresp{"rresp"};
  Wire<decltype(Block::irq)> irq{"irq"};
  Wire<decltype(Block::core_rst_n)> core_rst_n{"core_rst_n"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::layer)> layer{"layer"};
  Wire<decltype(Block::shift)> shift{"shift"};
  Wire<decltype(Block::out_length)> out_length{"out_length"};
  Wire<decltype(Block::finish)> finish{"finish"};
  Wire<decltype(Block::cycles)> cycles{"cycles"};
  Wire<decltype(Block::broadcasts)> broadcasts{"broadcasts"};
  Wire<decltype(Block::queue_full_cycles)> queue_full_cycles{"queue_full_cycles"};
  Wire<decltype(Block::act_transfer_cycles)> act_transfer_cycles{"act_transfer_cycles"};
  Wire<decltype(Block::batches)> batches{"batches"};
  Wire<decltype(Block::any_error)> any_error{"any_error"};
  Wire<decltype(Block::any_saturated)> any_saturated{"any_saturated"};
  Signal<UInt<P::kFaultsWidth>> corrected{"corrected"};  // with ECC
  Signal<UInt<P::kFaultsWidth>> detected{"detected"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_data)> host_data{"host_data"};
  Block block{"host_port"};

  struct Beat {
    std::uint64_t data;
    unsigned strobe;
  };
  struct Response {
    unsigned code;
    std::uint64_t data;
  };
  using Key = std::tuple<unsigned, unsigned, std::uint64_t>;  // region, PE, 64-bit word

  // The manager: what is to be sent, and the responses that must come, in order.
  Source<std::uint64_t> addresses{Stalls(&random)};
  Source<Beat> beats{Stalls(&random)};
  Source<std::uint64_t> reads{Stalls(&random)};
  Stalls take_b{&random};
  Stalls take_r{&random};
  std::deque<unsigned> expected_b;
  std::deque<Response> expected_r;
  Response last_read{};
  std::vector<std::uint64_t> b_cycles, r_cycles;  // when responses were taken

  // The core
  std::map<Key, std::uint64_t> memory;
  std::deque<std::uint64_t> answers{0, 0, 0};  // host_data of the next cycles
  std::uint64_t bus_accesses = 0;

  HostPortBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.awvalid(awvalid);
    block.awready(awready);
    block.awaddr(awaddr);
    block.wvalid(wvalid);
    block.wready(wready);
    block.wdata(wdata);
    block.wstrb(wstrb);
    block.bvalid(bvalid);
    block.bready(bready);
    block.bresp(bresp);
    block.arvalid(arvalid);
    block.arready(arready);
    block.araddr(araddr);
    block.rvalid(rvalid);
    block.rready(rready);
    block.rdata(rdata);
    block.rresp(rresp);
    block.irq(irq);
    block.core_rst_n(core_rst_n);
    block.busy(busy);
    block.layer(layer);
    block.shift(shift);
    block.out_length(out_length);
    block.finish(finish);
    block.cycles(cycles);
    block.broadcasts(broadcasts);
    block.queue_full_cycles(queue_full_cycles);
    block.act_transfer_cycles(act_transfer_cycles);
    block.batches(batches);
    block.any_error(any_error);
    block.any_saturated(any_saturated);
    if constexpr (Cfg::kEcc) {
      block.corrected(corrected);
      block.detected(detected);
    }
    block.host(host);
    block.host_data(host_data);
    reset();
    EXPECT_FALSE(core_rst_n.read());
    step();
    EXPECT_TRUE(core_rst_n.read());
  }

  void no_stalls() {
    addresses = Source<std::uint64_t>();
    beats = Source<Beat>();
    reads = Source<std::uint64_t>();
    take_b = take_r = Stalls();
  }

  static reg::WindowLayout window() {
    return reg::window_layout(Cfg::kSpmatDepth, Cfg::kSpmatWidth, Cfg::kPointerDepth, Cfg::kActDepth);
  }
  static std::uint64_t window_of(unsigned pe) { return reg::kWindowBase + pe * window().stride; }

  void add_write(std::uint64_t address, std::uint64_t data, unsigned strobe, unsigned code) {
    addresses.add(address);
    beats.add({data, strobe});
    expected_b.push_back(code);
  }
  void add_read(std::uint64_t address, unsigned code, std::uint64_t data) {
    reads.add(address);
    expected_r.push_back({code, data});
  }

  /// A read whose answer the caller judges (last_read).
  void add_any_read(std::uint64_t address) {
    any_r_ = true;
    add_read(address, 0, 0);
  }

  /// One cycle: both ends drive, the handshakes of the cycle are taken at its edge.
  void cycle_step() {
    awvalid.write(addresses.offer());
    if (awvalid_now()) awaddr.write(addresses.item());
    wvalid.write(beats.offer());
    if (!beats.empty()) {
      wdata.write(beats.item().data);
      wstrb.write(beats.item().strobe);
    }
    arvalid.write(reads.offer());
    if (!reads.empty()) araddr.write(reads.item());
    bready.write(take_b.go());
    rready.write(take_r.go());
    host_data.write(answers.front());
    answers.pop_front();
    settle();
    const bool aw = awvalid.read() && awready.read();
    const bool w = wvalid.read() && wready.read();
    const bool ar = arvalid.read() && arready.read();
    const bool b = bvalid.read() && bready.read();
    const bool r = rvalid.read() && rready.read();
    const bool b_waits = bvalid.read() && !b;
    const bool r_waits = rvalid.read() && !r;
    const unsigned b_code = bresp.read().to_uint();
    const Response r_now{rresp.read().to_uint(), rdata.read().to_uint64()};
    if (b) take_b_response(b_code);
    if (r) take_r_response(r_now);
    edge();
    if (aw) addresses.take();
    if (w) beats.take();
    if (ar) reads.take();
    // AXI: a response that waits does not change.
    if (b_waits) {
      EXPECT_TRUE(bvalid.read()) << where();
      EXPECT_EQ(bresp.read().to_uint(), b_code) << where();
    }
    if (r_waits) {
      EXPECT_TRUE(rvalid.read()) << where();
      EXPECT_EQ(rresp.read().to_uint(), r_now.code) << where();
      EXPECT_EQ(rdata.read().to_uint64(), r_now.data) << where();
    }
    core();
  }

  /// Until all responses are there.
  void flush() {
    unsigned waited = 0;
    while (!expected_b.empty() || !expected_r.empty()) {
      cycle_step();
      if (++waited > 200000) {
        ADD_FAILURE() << "no response " << where();
      }
    }
  }

  // One access at a time
  unsigned write(std::uint64_t address, std::uint64_t data, unsigned strobe = 0xFF) {
    any_b_ = true;
    add_write(address, data, strobe, 0);
    flush();
    any_b_ = false;
    return last_b_;
  }
  Response read(std::uint64_t address) {
    any_r_ = true;
    add_read(address, 0, 0);
    flush();
    any_r_ = false;
    return last_read;
  }
  void expect_write(std::uint64_t address, std::uint64_t data, unsigned code = kOkay, unsigned strobe = 0xFF) {
    EXPECT_EQ(write(address, data, strobe), code) << "write to 0x" << std::hex << address << " strobe 0x" << strobe;
  }
  void expect_read(std::uint64_t address, std::uint64_t data, unsigned code = kOkay) {
    const Response r = read(address);
    EXPECT_EQ(r.code, code) << "read of 0x" << std::hex << address;
    EXPECT_EQ(r.data, data) << "read of 0x" << std::hex << address;
  }

  /// One cycle with a pulse on an input of the core.
  void pulse(Signal<bool>& signal) {
    signal.write(true);
    cycle_step();
    signal.write(false);
  }
  void start() {
    expect_write(reg::kCtrl, reg::kCtrlStart);
    EXPECT_TRUE(busy.read());
  }

 private:
  bool awvalid_now() const { return !addresses.empty(); }
  void take_b_response(unsigned code) {
    EXPECT_FALSE(expected_b.empty()) << "a response too many " << where();
    if (!any_b_) {
      EXPECT_EQ(code, expected_b.front()) << "write response " << b_cycles.size() << ' ' << where();
    }
    last_b_ = code;
    expected_b.pop_front();
    b_cycles.push_back(cycle());
  }
  void take_r_response(const Response& r) {
    EXPECT_FALSE(expected_r.empty()) << "a response too many " << where();
    if (!any_r_) {
      EXPECT_EQ(r.code, expected_r.front().code) << "read response " << r_cycles.size() << ' ' << where();
      EXPECT_EQ(r.data, expected_r.front().data) << "read response " << r_cycles.size() << ' ' << where();
    }
    last_read = r;
    expected_r.pop_front();
    r_cycles.push_back(cycle());
  }
  /// The access of this cycle; its data is on the bus two cycles later.
  void core() {
    const HostAccess<Cfg> a = host.read();
    std::uint64_t answer = 0;
    if (a.valid) {
      ++bus_accesses;
      EXPECT_FALSE(busy.read()) << "an access on the bus while busy, " << where();
      const Key key{a.region.to_uint(), a.pe.to_uint(), a.word.to_uint64()};
      if (a.write) {
        memory[key] = merge_bytes(memory[key], a.data.to_uint64(), a.strobe.to_uint());
      } else {
        answer = memory[key];
      }
    }
    answers.push_back(answer);
  }
  bool any_b_ = false;
  bool any_r_ = false;
  unsigned last_b_ = 0;
};

}  // namespace eie::tb
