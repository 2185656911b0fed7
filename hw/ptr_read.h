// Pointer read: turns a column number into the addresses of the column's entries (paper, section IV, "Pointer
// Read Unit"). Two single-ported banks, even and odd pointers, give p[j] and p[j+1] in one cycle.
//
// Ports
//   head, head_ready   from the activation queue; the head leaves it when both are set
//   entry_address      to Spmat read, one entry a cycle; no back-pressure behind this block
//   drain, drained     drained is set once no column is left after the last broadcast of a batch
//   error              one-cycle pulse: pointers run backwards; the column is dropped
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
  using Bank = Sram<Cfg::kPointerWidth, P::kPtrBankDepth, Cfg::kPointerWidth, Cfg::kEcc>;
  using BankAddress = typename Bank::Address;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  Input<bool> SC_NAMED(busy);
  Input<bool> SC_NAMED(drain);
  Input<Activation<Cfg>> SC_NAMED(head);
  Output<bool> SC_NAMED(head_ready);
  Output<EntryAddress<Cfg>> SC_NAMED(entry_address);
  Output<bool> SC_NAMED(drained);
  Output<bool> SC_NAMED(error);
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);

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
    even.mask(bank_mask_);
    even.data(even_data_);
    even.q(even_q_);
    even.error(even_error_);
    odd.enable(odd_enable_);
    odd.write(bank_write_);
    odd.address(odd_address_);
    odd.mask(bank_mask_);
    odd.data(odd_data_);
    odd.q(odd_q_);
    odd.error(odd_error_);
    EIE_CLOCKED(clocking);
    EIE_COMBINATIONAL(request, host << pe << head << remaining_);
    EIE_COMBINATIONAL(drive, fresh_ << odd_column_ << left_ << address_ << value_ << even_q_ << odd_q_);
  }

  void reset() {
    fresh_.write(false);
    odd_column_.write(false);
    left_.write(0);
    address_.write(0);
    value_.write(0);
    reads_ = 0;
    was_busy_ = false;
    answer_ = kNothing;
    answering_ = false;
    drained.write(false);
    error.write(false);
    host_q.write(0);
  }

  /// The banks' access in this cycle: the pointers of the head, or the host's.
  void request() {
    const bool from_host =
        host.read().valid && addressed() && host.read().region == static_cast<unsigned>(reg::Region::kPtr);
    const bool write = from_host && host.read().write;
    const bool accept = !host.read().valid && head.read().valid && remaining_.read() <= 1;
    even_enable_.write(accept || (from_host && (!write || host.read().lanes[0])));
    odd_enable_.write(accept || (from_host && (!write || host.read().lanes[1])));
    if (accept || from_host || kDriveIdleWires) {
      const UInt<P::kPtrAddressWidth> column = head.read().column;
      BankAddress at_even = (column >> 1) + (column & 1);  // p[j+1] of an odd column is in the next even row
      BankAddress at_odd = column >> 1;
      if (from_host) {
        at_even = host.read().word;
        at_odd = host.read().word;
      }
      bank_write_.write(write);
      bank_mask_.write(1);
      even_address_.write(at_even);
      odd_address_.write(at_odd);
      even_data_.write(Pointer(host.read().data));
      odd_data_.write(Pointer(host.read().data >> 32));
    }
  }

  void tick() {
    // The column in progress.
    const Pointer left = remaining_.read();
    const bool accept = head.read().valid && left <= 1;
    const bool fresh = fresh_.read();
    error.write(fresh && end() < begin());
    if (left > 1) {
      const Pointer at = fresh ? begin() : address_.read();
      address_.write(at + 1);
      left_.write(left - 1);
    } else {
      left_.write(0);
    }
    fresh_.write(accept);
    if (accept) {
      value_.write(head.read().value);
      odd_column_.write(head.read().column[0]);
    }
    drained.write(drain.read() && !head.read().valid && left == 0);

    // Counters and host.
    const bool is_busy = busy.read();
    if (is_busy && !was_busy_) {
      reads_ = 0;
    }
    was_busy_ = is_busy;
    if (accept) {
      reads_ = reads_ + 2;
    }
    if (host.read().valid || answering_) tick_host();
  }

  /// Outputs decoded from the pointers at the SRAM outputs and the registers.
  void drive() {
    const bool fresh = fresh_.read();
    Pointer left = left_.read();
    if (fresh) {
      left = end() < begin() ? Pointer(0) : Pointer(end() - begin());
    }
    remaining_.write(left);
    EntryAddress<Cfg> out;
    out.valid = left != 0;
    out.first = fresh;
    out.address = fresh ? begin() : address_.read();
    out.value = value_.read();
    entry_address.write(out);
    head_ready.write(left <= 1);
  }

#if !EIE_SYNTHESIS_VIEW
  void step() {
    request();
    tick();
    even.step();
    odd.step();
    drive();
  }
  void reset_step() {
    reset();
    drive();
  }
  void trace(sc_core::sc_trace_file* file) const override {
    const std::string prefix = std::string(this->name()) + ".";
    trace_value(file, head.read(), prefix + "head");
    trace_value(file, head_ready.read(), prefix + "head_ready");
    trace_value(file, entry_address.read(), prefix + "entry_address");
    trace_value(file, drained.read(), prefix + "drained");
    trace_value(file, error.read(), prefix + "error");
    trace_value(file, fresh_.traced(), prefix + "fresh");
    trace_value(file, left_.traced(), prefix + "left");
    trace_value(file, even_q_.traced(), prefix + "even_q");
    trace_value(file, odd_q_.traced(), prefix + "odd_q");
    trace_value(file, reads_, prefix + "reads");
  }
#endif

 private:
  static constexpr unsigned kNothing = 0;  // what the next host_q shows
  static constexpr unsigned kMemory = 1;
  static constexpr unsigned kCounter = 2;

  Pointer begin() const { return odd_column_.read() ? odd_q_.read() : even_q_.read(); }
  Pointer end() const { return odd_column_.read() ? even_q_.read() : odd_q_.read(); }
  bool addressed() const { return host.read().pe == pe.read(); }

  /// A host read is answered two edges after the access was on the bus.
  void tick_host() {
    sc_dt::sc_uint<64> q = 0;
    if (answer_ == kMemory) {
      q = (UInt<64>(odd_q_.read()) << 32) | UInt<64>(even_q_.read());
    } else if (answer_ == kCounter) {
      q = reads_;
    }
    host_q.write(q);
    answering_ = answer_ != kNothing;  // host_q goes back to 0 in the next cycle
    answer_ = kNothing;
    if (host.read().valid && !host.read().write && addressed()) {
      if (host.read().region == static_cast<unsigned>(reg::Region::kPtr)) {
        answer_ = kMemory;
      } else if (host.read().region == static_cast<unsigned>(reg::Region::kCounters) &&
                 host.read().word == reg::kPePtrReads) {
        answer_ = kCounter;
      }
      answering_ = true;
    }
  }

  // Registers that tick() shares with request() and drive()
  Net<bool> SC_NAMED(fresh_);       // the SRAM outputs are the pointers of a column just accepted
  Net<bool> SC_NAMED(odd_column_);  // its number is odd
  Net<Pointer> SC_NAMED(left_);     // entries left of a column that is not fresh
  Net<Pointer> SC_NAMED(remaining_);  // decoded by drive(): entries of the column not out before this cycle
  Net<Pointer> SC_NAMED(address_);
  Net<Int<Cfg::kDataWidth>> SC_NAMED(value_);

  // SRAM wires
  Net<bool> SC_NAMED(even_enable_);
  Net<bool> SC_NAMED(odd_enable_);
  Net<bool> SC_NAMED(bank_write_);
  Net<typename Bank::Mask> SC_NAMED(bank_mask_);
  Net<BankAddress> SC_NAMED(even_address_);
  Net<BankAddress> SC_NAMED(odd_address_);
  Net<Pointer> SC_NAMED(even_data_);
  Net<Pointer> SC_NAMED(odd_data_);
  Net<Pointer> SC_NAMED(even_q_);
  Net<Pointer> SC_NAMED(odd_q_);
  Net<bool> SC_NAMED(even_error_);
  Net<bool> SC_NAMED(odd_error_);

  // Registers of tick() alone
  UInt<40> reads_;
  bool was_busy_;
  UInt<2> answer_;
  bool answering_;  // an answer is due or has to be taken back
};

}  // namespace eie
