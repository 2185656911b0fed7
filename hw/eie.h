// SPDX-License-Identifier: Apache-2.0
// EIE: the whole device (paper, Figure 4).
//
//   AXI4-Lite <-> HostPort --- Ccu --- broadcast ---> Pe[0..N-1] --- candidates ---> LnzdTree ---> Ccu
//                    |          ^                        |
//                    |          '---- Collect <----------' any full, all drained, flags, read data
//                    '--- bus to the memory windows ---> Pe[0..N-1]
//
// Ports: clock, synchronous reset (active low), a 64-bit AXI4-Lite subordinate, an interrupt.
#pragma once

#include "ccu.h"
#include "collect.h"
#include "host_port.h"
#include "lnzd_tree.h"
#include "pe.h"

namespace eie {

template <class Cfg>
class Eie : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  using Port = HostPort<Cfg>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_in<bool> SC_NAMED(s_axi_awvalid);
  sc_core::sc_out<bool> SC_NAMED(s_axi_awready);
  sc_core::sc_in<typename Port::Address> SC_NAMED(s_axi_awaddr);
  sc_core::sc_in<bool> SC_NAMED(s_axi_wvalid);
  sc_core::sc_out<bool> SC_NAMED(s_axi_wready);
  sc_core::sc_in<typename Port::Data> SC_NAMED(s_axi_wdata);
  sc_core::sc_in<typename Port::Strobe> SC_NAMED(s_axi_wstrb);
  sc_core::sc_out<bool> SC_NAMED(s_axi_bvalid);
  sc_core::sc_in<bool> SC_NAMED(s_axi_bready);
  sc_core::sc_out<typename Port::Response> SC_NAMED(s_axi_bresp);
  sc_core::sc_in<bool> SC_NAMED(s_axi_arvalid);
  sc_core::sc_out<bool> SC_NAMED(s_axi_arready);
  sc_core::sc_in<typename Port::Address> SC_NAMED(s_axi_araddr);
  sc_core::sc_out<bool> SC_NAMED(s_axi_rvalid);
  sc_core::sc_in<bool> SC_NAMED(s_axi_rready);
  sc_core::sc_out<typename Port::Data> SC_NAMED(s_axi_rdata);
  sc_core::sc_out<typename Port::Response> SC_NAMED(s_axi_rresp);
  sc_core::sc_out<bool> SC_NAMED(irq);

  HostPort<Cfg> host_port;
  Ccu<Cfg> ccu;
  LnzdTree<Cfg> lnzd_tree;
  Collect<Cfg> collect;
  sc_core::sc_vector<Pe<Cfg>> pe;

  EIE_HAS_PROCESS(Eie)

  explicit Eie(const sc_core::sc_module_name& name)
      : sc_module(name),
        host_port("host_port"),
        ccu("ccu"),
        lnzd_tree("lnzd_tree"),
        collect("collect"),
        pe("pe", Cfg::kPes, [](const char* n, std::size_t) { return new Pe<Cfg>(n, Clocking::kByParent); }) {
    bind_host_port();
    bind_ccu();
    lnzd_tree.clk(clk);
    lnzd_tree.rst_n(core_rst_n_);
    lnzd_tree.out(root_);
    lnzd_tree.out_exhausted(root_exhausted_);
    lnzd_tree.out_pop(root_pop_);
    collect.any_full(any_full_);
    collect.all_drained(all_drained_);
    collect.any_error(any_error_);
    collect.any_saturated(any_saturated_);
    collect.host_data(host_data_);
    if constexpr (Cfg::kEcc) {
      collect.all_corrected(all_corrected_);
      collect.all_detected(all_detected_);
      host_port.corrected(all_corrected_);
      host_port.detected(all_detected_);
    }
    for (unsigned p = 0; p < Cfg::kPes; ++p) bind_pe(p);
#if !EIE_SYNTHESIS_VIEW
    SC_METHOD(clock_edge);
    sensitive << clk.pos();
    dont_initialize();
#endif
    SC_METHOD(number);
    sensitive << core_rst_n_;  // constants, but a synthesis compiler wants a loop in a sensitive process
  }

#if !EIE_SYNTHESIS_VIEW
  /// The wires inside the PEs take over what was written to them since the last edge. Each edge does it; a test that
  /// puts a fault on such a wire calls it.
  void update_wires() { update_.request(); }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, s_axi_awvalid, s_axi_awready, s_axi_awaddr, s_axi_wvalid, s_axi_wready, s_axi_wdata);
    EIE_TRACE(s_axi_wstrb, s_axi_bvalid, s_axi_bready, s_axi_bresp, s_axi_arvalid, s_axi_arready, s_axi_araddr);
    EIE_TRACE(s_axi_rvalid, s_axi_rready, s_axi_rdata, s_axi_rresp, irq, core_rst_n_, busy_, layer_, shift_);
    EIE_TRACE(out_length_, finish_, cycles_, broadcasts_, queue_full_cycles_, act_transfer_cycles_, batches_, root_);
    EIE_TRACE(root_exhausted_, root_pop_, any_full_, all_drained_, any_error_, any_saturated_, broadcast_, control_);
    EIE_TRACE(drain_, host_, host_data_, pe_number_, full_, drained_, error_, saturated_, candidate_, exhausted_);
    EIE_TRACE(pop_, host_q_);
    if constexpr (Cfg::kEcc) EIE_TRACE(corrected_, detected_, all_corrected_, all_detected_);
  }
#endif

 private:
  void bind_host_port() {
    host_port.clk(clk);
    host_port.rst_n(rst_n);
    host_port.awvalid(s_axi_awvalid);
    host_port.awready(s_axi_awready);
    host_port.awaddr(s_axi_awaddr);
    host_port.wvalid(s_axi_wvalid);
    host_port.wready(s_axi_wready);
    host_port.wdata(s_axi_wdata);
    host_port.wstrb(s_axi_wstrb);
    host_port.bvalid(s_axi_bvalid);
    host_port.bready(s_axi_bready);
    host_port.bresp(s_axi_bresp);
    host_port.arvalid(s_axi_arvalid);
    host_port.arready(s_axi_arready);
    host_port.araddr(s_axi_araddr);
    host_port.rvalid(s_axi_rvalid);
    host_port.rready(s_axi_rready);
    host_port.rdata(s_axi_rdata);
    host_port.rresp(s_axi_rresp);
    host_port.irq(irq);
    host_port.core_rst_n(core_rst_n_);
    host_port.busy(busy_);
    host_port.layer(layer_);
    host_port.shift(shift_);
    host_port.out_length(out_length_);
    host_port.finish(finish_);
    host_port.cycles(cycles_);
    host_port.broadcasts(broadcasts_);
    host_port.queue_full_cycles(queue_full_cycles_);
    host_port.act_transfer_cycles(act_transfer_cycles_);
    host_port.batches(batches_);
    host_port.any_error(any_error_);
    host_port.any_saturated(any_saturated_);
    host_port.host(host_);
    host_port.host_data(host_data_);
  }

  void bind_ccu() {
    ccu.clk(clk);
    ccu.rst_n(core_rst_n_);
    ccu.busy(busy_);
    ccu.layer(layer_);
    ccu.finish(finish_);
    ccu.cycles(cycles_);
    ccu.broadcasts(broadcasts_);
    ccu.queue_full_cycles(queue_full_cycles_);
    ccu.act_transfer_cycles(act_transfer_cycles_);
    ccu.batches(batches_);
    ccu.root(root_);
    ccu.root_exhausted(root_exhausted_);
    ccu.root_pop(root_pop_);
    ccu.any_full(any_full_);
    ccu.all_drained(all_drained_);
    ccu.broadcast(broadcast_);
    ccu.control(control_);
    ccu.drain(drain_);
  }

  void bind_pe(unsigned p) {
    pe[p].clk(clk);
    pe[p].rst_n(core_rst_n_);
    pe[p].pe(pe_number_[p]);
    pe[p].busy(busy_);
    pe[p].drain(drain_);
    pe[p].control(control_);
    pe[p].broadcast(broadcast_);
    pe[p].shift(shift_);
    pe[p].out_length(out_length_);
    pe[p].full(full_[p]);
    pe[p].drained(drained_[p]);
    pe[p].error(error_[p]);
    pe[p].saturated(saturated_[p]);
    pe[p].candidate(candidate_[p]);
    pe[p].exhausted(exhausted_[p]);
    pe[p].pop(pop_[p]);
    pe[p].host(host_);
    pe[p].host_q(host_q_[p]);
    lnzd_tree.in[p](candidate_[p]);
    lnzd_tree.in_exhausted[p](exhausted_[p]);
    lnzd_tree.pop[p](pop_[p]);
    collect.full[p](full_[p]);
    collect.drained[p](drained_[p]);
    collect.error[p](error_[p]);
    collect.saturated[p](saturated_[p]);
    collect.host_q[p](host_q_[p]);
    if constexpr (Cfg::kEcc) {
      pe[p].corrected(corrected_[p]);
      pe[p].detected(detected_[p]);
      collect.corrected[p](corrected_[p]);
      collect.detected[p](detected_[p]);
    }
  }

#if !EIE_SYNTHESIS_VIEW
  /// One process for all PEs, and one update of the wires inside them.
  void clock_edge() {
    for (unsigned p = 0; p < Cfg::kPes; ++p) pe[p].step();  // by number: sc_vector's iterators are ambiguous as C++20
    update_wires();
  }
  void take_over_wires() {
    for (unsigned p = 0; p < Cfg::kPes; ++p) pe[p].take_over_wires();
  }
  friend class CommonUpdate<Eie>;
  CommonUpdate<Eie> update_{"update_", *this};
#endif

  /// Constants: each PE's number.
  void number() {
    for (unsigned p = 0; p < Cfg::kPes; ++p) pe_number_[p].write(p);
  }

  Signal<bool> SC_NAMED(core_rst_n_);
  Signal<bool> SC_NAMED(busy_);
  Signal<LayerDescriptor<Cfg>> SC_NAMED(layer_);
  Signal<sc_dt::sc_uint<P::kShiftWidth>> SC_NAMED(shift_);
  Signal<sc_dt::sc_uint<P::kColumnWidth + 1>> SC_NAMED(out_length_);
  Signal<bool> SC_NAMED(finish_);
  Signal<typename Port::Counter> SC_NAMED(cycles_);
  Signal<typename Port::Counter> SC_NAMED(broadcasts_);
  Signal<typename Port::Counter> SC_NAMED(queue_full_cycles_);
  Signal<typename Port::Counter> SC_NAMED(act_transfer_cycles_);
  Signal<typename Port::Counter> SC_NAMED(batches_);
  Signal<Candidate<Cfg>> SC_NAMED(root_);
  Signal<bool> SC_NAMED(root_exhausted_);
  Signal<bool> SC_NAMED(root_pop_);
  Signal<bool> SC_NAMED(any_full_);
  Signal<bool> SC_NAMED(all_drained_);
  Signal<bool> SC_NAMED(any_error_);
  Signal<bool> SC_NAMED(any_saturated_);
  Signal<Activation<Cfg>> SC_NAMED(broadcast_);
  Signal<ActControl<Cfg>> SC_NAMED(control_);
  Signal<bool> SC_NAMED(drain_);
  Signal<HostAccess<Cfg>> SC_NAMED(host_);
  Signal<sc_dt::sc_uint<64>> SC_NAMED(host_data_);
  using PeFaults = std::conditional_t<Cfg::kEcc, sc_core::sc_vector<Signal<UInt<P::kPeFaultsWidth>>>, Absent<bool>>;
  PeFaults SC_NAMED(corrected_, Cfg::kPes);
  PeFaults SC_NAMED(detected_, Cfg::kPes);
  SignalIf<Cfg::kEcc, UInt<P::kFaultsWidth>> SC_NAMED(all_corrected_);
  SignalIf<Cfg::kEcc, UInt<P::kFaultsWidth>> SC_NAMED(all_detected_);
  sc_core::sc_vector<Signal<sc_dt::sc_uint<P::kPeWidth>>> SC_NAMED(pe_number_, Cfg::kPes);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(full_, Cfg::kPes);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(drained_, Cfg::kPes);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(error_, Cfg::kPes);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(saturated_, Cfg::kPes);
  sc_core::sc_vector<Signal<Candidate<Cfg>>> SC_NAMED(candidate_, Cfg::kPes);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(exhausted_, Cfg::kPes);
  sc_core::sc_vector<Signal<bool>> SC_NAMED(pop_, Cfg::kPes);
  sc_core::sc_vector<Signal<sc_dt::sc_uint<64>>> SC_NAMED(host_q_, Cfg::kPes);
};

}  // namespace eie
