// SPDX-License-Identifier: Apache-2.0
// The checkers between the blocks: AXI4-Lite, LNZD nodes, broadcast; and how a checker reports.
#include <memory>

#include "tb/checkers/axi_lite_checker.h"
#include "tb/checkers/broadcast_checker.h"
#include "tb/checkers/lnzd_checker.h"
#include "tb/test/negative/rule_cases.h"
#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

using AxiTrace = Trace<AxiLiteSample>;
using Channel = AxiLiteSample::Channel;

Channel channel(std::uint64_t first, std::uint64_t second, bool ready) { return {true, ready, {first, second}}; }

/// A write and a read, each beat waiting for a cycle, and a reset.
AxiTrace clean_axi() {
  AxiTrace t(12);
  t[0].rst_n = t[10].rst_n = false;
  for (const std::size_t k : {0, 1}) {
    t[2 + k].aw = channel(0x40, 0, k == 1);
    t[2 + k].w = channel(1, 0xFF, k == 1);
    t[4 + k].b = channel(0, 0, k == 1);
    t[6 + k].ar = channel(0x48, 0, k == 1);
    t[8 + k].r = channel(2, 7, k == 1);
  }
  return t;
}

TEST(AxiLiteChecker, Rules) {
  using T = AxiTrace;
  const Channel one = channel(0, 0, true);
  check_rules<AxiLiteSample>("axi_lite", [](Violations& v) { return std::make_unique<AxiLiteRules>("here", v); }, clean_axi(),
                             {
                                 {"aw_held", 3, [](T& t) { t[3].aw.valid = false; }},
                                 {"aw_stable", 3, [](T& t) { t[3].aw.payload[0] = 0x48; }},
                                 {"aw_reset", 11, [&](T& t) { t[11].aw = one; }},
                                 {"w_held", 3, [](T& t) { t[3].w.valid = false; }},
                                 {"w_stable", 3, [](T& t) { t[3].w.payload[0] = 2; }},
                                 {"w_stable", 3, [](T& t) { t[3].w.payload[1] = 0x0F; }},
                                 {"w_reset", 11, [&](T& t) { t[11].w = one; }},
                                 {"b_held", 5, [](T& t) { t[5].b.valid = false; }},
                                 {"b_stable", 5, [](T& t) { t[5].b.payload[0] = 2; }},
                                 {"b_reset", 11, [&](T& t) { t[11].b = one; }},
                                 {"ar_held", 7, [](T& t) { t[7].ar.valid = false; }},
                                 {"ar_stable", 7, [](T& t) { t[7].ar.payload[0] = 0x40; }},
                                 {"ar_reset", 11, [&](T& t) { t[11].ar = one; }},
                                 {"r_held", 9, [](T& t) { t[9].r.valid = false; }},
                                 {"r_stable", 9, [](T& t) { t[9].r.payload[0] = 0; }},
                                 {"r_stable", 9, [](T& t) { t[9].r.payload[1] = 8; }},
                                 {"r_reset", 11, [&](T& t) { t[11].r = one; }},
                                 {"before_reset", 0, [&](T& t) { t[0].aw = one; }},
                                 {"before_reset", 0, [&](T& t) { t[0].b = one; }},
                                 {"b_without_aw", 4,
                                  [](T& t) {  // the address is still waiting
                                    t[3].aw.ready = false;
                                    t[4].aw = t[3].aw;
                                  }},
                                 {"b_without_w", 4,
                                  [](T& t) {
                                    t[3].w.ready = false;
                                    t[4].w = t[3].w;
                                  }},
                                 {"b_without_aw", 3, [](T& t) { t[3].b = t[4].b; }},  // in the cycle of its request
                                 {"b_without_aw", 6, [](T& t) { t[6].b = t[5].b; }},  // a second response
                                 {"r_without_ar", 7, [](T& t) { t[7].r = t[8].r; }},
                                 {"r_without_ar", 10, [](T& t) { t[10].r = t[9].r; }},
                                 {"b_response", 4, [](T& t) { t[4].b.payload[0] = t[5].b.payload[0] = 1; }},
                                 {"r_response", 8, [](T& t) { t[8].r.payload[0] = t[9].r.payload[0] = 3; }},
                             });
}

/// A fake channel: signals and a checker beside them.
struct AxiBench : Bench {
  Violations violations;
  AxiLiteChecker checker{"checker", violations};
  sc_core::sc_signal<bool> valid[5];
  sc_core::sc_signal<bool> ready[5];
  sc_core::sc_signal<sc_dt::sc_uint<32>> awaddr, araddr;
  sc_core::sc_signal<sc_dt::sc_uint<64>> wdata, rdata;
  sc_core::sc_signal<sc_dt::sc_uint<8>> wstrb;
  sc_core::sc_signal<sc_dt::sc_uint<2>> bresp, rresp;

  explicit AxiBench(Violations::Action action = Violations::Action::kCollect) : violations(action) {
    checker.clk(clk);
    checker.rst_n(rst_n);
    checker.awvalid(valid[0]);
    checker.awready(ready[0]);
    checker.awaddr(awaddr);
    checker.wvalid(valid[1]);
    checker.wready(ready[1]);
    checker.wdata(wdata);
    checker.wstrb(wstrb);
    checker.bvalid(valid[2]);
    checker.bready(ready[2]);
    checker.bresp(bresp);
    checker.arvalid(valid[3]);
    checker.arready(ready[3]);
    checker.araddr(araddr);
    checker.rvalid(valid[4]);
    checker.rready(ready[4]);
    checker.rdata(rdata);
    checker.rresp(rresp);
    edge();  // from here on each cycle has a falling edge
  }

  void play(const AxiTrace& trace) {
    for (const AxiLiteSample& s : trace) {
      rst_n.write(s.rst_n);
      const Channel* channels[5] = {&s.aw, &s.w, &s.b, &s.ar, &s.r};
      for (unsigned c = 0; c < 5; ++c) {
        valid[c].write(channels[c]->valid);
        ready[c].write(channels[c]->ready);
      }
      awaddr.write(s.aw.payload[0]);
      wdata.write(s.w.payload[0]);
      wstrb.write(s.w.payload[1]);
      bresp.write(s.b.payload[0]);
      araddr.write(s.ar.payload[0]);
      rresp.write(s.r.payload[0]);
      rdata.write(s.r.payload[1]);
      step();
    }
  }
};

/// Each signal is looked at: a payload that changes while it waits.
TEST(AxiLiteChecker, ReadsItsPorts) {
  AxiBench bench;
  bench.play(clean_axi());
  EXPECT_TRUE(bench.violations.empty()) << bench.violations.summary();
  AxiTrace bad = clean_axi();
  bad[9].r.payload[1] = 8;
  bench.play(bad);
  ASSERT_EQ(bench.violations.list().size(), 1u);
  EXPECT_EQ(bench.violations.list().front().rule, "axi_lite/r_stable");
  EXPECT_EQ(bench.violations.list().front().where, "checker");
  EXPECT_EQ(bench.violations.list().front().cycle, 12u + 9u + 1u);
  EXPECT_NE(bench.violations.summary().find("expected 0x2 0x7, seen 0x2 0x8"), std::string::npos);
}

TEST(AxiLiteChecker, EndsTheSimulationWhenAskedTo) {
  AxiBench bench(Violations::Action::kReport);
  AxiTrace bad = clean_axi();
  bad[4].b.payload[0] = 3;
  std::string id;
  try {
    bench.play(bad);
  } catch (const sc_core::sc_report& report) {
    id = report.get_msg_type();
  }
  EXPECT_EQ(id, "eie/axi_lite/b_response");
}

using Cfg = SmallCfg;

Candidate<Cfg> candidate(unsigned column, int value = 5) {
  Candidate<Cfg> c;
  c.valid = true;
  c.column = column;
  c.value = value;
  return c;
}

TEST(LnzdChecker, Rules) {
  using T = Trace<LnzdSample<Cfg>>;
  T t(12);
  t[0].rst_n = false;
  t[1].in[0] = t[2].in[0] = t[9].in[0] = candidate(1);
  t[2].in[1] = t[3].in[1] = candidate(2);
  t[3].in[0] = t[4].in[0] = t[5].in[0] = candidate(5);
  for (const std::size_t cycle : {6, 7, 10, 11}) t[cycle].in_exhausted[0] = true;
  for (const std::size_t cycle : {4, 5, 6, 7, 9, 10, 11}) t[cycle].in_exhausted[1] = true;
  t[2].pop[0] = t[3].pop[1] = t[5].pop[0] = t[9].pop[0] = true;  // in cycle 4 the FIFO is full
  t[3].out = t[4].out = t[10].out = candidate(1);
  t[5].out = candidate(2);
  t[6].out = candidate(5);
  t[4].out_pop = t[5].out_pop = t[6].out_pop = t[10].out_pop = true;
  t[7].out_exhausted = t[11].out_exhausted = true;
  check_rules<LnzdSample<Cfg>>("lnzd", [](Violations& v) { return std::make_unique<LnzdChecker<Cfg>>("here", 2, v); }, t,
                               {
                                   {"pop_one", 2, [](T& s) { s[2].pop[1] = true; }},
                                   {"pop_valid", 6, [](T& s) { s[6].pop[0] = true; }},
                                   {"pop_early", 1, [](T& s) { s[1].pop[0] = true; }},
                                   {"pop_smallest", 2,
                                    [](T& s) {
                                      s[2].pop[0] = false;
                                      s[2].pop[1] = true;
                                    }},
                                   {"pop_late", 2, [](T& s) { s[2].pop[0] = false; }},
                                   {"overflow", 4, [](T& s) { s[4].pop[0] = true; }},
                                   {"out_stable", 4, [](T& s) { s[4].out.value = 6; }},
                                   {"order", 5, [](T& s) { s[5].out = candidate(5); }},
                                   {"order", 5, [](T& s) { s[5].out = candidate(1); }},
                                   {"phantom", 7, [](T& s) { s[7].out = candidate(6); }},
                                   {"bubble", 3, [](T& s) { s[3].out.valid = false; }},
                                   {"ascending", 6,
                                    [](T& s) {  // a child goes back
                                      s[5].in[0].column = 0;
                                      s[6].out.column = 0;
                                    }},
                                   {"out_exhausted", 6, [](T& s) { s[6].out_exhausted = true; }},
                                   {"out_exhausted", 7, [](T& s) { s[7].out_exhausted = false; }},
                                   {"out_pop", 7, [](T& s) { s[7].out_pop = true; }},
                                   {"reset", 1, [](T& s) { s[1].out = candidate(1); }},
                               });
}

TEST(BroadcastChecker, Rules) {
  using T = Trace<BroadcastSample<Cfg>>;
  T t(14);
  t[0].rst_n = false;
  const auto send = [](BroadcastSample<Cfg>& s, unsigned column, unsigned base, int value = 5) {
    s.root = candidate(column, value);
    s.root_pop = true;
    s.broadcast.valid = true;
    s.broadcast.column = base + column;
    s.broadcast.value = value;
  };
  t[1].op = t[10].op = static_cast<unsigned>(ActOp::kArm);
  send(t[3], 2, 10);
  t[4].root = candidate(3);
  t[4].queue_full = t[4].any_full = true;
  send(t[5], 3, 10);
  t[7].drain = t[8].drain = t[12].drain = true;
  send(t[11], 0, 12);  // the next batch: another base, and columns start again
  check_rules<BroadcastSample<Cfg>>("broadcast", [](Violations& v) { return std::make_unique<BroadcastChecker<Cfg>>("here", v); },
                                    t,
                                    {
                                        {"while_full", 4, [&](T& s) { send(s[4], 3, 10); }},
                                        {"any_full", 4, [](T& s) { s[4].any_full = false; }},
                                        {"any_full", 6, [](T& s) { s[6].any_full = true; }},
                                        {"from_root", 3, [](T& s) { s[3].broadcast.value = 6; }},
                                        {"from_root", 3, [](T& s) { s[3].root_pop = false; }},
                                        {"from_root", 6, [](T& s) { s[6].root_pop = true; }},
                                        {"column", 5, [](T& s) { s[5].broadcast.column = 14; }},
                                        {"ascending", 5, [&](T& s) { send(s[5], 1, 10); }},
                                        {"ascending", 5, [&](T& s) { send(s[5], 2, 10); }},
                                        {"non_zero", 3, [&](T& s) { send(s[3], 2, 10, 0); }},
                                        {"outside_batch", 9, [&](T& s) { send(s[9], 4, 10); }},
                                        {"outside_batch", 3, [](T& s) { s[1].op = 0; }},  // never armed
                                        {"held_back", 3,
                                         [](T& s) {
                                           s[3].broadcast.valid = false;
                                           s[3].root_pop = false;
                                         }},
                                        {"reset", 1, [&](T& s) { send(s[1], 2, 10); }},
                                    });
}

}  // namespace
}  // namespace eie::tb
