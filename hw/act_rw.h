// SPDX-License-Identifier: Apache-2.0
// Activation read/write: the PE's activations (paper, section IV, "Activation Read/Write" and "Distributed Leading
// Non-Zero Detection"). Two register files, source (input activations) and destination (sums); the activation SRAM behind
// them holds longer vectors, which run in batches. The paper's files swap roles between layers; here the outputs of a layer
// go into the source registers while they are stored, so that each file is read and written by what its role needs alone.
//
// Ports
//   control             from the CCU, the same for all PEs: what to transfer in this cycle (ActOp)
//   access, accumulated destination registers for the arithmetic unit: write-first, read into an output register
//   candidate, pop      the next non-zero source activation in ascending order, for the LNZD tree
//   exhausted           none is left in this batch
//   drain               ends the scan of a batch
//   corrected, detected (ECC) the word read in the cycle before had an error, one cycle: corrected, or not to be
//   host, host_q        activation SRAM window and counter; host_q is 0 when this block is not addressed
//
// Register r is in bank r mod lanes: a word of the SRAM has one register in each bank. Each file has one write port and the
// destination one read port, of a register of every bank:
//
//   source       written by the word of a kLoad of the cycle before, kStore; read by the scan
//   destination  written by the arithmetic unit, the word of a kBias of the cycle before, kClear; read by the arithmetic
//                unit, kStore
//
// The CCU sees to it that a port has one user in a cycle: it transfers only when no entry is on its way, and leaves the
// cycle behind a transfer empty. kArm comes no earlier than two cycles after the last kLoad.
//
// Timing
//   accumulated shows access.read_row of the cycle before, with the write of that cycle applied; not behind a kStore
//   kLoad, kBias in t: the SRAM is read at the end of t, the registers have the word from t + 2 on
//   kStore in t: the source registers take the outputs at the end of t, the SRAM the word at the end of t + 1; source
//     registers beyond the layer's rows keep what they have
//   kArm in t: the first candidate is valid in t + 2; after a pop the next one is there in the next cycle
#pragma once

#include "clocked.h"
#include "sram.h"
#include "types.h"

namespace eie {

template <class Cfg>
class ActRw : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  using Data = Int<Cfg::kDataWidth>;
  using DataBits = UInt<Cfg::kDataWidth>;
  using Acc = Int<Cfg::kAccWidth>;
  using AccBits = UInt<Cfg::kAccWidth>;
  using Row = UInt<P::kRowWidth>;
  using Length = UInt<P::kColumnWidth + 1>;
  using Memory = Sram<64, Cfg::kActDepth, P::kActPart, Cfg::kEcc>;
  using Mask = typename Memory::Mask;
  using Address = typename Memory::Address;
  using Word = UInt<64>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  Input<bool> SC_NAMED(busy);
  Input<bool> SC_NAMED(drain);
  Input<ActControl<Cfg>> SC_NAMED(control);
  Input<AccumulatorAccess<Cfg>> SC_NAMED(access);
  Output<Acc> SC_NAMED(accumulated);
  Output<Candidate<Cfg>> SC_NAMED(candidate);
  Output<bool> SC_NAMED(exhausted);
  Input<bool> SC_NAMED(pop);
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);
  OutputIf<Cfg::kEcc, bool> SC_NAMED(corrected);
  OutputIf<Cfg::kEcc, bool> SC_NAMED(detected);

  Memory SC_NAMED(act);

  EIE_BLOCK(ActRw)

  explicit ActRw(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
#if EIE_SYNTHESIS_VIEW
    act.clk(clk);
#endif
    act.enable(enable_);
    act.write(write_);
    act.address(address_);
    act.mask(mask_);
    act.data(data_);
    act.q(q_);
    act.error(error_);
    if constexpr (Cfg::kEcc) {
#if EIE_SYNTHESIS_VIEW
      act.rst_n(rst_n);
#endif
      act.corrected(corrected_);
    }
    EIE_CLOCKED(clocking);
    EIE_COMBINATIONAL(request, host << pe << control << storing_ << store_address_ << store_mask_ << store_word_);
  }

  void reset() {
    for (unsigned r = 0; r < Cfg::kRegisters; ++r) {
      source_[r] = 0;
      destination_[r] = 0;
      pending_[r] = false;
    }
    scanning_ = false;
    has_candidate_ = false;
    loading_ = static_cast<unsigned>(ActOp::kNone);
    load_base_ = 0;
    storing_.write(false);
    store_address_.write(0);
    store_mask_.write(0);
    store_word_.write(0);
    if constexpr (Cfg::kPeCounters) {
      reads_ = 0;
      was_busy_ = false;
    }
    answer_ = kNothing;
    answering_ = false;
    accumulated.write(0);
    candidate.write(Candidate<Cfg>());
    exhausted.write(false);
    host_q.write(0);
    if constexpr (Cfg::kEcc) {
      corrected.write(false);
      detected.write(false);
    }
  }

  /// The SRAM access in this cycle: a word to load or the one to store, or the host's.
  void request() {
    const bool from_host = host.read().valid;
    const bool fetch = is_read(control.read().op.to_uint());
    const bool enable = from_host ? addressed() : storing_.read() || fetch;
    enable_.write(enable);
    if (enable || kDriveIdleWires) {
      bool write = storing_.read();
      Address at = write ? store_address_.read() : control.read().address;
      Mask mask = store_mask_.read();
      Word data = store_word_.read();
      const Mask host_mask = parts_of_bytes<P::kActPart / 8>(host.read().strobe);
      if (from_host) {
        write = host.read().write;
        at = host.read().word;
        mask = host_mask;
        data = host.read().data;
      }
      write_.write(write);
      address_.write(at);
      mask_.write(mask);
      data_.write(data);
    }
  }

  void tick() {
    const unsigned op = control.read().op.to_uint();
    tick_scan(op);
    tick_registers(op);
    if constexpr (Cfg::kEcc) {
      corrected.write(corrected_.read());
      detected.write(error_.read());
    }
    if (host.read().valid || answering_) tick_host();
    if constexpr (Cfg::kPeCounters) tick_counter(op);
  }

#if !EIE_SYNTHESIS_VIEW
  void step() {
    request();
    tick();
    act.step();
  }
  /// The SRAM has no reset: it does what was asked of it before the edge, so that a word on its way is stored.
  void reset_step() {
    request();
    reset();
    reset_sram(act);
  }
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, pe, busy, drain, control, access, accumulated, candidate, exhausted, pop, host, host_q);
    if constexpr (Cfg::kEcc) EIE_TRACE(corrected, detected, corrected_);
    EIE_TRACE(source_, destination_, pending_, scanning_, has_candidate_, loading_, load_base_, storing_);
    EIE_TRACE(store_address_, store_mask_, store_word_, q_, error_, answer_, answering_);
    if constexpr (Cfg::kPeCounters) EIE_TRACE(reads_, was_busy_);
    // Decided by request()
    list.late();
    EIE_TRACE(enable_);
    list.late_while(enable_);
    EIE_TRACE(write_, address_);
    list.late_while(enable_, write_);
    EIE_TRACE(mask_, data_);
    list.on_time();
  }
#endif

 private:
  static constexpr unsigned kNothing = 0;
  static constexpr unsigned kMemory = 1;
  static constexpr unsigned kCounter = 2;
  static constexpr unsigned kGroups = Cfg::kRegisters / P::kLanes;  // registers of a bank
  static constexpr unsigned kLaneParts = Cfg::kDataWidth / P::kActPart;
  static constexpr unsigned kLane = (1u << kLaneParts) - 1;  // the masked parts of lane 0
  static constexpr std::int64_t kDataMax = (std::int64_t{1} << (Cfg::kDataWidth - 1)) - 1;
  static constexpr std::int64_t kDataMin = -kDataMax - 1;
  using Base = UInt<P::kRowWidth + P::kLog2Lanes + 1>;
  using Lane = UInt<at_least_one(P::kLog2Lanes)>;
  using WideLength = UInt<P::kColumnWidth + 2>;

  static bool is_read(unsigned op) {
    return op == static_cast<unsigned>(ActOp::kLoad) || op == static_cast<unsigned>(ActOp::kBias);
  }
  bool addressed() const { return host.read().pe == pe.read() && host.read().region == static_cast<unsigned>(reg::Region::kAct); }
  /// Number of the column that register r of this PE holds.
  Length global_index(unsigned r) const { return (Length(r) << P::kLog2Pes) + (Cfg::kPes > 1 ? Length(pe.read()) : Length(0)); }
  /// How many registers of this PE hold a column or row below control.length: those r with r * n_pe + pe < length.
  Length local_length() const {
    const WideLength length = control.read().length;
    const WideLength number = Cfg::kPes > 1 ? WideLength(pe.read()) : WideLength(0);
    const WideLength up = length + (Cfg::kPes - 1);
    const WideLength rest = up - number;
    return Length(rest >> P::kLog2Pes);
  }
  /// b = ReLU(sum) in D bits.
  Data final_value(const Acc& sum) const {
    Acc value = sum;
    if (control.read().relu && sum < 0) {
      value = 0;
    } else if (sum > kDataMax) {
      value = kDataMax;
    } else if (sum < kDataMin) {
      value = kDataMin;
    }
    return Data(value);
  }

  /// Leading non-zero detection: a scan of a batch from kArm until it is drained.
  void tick_scan(unsigned op) {
    const bool arm = op == static_cast<unsigned>(ActOp::kArm);
    const bool next = !arm && !drain.read() && scanning_ && (!has_candidate_ || pop.read());
    if (next) {
      tick_candidate();
    } else if (arm) {
      const Length local = local_length();
      for (unsigned r = 0; r < Cfg::kRegisters; ++r) {
        pending_[r] = source_[r] != 0 && r < local;
      }
      scanning_ = true;
    } else if (drain.read()) {
      scanning_ = false;
      exhausted.write(false);
    }
  }

  /// The next candidate, by a tournament over all source registers: node n of a binary tree has the nodes 2n and 2n + 1
  /// below it, leaf kRegisters + r is register r. `some` goes up the tree: a register below is pending; `wins` comes down:
  /// the first one of all is below. A simulation stops at the first one.
  void tick_candidate() {
    bool found = false;
    Row first = 0;
    DataBits value = 0;
    if (kShortcuts) {
      for (unsigned r = 0; r < Cfg::kRegisters && !found; ++r) {
        if (pending_[r]) {
          found = true;
          first = r;
          value = bits_of<Cfg::kDataWidth>(source_[r]);
          pending_[r] = false;
        }
      }
    } else {
      UInt<1> some[2 * Cfg::kRegisters];
      UInt<1> wins[2 * Cfg::kRegisters];
      for (unsigned r = 0; r < Cfg::kRegisters; ++r) {
        some[Cfg::kRegisters + r] = pending_[r] ? 1u : 0u;
      }
      for (unsigned n = Cfg::kRegisters - 1; n > 0; --n) {
        some[n] = some[2 * n] | some[2 * n + 1];
      }
      wins[1] = some[1];
      for (unsigned n = 1; n < Cfg::kRegisters; ++n) {
        wins[2 * n] = wins[n] & some[2 * n];
        wins[2 * n + 1] = wins[n] & ~some[2 * n];
      }
      found = some[1] != 0;
      for (unsigned r = 0; r < Cfg::kRegisters; ++r) {
        if (wins[Cfg::kRegisters + r] != 0) {
          first = first | r;
          value = value | bits_of<Cfg::kDataWidth>(source_[r]);
        }
        pending_[r] = pending_[r] && wins[Cfg::kRegisters + r] == 0;  // all of them have one enable: the scan's
      }
    }
    Candidate<Cfg> next;
    next.valid = found;
    if (found) {
      next.column = global_index(first.to_uint());
      next.value = value;
    }
    candidate.write(next);
    has_candidate_ = found;
    scanning_ = found;  // nothing left: exhausted until the batch is drained
    exhausted.write(!found);
  }

  /// Register files. What is read is read as it was before the edge.
  void tick_registers(unsigned op) {
    const AccumulatorAccess<Cfg> arith = access.read();
    const bool loaded = loading_ == static_cast<unsigned>(ActOp::kLoad);  // the word read in the cycle before is there
    const bool biased = loading_ == static_cast<unsigned>(ActOp::kBias);
    const bool store = op == static_cast<unsigned>(ActOp::kStore);
    const bool clear = op == static_cast<unsigned>(ActOp::kClear);
    Acc before;
    if (!kShortcuts || loaded || store) {
      before = tick_banks(arith, loaded, store);
    } else {
      before = destination_[arith.read_row];  // as tick_banks() would
    }
    accumulated.write(arith.write && arith.write_row == arith.read_row ? arith.sum : before);
    if (!kShortcuts || biased || clear) {
      tick_destination(arith, biased, clear);
    } else if (arith.write) {
      destination_[arith.write_row] = arith.sum;  // as tick_destination() would
    }
    storing_.write(store);
    loading_ = op;
    if (is_read(op)) load_base_ = control.read().base;
  }

  /// The read port of the destination and the write port of the source. Returns what the arithmetic unit reads.
  Acc tick_banks(const AccumulatorAccess<Cfg>& arith, bool loaded, bool store) {
    const Length local = local_length();
    const Lane offset = control.read().offset;
    UInt<1> in_layer[P::kLanes];  // the bank's register is
    Data final[P::kLanes];
    AccBits read = 0;
    for (unsigned bank = 0; bank < P::kLanes; ++bank) {
      // What is stored: lane 0 is register base - offset, so the first `offset` lanes are of the group before.
      const Base lane0 = (control.read().base >> P::kLog2Lanes) << P::kLog2Lanes;
      const Base back = bank + offset >= P::kLanes ? P::kLanes : 0u;
      const Base at = lane0 + bank - back;  // wraps to a number beyond the registers when it is negative
      in_layer[bank] = at < Cfg::kRegisters && at < local ? 1u : 0u;
      const Row row = store ? Row(at) : arith.read_row;
      const bool reads = store || (arith.read_row & (P::kLanes - 1)) == bank;
      const AccBits bits = destination_bits(bank, row, reads);
      read = read | bits;
      Acc sum;
      sum = store ? bits : AccBits(0);  // still while sums are read for the arithmetic unit
      final[bank] = final_value(sum);

      const DataBits lane = q_.read() >> (bank * Cfg::kDataWidth);
      Data value = final[bank];
      if (loaded) {
        value = lane;
      }
      const Row place = loaded ? Row(load_base_) : Row(at);
      const bool writes = loaded || (store && in_layer[bank] != 0);
      write_source(bank, place, writes, value);
    }
    if (store) {
      Mask mask = 0;
      Word word = 0;
      for (unsigned lane = 0; lane < P::kLanes; ++lane) {
        const Lane bank = lane + P::kLanes - offset;
        if (in_layer[bank.to_uint()] != 0) {
          mask = mask | (Mask(kLane) << (lane * kLaneParts));
          word = word | (Word(bits_of<Cfg::kDataWidth>(final[bank])) << (lane * Cfg::kDataWidth));
        }
      }
      store_address_.write(control.read().address);
      store_mask_.write(mask);
      store_word_.write(word);
    }
    Acc before;
    before = read;
    return before;
  }

  /// The bits of the destination register that a bank has in the group of `row`, or 0: each register of the bank behind an
  /// enable, and all of them together, which is smaller than a multiplexer and still while nothing is read.
  AccBits destination_bits(unsigned bank, const Row& row, bool enable) const {
    AccBits bits = 0;
    for (unsigned group = 0; group < kGroups; ++group) {
      if (enable && (row >> P::kLog2Lanes) == group) {
        bits = bits | bits_of<Cfg::kAccWidth>(destination_[group * P::kLanes + bank]);
      }
    }
    return bits;
  }

  /// Writes the source register that a bank has in the group of `row`. Each register has an enable of its own (clock gating).
  void write_source(unsigned bank, const Row& row, bool enable, const Data& value) {
    for (unsigned group = 0; group < kGroups; ++group) {
      if (enable && (row >> P::kLog2Lanes) == group) {
        source_[group * P::kLanes + bank] = value;
      }
    }
  }

  /// The write port of the destination: a sum, a word of biases, or zeros. Each register has an enable of its own.
  void tick_destination(const AccumulatorAccess<Cfg>& arith, bool biased, bool clear) {
    const Row place = biased ? Row(load_base_) : arith.write_row;
    for (unsigned bank = 0; bank < P::kLanes; ++bank) {
      const DataBits lane = q_.read() >> (bank * Cfg::kDataWidth);
      Data bias;
      bias = lane;
      // 0 unless this bank is written: its flip-flops see no sum of another one.
      const bool adds = arith.write && (arith.write_row & (P::kLanes - 1)) == bank;
      const bool writes = biased || adds;
      Acc value = 0;
      if (biased && !clear) {
        value = bias;
      } else if (adds && !clear) {
        value = arith.sum;
      }
      for (unsigned group = 0; group < kGroups; ++group) {
        if (clear || (writes && (place >> P::kLog2Lanes) == group)) {
          destination_[group * P::kLanes + bank] = value;
        }
      }
    }
  }

  /// Behind tick_host(), which reads it (arith_unit.h).
  void tick_counter(unsigned op) {
    const bool starts = busy.read() && !was_busy_;
    if (starts || is_read(op)) {
      reads_ = starts ? UInt<40>(0) : UInt<40>(reads_ + 1);
    }
    was_busy_ = busy.read();
  }

  void tick_host() {
    sc_dt::sc_uint<64> q = 0;
    if (answer_ == kMemory) {
      q = q_.read();
    } else if (Cfg::kPeCounters && answer_ == kCounter) {
      q = reads_;
    }
    host_q.write(q);
    answering_ = answer_ != kNothing;  // host_q goes back to 0 in the next cycle
    answer_ = kNothing;
    if (host.read().valid && !host.read().write) {
      if (addressed()) {
        answer_ = kMemory;
      } else if (host.read().pe == pe.read() && host.read().region == static_cast<unsigned>(reg::Region::kCounters) &&
                 host.read().word == reg::kPeActReads) {
        answer_ = kCounter;
      }
      answering_ = true;
    }
  }

  Data source_[Cfg::kRegisters];
  Acc destination_[Cfg::kRegisters];
  bool pending_[Cfg::kRegisters];  // non-zero source registers that were no candidate yet
  bool scanning_;
  bool has_candidate_;

  UInt<kActOpWidth> loading_;  // the operation of the cycle before
  Base load_base_;

  // Registers that tick() shares with request()
  Net<bool> SC_NAMED(storing_);
  Net<Address> SC_NAMED(store_address_);
  Net<Mask> SC_NAMED(store_mask_);
  Net<Word> SC_NAMED(store_word_);

  // SRAM wires
  Net<bool> SC_NAMED(enable_);
  Net<bool> SC_NAMED(write_);
  Net<Address> SC_NAMED(address_);
  Net<Mask> SC_NAMED(mask_);
  Net<Word> SC_NAMED(data_);
  Net<Word> SC_NAMED(q_);
  Net<bool> SC_NAMED(error_);
  NetIf<Cfg::kEcc, bool> SC_NAMED(corrected_);

  UInt<40> reads_;  // kPeCounters
  bool was_busy_;
  UInt<2> answer_;
  bool answering_;  // an answer is due or has to be taken back
};

}  // namespace eie
