// SPDX-License-Identifier: Apache-2.0
// Activation queue: holds the broadcast activations that this PE has not started yet (paper, section IV,
// "Activation Queue and Load Balancing"). It decouples the PEs: the CCU broadcasts until one queue is full.
//
// Ports
//   broadcast            in   from the CCU; must not be valid in a cycle in which `full` was seen anywhere
//   head                 out  registered; the oldest entry, if valid
//   head_ready           in   pointer read accepts the head in this cycle
//   column_ready         in   (kSkipPadding) Spmat read takes a column in this cycle: then pointer read accepts the head, too
//   full                 out  registered: kQueueDepth entries are held, the head included
//
// Timing: an activation broadcast in cycle t is at the head of an empty queue in cycle t + 1. One entry a cycle
// in and out. The head has a register of its own, which is also the address register of the pointer SRAM.
//
//   clk         _/~\_/~\_/~\_/~\_/~\_
//   broadcast   --<a0><a1>-----------
//   head        ------<a0><  a1  >---
//   head_ready  ~~~~~~~~~~\___/~~~~~~
#pragma once

#include "clocked.h"
#include "types.h"

namespace eie {

template <class Cfg>
class ActQueue : public sc_core::sc_module {
 public:
  using P = Params<Cfg>;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  Input<Activation<Cfg>> SC_NAMED(broadcast);
  Output<Activation<Cfg>> SC_NAMED(head);
  Input<bool> SC_NAMED(head_ready);
  Input<bool> SC_NAMED(column_ready);
  Output<bool> SC_NAMED(full);

  EIE_BLOCK(ActQueue)

  explicit ActQueue(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
    EIE_CLOCKED(clocking);
  }

  void reset() {
    count_ = 0;
    write_ = 0;
    read_ = 0;
    head.write(Activation<Cfg>());
    full.write(false);
  }

  void tick() {
    const bool push = broadcast.read().valid;
    const bool pop = count_ != 0 && accepted();
    if (push || pop) {
      // What lies behind the head after this edge's pop.
      const Count behind = count_ <= 1 ? Count(0) : Count(count_ - 1);
      if (pop || count_ == 0) {
        Activation<Cfg> next;
        if (behind != 0) {
          next.valid = true;
          next.column = column_[read_];
          next.value = value_[read_];
          read_ = read_ == kLast ? Index(0) : Index(read_ + 1);
        } else {
          next = broadcast.read();
        }
        head.write(next);
      }
      // The broadcast passes the storage by when it becomes the head at once.
      if (push && (behind != 0 || (count_ != 0 && !pop))) {
        column_[write_] = broadcast.read().column;
        value_[write_] = broadcast.read().value;
        write_ = write_ == kLast ? Index(0) : Index(write_ + 1);
      }
      if (push && !pop) {
        count_ = count_ + 1;
      } else if (!push && pop) {
        count_ = count_ - 1;
      }
      full.write(count_ >= Cfg::kQueueDepth);
    }
  }

#if !EIE_SYNTHESIS_VIEW
  void step() { tick(); }
  void reset_step() { reset(); }

  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, broadcast, head, head_ready, column_ready, full, count_, read_, column_, value_, write_);
  }

  /// Entries held.
  unsigned occupancy() const { return count_.to_uint(); }
#endif

 private:
  bool accepted() const {
    bool ready = head_ready.read();
    if constexpr (Cfg::kSkipPadding) {
      ready = ready || column_ready.read();
    }
    return ready;
  }

  // Entries behind the head; at least one, so that the array exists.
  static constexpr unsigned kStored = Cfg::kQueueDepth > 1 ? Cfg::kQueueDepth - 1 : 1;
  static constexpr unsigned kLast = kStored - 1;
  using Index = UInt<at_least_one(log2_ceil(kStored))>;
  using Count = UInt<log2_ceil(Cfg::kQueueDepth + 1)>;

  UInt<P::kPtrAddressWidth> column_[kStored];
  Int<Cfg::kDataWidth> value_[kStored];
  Index write_;
  Index read_;
  Count count_;  // entries held, the head included
};

}  // namespace eie
