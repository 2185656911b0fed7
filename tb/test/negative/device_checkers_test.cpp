// SPDX-License-Identifier: Apache-2.0
// The checkers beside a real device: a fault on one wire or in one memory is reported at the right place. A fault is put
// on its wire a quarter of a cycle after the clock edge, as if the register or the gate that drives it had gone wrong.
#include "tb/checkers/device_checkers.h"

#include <functional>
#include <gtest/gtest.h>
#include <ostream>

#include "compiled/eie4.h"

#include "tb/engines/hw_engine.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {
namespace {

using Cfg = cfg::eie4;
using Dut = Eie<Cfg>;

/// Calls `act` a quarter of a cycle after each rising edge until it says that it has done its harm.
class Saboteur : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Saboteur);
  Saboteur(const sc_core::sc_module_name& name, sc_core::sc_clock& clock, std::function<bool()> act)
      : sc_module(name), act_(std::move(act)), delay_(clock.period() / 4) {
    SC_METHOD(on_edge);
    sensitive << clock.posedge_event();
    dont_initialize();
    SC_METHOD(strike);
    sensitive << now_;
    dont_initialize();
  }
  bool done() const { return done_; }

 private:
  void on_edge() {
    if (!done_) now_.notify(delay_);
  }
  void strike() { done_ = act_(); }

  std::function<bool()> act_;
  sc_core::sc_time delay_;
  sc_core::sc_event SC_NAMED(now_);
  bool done_ = false;
};

/// A device, its checkers, and a dense layer of several batches that keeps queues full.
struct Bench {
  HwConfig config = shipped_config("eie4");
  HwEngine<Cfg> engine{"eie", TraceOptions()};
  Violations violations;
  DeviceCheckers<Cfg> checkers{"checkers", engine.dut(), violations};

  /// Whatever comes of it: wrong sums, STATUS.error or a hang are not the matter here.
  void run() {
    LayerShape shape;
    shape.rows = 120;
    shape.columns = 600;
    shape.weight_density = 0.4;
    shape.activation_density = 1;
    const LayerCase layer = make_layer(shape, config, 7);
    Driver driver(engine, config, LoadMode::kBackdoor);
    driver.load({layer.device_layer("layer")});
    try {
      driver.run(make_activations(shape, 8));
    } catch (const DeviceError&) {
    }
  }
};

struct Fault {
  const char* name;
  const char* checker;
  const char* where;
  std::function<bool(Dut&)> act;
};
std::ostream& operator<<(std::ostream& os, const Fault& fault) { return os << fault.name; }

const Fault kFaults[] = {
    {"QueueHeadChanges", "queue", "pe_2",
     [](Dut& dut) {
       auto& block = dut.pe[2].act_queue;
       Activation<Cfg> head = block.head.read();
       const bool now = head.valid && !block.head_ready.read();
       head.column = head.column + 1;
       if (now) block.head.write(head);
       return now;
     }},
    {"QueueLosesItsHead", "queue", "pe_0",
     [](Dut& dut) {
       auto& block = dut.pe[0].act_queue;
       const bool now = block.head.read().valid;
       if (now) block.head.write(Activation<Cfg>());
       return now;
     }},
    {"EntryAddressSkips", "pointer", "pe_1",
     [](Dut& dut) {
       auto& block = dut.pe[1].ptr_read;
       EntryAddress<Cfg> out = block.entry_address.read();
       const bool now = out.valid && !out.first;
       out.address = out.address + 1;
       if (now) block.entry_address.write(out);
       return now;
     }},
    {"HeadIsTakenEarly", "pointer", "pe_1",
     [](Dut& dut) {
       auto& block = dut.pe[1].ptr_read;
       const bool now = block.head.read().valid && !block.head_ready.read();
       if (now) block.head_ready.write(true);
       return now;
     }},
    {"EntryHasAnotherCode", "spmat", "pe_3",
     [](Dut& dut) {
       auto& block = dut.pe[3].spmat_read;
       Entry<Cfg> out = block.entry.read();
       const bool now = out.valid;
       out.code = out.code ^ 1u;
       if (now) block.entry.write(out);
       return now;
     }},
    {"WriteGoesAstray", "arith", "pe_0",
     [](Dut& dut) {
       auto& block = dut.pe[0].arith_unit;
       AccumulatorAccess<Cfg> out = block.access.read();
       const bool now = out.write;
       out.write_row = out.write_row + 1;
       if (now) block.access.write(out);
       return now;
     }},
    {"WriteIsLost", "arith", "pe_3",
     [](Dut& dut) {
       auto& block = dut.pe[3].arith_unit;
       AccumulatorAccess<Cfg> out = block.access.read();
       const bool now = out.write;
       out.write = false;
       if (now) block.access.write(out);
       return now;
     }},
    {"RegisterShowsAnotherSum", "arith", "pe_1",
     [count = 0](Dut& dut) mutable {
       auto& block = dut.pe[1].act_rw;
       const bool now = dut.pe[1].arith_unit.access.read().write && ++count > 200;  // all rows are known by then
       if (now) block.accumulated.write(Int<Cfg::kAccWidth>(block.accumulated.read() + 1));
       return now;
     }},
    {"CandidateIsZero", "candidate", "pe_2",
     [](Dut& dut) {
       auto& block = dut.pe[2].act_rw;
       Candidate<Cfg> out = block.candidate.read();
       const bool now = out.valid;
       out.value = 0;
       if (now) block.candidate.write(out);
       return now;
     }},
    {"NodeChangesItsHead", "lnzd", "nodes_0",
     [](Dut& dut) {
       auto& node = dut.lnzd_tree.nodes[0];
       Candidate<Cfg> out = node.out.read();
       const bool now = out.valid;
       out.value = out.value ^ 2;
       if (now) node.out.write(out);
       return now;
     }},
    {"QueueFullIsNotSeen", "broadcast", "ccu",
     [](Dut& dut) {
       const bool now = dut.ccu.any_full.read();
       if (now) dut.collect.any_full.write(false);
       return now;
     }},
    {"BroadcastIsLost", "broadcast", "ccu",
     [](Dut& dut) {
       const bool now = dut.ccu.broadcast.read().valid;
       if (now) dut.ccu.broadcast.write(Activation<Cfg>());
       return now;
     }},
};

class FaultOnAWire : public testing::TestWithParam<Fault> {};

TEST_P(FaultOnAWire, IsReported) {
  const Fault& fault = GetParam();
  Bench bench;
  const std::function<bool(Dut&)> act = fault.act;
  Saboteur saboteur("saboteur", bench.engine.clock(), [&] {
    const bool done = act(bench.engine.dut());
    bench.engine.dut().update_wires();
    return done;
  });
  bench.run();
  ASSERT_TRUE(saboteur.done());
  ASSERT_FALSE(bench.violations.empty());
  const Violation& first = bench.violations.list().front();
  EXPECT_EQ(first.rule.substr(0, first.rule.find('/')), fault.checker) << bench.violations.summary();
  EXPECT_EQ(first.where, fault.where) << bench.violations.summary();
}

INSTANTIATE_TEST_SUITE_P(Device, FaultOnAWire, testing::ValuesIn(kFaults),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(FaultInAMemory, OfWeightsIsReported) {
  Bench bench;
  bench.engine.dut().pe[1].spmat_read.spmat.set_fault(3, 0x1);
  bench.run();
  ASSERT_FALSE(bench.violations.empty());
  EXPECT_EQ(bench.violations.list().front().rule, "spmat/content") << bench.violations.summary();
  EXPECT_EQ(bench.violations.list().front().where, "pe_1");
}

TEST(FaultInAMemory, OfPointersIsReported) {
  Bench bench;
  bench.engine.dut().pe[2].ptr_read.even.set_fault(2, 0x1);  // end of column 3, begin of column 4
  bench.run();
  ASSERT_FALSE(bench.violations.empty());
  EXPECT_EQ(bench.violations.list().front().rule.rfind("pointer/", 0), 0u) << bench.violations.summary();
  EXPECT_EQ(bench.violations.list().front().where, "pe_2");
}

TEST(NoFault, IsNotReported) {
  Bench bench;
  Saboteur saboteur("saboteur", bench.engine.clock(), [] { return false; });
  bench.run();
  EXPECT_TRUE(bench.violations.empty()) << bench.violations.summary();
}

}  // namespace
}  // namespace eie::tb
