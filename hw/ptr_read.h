// SPDX-License-Identifier: Apache-2.0
// Pointer read: turns a column number into the addresses of the column's entries (paper, section IV, "Pointer
// Read Unit"). Two single-ported banks, even and odd pointers, give p[j] and p[j+1] in one cycle.
//
// Ports
//   head, head_ready   from the activation queue; the head leaves it when both are set
//   entry_address      to Spmat read, one entry a cycle; no back-pressure behind this block
//   column_ready       (kSkipPadding) Spmat read takes the column at entry_address in this cycle
//   drain, drained     drained is set once no column is left after the last broadcast of a batch
//   error              one-cycle pulse: pointers run backwards; the column is dropped
//   corrected, detected   (ECC) how many pointers read in the cycle before had an error: corrected, or not to be
//   host, host_q       memory window and counter access; host_q is 0 when this block is not addressed
//
// Timing: the head is accepted in cycle t and its pointer row is fetched at the end of t; the first entry address
// is out in t + 1. A column with k entries occupies the block for max(1, k) cycles, and the next one is accepted
// in the last of them, so that no bubble arises while work is queued:
//
//   clk            _/~\_/~\_/~\_/~\_/~\_/~\_
//   head           <j0><    j1     ><j2>----      k(j0) = 3, k(j1) = 0
//   head_ready     ~~~~\_______/~~~~~~~~~~~~
//   entry_address  ----<p><p+1><p+2>---<p'>-
//
// The end of the column and so head_ready depend on the pointers just read: they are decoded from the SRAM
// outputs (drive).
//
// Look-ahead (kLookAhead > 0, our addition to the paper): pointers are read ahead, one column a cycle, and columns wait
// as descriptors (first entry, length, activation) in a FIFO of kLookAhead entries. A column without entries in this PE
// is dropped there, so that it costs no cycle of the units behind as long as a descriptor waits. Nothing else changes:
// the entries, their order, and the latency of a column that finds the block idle.
//
// Skipped padding (kSkipPadding, our addition): how many cycles a column takes is known where its entries are, so Spmat read
// goes through them and entry_address hands it whole columns. A column waits at the outputs of the pointer SRAM, or as a
// descriptor if there are any, until column_ready. The head is accepted when the outputs will be free, that is, also when
// head_ready is not set but column_ready is (the queue knows both), since then a column leaves:
//
//   clk            _/~\_/~\_/~\_/~\_/~\_
//   head           <j0><j1><    j2    >---      kLookAhead = 0; j0 takes three cycles
//   entry_address  ----<j0><    j1    ><j2>
//   column_ready   ~~~~~~~~\_______/~~~~~~
#pragma once

#include "clocked.h"
#include "sram.h"
#include "types.h"

namespace eie {

template <class Cfg>
class PtrRead : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  using Pointer = UInt<Cfg::kPointerWidth>;
  using Bank = Sram<Cfg::kPointerWidth, P::kPtrBankDepth, P::kPtrPart, Cfg::kEcc>;
  using BankAddress = typename Bank::Address;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  Input<bool> SC_NAMED(busy);
  Input<bool> SC_NAMED(drain);
  Input<Activation<Cfg>> SC_NAMED(head);
  Output<bool> SC_NAMED(head_ready);
  Output<EntryAddress<Cfg>> SC_NAMED(entry_address);
  Input<bool> SC_NAMED(column_ready);
  Output<bool> SC_NAMED(drained);
  Output<bool> SC_NAMED(error);
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);
  OutputIf<Cfg::kEcc, UInt<2>> SC_NAMED(corrected);
  OutputIf<Cfg::kEcc, UInt<2>> SC_NAMED(detected);

  Bank SC_NAMED(even);
  Bank SC_NAMED(odd);

  EIE_BLOCK(PtrRead)

  explicit PtrRead(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
#if EIE_SYNTHESIS_VIEW
    even.clk(clk);
    odd.clk(clk);
#endif
    even.enable(even_enable_);
    even.write(bank_write_);
    even.address(even_address_);
    even.mask(even_mask_);
    even.data(even_data_);
    even.q(even_q_);
    even.error(even_error_);
    odd.enable(odd_enable_);
    odd.write(bank_write_);
    odd.address(odd_address_);
    odd.mask(odd_mask_);
    odd.data(odd_data_);
    odd.q(odd_q_);
    odd.error(odd_error_);
    if constexpr (Cfg::kEcc) {
#if EIE_SYNTHESIS_VIEW
      even.rst_n(rst_n);
      odd.rst_n(rst_n);
#endif
      even.corrected(even_corrected_);
      odd.corrected(odd_corrected_);
    }
    EIE_CLOCKED(clocking);
    EIE_COMBINATIONAL(request, host << pe << head << ready_ << column_ready);
    EIE_COMBINATIONAL(
        drive, fresh_ << odd_column_ << fresh_value_ << left_ << address_ << value_ << first_ << count_ << even_q_ << odd_q_);
  }

  void reset() {
    fresh_.write(false);
    odd_column_.write(false);
    fresh_value_.write(0);
    left_.write(0);
    address_.write(0);
    value_.write(0);
    first_.write(false);
    count_.write(0);
    put_ = 0;
    get_ = 0;
    if constexpr (Cfg::kPeCounters) {
      reads_ = 0;
      accepted_ = false;
      was_busy_ = false;
    }
    answer_ = kNothing;
    answering_ = false;
    drained.write(false);
    error.write(false);
    host_q.write(0);
    if constexpr (Cfg::kEcc) {
      corrected.write(0);
      detected.write(0);
    }
  }

  /// The banks' access in this cycle: the pointers of the head, or the host's.
  void request() {
    const bool from_host = host.read().valid && addressed() && host.read().region == static_cast<unsigned>(reg::Region::kPtr);
    const bool write = from_host && host.read().write;
    const bool accept = !host.read().valid && accepts();
    even_enable_.write(accept || from_host);
    odd_enable_.write(accept || from_host);
    if (accept || from_host || kDriveIdleWires) {
      const UInt<P::kPtrAddressWidth> column = head.read().column;
      BankAddress at_even = (column >> 1) + (column & 1);  // p[j+1] of an odd column is in the next even row
      BankAddress at_odd = column >> 1;
      if (from_host) {
        at_even = host.read().word;
        at_odd = host.read().word;
      }
      bank_write_.write(write);
      even_mask_.write(pointer_mask(host.read().strobe));
      odd_mask_.write(pointer_mask(host.read().strobe >> 4));
      even_address_.write(at_even);
      odd_address_.write(at_odd);
      even_data_.write(Pointer(host.read().data));
      odd_data_.write(Pointer(host.read().data >> 32));
    }
  }

  void tick() {
    const bool accept = accepts();
    const Gap fresh_gap = gap();
    error.write(fresh_.read() && !fresh_gap[Cfg::kPointerWidth] && Pointer(fresh_gap) != kNoGap);
    bool holds = false;
    if constexpr (Cfg::kSkipPadding) {
      holds = tick_columns();
    } else if constexpr (Cfg::kLookAhead == 0) {
      tick_column();
    } else {
      tick_descriptors();
    }
    fresh_.write(accept || holds);
    if (accept) {
      fresh_value_.write(head.read().value);
      odd_column_.write(head.read().column[0]);
    }
    bool idle = !some_.read();
    if constexpr (Cfg::kSkipPadding) {
      idle = idle && column_ready.read();
    }
    drained.write(drain.read() && !head.read().valid && idle);

    if constexpr (Cfg::kEcc) {
      corrected.write((even_corrected_.read() ? 1u : 0u) + (odd_corrected_.read() ? 1u : 0u));
      detected.write((even_error_.read() ? 1u : 0u) + (odd_error_.read() ? 1u : 0u));
    }
    if (host.read().valid || answering_) tick_host();
    if constexpr (Cfg::kPeCounters) tick_counter(accept);
  }

  /// Outputs decoded from the pointers at the SRAM outputs and the registers.
  void drive() {
    const bool fresh = fresh_.read();
    const Gap fresh_gap = gap();
    const bool fresh_some = fresh && fresh_gap[Cfg::kPointerWidth];
    const Pointer fresh_length = fresh_some ? Pointer(end() - begin()) : Pointer(0);
    // The column that is going out: the fresh one at once when nothing is before it.
    const bool direct = Cfg::kLookAhead == 0 && !Cfg::kSkipPadding ? fresh : left_.read() == 0;
    const Pointer left = direct ? fresh_length : left_.read();
    bool some = left != 0;
    bool ready = left <= 1;
    EntryAddress<Cfg> out;
    out.address = direct ? begin() : address_.read();
    if constexpr (Cfg::kSkipPadding) {
      out.first = true;
      out.length = left;
      out.value = direct ? fresh_value_.read() : value_.read();
      // No column will be at the SRAM outputs behind this edge: none is there, or there is room for it.
      const unsigned waiting = count_.read().to_uint() + (direct ? 0u : 1u);
      ready = fresh_length == 0 || waiting < Cfg::kLookAhead;
    } else if constexpr (Cfg::kLookAhead == 0) {
      some = fresh ? fresh_some : left_.read() != 0;  // the same of the gap, which is there earlier than the length
      ready = fresh ? !fresh_some || Pointer(fresh_gap) == 0 : left_.read() <= 1;
      out.first = fresh;
      out.value = fresh_value_.read();
    } else {
      out.first = direct || first_.read();
      out.value = direct ? fresh_value_.read() : value_.read();
      // Descriptors behind this edge; one more must fit for a column to be accepted.
      const unsigned arriving = !direct && fresh_length != 0 ? 1u : 0u;
      const unsigned waiting = count_.read().to_uint() + arriving;
      const unsigned leaving = !direct && left <= 1 && waiting != 0 ? 1u : 0u;
      ready = waiting - leaving < Cfg::kLookAhead;
    }
    out.valid = some;
    some_.write(some);
    fresh_length_.write(fresh_length);
    remaining_.write(left);
    ready_.write(ready);
    entry_address.write(out);
    head_ready.write(ready);
  }

#if !EIE_SYNTHESIS_VIEW
  void step() {
    request();
    tick();
    even.step();
    odd.step();
    drive();
  }
  /// The banks have no reset: they do what was asked of them before the edge.
  void reset_step() {
    request();
    reset();
    reset_sram(even);
    reset_sram(odd);
    drive();
  }
  /// The pointers at the SRAM outputs are a column's, and its entries in this PE.
  bool is_fresh() const { return fresh_.read(); }
  unsigned fresh_entries() const { return fresh_length_.read().to_uint(); }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, pe, busy, drain, head, head_ready, entry_address, column_ready, drained, error, host);
    EIE_TRACE(host_q, fresh_);
    EIE_TRACE(odd_column_, fresh_value_, left_, address_, value_, first_, count_, fresh_length_, remaining_, some_);
    EIE_TRACE(ready_);
    if constexpr (Cfg::kEcc) EIE_TRACE(corrected, detected, even_corrected_, odd_corrected_);
    EIE_TRACE(even_q_, odd_q_, even_error_, odd_error_, begins_, lengths_, values_, put_, get_);
    if constexpr (Cfg::kPeCounters) EIE_TRACE(was_busy_, accepted_, reads_);
    EIE_TRACE(answering_, answer_);
    // Decided by request()
    list.late();
    EIE_TRACE(even_enable_, odd_enable_);
    list.late_while(even_enable_);
    EIE_TRACE(bank_write_, even_address_);
    list.late_while(odd_enable_);
    EIE_TRACE(odd_address_);
    list.late_while(even_enable_, bank_write_);
    EIE_TRACE(even_mask_, even_data_);
    list.late_while(odd_enable_, bank_write_);
    EIE_TRACE(odd_mask_, odd_data_);
    list.on_time();
  }
#endif

 private:
  using Gap = UInt<Cfg::kPointerWidth + 1>;
  static constexpr unsigned kNoGap = (1u << Cfg::kPointerWidth) - 1;
  static constexpr unsigned kNothing = 0;  // what the next host_q shows
  static constexpr unsigned kMemory = 1;
  static constexpr unsigned kCounter = 2;

  /// The parts of a pointer that a write of these bytes changes: with ECC the whole of it.
  static typename Bank::Mask pointer_mask(const UInt<8>& strobe) {
    return Cfg::kEcc ? typename Bank::Mask(strobe & 1) : typename Bank::Mask(strobe);
  }

  Pointer begin() const { return odd_column_.read() ? odd_q_.read() : even_q_.read(); }
  Pointer end() const { return odd_column_.read() ? even_q_.read() : odd_q_.read(); }
  /// The entries of the fresh column behind its first one, and in the bit above them whether it has a first one: the one
  /// addition end - begin - 1. Equal pointers give kNoGap.
  Gap gap() const {
    const Pointer inverse = ~begin();
    return Gap(end()) + Gap(inverse);
  }
  bool accepts() const {
    bool ready = ready_.read();
    if constexpr (Cfg::kSkipPadding) {
      ready = ready || column_ready.read();
    }
    return head.read().valid && ready;
  }

  /// No look-ahead: the column at the SRAM outputs goes out until its last entry.
  void tick_column() {
    const bool fresh = fresh_.read();
    const Gap fresh_gap = gap();
    const Pointer behind = fresh_gap[Cfg::kPointerWidth] ? Pointer(fresh_gap) : Pointer(0);
    if (fresh || left_.read() != 0) {
      const Pointer at = fresh ? begin() : address_.read();
      address_.write(at + 1);
      left_.write(fresh ? behind : Pointer(left_.read() - 1));
    }
  }

  /// Look-ahead: columns wait as descriptors until those before them are out; empty ones are forgotten at once.
  void tick_descriptors() {
    const Pointer left = left_.read();
    const Pointer fresh_length = fresh_length_.read();
    const bool arrives = fresh_length != 0;
    const unsigned count = count_.read().to_uint();
    bool put = false;
    bool get = false;
    if (left == 0) {  // nothing waits: the fresh column's first entry is out in this cycle
      left_.write(arrives ? Pointer(fresh_length - 1) : Pointer(0));
      address_.write(begin() + 1);
      value_.write(fresh_value_.read());
      first_.write(false);
    } else if (left > 1) {
      left_.write(left - 1);
      address_.write(address_.read() + 1);
      first_.write(false);
      put = arrives;
    } else {  // the last entry is out: the next column
      first_.write(true);
      get = count != 0;
      put = get && arrives;
      left_.write(get ? lengths_[get_] : fresh_length);
      address_.write(get ? begins_[get_] : begin());
      value_.write(get ? values_[get_] : fresh_value_.read());
    }
    if (get) {
      get_ = get_ == kStored - 1 ? Place(0) : Place(get_ + 1);
    }
    if (put) {
      store_fresh();
    }
    count_descriptors(put, get);
  }

  /// Skipped padding: columns wait as descriptors, the first one in left_, address_ and value_, until Spmat read takes them.
  /// True if the fresh column has to stay at the SRAM outputs.
  bool tick_columns() {
    const Pointer fresh_length = fresh_length_.read();
    const bool arrives = fresh_length != 0;
    const bool waits = left_.read() != 0;
    const bool taken = column_ready.read() && remaining_.read() != 0;
    const unsigned count = count_.read().to_uint();
    const unsigned waiting = count + (waits ? 1u : 0u);
    // Of the fresh column: it is taken from where it is, stored, or stays.
    const bool passes = taken && !waits;
    const bool room = waiting < Cfg::kLookAhead || (waits && taken);
    const bool stored = arrives && !passes && room;
    const bool get = taken && count != 0;
    const bool becomes_first = stored && (!waits || (taken && count == 0));
    const bool put = stored && !becomes_first;
    if (get) {
      left_.write(lengths_[get_]);
      address_.write(begins_[get_]);
      value_.write(values_[get_]);
      get_ = get_ == kStored - 1 ? Place(0) : Place(get_ + 1);
    } else if (becomes_first) {
      left_.write(fresh_length);
      address_.write(begin());
      value_.write(fresh_value_.read());
    } else if (taken) {
      left_.write(0);
    }
    if (put) {
      store_fresh();
    }
    count_descriptors(put, get);
    return arrives && !passes && !room;
  }

  void count_descriptors(bool put, bool get) {
    const unsigned count = count_.read().to_uint();
    if (put && !get) {
      count_.write(count + 1);
    } else if (get && !put) {
      count_.write(count - 1);
    }
  }

  /// The fresh column behind the last descriptor.
  void store_fresh() {
    begins_[put_] = begin();
    lengths_[put_] = fresh_length_.read();
    values_[put_] = fresh_value_.read();
    put_ = put_ == kStored - 1 ? Place(0) : Place(put_ + 1);
  }

  /// Counted an edge behind, since what is accepted depends on the SRAM; behind tick_host(), which reads it (arith_unit.h).
  void tick_counter(bool accept) {
    const bool starts = busy.read() && !was_busy_;
    if (starts || accepted_) {
      reads_ = starts ? UInt<40>(0) : UInt<40>(reads_ + 2);
    }
    accepted_ = accept;
    was_busy_ = busy.read();
  }

  bool addressed() const { return host.read().pe == pe.read(); }

  /// A host read is answered two edges after the access was on the bus.
  void tick_host() {
    sc_dt::sc_uint<64> q = 0;
    if (answer_ == kMemory) {
      q = (UInt<64>(odd_q_.read()) << 32) | UInt<64>(even_q_.read());
    } else if (Cfg::kPeCounters && answer_ == kCounter) {
      q = reads_;
    }
    host_q.write(q);
    answering_ = answer_ != kNothing;  // host_q goes back to 0 in the next cycle
    answer_ = kNothing;
    if (host.read().valid && !host.read().write && addressed()) {
      if (host.read().region == static_cast<unsigned>(reg::Region::kPtr)) {
        answer_ = kMemory;
      } else if (host.read().region == static_cast<unsigned>(reg::Region::kCounters) && host.read().word == reg::kPePtrReads) {
        answer_ = kCounter;
      }
      answering_ = true;
    }
  }

  // Descriptors that wait (look-ahead), with skipped padding behind the first; at least one, so that the arrays exist.
  static constexpr unsigned kStored = Cfg::kSkipPadding ? larger(Cfg::kLookAhead, 2) - 1 : larger(Cfg::kLookAhead, 1);
  using Place = UInt<at_least_one(log2_ceil(kStored))>;
  using Value = Int<Cfg::kDataWidth>;

  // Registers that tick() shares with request() and drive()
  Net<bool> SC_NAMED(fresh_);         // the SRAM outputs are the pointers of a column just accepted
  Net<bool> SC_NAMED(odd_column_);    // its number is odd
  Net<Value> SC_NAMED(fresh_value_);  // its activation
  Net<Pointer> SC_NAMED(left_);     // entries left of the column that is going out; with skipped padding of the first descriptor
  Net<Pointer> SC_NAMED(address_);  // of its next entry
  Net<Value> SC_NAMED(value_);      // its activation (look-ahead)
  Net<bool> SC_NAMED(first_);       // its next entry is its first (look-ahead)
  Net<UInt<log2_ceil(kStored + 1)>> SC_NAMED(count_);  // descriptors that wait
  // Decoded by drive()
  Net<Pointer> SC_NAMED(fresh_length_);  // entries of the fresh column
  Net<Pointer> SC_NAMED(remaining_);     // entries left, the one that is out in this cycle included
  Net<bool> SC_NAMED(some_);             // one is out
  Net<bool> SC_NAMED(ready_);

  // SRAM wires
  Net<bool> SC_NAMED(even_enable_);
  Net<bool> SC_NAMED(odd_enable_);
  Net<bool> SC_NAMED(bank_write_);
  Net<typename Bank::Mask> SC_NAMED(even_mask_);
  Net<typename Bank::Mask> SC_NAMED(odd_mask_);
  Net<BankAddress> SC_NAMED(even_address_);
  Net<BankAddress> SC_NAMED(odd_address_);
  Net<Pointer> SC_NAMED(even_data_);
  Net<Pointer> SC_NAMED(odd_data_);
  Net<Pointer> SC_NAMED(even_q_);
  Net<Pointer> SC_NAMED(odd_q_);
  Net<bool> SC_NAMED(even_error_);
  Net<bool> SC_NAMED(odd_error_);
  NetIf<Cfg::kEcc, bool> SC_NAMED(even_corrected_);
  NetIf<Cfg::kEcc, bool> SC_NAMED(odd_corrected_);

  // Registers of tick() alone
  Pointer begins_[kStored];
  Pointer lengths_[kStored];
  Value values_[kStored];
  Place put_;
  Place get_;
  UInt<40> reads_;  // kPeCounters
  bool accepted_;   // a head, in the cycle before
  bool was_busy_;
  UInt<2> answer_;
  bool answering_;  // an answer is due or has to be taken back
};

}  // namespace eie
