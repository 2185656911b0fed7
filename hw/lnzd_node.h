// SPDX-License-Identifier: Apache-2.0
// LNZD node: merges the ascending streams of non-zero activations of its children into one (paper, section IV,
// "Distributed Leading Non-Zero Detection"; Figure 4a).
//
// Ports
//   in, in_exhausted, pop   per child: its candidate, "none left in this batch", and "taken in this cycle"
//   out, out_exhausted, out_pop   the same, towards the parent
//
// The node takes the smallest column once every child is valid or exhausted, into a FIFO of two entries, so that
// it passes one activation a cycle on at every density. It is exhausted when its FIFO is empty and all its
// children are. Latency: a candidate in cycle t is at out in t + 1.
#pragma once

#include "clocked.h"
#include "types.h"

namespace eie {

template <class Cfg, unsigned kChildren>
class LnzdNode : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;
  using Column = UInt<at_least_one(P::kColumnWidth)>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  sc_core::sc_vector<sc_core::sc_in<Candidate<Cfg>>> SC_NAMED(in, kChildren);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(in_exhausted, kChildren);
  sc_core::sc_vector<sc_core::sc_out<bool>> SC_NAMED(pop, kChildren);
  Output<Candidate<Cfg>> SC_NAMED(out);
  Output<bool> SC_NAMED(out_exhausted);
  Input<bool> SC_NAMED(out_pop);

  EIE_BLOCK(LnzdNode)

  explicit LnzdNode(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
    EIE_CLOCKED(clocking);
    SC_METHOD(select);
    sensitive << count_;
    for (unsigned c = 0; c < kChildren; ++c) sensitive << in[c] << in_exhausted[c];
  }

  void reset() {
    count_.write(0);
    second_column_ = 0;
    second_value_ = 0;
    out.write(Candidate<Cfg>());
  }

  void tick() {
    const unsigned count = count_.read().to_uint();
    const bool take = take_.read();
    const bool give = count != 0 && out_pop.read();
    if (take || give) {
      Candidate<Cfg> next;
      if (give || count == 0) {
        // A new head: the second entry, else what is taken now.
        next.valid = count == 2 || take;
        next.column = count == 2 ? second_column_ : winner_column_.read();
        next.value = count == 2 ? second_value_ : winner_value_.read();
        out.write(next);
      }
      if (take) {
        second_column_ = winner_column_.read();
        second_value_ = winner_value_.read();
      }
      if (take && !give) {
        count_.write(count + 1);
      } else if (give && !take) {
        count_.write(count - 1);
      }
    }
  }

#if !EIE_SYNTHESIS_VIEW
  void step() { tick(); }
  void reset_step() { reset(); }
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, in, in_exhausted, pop, out, out_exhausted, out_pop, count_, take_, winner_column_);
    EIE_TRACE(winner_value_, second_column_, second_value_);
  }
#endif

 private:
  /// Combinational: which child is taken in this cycle. All pairs of children are compared at once; of equal columns
  /// the lower child goes first.
  void select() {
    bool all_known = true;
    bool any_valid = false;
    bool all_exhausted = true;
    bool wins[kChildren];
    for (unsigned c = 0; c < kChildren; ++c) {
      const bool valid = in[c].read().valid;
      all_known = all_known && (valid || in_exhausted[c].read());
      any_valid = any_valid || valid;
      all_exhausted = all_exhausted && in_exhausted[c].read();
      wins[c] = valid;
    }
    for (unsigned c = 0; c < kChildren; ++c) {
      for (unsigned other = 0; other < kChildren; ++other) {
        if (other != c) {
          const bool is_first =
              other < c ? in[c].read().column < in[other].read().column : !(in[other].read().column < in[c].read().column);
          wins[c] = wins[c] && (is_first || !in[other].read().valid);
        }
      }
    }
    const bool take = all_known && any_valid && count_.read() != 2;
    Column column = 0;  // that of the winner: the others are masked
    UInt<Cfg::kDataWidth> value = 0;
    for (unsigned c = 0; c < kChildren; ++c) {
      pop[c].write(take && wins[c]);
      const UInt<Cfg::kDataWidth> bits = bits_of<Cfg::kDataWidth>(in[c].read().value);
      if (wins[c]) {
        column = column | in[c].read().column;
        value = value | bits;
      }
    }
    take_.write(take);
    winner_column_.write(column);
    winner_value_.write(Int<Cfg::kDataWidth>(value));
    out_exhausted.write(all_exhausted && count_.read() == 0);
  }

  Signal<UInt<2>> SC_NAMED(count_);  // entries in the FIFO; the head is in port out
  Signal<bool> SC_NAMED(take_);
  Signal<Column> SC_NAMED(winner_column_);
  Signal<Int<Cfg::kDataWidth>> SC_NAMED(winner_value_);
  Column second_column_;
  Int<Cfg::kDataWidth> second_value_;
};

}  // namespace eie
