// SPDX-License-Identifier: Apache-2.0
// Processing element (paper, Figure 4b): five blocks in a row.
//
//   broadcast -> ActQueue -> PtrRead -> SpmatRead -> ArithUnit <-> ActRw -> candidate (to the LNZD tree)
//
// The PE's number comes in through port `pe`, so that all PEs share one RTL module. In simulation one process
// steps the five blocks (of all PEs, in Eie); they communicate through signals all the same, so the order does not
// matter.
#pragma once

#include "act_queue.h"
#include "act_rw.h"
#include "arith_unit.h"
#include "ptr_read.h"
#include "spmat_read.h"

namespace eie {

template <class Cfg>
class Pe : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  // From the CCU
  Input<bool> SC_NAMED(busy);
  Input<bool> SC_NAMED(drain);
  Input<ActControl<Cfg>> SC_NAMED(control);
  Input<Activation<Cfg>> SC_NAMED(broadcast);
  Input<sc_dt::sc_uint<P::kShiftWidth>> SC_NAMED(shift);
  Input<sc_dt::sc_uint<P::kColumnWidth + 1>> SC_NAMED(out_length);
  // To the CCU
  Output<bool> SC_NAMED(full);
  Output<bool> SC_NAMED(drained);
  Output<bool> SC_NAMED(error);
  Output<bool> SC_NAMED(saturated);
  // LNZD tree
  Output<Candidate<Cfg>> SC_NAMED(candidate);
  Output<bool> SC_NAMED(exhausted);
  Input<bool> SC_NAMED(pop);
  // Host
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);
  // ECC: words with errors read two cycles before
  OutputIf<Cfg::kEcc, UInt<P::kPeFaultsWidth>> SC_NAMED(corrected);
  OutputIf<Cfg::kEcc, UInt<P::kPeFaultsWidth>> SC_NAMED(detected);

  ActQueue<Cfg> act_queue;
  PtrRead<Cfg> ptr_read;
  SpmatRead<Cfg> spmat_read;
  ArithUnit<Cfg> arith_unit;
  ActRw<Cfg> act_rw;

  EIE_HAS_PROCESS(Pe)

  explicit Pe(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name),
        act_queue("act_queue", Clocking::kByParent),
        ptr_read("ptr_read", Clocking::kByParent),
        spmat_read("spmat_read", Clocking::kByParent),
        arith_unit("arith_unit", Clocking::kByParent),
        act_rw("act_rw", Clocking::kByParent) {
    act_queue.clk(clk);
    act_queue.rst_n(rst_n);
    act_queue.broadcast(broadcast);
    act_queue.head(head_);
    act_queue.head_ready(head_ready_);
    act_queue.column_ready(column_ready_);
    act_queue.full(full);

    ptr_read.clk(clk);
    ptr_read.rst_n(rst_n);
    ptr_read.pe(pe);
    ptr_read.busy(busy);
    ptr_read.drain(drain);
    ptr_read.head(head_);
    ptr_read.head_ready(head_ready_);
    ptr_read.entry_address(entry_address_);
    ptr_read.column_ready(column_ready_);
    ptr_read.drained(drained);
    ptr_read.error(pointer_error_);
    ptr_read.host(host);
    ptr_read.host_q(ptr_q_);

    spmat_read.clk(clk);
    spmat_read.rst_n(rst_n);
    spmat_read.pe(pe);
    spmat_read.busy(busy);
    spmat_read.entry_address(entry_address_);
    spmat_read.column_ready(column_ready_);
    spmat_read.entry(entry_);
    spmat_read.host(host);
    spmat_read.host_q(spmat_q_);

    arith_unit.clk(clk);
    arith_unit.rst_n(rst_n);
    arith_unit.pe(pe);
    arith_unit.busy(busy);
    arith_unit.entry(entry_);
    arith_unit.access(access_);
    arith_unit.accumulated(accumulated_);
    arith_unit.shift(shift);
    arith_unit.out_length(out_length);
    arith_unit.saturated(saturated);
    arith_unit.error(row_error_);
    arith_unit.host(host);
    arith_unit.host_q(arith_q_);

    act_rw.clk(clk);
    act_rw.rst_n(rst_n);
    act_rw.pe(pe);
    act_rw.busy(busy);
    act_rw.drain(drain);
    act_rw.control(control);
    act_rw.access(access_);
    act_rw.accumulated(accumulated_);
    act_rw.candidate(candidate);
    act_rw.exhausted(exhausted);
    act_rw.pop(pop);
    act_rw.host(host);
    act_rw.host_q(act_q_);

    if constexpr (Cfg::kEcc) {
      ptr_read.corrected(ptr_corrected_);
      ptr_read.detected(ptr_detected_);
      spmat_read.corrected(spmat_corrected_);
      spmat_read.detected(spmat_detected_);
      act_rw.corrected(act_corrected_);
      act_rw.detected(act_detected_);
      SC_METHOD(join_faults);
      sensitive << ptr_corrected_ << ptr_detected_ << spmat_corrected_ << spmat_detected_ << act_corrected_ << act_detected_;
    }
    SC_METHOD(join);
    sensitive << pointer_error_ << row_error_ << ptr_q_ << spmat_q_ << arith_q_ << act_q_;
#if !EIE_SYNTHESIS_VIEW
    head_.update_by_owner();
    head_ready_.update_by_owner();
    entry_address_.update_by_owner();
    column_ready_.update_by_owner();
    entry_.update_by_owner();
    access_.update_by_owner();
    accumulated_.update_by_owner();
    if (clocking == Clocking::kOwnProcess) {
      SC_METHOD(clock_edge);
      sensitive << clk.pos();
      dont_initialize();
      update_ = std::make_unique<CommonUpdate<Pe>>("update_", *this);
    }
#endif
  }

#if !EIE_SYNTHESIS_VIEW
  void clock_edge() {
    step();
    update_->request();
  }
  /// One edge; take_over_wires() has to follow in the update phase.
  void step() {
    if (rst_n.read()) {
      act_queue.step();
      ptr_read.step();
      spmat_read.step();
      arith_unit.step();
      act_rw.step();
    } else {
      act_queue.reset_step();
      ptr_read.reset_step();
      spmat_read.reset_step();
      arith_unit.reset_step();
      act_rw.reset_step();
    }
  }

  void take_over_wires() {
    head_.take_over();
    head_ready_.take_over();
    entry_address_.take_over();
    if constexpr (Cfg::kSkipPadding) column_ready_.take_over();
    entry_.take_over();
    access_.take_over();
    accumulated_.take_over();
  }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, pe, busy, drain, control, broadcast, shift, out_length, full, drained, error, saturated);
    EIE_TRACE(candidate, exhausted, pop, host, host_q, head_, head_ready_, entry_address_, column_ready_, entry_, access_);
    EIE_TRACE(accumulated_, pointer_error_, row_error_, ptr_q_, spmat_q_, arith_q_, act_q_);
    if constexpr (Cfg::kEcc) {
      EIE_TRACE(corrected, detected, ptr_corrected_, ptr_detected_, spmat_corrected_, spmat_detected_);
      EIE_TRACE(act_corrected_, act_detected_);
    }
  }

  /// One line for the watchdog.
  std::string describe() const {
    std::string state = "queue " + std::to_string(act_queue.occupancy());
    state += entry_address_.read().valid ? ", reading entry " + std::to_string(entry_address_.read().address.to_uint())
                                         : std::string(", no column");
    state += candidate.read().valid ? ", candidate" : exhausted.read() ? ", exhausted" : ", no candidate";
    return state;
  }
#endif

 private:
  /// Combinational: the blocks' error pulses and read data as one.
  void join() {
    error.write(pointer_error_.read() || row_error_.read());
    host_q.write(ptr_q_.read() | spmat_q_.read() | arith_q_.read() | act_q_.read());
  }

  /// Combinational: words with errors of all memories.
  void join_faults() {
    if constexpr (Cfg::kEcc) {
      corrected.write(ptr_corrected_.read() + (spmat_corrected_.read() ? 1u : 0u) + (act_corrected_.read() ? 1u : 0u));
      detected.write(ptr_detected_.read() + (spmat_detected_.read() ? 1u : 0u) + (act_detected_.read() ? 1u : 0u));
    }
  }

#if !EIE_SYNTHESIS_VIEW
  std::unique_ptr<CommonUpdate<Pe>> update_;  // where nobody else steps this PE
#endif
  Signal<Activation<Cfg>> SC_NAMED(head_);
  Signal<bool> SC_NAMED(head_ready_);
  Signal<EntryAddress<Cfg>> SC_NAMED(entry_address_);
  Signal<bool> SC_NAMED(column_ready_);
  Signal<Entry<Cfg>> SC_NAMED(entry_);
  Signal<AccumulatorAccess<Cfg>> SC_NAMED(access_);
  Signal<Int<Cfg::kAccWidth>> SC_NAMED(accumulated_);
  Signal<bool> SC_NAMED(pointer_error_);
  Signal<bool> SC_NAMED(row_error_);
  SignalIf<Cfg::kEcc, UInt<2>> SC_NAMED(ptr_corrected_);
  SignalIf<Cfg::kEcc, UInt<2>> SC_NAMED(ptr_detected_);
  SignalIf<Cfg::kEcc, bool> SC_NAMED(spmat_corrected_);
  SignalIf<Cfg::kEcc, bool> SC_NAMED(spmat_detected_);
  SignalIf<Cfg::kEcc, bool> SC_NAMED(act_corrected_);
  SignalIf<Cfg::kEcc, bool> SC_NAMED(act_detected_);
  Signal<sc_dt::sc_uint<64>> SC_NAMED(ptr_q_);
  Signal<sc_dt::sc_uint<64>> SC_NAMED(spmat_q_);
  Signal<sc_dt::sc_uint<64>> SC_NAMED(arith_q_);
  Signal<sc_dt::sc_uint<64>> SC_NAMED(act_q_);
};

}  // namespace eie
