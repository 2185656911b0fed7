// SPDX-License-Identifier: Apache-2.0
// What the block tests share: a clock and a reset driven by hand, cycle by cycle, random stalls, and the host bus.
//
// A cycle of a bench: write the inputs, settle() so that combinational outputs follow them, look at the outputs,
// edge(). step() is both. After edge() the registered outputs are those of the next cycle. A SystemC kernel elaborates
// once a process, so each TEST builds its own bench and CTest runs one test a process.
#pragma once

#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <iostream>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "hw/types.h"
#include "tb/support/random.h"
#include "tb/test/support/test_seed.h"
#include "tlm/strobe.h"

namespace eie::tb {

/// A signal for a port: `Wire<decltype(Block::port)>`.
template <class Port>
struct ValueOf;
template <template <class> class Port, class T>
struct ValueOf<Port<T>> {
  using Type = T;
};
template <class Port>
using Wire = Signal<typename ValueOf<Port>::Type>;

class Bench {
 public:
  sc_core::sc_signal<bool> clk{"clk"};
  sc_core::sc_signal<bool> rst_n{"rst_n"};
  Random random;

  Bench() : random(test_seed(), hash_text(test_name()), 0) {}
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// Combinational outputs follow the inputs written in this cycle.
  void settle() {
    clk.write(false);
    run();
  }
  /// The clock edge that ends this cycle.
  void edge() {
    clk.write(true);
    run();
    ++cycle_;
  }
  void step() {
    settle();
    edge();
  }
  void step(unsigned cycles) {
    for (unsigned c = 0; c < cycles; ++c) step();
  }
  /// One cycle with the synchronous reset; cycles count from here.
  void reset() {
    rst_n.write(false);
    step();
    rst_n.write(true);
    cycle_ = 0;
  }
  std::uint64_t cycle() const { return cycle_; }
  /// For failure messages.
  std::string where() const { return "in cycle " + std::to_string(cycle_) + " with EIE_SEED=" + std::to_string(seed_or(1)); }

  bool chance(double share) { return random.uniform() < share; }
  unsigned below(std::uint64_t n) { return static_cast<unsigned>(random.below(n)); }
  /// A signed value of `width` bits; a third of them small or at the ends of the range.
  std::int64_t signed_value(unsigned width) {
    const std::int64_t high = (std::int64_t{1} << (width - 1)) - 1;
    const std::int64_t special[] = {0, 1, -1, high, -high - 1, high - 1, 2, -2};
    if (below(3) == 0) return special[below(8)];
    const std::uint64_t span = std::uint64_t{1} << width;
    return static_cast<std::int64_t>(random.below(span)) - high - 1;
  }
  std::int64_t non_zero_value(unsigned width) {
    std::int64_t value = 0;
    while (value == 0) value = signed_value(width);
    return value;
  }

 private:
  static std::string test_name() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    return std::string(info->test_suite_name()) + "." + info->name();
  }
  static void run() { sc_core::sc_start(1, sc_core::SC_NS); }
  std::uint64_t cycle_ = 0;
};

/// Random stalls in phases of up to 40 cycles, from never to always, so that queues fill up and run empty.
class Stalls {
 public:
  /// Without `random` nothing ever stalls.
  explicit Stalls(Random* random = nullptr) : random_(random) {}
  /// Once a cycle: true to go on in it.
  bool go() {
    if (random_ == nullptr) return true;
    if (left_ == 0) {
      static constexpr double kShares[] = {0.0, 0.1, 0.5, 0.9, 1.0};
      left_ = 1 + random_->below(40);
      share_ = kShares[random_->below(5)];
    }
    --left_;
    return random_->uniform() < share_;
  }

 private:
  Random* random_;
  std::uint64_t left_ = 0;
  double share_ = 1;
};

/// The sending end of a channel: items wait in order; one that was offered stays until it is taken.
template <class T>
class Source {
 public:
  explicit Source(Stalls stalls = Stalls()) : stalls_(stalls) {}
  void add(const T& item) { items_.push_back(item); }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  /// Once a cycle: is the first item on the wires?
  bool offer() {
    offered_ = !items_.empty() && (offered_ || stalls_.go());
    return offered_;
  }
  const T& item() const { return items_.front(); }
  T take() {
    T item = items_.front();
    items_.pop_front();
    offered_ = false;
    return item;
  }

 private:
  std::deque<T> items_;
  Stalls stalls_;
  bool offered_ = false;
};

// --- The host bus of a block with ports `host` and `host_q` ------------------------------------------------

template <class Cfg>
HostAccess<Cfg> host_access(bool write, reg::Region region, unsigned pe, std::uint64_t word, std::uint64_t data = 0,
                            unsigned strobe = kWholeWord) {
  HostAccess<Cfg> access;
  access.valid = true;
  access.write = write;
  access.region = static_cast<unsigned>(region);
  access.pe = pe;
  access.word = word;
  access.strobe = strobe;
  access.data = data;
  return access;
}

template <class Cfg, class AnyBench>
void host_write(AnyBench& b, reg::Region region, unsigned pe, std::uint64_t word, std::uint64_t data,
                unsigned strobe = kWholeWord) {
  b.host.write(host_access<Cfg>(true, region, pe, word, data, strobe));
  b.step();
  b.host.write(HostAccess<Cfg>());
}

/// A read in cycle t: host_q has the data in t + 2 and is 0 before and after.
template <class Cfg, class AnyBench>
std::uint64_t host_read(AnyBench& b, reg::Region region, unsigned pe, std::uint64_t word) {
  EXPECT_EQ(b.host_q.read().to_uint64(), 0u) << "host_q before a read, " << b.where();
  b.host.write(host_access<Cfg>(false, region, pe, word));
  b.step();
  b.host.write(HostAccess<Cfg>());
  EXPECT_EQ(b.host_q.read().to_uint64(), 0u) << "host_q one cycle after a read, " << b.where();
  b.step();
  const std::uint64_t data = b.host_q.read().to_uint64();
  b.step();
  EXPECT_EQ(b.host_q.read().to_uint64(), 0u) << "host_q three cycles after a read, " << b.where();
  return data;
}

}  // namespace eie::tb
