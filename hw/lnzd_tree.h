// SPDX-License-Identifier: Apache-2.0
// LNZD tree: the quadtree of LNZD nodes between the PEs and the CCU (paper, Figure 4a; 16 + 4 + 1 nodes for 64 PEs).
//
// Ports: `in`, `in_exhausted`, `pop` per PE; `out`, `out_exhausted`, `out_pop` to the CCU, which is the root.
// Level l + 1 takes kLnzdFanIn nodes of level l; an odd power of two leaves two for the root. A single PE is wired
// through. Latency: a cycle a level. In simulation one process steps all nodes.
#pragma once

#include "lnzd_node.h"

namespace eie {

template <class Cfg>
class LnzdTree : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  sc_core::sc_vector<sc_core::sc_in<Candidate<Cfg>>> SC_NAMED(in, Cfg::kPes);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(in_exhausted, Cfg::kPes);
  sc_core::sc_vector<sc_core::sc_out<bool>> SC_NAMED(pop, Cfg::kPes);
  Output<Candidate<Cfg>> SC_NAMED(out);
  Output<bool> SC_NAMED(out_exhausted);
  Input<bool> SC_NAMED(out_pop);

  /// Nodes of full fan-in, and whether the root has only two children.
  static constexpr unsigned full_nodes() {
    unsigned nodes = 0;
    for (unsigned n = Cfg::kPes; n >= Cfg::kLnzdFanIn; n /= Cfg::kLnzdFanIn) nodes += n / Cfg::kLnzdFanIn;
    return nodes;
  }
  static constexpr bool has_pair_root() {
    unsigned n = Cfg::kPes;
    while (n >= Cfg::kLnzdFanIn) n /= Cfg::kLnzdFanIn;
    return n == 2;
  }
  static constexpr unsigned kFullNodes = full_nodes();
  static constexpr bool kPairRoot = has_pair_root();

  sc_core::sc_vector<LnzdNode<Cfg, Cfg::kLnzdFanIn>> nodes;
  sc_core::sc_vector<LnzdNode<Cfg, 2>> pair_root;

  EIE_HAS_PROCESS(LnzdTree)

  explicit LnzdTree(const sc_core::sc_module_name& name) : sc_module(name), nodes("nodes"), pair_root("pair_root") {
    nodes.init(kFullNodes, [](const char* n, std::size_t) { return new LnzdNode<Cfg, Cfg::kLnzdFanIn>(n, Clocking::kByParent); });
    pair_root.init(kPairRoot ? 1 : 0, [](const char* n, std::size_t) { return new LnzdNode<Cfg, 2>(n, Clocking::kByParent); });
    // Nodes are numbered level by level; the node after the last full one is the pair root.
    unsigned node = 0;
    unsigned below = 0;  // first node of the level below
    unsigned n = Cfg::kPes;
    bool first_level = true;
    while (n >= Cfg::kLnzdFanIn) {
      const unsigned level = node;
      for (unsigned k = 0; k < n / Cfg::kLnzdFanIn; ++k) {
        connect(nodes[node], first_level, (first_level ? 0 : below) + k * Cfg::kLnzdFanIn, Cfg::kLnzdFanIn, node);
        ++node;
      }
      below = level;
      first_level = false;
      n /= Cfg::kLnzdFanIn;
    }
    if (kPairRoot) connect(pair_root[0], first_level, first_level ? 0 : below, 2, node);
    if (Cfg::kPes == 1) {
      SC_METHOD(pass);
      sensitive << in[0] << in_exhausted[0] << out_pop;
    }
#if !EIE_SYNTHESIS_VIEW
    SC_METHOD(clock_edge);
    sensitive << clk.pos();
    dont_initialize();
#endif
  }

#if !EIE_SYNTHESIS_VIEW
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, in, in_exhausted, pop, out, out_exhausted, out_pop, link_, link_exhausted_, link_pop_);
  }
#endif

 private:
  static constexpr unsigned kNodes = kFullNodes + (kPairRoot ? 1 : 0);

  /// Node number `number` takes `children` streams from PE `from` on, or from node `from` on.
  template <class Node>
  void connect(Node& node, bool from_pes, unsigned from, unsigned children, unsigned number) {
    node.clk(clk);
    node.rst_n(rst_n);
    for (unsigned c = 0; c < children; ++c) {
      if (from_pes) {
        node.in[c](in[from + c]);
        node.in_exhausted[c](in_exhausted[from + c]);
        node.pop[c](pop[from + c]);
      } else {
        node.in[c](link_[from + c]);
        node.in_exhausted[c](link_exhausted_[from + c]);
        node.pop[c](link_pop_[from + c]);
      }
    }
    if (number + 1 == kNodes) {
      node.out(out);
      node.out_exhausted(out_exhausted);
      node.out_pop(out_pop);
    } else {
      node.out(link_[number]);
      node.out_exhausted(link_exhausted_[number]);
      node.out_pop(link_pop_[number]);
    }
  }

  /// Combinational, one PE only: no node.
  void pass() {
    out.write(in[0].read());
    out_exhausted.write(in_exhausted[0].read());
    pop[0].write(out_pop.read());
  }

#if !EIE_SYNTHESIS_VIEW
  void clock_edge() {
    // By number: the iterators of SystemC 2.3.4 are ambiguous as C++20.
    if (rst_n.read()) {
      for (unsigned k = 0; k < nodes.size(); ++k) nodes[k].step();
      for (unsigned k = 0; k < pair_root.size(); ++k) pair_root[k].step();
    } else {
      for (unsigned k = 0; k < nodes.size(); ++k) nodes[k].reset_step();
      for (unsigned k = 0; k < pair_root.size(); ++k) pair_root[k].reset_step();
    }
  }
#endif

  static constexpr unsigned kLinks = kNodes > 1 ? kNodes - 1 : 0;
  sc_core::sc_vector<Signal<Candidate<Cfg>>> SC_NAMED(link_, kLinks);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(link_exhausted_, kLinks);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(link_pop_, kLinks);
};

}  // namespace eie
