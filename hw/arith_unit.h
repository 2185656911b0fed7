// SPDX-License-Identifier: Apache-2.0
// Arithmetic unit: b[x] += v * a[j] (paper, section IV, "Arithmetic Unit"), one entry a cycle in four stages:
//
//   1  codebook lookup, recoding for the multiplier (booth.h), and address accumulation: row = previous row of the column
//      + run + 1
//   2  read of the destination register, and multiplication
//   3  shift with rounding, addition, saturation
//   4  write back
//
// Bypasses: an entry for the same row one behind takes the adder output (held for stage 4), two behind the
// write-first register file of ActRw. Padding entries (code 0) only move the row; they never write nor forward. Those that
// were skipped (kSkipPadding) move it together with the entry behind them.
//
// Ports
//   entry               from Spmat read
//   access, accumulated destination registers in ActRw: read row of stage 2 (the register file's output register
//                       shows it in the next cycle), write of stage 4
//   shift, out_length   of the layer
//   saturated, error    one-cycle pulses: the sum was clamped; a weight lies beyond the last row (dropped)
//   host, host_q        codebook (written in all PEs at once, read from PE 0) and counters
//
// Timing: an entry in cycle t is written at the end of t + 3 (access.write is set in t + 3).
#pragma once

#include "booth.h"
#include "clocked.h"
#include "types.h"

namespace eie {

template <class Cfg>
class ArithUnit : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  using Data = Int<Cfg::kDataWidth>;
  using Bits = UInt<Cfg::kDataWidth>;
  using Multiplier = Booth<Cfg::kDataWidth>;
  using Acc = Int<Cfg::kAccWidth>;
  using Product = Int<P::kProductWidth>;
  using Sum = Int<P::kSumWidth>;
  using Row = UInt<P::kRowWidth>;
  using Length = sc_dt::sc_uint<P::kColumnWidth + 1>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<sc_dt::sc_uint<P::kPeWidth>> SC_NAMED(pe);
  Input<bool> SC_NAMED(busy);
  Input<Entry<Cfg>> SC_NAMED(entry);
  Output<AccumulatorAccess<Cfg>> SC_NAMED(access);
  Input<Acc> SC_NAMED(accumulated);
  Input<sc_dt::sc_uint<P::kShiftWidth>> SC_NAMED(shift);
  Input<Length> SC_NAMED(out_length);
  Output<bool> SC_NAMED(saturated);
  Output<bool> SC_NAMED(error);
  Input<HostAccess<Cfg>> SC_NAMED(host);
  Output<sc_dt::sc_uint<64>> SC_NAMED(host_q);

  EIE_BLOCK(ArithUnit)

  explicit ArithUnit(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
    EIE_CLOCKED(clocking);
  }

  void reset() {
    for (unsigned c = 0; c < P::kCodes; ++c) {
      codebook_[c] = 0;
    }
    row_ = 0;
    beyond_ = false;
    valid1_ = false;
    row1_ = 0;
    one1_ = 0;
    two1_ = 0;
    negative1_ = 0;
    value1_ = 0;
    valid2_ = false;
    row2_ = 0;
    product2_ = 0;
    valid3_ = false;
    row3_ = 0;
    sum3_ = 0;
    if constexpr (Cfg::kPeCounters) {
      entries_ = 0;
      padding_ = 0;
      padding_skipped_ = 0;
      starved_ = 0;
      was_busy_ = false;
    }
    answer_ = 0;
    answering_ = false;
    access.write(AccumulatorAccess<Cfg>());
    saturated.write(false);
    error.write(false);
    host_q.write(0);
  }

  void tick() {
    tick_add();
    tick_multiply();
    tick_lookup();
    AccumulatorAccess<Cfg> out;
    out.read_row = row1_;
    out.write = valid3_;
    out.write_row = row3_;
    out.sum = sum3_;
    access.write(out);
    if (host.read().valid || answering_) tick_host();
    if constexpr (Cfg::kPeCounters) tick_counters();
  }

#if !EIE_SYNTHESIS_VIEW
  void step() { tick(); }
  void reset_step() { reset(); }
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, pe, busy, entry, access, accumulated, shift, out_length, saturated, error, host, host_q);
    EIE_TRACE(codebook_, row_, beyond_, valid1_, row1_, one1_, two1_, negative1_, value1_, valid2_, row2_, product2_, valid3_,
              row3_);
    EIE_TRACE(sum3_, answer_, answering_);
    if constexpr (Cfg::kPeCounters) EIE_TRACE(entries_, padding_, padding_skipped_, starved_, was_busy_);
    list.late();
    EIE_TRACE(bypass_);
    list.on_time();
  }
#endif

 private:
  using Counter = UInt<40>;
  using Code = UInt<Cfg::kCodeWidth>;
  static constexpr std::int64_t kAccMax = (std::int64_t{1} << (Cfg::kAccWidth - 1)) - 1;
  static constexpr std::int64_t kAccMin = -kAccMax - 1;
  // A row that may lie beyond the registers: previous row + run + 1. Skipped padding entries have the largest run each, and
  // so their number stands before the run's bits.
  static constexpr unsigned kAdvanceWidth = Cfg::kRunWidth + (Cfg::kSkipPadding ? P::kSkippedWidth : 0);
  static constexpr unsigned kWideRowWidth = larger(P::kRowWidth, kAdvanceWidth) + 1;
  using WideRow = UInt<kWideRowWidth>;

  /// Stage 3: what was multiplied is scaled and added; the adder output of the entry before comes first.
  void tick_add() {
    bypass_ = valid3_ && row3_ == row2_;
    const Acc before = bypass_ ? sum3_ : accumulated.read();
    bool clamped = false;
    if (valid2_) {
      // t = (p >> shift) + p[shift - 1]; the rounding bit is the carry into the one addition. That is of two bits more than
      // a sum has: where p >> shift is beyond one bit more, its sign tells how the sum is clamped, whatever is added to.
      const unsigned by = shift.read().to_uint();
      const Int<64> wide = product2_;
      const UInt<64> bits = bits_of<64>(wide);
      const UInt<64> below = bits << 1;  // bit `shift` of it is p[shift - 1], or 0
      Sum carry = 0;
      if (below[by]) {
        carry = 1;
      }
      const Product whole = product2_ >> by;
      const Sum sum = Sum(before) + Sum(whole) + carry;
      const Product far = whole >> Cfg::kAccWidth;   // 0 or -1: nothing but the sign
      const Sum over = sum >> (Cfg::kAccWidth - 1);  // the same
      const bool beyond = far != 0 && far != -1;
      const bool negative = beyond ? far < 0 : over < 0;
      clamped = beyond || (over != 0 && over != -1);
      Acc held = sum;
      if (clamped) {
        held = negative ? kAccMin : kAccMax;
      }
      sum3_ = held;
      row3_ = row2_;
    }
    valid3_ = valid2_;
    saturated.write(clamped);
  }

  /// Stage 2.
  void tick_multiply() {
    if (valid1_) {
      if (kShortcuts) {
        const Data weight = Multiplier::factor(one1_, two1_, negative1_);
        product2_ = weight * value1_;
      } else {
        product2_ = Multiplier::product(one1_, two1_, negative1_, value1_);
      }
      row2_ = row1_;
    }
    valid2_ = valid1_;
  }

  /// The bits of the codebook's one read port: an entry's, or the host's, who reads while there is none. Still between entries
  /// without a host. Each weight is behind an enable, and all of them together; code 0 is padding and has none.
  Bits codebook() const {
    const bool from_host = host.read().valid && !entry.read().valid;
    const Code code = from_host ? Code(host.read().word) : Code(entry.read().code);
    Bits bits = 0;
    if (kShortcuts) {
      bits = bits_of<Cfg::kDataWidth>(codebook_[code]);
    } else {
      for (unsigned c = 1; c < P::kCodes; ++c) {
        if (code == c) {
          bits = bits | bits_of<Cfg::kDataWidth>(codebook_[c]);
        }
      }
    }
    return bits;
  }

  /// Stage 1.
  void tick_lookup() {
    bool dropped = false;
    valid1_ = false;
    if (entry.read().valid) {
      const bool first = entry.read().first;
      WideRow run = entry.read().run;
      if constexpr (Cfg::kSkipPadding) {
        const WideRow skipped = entry.read().skipped;
        run = run | (skipped << Cfg::kRunWidth);
      }
      const WideRow next = first ? run : WideRow(WideRow(row_) + run + 1u);
      const bool beyond = (!first && beyond_) || (next >> P::kRowWidth) != 0;
      const Row row = next;
      row_ = row;
      beyond_ = beyond;
      if (entry.read().code != 0) {
        const Bits bits = codebook();
        const Length global_row = (Length(row) << P::kLog2Pes) + (Cfg::kPes > 1 ? Length(pe.read()) : Length(0));
        if (!beyond && global_row < out_length.read()) {
          valid1_ = true;
          row1_ = row;
          one1_ = Multiplier::one(bits);
          two1_ = Multiplier::two(bits);
          negative1_ = Multiplier::negative(bits);
          value1_ = entry.read().value;
        } else {
          dropped = true;
        }
      }
    }
    error.write(dropped);
  }

  /// Behind tick_host(), which reads them: only where nothing else reads a register's new value does a synthesis tool see its
  /// enable, and gate its clock.
  void tick_counters() {
    const bool is_busy = busy.read();
    const bool starts = is_busy && !was_busy_;
    const bool valid = is_busy && entry.read().valid;
    Counter skipped = 0;
    if constexpr (Cfg::kSkipPadding) {
      skipped = entry.read().skipped;
    }
    const bool is_padding = entry.read().code == 0;
    const Counter padding = skipped + (is_padding ? 1u : 0u);
    if (starts || valid) {
      const Counter before = starts ? Counter(0) : entries_;
      entries_ = valid ? Counter(before + skipped + 1u) : before;
    }
    if (starts || (valid && padding != 0)) {
      const Counter before = starts ? Counter(0) : padding_;
      padding_ = valid ? Counter(before + padding) : before;
    }
    if constexpr (Cfg::kSkipPadding) {
      if (starts || (valid && skipped != 0)) {
        const Counter before = starts ? Counter(0) : padding_skipped_;
        padding_skipped_ = valid ? Counter(before + skipped) : before;
      }
    }
    if (starts || (is_busy && !valid)) {
      const Counter before = starts ? Counter(0) : starved_;
      starved_ = valid ? before : Counter(before + 1u);
    }
    was_busy_ = is_busy;
  }

  void tick_host() {
    host_q.write(sc_dt::sc_uint<64>(answer_));
    answering_ = host.read().valid || answer_ != 0;  // host_q goes back to 0 in the next cycle
    answer_ = 0;
    if (host.read().valid) {
      const unsigned word = host.read().word.to_uint();
      if (host.read().region == static_cast<unsigned>(reg::Region::kCodes)) {
        const Code code = word;
        if (host.read().write) {
          if (code != 0 && host.read().strobe[0]) {
            const Bits bits = host.read().data;
            codebook_[code] = bits;
          }
        } else if (pe.read() == 0) {
          const Bits bits = codebook();
          answer_ = bits;
          if (bits[Cfg::kDataWidth - 1]) {
            answer_ = answer_ | (0xFFFFFFFFFFFFFFFFu << Cfg::kDataWidth);  // sign
          }
        }
      } else if (!host.read().write && host.read().pe == pe.read() && Cfg::kPeCounters &&
                 host.read().region == static_cast<unsigned>(reg::Region::kCounters)) {
        if (word == reg::kPeEntries) {
          answer_ = entries_;
        } else if (word == reg::kPePadding) {
          answer_ = padding_;
        } else if (word == reg::kPeStarved) {
          answer_ = starved_;
        } else if (word == reg::kPePaddingSkipped) {
          answer_ = padding_skipped_;
        }
      }
    }
  }

  Data codebook_[P::kCodes];  // the first one is never written nor read: no flip-flops

  Row row_;      // of the entry before, in its column
  bool beyond_;  // it lay beyond the registers

  bool valid1_;
  Row row1_;
  Bits one1_;  // digits of the weight
  Bits two1_;
  Bits negative1_;
  Data value1_;

  bool valid2_;
  Row row2_;
  Product product2_;

  bool valid3_;
  Row row3_;
  Acc sum3_;

  bool bypass_;  // of this cycle; for waves
  // kPeCounters
  Counter entries_;
  Counter padding_;
  Counter padding_skipped_;
  Counter starved_;
  bool was_busy_;
  UInt<64> answer_;
  bool answering_;  // an answer is due or has to be taken back
};

}  // namespace eie
