// SPDX-License-Identifier: Apache-2.0
// The interrupt line of EieTlm under temporal decoupling: at every time the kernel reaches it is what IRQ_STATUS and IRQ_ENABLE
// are at that time, whoever is ahead or behind, and whatever takes back what was planned.
#include <cstring>
#include <gtest/gtest.h>
#include <memory>

#include "compiled/small_8pe.h"

#include "tb/test/system/device_program.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

using Cfg = cfg::small_8pe;

TlmRequest request(bool write, std::uint64_t address, std::uint64_t value) {
  TlmRequest r{write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, std::vector<unsigned char>(8), {}, 0};
  std::memcpy(r.data.data(), &value, 8);
  return r;
}

/// An initiator for one process: it may call from anywhere with any local time, and does not wait.
class Initiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_initiator_socket<64> SC_NAMED(socket);
  explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

  std::uint64_t access(bool write, std::uint64_t address, std::uint64_t value, const sc_core::sc_time& local) {
    tlm::tlm_generic_payload tx;
    fill(tx, write, address, value);
    sc_core::sc_time delay = local;
    socket->b_transport(tx, delay);
    return value_;
  }
  std::uint64_t debug_read(std::uint64_t address) {
    tlm::tlm_generic_payload tx;
    fill(tx, false, address, 0);
    EXPECT_EQ(socket->transport_dbg(tx), 8u);
    return value_;
  }

 private:
  void fill(tlm::tlm_generic_payload& tx, bool write, std::uint64_t address, std::uint64_t value) {
    value_ = value;
    tx.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    tx.set_address(address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&value_));
    tx.set_data_length(8);
    tx.set_streaming_width(8);
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_COMPLETED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  std::uint64_t value_ = 0;
};

/// The device; a monitor that compares line and registers in every cycle, twice; a program in a thread.
class Platform : public sc_core::sc_module {
 public:
  EieTlm device;
  Initiator initiator;
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(irq);
  std::uint64_t cycles_high = 0;
  std::uint64_t compared = 0;

  SC_HAS_PROCESS(Platform);
  explicit Platform(const sc_core::sc_module_name& name)
      : sc_module(name), device("device", compiled_config<Cfg>()), initiator("initiator") {
    initiator.socket.bind(device.socket);
    device.rst_n(rst_n);
    device.irq(irq);
    SC_THREAD(monitor);
    SC_THREAD(program);
  }

  void run(std::function<void()> steps) {
    steps_ = std::move(steps);
    sc_core::sc_start();
  }
  sc_core::sc_time cycles(double n) const { return device.clock_period() * n; }
  void reset() {
    rst_n.write(false);
    wait(cycles(3.25));
    rst_n.write(true);
    wait(cycles(2.75));
  }
  /// A launch of some hundred cycles.
  void start(const sc_core::sc_time& local) {
    initiator.access(true, reg::kInLength, 100, local);
    initiator.access(true, reg::kOutLength, 8, local);
    initiator.access(true, reg::kLayerCtrl, reg::kLayerFirst, local);
    initiator.access(true, reg::kCtrl, reg::kCtrlStart, local);
  }

 private:
  void program() {
    reset();
    steps_();
    wait(cycles(20000));
    sc_core::sc_stop();
  }
  void monitor() {
    for (;;) {
      for (const double step : {0.5, 0.5}) {
        wait(cycles(step));
        for (unsigned delta = 0; delta < 4; ++delta) wait(sc_core::SC_ZERO_TIME);
        const bool line = irq.read();
        const bool registers =
            (initiator.debug_read(reg::kIrqStatus) & initiator.debug_read(reg::kIrqEnable) & reg::kIrqDone) != 0;
        if (line != registers) {
          ADD_FAILURE() << "line " << line << ", registers " << registers << " at " << sc_core::sc_time_stamp();
          sc_core::sc_stop();
          return;
        }
        ++compared;
        if (line) ++cycles_high;
      }
    }
  }
  std::function<void()> steps_;
};

enum class Change { kNothing, kStatus, kEnable, kSoftReset, kHardReset };

std::string name_of(Change change) {
  static const char* const kNames[] = {"Nothing", "IrqStatus", "IrqEnable", "SoftReset", "HardReset"};
  return kNames[static_cast<unsigned>(change)];
}

class RunAhead : public testing::TestWithParam<Change> {};

// A STATUS read 5 us ahead has seen the end of the launch; then, at the kernel's time, the cause goes away.
TEST_P(RunAhead, WhatWasPlannedIsTakenBack) {
  Platform p("p");
  bool line_after = true;
  p.run([&] {
    p.initiator.access(true, reg::kIrqEnable, 1, sc_core::SC_ZERO_TIME);
    p.start(sc_core::SC_ZERO_TIME);
    const sc_core::sc_time ahead(5, sc_core::SC_US);
    ASSERT_EQ(p.initiator.access(false, reg::kStatus, 0, ahead), reg::kStatusDone);
    switch (GetParam()) {
      case Change::kNothing:
        break;
      case Change::kStatus:
        p.initiator.access(true, reg::kIrqStatus, reg::kIrqDone, sc_core::SC_ZERO_TIME);
        break;
      case Change::kEnable:
        p.initiator.access(true, reg::kIrqEnable, 0, sc_core::SC_ZERO_TIME);
        break;
      case Change::kSoftReset:
        p.initiator.access(true, reg::kCtrl, reg::kCtrlSoftReset, sc_core::SC_ZERO_TIME);
        break;
      case Change::kHardReset:
        wait(p.cycles(0.25));
        p.reset();
        break;
    }
    wait(2 * ahead);
    line_after = p.irq.read();
  });
  EXPECT_EQ(line_after, GetParam() == Change::kNothing);
  EXPECT_GT(p.compared, 10000u);
}

INSTANTIATE_TEST_SUITE_P(TlmInterrupt, RunAhead,
                         testing::Values(Change::kNothing, Change::kStatus, Change::kEnable, Change::kSoftReset,
                                         Change::kHardReset),
                         [](const auto& kind) { return name_of(kind.param); });

// Enabled again later, the interrupt of a launch that ended meanwhile comes at once.
TEST(TlmInterrupt, DisabledAheadOfTimeAndEnabledAgain) {
  Platform p("p");
  p.run([&] {
    p.start(sc_core::SC_ZERO_TIME);
    const sc_core::sc_time ahead(5, sc_core::SC_US);
    p.initiator.access(false, reg::kStatus, 0, ahead);
    p.initiator.access(true, reg::kIrqEnable, 1, ahead + ahead);
    p.initiator.access(true, reg::kIrqEnable, 0, sc_core::SC_ZERO_TIME);
    wait(ahead);
    EXPECT_FALSE(p.irq.read());
    p.initiator.access(true, reg::kIrqEnable, 1, sc_core::SC_ZERO_TIME);
    wait(p.cycles(5));
    EXPECT_TRUE(p.irq.read());
  });
}

// Initiators with local times of their own, resets of both kinds, launches; the monitor compares in every cycle.
class RandomInitiators : public testing::TestWithParam<unsigned> {};

TEST_P(RandomInitiators, LineAndRegistersAgreeAtAllTimes) {
  Platform p("p");
  Random random(test_seed(GetParam()));
  p.run([&] {
    const unsigned initiators = 2 + static_cast<unsigned>(random.below(3));
    const std::uint64_t quantum = std::uint64_t{1} << (6 + random.below(8));  // cycles
    std::vector<sc_core::sc_time> local(initiators, sc_core::sc_time_stamp());
    for (unsigned k = 0; k < 6000; ++k) {
      const sc_core::sc_time now = sc_core::sc_time_stamp();
      sc_core::sc_time& mine = local[random.below(initiators)];
      if (mine < now) mine = now;
      mine += p.cycles(static_cast<double>(random.below(quantum)) / 3);
      if (mine > now + p.cycles(static_cast<double>(quantum))) mine = now;
      const sc_core::sc_time offset = mine - now;
      switch (random.below(12)) {
        case 0:
        case 1:
          p.start(offset);
          break;
        case 2:
        case 3:
          p.initiator.access(true, reg::kIrqStatus, random.below(4) != 0 ? 1 : 0, offset);
          break;
        case 4:
        case 5:
          p.initiator.access(true, reg::kIrqEnable, random.below(4) != 0 ? 1 : 0, offset);
          break;
        case 6:
          if (random.below(8) == 0) p.initiator.access(true, reg::kCtrl, reg::kCtrlSoftReset, offset);
          break;
        case 7:
          if (random.below(12) == 0) {
            wait(p.cycles(0.125 + 0.25 * static_cast<double>(random.below(4))));
            p.rst_n.write(false);
            wait(p.cycles(static_cast<double>(random.below(20)) / 8));
            p.rst_n.write(true);
          }
          break;
        case 8:
        case 9:
          p.initiator.access(false, reg::kStatus + 8 * random.below(3), 0, offset);
          break;
        default:
          wait(p.cycles(static_cast<double>(random.below(quantum)) / 8));
          break;
      }
    }
  });
  EXPECT_GT(p.cycles_high, 100u) << "there were interrupts";
}

INSTANTIATE_TEST_SUITE_P(TlmInterrupt, RandomInitiators, testing::Range(1u, 13u));

/// A launch, then a second one while the interrupt of the first is pending, and a clear `cycle` cycles behind its start: when
/// the line changes, once an instant.
template <class Device>
std::vector<std::pair<std::uint64_t, bool>> clear_around_done(Bench<Device>& bench, std::uint64_t cycle) {
  std::vector<std::pair<std::uint64_t, bool>> changes;
  bench.host.run([&] {
    const sc_core::sc_time period = bench.device.clock_period();
    auto write = [&](std::uint64_t address, std::uint64_t value) { bench.host.transport(request(true, address, value)); };
    const auto aligned = sc_core::sc_time::from_value((sc_core::sc_time_stamp().value() / period.value() + 1) * period.value());
    bench.rst_n.write(false);
    sc_core::wait(aligned - sc_core::sc_time_stamp() + 4 * period);
    bench.rst_n.write(true);
    sc_core::wait(4 * period);
    const std::uint64_t began = sc_core::sc_time_stamp().value() / period.value();
    bench.watch.changes.clear();
    write(reg::kIrqEnable, 1);
    write(reg::kInLength, 8);
    write(reg::kOutLength, 8);
    write(reg::kLayerCtrl, reg::kLayerFirst);
    write(reg::kCtrl, reg::kCtrlStart);
    sc_core::wait(100 * period);
    write(reg::kCtrl, reg::kCtrlStart);
    sc_core::wait(sc_core::sc_time::from_value(cycle * period.value()));
    write(reg::kIrqStatus, 1);
    sc_core::wait(200 * period);
    for (const auto& [time, level] : bench.watch.changes) changes.emplace_back(time.value() / period.value() - began, level);
  });
  return changes;
}

TEST(TlmInterrupt, AClearInTheCycleOfDoneIsNoGlitch) {
  Bench<EieHw<Cfg>> hw("hw");
  Bench<EieTlm> tlm("tlm", compiled_config<Cfg>());
  unsigned stayed_high = 0;
  for (std::uint64_t cycle = 0; cycle < 60; ++cycle) {
    const auto expected = clear_around_done(hw, cycle);
    ASSERT_EQ(expected, clear_around_done(tlm, cycle)) << "clear " << cycle << " cycles behind the start";
    stayed_high += expected.size() == 1 ? 1u : 0u;
  }
  EXPECT_EQ(stayed_high, 1u) << "the clear in the cycle of done";
}

}  // namespace
}  // namespace eie::tb
