// SPDX-License-Identifier: Apache-2.0
// Sparse-matrix (Spmat) read: fetches the encoded weights of a column, one entry a cycle (paper, section IV, "Sparse
// Matrix Read Unit"). The SRAM is read only when the row changes: the row stays at the SRAM output while entries
// come from it, across columns too.
//
// Ports
//   entry_address   from pointer read
//   column_ready    (kSkipPadding) the column at entry_address is taken in this cycle
//   entry           to the arithmetic unit
//   corrected, detected   (ECC) words read in the cycle before with an error, one cycle: corrected, or not to be
//   host, host_q    memory window and counter access; host_q is 0 when this block is not addressed
//
// Timing: an address in cycle t gives its entry in t + 1. One a cycle, never stalls.
//
// Skipped padding (kSkipPadding, our addition): this block goes through a column's entries by itself. Padding, code 0 with the
// largest run, is consumed in the cycle of the entry behind it, since the whole row is at the SRAM output; at the end of a row
// in that of the entry before it, if the column has one in the row. So only padding in whose cycle the next row has to be
// fetched, or that ends a column (a bad image), takes a cycle. The entry says how many it skipped. What is consumed in a
// cycle decides where the next one goes on, and so the row that the SRAM is asked for:
//
//   clk            _/~\_/~\_/~\_/~\_/~\_
//   entry_address  <j0>----<j1>----------      j0: weight, padding, weight; j1: padding, padding, weight
//   column_ready   ~~~~\___/~~~~~~~~~~~~
//   entry          ----<w0><w2><w2'>-----      w2 with 1 skipped, w2' with 2
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
  using Memory = Sram<kWordWidth, Cfg::kSpmatDepth / kRowsPerWord, P::kSpmatPart, Cfg::kEcc>;
  using Row = typename Memory::Word;
  using WordAddress = typename Memory::Address;
  using RowAddress = UInt<P::kSpmatAddressWidth>;
  using EntryWord = UInt<P::kEntryWidth>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  Input<bool> SC_NAMED(busy);
  Input<EntryAddress<Cfg>> SC_NAMED(entry_address);
  Output<bool> SC_NAMED(column_ready);
  Output<Entry<Cfg>> SC_NAMED(entry);
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);
  OutputIf<Cfg::kEcc, bool> SC_NAMED(corrected);
  OutputIf<Cfg::kEcc, bool> SC_NAMED(detected);

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
    if constexpr (Cfg::kEcc) {
#if EIE_SYNTHESIS_VIEW
      spmat.rst_n(rst_n);
#endif
      spmat.corrected(corrected_);
    }
    EIE_CLOCKED(clocking);
    EIE_COMBINATIONAL(request, host << pe << entry_address << held_ << held_row_ << ready_ << crosses_);
    EIE_COMBINATIONAL(drive, valid_ << first_ << select_ << value_ << rest_ << pending_ << q_);
  }

  void reset() {
    held_.write(false);
    held_row_.write(0);
    valid_.write(false);
    first_.write(false);
    select_.write(0);
    value_.write(0);
    rest_.write(0);
    pending_.write(0);
    if constexpr (Cfg::kPeCounters) reads_ = 0;
    was_busy_ = false;
    answer_ = kNothing;
    answering_ = false;
    answer_beat_ = 0;
    host_q.write(0);
    if constexpr (Cfg::kEcc) {
      corrected.write(false);
      detected.write(false);
    }
  }

  /// The SRAM access in this cycle: the row of the next entry unless it is at the output, or the host's.
  void request() {
    const bool from_host = host.read().valid && addressed();
    const bool fetch = !host.read().valid && fetches();
    enable_.write(fetch || from_host);
    if (fetch || from_host || kDriveIdleWires) {
      const WordAddress host_at = host.read().word >> kLog2Beats;
      const WordAddress fetch_at = row_to_fetch() >> log2_ceil(kRowsPerWord);
      write_.write(from_host && host.read().write);
      address_.write(from_host ? host_at : fetch_at);
      mask_.write(host_mask());
      data_.write(host_row());
    }
  }

  void tick() {
    const bool is_busy = busy.read();
    const bool is_start = is_busy && !was_busy_;
    bool takes = entry_address.read().valid;
    was_busy_ = is_busy;
    const bool fetch = fetches();
    bool goes_on = false;
    if constexpr (Cfg::kSkipPadding) {
      takes = takes && ready_.read();
      goes_on = !ready_.read();
    }
    valid_.write(takes || goes_on);
    if (takes) {
      const RowAddress row = row_of_entry();
      held_.write(true);
      held_row_.write(row);
      select_.write(Select(entry_address.read().address & (kEntriesPerWord - 1)));
      first_.write(entry_address.read().first);
      value_.write(entry_address.read().value);
      if constexpr (Cfg::kSkipPadding) {
        rest_.write((entry_address.read().address & (kEntries - 1)) + entry_address.read().length);
        pending_.write(0);
      }
    } else if (goes_on) {
      tick_column();
    } else if (is_start) {
      held_.write(false);  // the host may have changed the row meanwhile
    }
    if constexpr (Cfg::kEcc) {
      corrected.write(corrected_.read());
      detected.write(error_.read());
    }
    if (host.read().valid || answering_) tick_host();
    if constexpr (Cfg::kPeCounters) {  // behind tick_host(), which reads it (arith_unit.h)
      if (is_start || fetch) {
        reads_ = is_start ? UInt<40>(0) : UInt<40>(reads_ + 1);
      }
    }
  }

  /// The entry, selected from the row at the SRAM output.
  void drive() {
    Entry<Cfg> out;
    out.valid = valid_.read();
    out.first = first_.read();
    EntryWord word = 0;
    if constexpr (Cfg::kSkipPadding) {
      const unsigned at = drive_column();
      const unsigned select = row_start() + at;
      // at - first_place() + pending_, the part that does not depend on the row before it; it wraps around
      const UInt<P::kSkippedWidth> offset = pending_.read().to_uint() + 2 * kEntries - first_place();
      out.skipped = at + offset.to_uint();
      word = entry_at(select);
    } else {
      const unsigned select = select_.read().to_uint();
      word = entry_at(select);
      if (kDriveIdleWires) {
        drive_nothing();
      }
    }
    out.code = word;
    out.run = word >> Cfg::kCodeWidth;
    out.value = value_.read();
    entry.write(out);
  }

  /// Back door: 64-bit beat `beat` of the memory window.
  void poke(std::size_t beat, std::uint64_t value) { spmat.poke(beat / kBeats, value, beat % kBeats); }
  std::uint64_t peek(std::size_t beat) const { return spmat.peek(beat / kBeats, beat % kBeats); }

#if !EIE_SYNTHESIS_VIEW
  /// An entry's address, a column's first or a later one, is at work in this cycle.
  bool is_addressing() const {
    bool addressing = entry_address.read().valid;
    if constexpr (Cfg::kSkipPadding) addressing = addressing || !ready_.read();
    return addressing;
  }
  /// Of these, a column's first.
  bool is_first_address() const {
    bool first = entry_address.read().valid && entry_address.read().first;
    if constexpr (Cfg::kSkipPadding) first = first && ready_.read();
    return first;
  }

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
    reset_sram(spmat);
    drive();
  }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, pe, busy, entry_address, column_ready, entry, host, host_q, held_, held_row_, valid_, first_);
    EIE_TRACE(select_, value_);
    EIE_TRACE(rest_, pending_, ready_, crosses_, after_, pending_after_);
    if constexpr (Cfg::kEcc) EIE_TRACE(corrected, detected, corrected_);
    if constexpr (Cfg::kPeCounters) EIE_TRACE(reads_);
    EIE_TRACE(q_, error_, was_busy_, answering_, answer_, answer_beat_);
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
  static constexpr unsigned kPartBytes = P::kSpmatPart / 8;  // that a bit of the SRAM's mask stands for
  static constexpr unsigned kPartsPerBeat = 8 / kPartBytes;
  static constexpr unsigned kEntriesPerWord = kWordWidth / P::kEntryWidth;
  using Select = UInt<log2_ceil(kEntriesPerWord)>;
  using Beat = UInt<at_least_one(kLog2Beats)>;

  bool addressed() const {
    return host.read().pe == pe.read() && host.read().region == static_cast<unsigned>(reg::Region::kSpmat);
  }
  RowAddress row_of_entry() const { return RowAddress(entry_address.read().address >> P::kLog2EntriesPerRow); }
  Beat host_beat() const { return Beat(host.read().word & (kBeats - 1)); }
  typename Memory::Mask host_mask() const {
    return typename Memory::Mask(UInt<64>(parts_of_bytes<kPartBytes>(host.read().strobe)) << (kPartsPerBeat * host_beat()));
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
  /// Of the word at the SRAM output.
  EntryWord entry_at(unsigned select) const {
    EntryWord word;
    if constexpr (kBeats > 1) {
      const Row rest = q_.read() >> (select * P::kEntryWidth);
      word = rest.to_uint64();
    } else {
      word = q_.read() >> (select * P::kEntryWidth);
    }
    return word;
  }

  /// Another row has to be at the SRAM output in the next cycle.
  bool fetches() const {
    bool fetch = entry_address.read().valid && (!held_.read() || held_row_.read() != row_of_entry());
    if constexpr (Cfg::kSkipPadding) {
      fetch = ready_.read() ? fetch : crosses_.read();
    }
    return fetch;
  }
  RowAddress row_to_fetch() const {
    RowAddress row = row_of_entry();
    if constexpr (Cfg::kSkipPadding) {
      if (!ready_.read()) {
        row = held_row_.read() + 1;
      }
    }
    return row;
  }

  // --- Skipped padding -------------------------------------------------------------------------------------

  static constexpr unsigned kEntries = P::kEntriesPerRow;
  using Rest = UInt<Cfg::kPointerWidth + 1>;
  using Count = UInt<P::kLog2EntriesPerRow + 1>;  // a place in the row, or one behind it
  static constexpr unsigned kPaddingEntry = ((1u << Cfg::kRunWidth) - 1u) << Cfg::kCodeWidth;

  /// Where the row begins in the word, and the place in it from which the column goes on.
  unsigned row_start() const { return select_.read().to_uint() & (kEntriesPerWord - kEntries); }
  unsigned first_place() const { return select_.read().to_uint() & (kEntries - 1); }

  /// What is consumed in this cycle of the row at the SRAM output, and where the column goes on. Returns the entry's place.
  /// All that depends on the row is one pass over its entries: the SRAM output is late in the cycle.
  unsigned drive_column() {
    const unsigned start = row_start();
    const unsigned from = first_place();
    const bool beyond = rest_.read() > kEntries;  // the column goes on in the next row
    const unsigned end = beyond ? kEntries : rest_.read().to_uint();
    unsigned at = from;   // of the first weight, or of the last entry
    unsigned after = 0;   // behind it
    bool weight = false;  // one at least
    bool more = false;    // another
    bool early = false;   // one before the last entry
    for (unsigned i = 0; i < kEntries; ++i) {
      const unsigned select = start + i;
      const EntryWord word = entry_at(select);
      const bool is_weight = word != kPaddingEntry;
      if (i >= from && i < end) {
        if (!weight) {
          at = i;
          after = i + 1;
        }
        more = more || (weight && is_weight);
        early = early || (is_weight && i + 1 < end);
        weight = weight || is_weight;
      }
    }
    const bool goes_on = valid_.read() && (beyond || early);
    after_.write(after);
    pending_after_.write(kEntries - 1 - at);
    crosses_.write(valid_.read() && beyond && !more);
    ready_.write(!goes_on);
    column_ready.write(!goes_on);
    return at;
  }

  /// The column goes on where drive_column() said.
  void tick_column() {
    first_.write(false);
    if (crosses_.read()) {
      const RowAddress row = held_row_.read() + 1;
      const unsigned select = (row.to_uint() & (kRowsPerWord - 1)) * kEntries;
      held_row_.write(row);
      select_.write(select);
      rest_.write(rest_.read() - kEntries);
      pending_.write(pending_after_.read());  // padding behind the row's last weight goes with the next entry
    } else {
      const unsigned select = row_start() + after_.read().to_uint();
      select_.write(select);
      pending_.write(0);
    }
  }

  /// Without skipped padding.
  void drive_nothing() {
    after_.write(0);
    pending_after_.write(0);
    crosses_.write(false);
    ready_.write(false);
    column_ready.write(false);
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
    } else if (Cfg::kPeCounters && answer_ == kCounter) {
      q = reads_;
    }
    host_q.write(q);
    answering_ = answer_ != kNothing;  // host_q goes back to 0 in the next cycle
    answer_ = kNothing;
    if (host.read().valid && !host.read().write) {
      if (addressed()) {
        answer_ = kMemory;
        answer_beat_ = host_beat();
      } else if (host.read().pe == pe.read() && host.read().region == static_cast<unsigned>(reg::Region::kCounters) &&
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
  // With skipped padding
  Net<Rest> SC_NAMED(rest_);            // entries from the row's first place to the column's end
  Net<Count> SC_NAMED(pending_);        // padding at the end of the row before, skipped
  Net<bool> SC_NAMED(ready_);           // no column goes on behind this edge
  Net<bool> SC_NAMED(crosses_);         // one does, with the next row:
  Net<Count> SC_NAMED(pending_after_);  //   pending_ behind the edge
  Net<Count> SC_NAMED(after_);          // else the place behind what was consumed

  // SRAM wires
  Net<bool> SC_NAMED(enable_);
  Net<bool> SC_NAMED(write_);
  Net<WordAddress> SC_NAMED(address_);
  Net<typename Memory::Mask> SC_NAMED(mask_);
  Net<Row> SC_NAMED(data_);
  Net<Row> SC_NAMED(q_);
  Net<bool> SC_NAMED(error_);
  NetIf<Cfg::kEcc, bool> SC_NAMED(corrected_);

  // Registers of tick() alone
  UInt<40> reads_;  // kPeCounters
  bool was_busy_;
  UInt<2> answer_;
  bool answering_;  // an answer is due or has to be taken back
  Beat answer_beat_;
};

}  // namespace eie
