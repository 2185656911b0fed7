// SPDX-License-Identifier: Apache-2.0
// Wires that their owner updates (hw/clocked.h): what sc_signal promises holds for them too.
#include "hw/clocked.h"

#include <gtest/gtest.h>

namespace eie::tb {
namespace {

struct Owner : sc_core::sc_module {
  Signal<unsigned> SC_NAMED(number);
  Signal<bool> SC_NAMED(flag);
  Output<unsigned> SC_NAMED(number_out);
  Output<bool> SC_NAMED(flag_out);
  CommonUpdate<Owner> update_{"update_", *this};
  unsigned changes = 0;
  unsigned rises = 0;
  unsigned falls = 0;

  SC_HAS_PROCESS(Owner);
  explicit Owner(const sc_core::sc_module_name& name) : sc_module(name) {
    number.update_by_owner();
    flag.update_by_owner();
    number_out(number);
    flag_out(flag);
    SC_METHOD(on_change);
    sensitive << number;
    dont_initialize();
    SC_METHOD(on_rise);
    sensitive << flag.posedge_event();
    dont_initialize();
    SC_METHOD(on_fall);
    sensitive << flag.negedge_event();
    dont_initialize();
  }

  void take_over_wires() {
    number.take_over();
    flag.take_over();
  }
  /// An update phase, and what wakes in it.
  void next() {
    update_.request();
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  }

 private:
  void on_change() { ++changes; }
  void on_rise() { ++rises; }
  void on_fall() { ++falls; }
};

TEST(CommonUpdate, TheLastValueIsSeenFromTheUpdatePhaseOn) {
  Owner o("owner");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  o.number_out.write(1);
  o.number_out.write(2);
  EXPECT_EQ(o.number.read(), 0u);
  o.next();
  EXPECT_EQ(o.number.read(), 2u);
  EXPECT_EQ(o.changes, 1u);
}

TEST(CommonUpdate, OnlyAChangeIsAnEvent) {
  Owner o("owner");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  o.number_out.write(5);
  o.next();
  o.number_out.write(6);
  o.number_out.write(5);
  o.next();
  o.next();
  EXPECT_EQ(o.number.read(), 5u);
  EXPECT_EQ(o.changes, 1u);
}

TEST(CommonUpdate, EdgesOfABool) {
  Owner o("owner");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  for (const bool value : {true, true, false, true, false, false}) {
    o.flag_out.write(value);
    o.next();
    EXPECT_EQ(o.flag.read(), value);
  }
  EXPECT_EQ(o.rises, 2u);
  EXPECT_EQ(o.falls, 2u);
}

TEST(CommonUpdate, NothingIsSeenBeforeTheOwnersUpdate) {
  Owner o("owner");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  o.number_out.write(3);
  o.number.write(4);  // through the channel, as another process would
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  EXPECT_EQ(o.number.read(), 0u);
  o.next();
  EXPECT_EQ(o.number.read(), 4u);
}

// Bound to a channel of SystemC an Output is an sc_out.
struct Plain : sc_core::sc_module {
  sc_core::sc_signal<unsigned> SC_NAMED(number);
  Output<unsigned> SC_NAMED(number_out);
  explicit Plain(const sc_core::sc_module_name& name) : sc_module(name) { number_out(number); }
};

TEST(Output, WritesAnScSignal) {
  Plain p("plain");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  p.number_out.write(7);
  EXPECT_EQ(p.number.read(), 0u);
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  EXPECT_EQ(p.number.read(), 7u);
}

}  // namespace
}  // namespace eie::tb
