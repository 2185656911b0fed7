// SPDX-License-Identifier: Apache-2.0
// Central control unit: root of the LNZD tree, and the sequence of a launch (paper, section IV, "Central Control
// Unit"). It has the paper's two modes: I/O while `busy` is clear (the host reads and writes memories), computing
// while it is set.
//
// Ports
//   busy, layer          from the host port; the descriptor does not change while busy is set
//   finish               to the host port: the last cycle of the launch; the counters are latched at its end
//   root, root_exhausted, root_pop   from the LNZD tree
//   any_full             some PE's queue is full: no broadcast in this cycle
//   broadcast            to all PEs: the root's candidate, as pointer index and value
//   control, drain       to all PEs: register file and SRAM transfers; end of a batch
//   all_drained          no PE has a column left
//
// States of a launch: idle -> clear | bias | (sums carry over) -> per batch: load -> arm -> compute -> drain ->
// [store] -> finish. Broadcast is combinational from the root's head and the registered queue occupancies: at most
// one a cycle, and none while a queue is full.
#pragma once

#include <string>

#include "clocked.h"
#include "types.h"

namespace eie {

enum class CcuState : unsigned {
  kIdle = 0,
  kClear = 1,
  kBias = 2,
  kLoad = 3,
  kArm = 4,
  kCompute = 5,
  kDrain = 6,
  kStore = 7,
  kFinish = 8
};
constexpr unsigned kCcuStateWidth = 4;

template <class Cfg>
class Ccu : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  using Length = UInt<P::kLengthWidth>;
  using BatchLength = UInt<P::kColumnWidth + 1>;
  using PtrAddress = UInt<P::kPtrAddressWidth>;
  using ActAddress = UInt<P::kActAddressWidth>;
  using Counter = sc_dt::sc_uint<40>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  // Host port
  Input<bool> SC_NAMED(busy);
  Input<LayerDescriptor<Cfg>> SC_NAMED(layer);
  Output<bool> SC_NAMED(finish);
  Output<Counter> SC_NAMED(cycles);
  Output<Counter> SC_NAMED(broadcasts);
  Output<Counter> SC_NAMED(queue_full_cycles);
  Output<Counter> SC_NAMED(act_transfer_cycles);
  Output<Counter> SC_NAMED(batches);
  // LNZD tree
  Input<Candidate<Cfg>> SC_NAMED(root);
  Input<bool> SC_NAMED(root_exhausted);
  Output<bool> SC_NAMED(root_pop);
  // PEs
  Input<bool> SC_NAMED(any_full);
  Input<bool> SC_NAMED(all_drained);
  Output<Activation<Cfg>> SC_NAMED(broadcast);
  Output<ActControl<Cfg>> SC_NAMED(control);
  Output<bool> SC_NAMED(drain);

  EIE_BLOCK(Ccu)

  explicit Ccu(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
    EIE_CLOCKED(clocking);
    SC_METHOD(send);
    sensitive << computing_ << column_base_ << root << any_full;
  }

  void reset() {
    state_ = static_cast<unsigned>(CcuState::kIdle);
    words_left_ = 0;
    tail_ = 0;
    address_ = 0;
    base_ = 0;
    columns_left_ = 0;
    in_address_ = 0;
    computing_.write(false);
    column_base_.write(0);
    count_cycles_ = 0;
    count_broadcasts_ = 0;
    count_full_ = 0;
    count_transfer_ = 0;
    count_batches_ = 0;
    finish.write(false);
    cycles.write(0);
    broadcasts.write(0);
    queue_full_cycles.write(0);
    act_transfer_cycles.write(0);
    batches.write(0);
    control.write(ActControl<Cfg>());
    drain.write(false);
  }

  void tick() {
    tick_counters();
    tick_state();
    tick_outputs();
  }

#if !EIE_SYNTHESIS_VIEW
  void step() { tick(); }
  void reset_step() { reset(); }

  CcuState state() const { return static_cast<CcuState>(state_.to_uint()); }

  /// One line for the watchdog.
  std::string describe() const {
    static const char* const kNames[] = {"idle", "clear", "bias", "load", "arm", "compute", "drain", "store", "finish"};
    return std::string("ccu ") + kNames[state_.to_uint()] + " (" + std::to_string(columns_left_.to_uint()) +
           " columns left, root " +
           (root.read().valid       ? "valid"
            : root_exhausted.read() ? "exhausted"
                                    : "waiting") +
           (any_full.read() ? ", a queue is full)" : ")");
  }
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, busy, layer, finish, cycles, broadcasts, queue_full_cycles, act_transfer_cycles, batches, root);
    EIE_TRACE(root_exhausted, root_pop, any_full, all_drained, broadcast, control, drain, state_, words_left_, tail_);
    EIE_TRACE(address_, base_, columns_left_, in_address_, count_cycles_, count_broadcasts_, count_full_);
    EIE_TRACE(count_transfer_, count_batches_, computing_, column_base_);
  }
#endif

 private:
  // From `all_drained` until the last sum is in its register: the last entry is then in stage 2.
  static constexpr unsigned kPipelineTail = 2;
  using Base = UInt<P::kRowWidth + P::kLog2Lanes + 1>;
  using Words = UInt<P::kRowWidth + 2>;
  using Lane = UInt<at_least_one(P::kLog2Lanes)>;

  bool in_state(CcuState s) const { return state_ == static_cast<unsigned>(s); }
  void go(CcuState s) { state_ = static_cast<unsigned>(s); }

  /// Combinational: the broadcast of this cycle.
  void send() {
    Activation<Cfg> out;
    const bool fire = computing_.read() && root.read().valid && !any_full.read();
    out.valid = fire;
    out.column = column_base_.read() + root.read().column;
    out.value = root.read().value;
    broadcast.write(out);
    root_pop.write(fire);
  }

  /// Words that hold `length` values interleaved over the PEs, the first at lane `offset`.
  static Words words_for(const BatchLength& length, const Lane& offset) {
    const BatchLength rows = (length + (Cfg::kPes - 1)) >> P::kLog2Pes;
    const Words words = (rows + offset + (P::kLanes - 1)) >> P::kLog2Lanes;
    return words;
  }
  BatchLength batch_length() const {
    return columns_left_ > P::kBatchColumns ? BatchLength(P::kBatchColumns) : BatchLength(columns_left_);
  }
  Lane store_offset() const { return Lane(layer.read().out_address & (P::kLanes - 1)); }

  void begin_batch() {
    if (layer.read().src_resident) {
      go(CcuState::kArm);
    } else {
      begin_transfer(CcuState::kLoad, words_for(batch_length(), 0), in_address_);
    }
  }
  void begin_transfer(CcuState s, const Words& words, const ActAddress& address) {
    go(s);
    words_left_ = words;
    address_ = address;
    base_ = 0;
  }
  /// True in the last cycle of a transfer, the one in which its last word reaches the registers or the SRAM.
  bool advance_transfer() {
    const bool done = words_left_ == 0;
    if (!done) {
      words_left_ = words_left_ - 1;
      address_ = address_ + 1;
      base_ = base_ + P::kLanes;
    }
    return done;
  }
  void begin_launch() {
    columns_left_ = layer.read().in_length;
    in_address_ = layer.read().in_address;
    column_base_.write(layer.read().pointer_base);
    if (!layer.read().first) {
      begin_batch();
    } else if (layer.read().bias) {
      begin_transfer(CcuState::kBias, words_for(layer.read().out_length, 0), layer.read().bias_address);
    } else {
      go(CcuState::kClear);
    }
  }

  void tick_state() {
    switch (state_.to_uint()) {
      case static_cast<unsigned>(CcuState::kIdle):
        if (busy.read()) begin_launch();
        break;
      case static_cast<unsigned>(CcuState::kClear):
        begin_batch();
        break;
      case static_cast<unsigned>(CcuState::kBias):
        if (advance_transfer()) begin_batch();
        break;
      case static_cast<unsigned>(CcuState::kLoad):
        if (advance_transfer()) go(CcuState::kArm);
        break;
      case static_cast<unsigned>(CcuState::kArm):
        go(CcuState::kCompute);
        break;
      case static_cast<unsigned>(CcuState::kCompute):
        if (root_exhausted.read()) {
          go(CcuState::kDrain);
          tail_ = kPipelineTail;
        }
        break;
      case static_cast<unsigned>(CcuState::kDrain):
        if (all_drained.read()) {
          if (tail_ != 0) {
            tail_ = tail_ - 1;
          } else {
            end_batch();
          }
        }
        break;
      case static_cast<unsigned>(CcuState::kStore):
        if (advance_transfer()) go(CcuState::kFinish);
        break;
      default:
        go(CcuState::kIdle);
        break;
    }
  }

  void end_batch() {
    const BatchLength length = batch_length();
    in_address_ = in_address_ + words_for(length, 0);
    column_base_.write(column_base_.read() + length);
    columns_left_ = columns_left_ - length;
    if (columns_left_ != 0) {
      begin_batch();
    } else if (layer.read().last) {
      begin_transfer(CcuState::kStore, words_for(layer.read().out_length, store_offset()),
                     ActAddress(layer.read().out_address >> P::kLog2Lanes));
    } else {
      go(CcuState::kFinish);
    }
  }

  /// Registered outputs, from the state that this edge enters.
  void tick_outputs() {
    ActControl<Cfg> out;
    const bool transfers = words_left_ != 0;
    out.relu = layer.read().relu;
    out.address = address_;
    out.base = base_;
    out.offset = in_state(CcuState::kStore) ? store_offset() : Lane(0);
    out.length = in_state(CcuState::kStore) ? layer.read().out_length : batch_length();
    if (in_state(CcuState::kClear)) {
      out.op = static_cast<unsigned>(ActOp::kClear);
    } else if (in_state(CcuState::kBias) && transfers) {
      out.op = static_cast<unsigned>(ActOp::kBias);
    } else if (in_state(CcuState::kLoad) && transfers) {
      out.op = static_cast<unsigned>(ActOp::kLoad);
    } else if (in_state(CcuState::kArm)) {
      out.op = static_cast<unsigned>(ActOp::kArm);
    } else if (in_state(CcuState::kStore) && transfers) {
      out.op = static_cast<unsigned>(ActOp::kStore);
    }
    control.write(out);
    drain.write(in_state(CcuState::kDrain));
    computing_.write(in_state(CcuState::kCompute));
    finish.write(in_state(CcuState::kFinish));
  }

  /// A counter of this launch: `before`, one more on an event, from 0 on in the first cycle. The addition waits for
  /// neither condition.
  static Counter counted(const Counter& before, bool first, bool event) {
    Counter after = before + 1;
    if (first) {
      after = event ? 1 : 0;
    } else if (!event) {
      after = before;
    }
    return after;
  }

  void tick_counters() {
    if (busy.read()) {
      if (in_state(CcuState::kFinish)) {
        cycles.write(Counter(count_cycles_ + 1));
        broadcasts.write(count_broadcasts_);
        queue_full_cycles.write(count_full_);
        act_transfer_cycles.write(count_transfer_);
        batches.write(count_batches_);
      }
      const bool first = in_state(CcuState::kIdle);  // the first cycle of a launch
      const bool transfers = in_state(CcuState::kBias) || in_state(CcuState::kLoad) || in_state(CcuState::kStore);
      const bool waits = in_state(CcuState::kCompute) && root.read().valid;  // a candidate is there
      count_cycles_ = counted(count_cycles_, first, true);
      count_transfer_ = counted(count_transfer_, first, transfers);
      count_batches_ = counted(count_batches_, first, in_state(CcuState::kArm));
      count_full_ = counted(count_full_, first, waits && any_full.read());
      count_broadcasts_ = counted(count_broadcasts_, first, waits && !any_full.read());
    }
  }

  UInt<kCcuStateWidth> state_;
  Words words_left_;  // of the transfer in progress
  UInt<3> tail_;
  ActAddress address_;
  Base base_;
  Length columns_left_;
  ActAddress in_address_;  // of the batch
  Counter count_cycles_;
  Counter count_broadcasts_;
  Counter count_full_;
  Counter count_transfer_;
  Counter count_batches_;
  Signal<bool> SC_NAMED(computing_);
  Signal<PtrAddress> SC_NAMED(column_base_);
};

}  // namespace eie
