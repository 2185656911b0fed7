// SPDX-License-Identifier: Apache-2.0
// All checkers beside a whole device: its AXI4-Lite port, the broadcast, every LNZD node and every PE.
//
//   HwEngine<Cfg> engine("eie", TraceOptions());
//   Violations violations;
//   DeviceCheckers<Cfg> checkers("checkers", engine.dut(), violations);
//   ... run layers ...
//   EXPECT_TRUE(violations.empty()) << violations.summary();
//
// One process samples at each falling clock edge: what follows the rising edge has settled by then, and stays until the
// next one, which is the edge that it counts for. Cycles are numbered as HwEngine::now_cycles() numbers them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hw/eie.h"
#include "tb/checkers/axi_lite_checker.h"
#include "tb/checkers/broadcast_checker.h"
#include "tb/checkers/lnzd_checker.h"
#include "tb/checkers/pe_checker.h"

namespace eie::tb {

template <class Cfg>
class DeviceCheckers : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);
  AxiLiteChecker axi_lite;

  SC_HAS_PROCESS(DeviceCheckers);

  DeviceCheckers(const sc_core::sc_module_name& name, Eie<Cfg>& dut, Violations& violations)
      : sc_module(name),
        axi_lite("axi_lite", violations),
        dut_(dut),
        violations_(violations),
        broadcast_(dut.ccu.basename(), violations) {
    clk(dut.clk);
    bind_axi_lite();
    for (auto& pe : dut.pe) pes_.push_back(std::make_unique<PeChecker<Cfg>>(pe, violations));
    for (auto& node : dut.lnzd_tree.nodes) add_node(node.basename(), Cfg::kLnzdFanIn);
    for (auto& node : dut.lnzd_tree.pair_root) add_node(node.basename(), 2);
    SC_METHOD(sample);
    sensitive << clk.neg();
    dont_initialize();
  }

  /// How often each rule applied, in all instances together.
  std::map<std::string, std::uint64_t> applied() const {
    std::map<std::string, std::uint64_t> counts;
    add(axi_lite.rules(), counts);
    add(broadcast_, counts);
    for (const auto& node : nodes_) add(*node, counts);
    for (const auto& pe : pes_) {
      for (const Checker* checker : pe->checkers()) add(*checker, counts);
    }
    return counts;
  }

 private:
  void bind_axi_lite() {
    axi_lite.clk(clk);
    axi_lite.rst_n(dut_.rst_n);
    axi_lite.awvalid(dut_.s_axi_awvalid);
    axi_lite.awready(dut_.s_axi_awready);
    axi_lite.awaddr(dut_.s_axi_awaddr);
    axi_lite.wvalid(dut_.s_axi_wvalid);
    axi_lite.wready(dut_.s_axi_wready);
    axi_lite.wdata(dut_.s_axi_wdata);
    axi_lite.wstrb(dut_.s_axi_wstrb);
    axi_lite.bvalid(dut_.s_axi_bvalid);
    axi_lite.bready(dut_.s_axi_bready);
    axi_lite.bresp(dut_.s_axi_bresp);
    axi_lite.arvalid(dut_.s_axi_arvalid);
    axi_lite.arready(dut_.s_axi_arready);
    axi_lite.araddr(dut_.s_axi_araddr);
    axi_lite.rvalid(dut_.s_axi_rvalid);
    axi_lite.rready(dut_.s_axi_rready);
    axi_lite.rdata(dut_.s_axi_rdata);
    axi_lite.rresp(dut_.s_axi_rresp);
  }

  void add_node(const std::string& where, unsigned children) {
    nodes_.push_back(std::make_unique<LnzdChecker<Cfg>>(where, children, violations_));
  }
  static void add(const Checker& checker, std::map<std::string, std::uint64_t>& counts) {
    for (std::size_t k = 0; k < checker.rules(); ++k) counts[checker.rule(k)] += checker.applied(k);
  }

  void sample() {
    violations_.set_cycle(++cycle_);
    sample_broadcast();
    std::size_t n = 0;
    for (auto& node : dut_.lnzd_tree.nodes) sample_node(node, Cfg::kLnzdFanIn, *nodes_[n++]);
    for (auto& node : dut_.lnzd_tree.pair_root) sample_node(node, 2, *nodes_[n++]);
    for (auto& pe : pes_) pe->sample();
  }

  void sample_broadcast() {
    BroadcastSample<Cfg> s;
    s.rst_n = dut_.ccu.rst_n.read();
    s.op = dut_.ccu.control.read().op.to_uint();
    s.drain = dut_.ccu.drain.read();
    for (const auto& pe : dut_.pe) s.queue_full = s.queue_full || pe.act_queue.full.read();
    s.any_full = dut_.ccu.any_full.read();
    s.root = dut_.ccu.root.read();
    s.root_pop = dut_.ccu.root_pop.read();
    s.broadcast = dut_.ccu.broadcast.read();
    broadcast_.sample(s);
  }

  template <class Node>
  static void sample_node(const Node& node, unsigned children, LnzdChecker<Cfg>& checker) {
    LnzdSample<Cfg> s;
    s.rst_n = node.rst_n.read();
    for (unsigned c = 0; c < children; ++c) {
      s.in[c] = node.in[c].read();
      s.in_exhausted[c] = node.in_exhausted[c].read();
      s.pop[c] = node.pop[c].read();
    }
    s.out = node.out.read();
    s.out_exhausted = node.out_exhausted.read();
    s.out_pop = node.out_pop.read();
    checker.sample(s);
  }

  Eie<Cfg>& dut_;
  Violations& violations_;
  BroadcastChecker<Cfg> broadcast_;
  std::vector<std::unique_ptr<LnzdChecker<Cfg>>> nodes_;
  std::vector<std::unique_ptr<PeChecker<Cfg>>> pes_;
  std::uint64_t cycle_ = 0;  // of the first rising edge: 1
};

}  // namespace eie::tb
