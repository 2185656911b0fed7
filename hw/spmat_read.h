// SPDX-License-Identifier: Apache-2.0
// Sparse-matrix (Spmat) read: fetches the encoded weights of a column, one entry a cycle (paper, section IV, "Sparse
// Matrix Read Unit"). The SRAM is read only when the row changes: the row stays at the SRAM output while entries
// come from it, across columns too.
//
// Ports
//   entry_address   from pointer read
//   entry           to the arithmetic unit
//   host, host_q    memory window and counter access; host_q is 0 when this block is not addressed
//
// Timing: an address in cycle t gives its entry in t + 1. One a cycle, never stalls.
#pragma once

#include "clocked.h"
#include "sram.h"
#include "types.h"

namespace eie {

template <class Cfg>
class SpmatRead : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  // A word is a row, or, with 32-bit rows, two of them: the host writes 64 bits at once.
  static constexpr unsigned kWordWidth = larger(Cfg::kSpmatWidth, 64);
  static constexpr unsigned kRowsPerWord = kWordWidth / Cfg::kSpmatWidth;
  using Memory = Sram<kWordWidth, Cfg::kSpmatDepth / kRowsPerWord, 8, Cfg::kEcc>;
  using Row = typename Memory::Word;
  using WordAddress = typename Memory::Address;
  using RowAddress = UInt<P::kSpmatAddressWidth>;
  using EntryWord = UInt<P::kEntryWidth>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  Input<bool> SC_NAMED(busy);
  Input<EntryAddress<Cfg>> SC_NAMED(entry_address);
  Output<Entry<Cfg>> SC_NAMED(entry);
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);

  Memory SC_NAMED(spmat);

  EIE_BLOCK(SpmatRead)

  explicit SpmatRead(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
#if EIE_SYNTHESIS_VIEW
    spmat.clk(clk);
#endif
    spmat.enable(enable_);
    spmat.write(write_);
    spmat.address(address_);
    spmat.mask(mask_);
    spmat.data(data_);
    spmat.q(q_);
    spmat.error(error_);
    EIE_CLOCKED(clocking);
    EIE_COMBINATIONAL(request, host << pe << entry_address << held_ << held_row_);
    EIE_COMBINATIONAL(drive, valid_ << first_ << select_ << value_ << q_);
  }

  void reset() {
    held_.write(false);
    held_row_.write(0);
    valid_.write(false);
    first_.write(false);
    select_.write(0);
    value_.write(0);
    reads_ = 0;
    was_busy_ = false;
    answer_ = kNothing;
    answering_ = false;
    answer_beat_ = 0;
    host_q.write(0);
  }

  /// The SRAM access in this cycle: the row of the next entry unless it is at the output, or the host's.
  void request() {
    const bool from_host = host.read().valid && addressed();
    const bool fetch = !host.read().valid && entry_address.read().valid &&
                       (!held_.read() || held_row_.read() != row_of_entry());
    enable_.write(fetch || from_host);
    if (fetch || from_host || kDriveIdleWires) {
      const WordAddress host_at = host.read().word >> kLog2Beats;
      const WordAddress fetch_at = row_of_entry() >> log2_ceil(kRowsPerWord);
      write_.write(from_host && host.read().write);
      address_.write(from_host ? host_at : fetch_at);
      mask_.write(host_mask());
      data_.write(host_row());
    }
  }

  void tick() {
    const bool is_busy = busy.read();
    const bool is_start = is_busy && !was_busy_;
    const bool valid = entry_address.read().valid;
    was_busy_ = is_busy;
    if (is_start) {
      reads_ = 0;
    }
    valid_.write(valid);
    if (valid) {
      const RowAddress row = row_of_entry();
      if (!held_.read() || held_row_.read() != row) {
        reads_ = reads_ + 1;
      }
      held_.write(true);
      held_row_.write(row);
      select_.write(Select(entry_address.read().address & (kEntriesPerWord - 1)));
      first_.write(entry_address.read().first);
      value_.write(entry_address.read().value);
    } else if (is_start) {
      held_.write(false);  // the host may have changed the row meanwhile
    }
    if (host.read().valid || answering_) tick_host();
  }

  /// The entry, selected from the row at the SRAM output.
  void drive() {
    Entry<Cfg> out;
    out.valid = valid_.read();
    out.first = first_.read();
    const EntryWord word = selected();
    out.code = word;
    out.run = word >> Cfg::kCodeWidth;
    out.value = value_.read();
    entry.write(out);
  }

  /// Back door: 64-bit beat `beat` of the memory window.
  void poke(std::size_t beat, std::uint64_t value) { spmat.poke(beat / kBeats, value, beat % kBeats); }
  std::uint64_t peek(std::size_t beat) const { return spmat.peek(beat / kBeats, beat % kBeats); }

#if !EIE_SYNTHESIS_VIEW
  void step() {
    request();
    tick();
    spmat.step();
    drive();
  }
  /// The SRAM has no reset: it does what was asked of it before the edge.
  void reset_step() {
    request();
    reset();
    spmat.step();
    drive();
  }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, pe, busy, entry_address, entry, host, host_q, held_, held_row_, valid_, first_, select_, value_);
    EIE_TRACE(q_, error_, was_busy_, reads_, answering_, answer_, answer_beat_);
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
  static constexpr unsigned kBeats = Memory::kBeats;
  static constexpr unsigned kLog2Beats = log2_ceil(kBeats);
  static constexpr unsigned kEntriesPerWord = kWordWidth / P::kEntryWidth;
  using Select = UInt<log2_ceil(kEntriesPerWord)>;
  using Beat = UInt<at_least_one(kLog2Beats)>;

  bool addressed() const {
    return host.read().pe == pe.read() && host.read().region == static_cast<unsigned>(reg::Region::kSpmat);
  }
  RowAddress row_of_entry() const { return RowAddress(entry_address.read().address >> P::kLog2EntriesPerRow); }
  Beat host_beat() const { return Beat(host.read().word & (kBeats - 1)); }
  typename Memory::Mask host_mask() const {
    return typename Memory::Mask(UInt<64>(host.read().strobe) << (8 * host_beat()));
  }
  Row host_row() const {
    Row row = host.read().data.to_uint64();
    if constexpr (kBeats > 1) {
      const Row beat = row;
      for (unsigned b = 1; b < kBeats; ++b) {
        row = (row << 64) | beat;
      }
    }
    return row;
  }
  EntryWord selected() const {
    EntryWord word;
    if constexpr (kBeats > 1) {
      const Row rest = q_.read() >> (select_.read().to_uint() * P::kEntryWidth);
      word = rest.to_uint64();
    } else {
      word = q_.read() >> (select_.read() * P::kEntryWidth);
    }
    return word;
  }

  void tick_host() {
    sc_dt::sc_uint<64> q = 0;
    if (answer_ == kMemory) {
      if constexpr (kBeats > 1) {
        const Row rest = q_.read() >> (answer_beat_.to_uint() * 64);
        q = rest.to_uint64();
      } else {
        q = q_.read();
      }
    } else if (answer_ == kCounter) {
      q = reads_;
    }
    host_q.write(q);
    answering_ = answer_ != kNothing;  // host_q goes back to 0 in the next cycle
    answer_ = kNothing;
    if (host.read().valid && !host.read().write) {
      if (addressed()) {
        answer_ = kMemory;
        answer_beat_ = host_beat();
      } else if (host.read().pe == pe.read() &&
                 host.read().region == static_cast<unsigned>(reg::Region::kCounters) &&
                 host.read().word == reg::kPeSpmatReads) {
        answer_ = kCounter;
      }
      answering_ = true;
    }
  }

  // Registers that tick() shares with request() and drive()
  Net<bool> SC_NAMED(held_);  // the SRAM output is row held_row_
  Net<RowAddress> SC_NAMED(held_row_);
  Net<bool> SC_NAMED(valid_);
  Net<bool> SC_NAMED(first_);
  Net<Select> SC_NAMED(select_);
  Net<Int<Cfg::kDataWidth>> SC_NAMED(value_);

  // SRAM wires
  Net<bool> SC_NAMED(enable_);
  Net<bool> SC_NAMED(write_);
  Net<WordAddress> SC_NAMED(address_);
  Net<typename Memory::Mask> SC_NAMED(mask_);
  Net<Row> SC_NAMED(data_);
  Net<Row> SC_NAMED(q_);
  Net<bool> SC_NAMED(error_);

  // Registers of tick() alone
  UInt<40> reads_;
  bool was_busy_;
  UInt<2> answer_;
  bool answering_;  // an answer is due or has to be taken back
  Beat answer_beat_;
};

}  // namespace eie
