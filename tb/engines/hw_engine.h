// SPDX-License-Identifier: Apache-2.0
// Engine "hw": the signal-level SystemC device behind an AXI4-Lite manager.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <systemc>
#include <vector>

#include "hw/eie.h"
#include "tb/engines/axi_lite_device.h"
#include "tb/engines/axi_lite_host.h"
#include "tb/engines/engines.h"
#include "tb/engines/flips/live_flips.h"
#include "tb/engines/watch/event_builder.h"
#include "tb/engines/watch/functional_coverage.h"
#include "tb/engines/watch/hw_view.h"
#include "tb/engines/watch/player_recorder.h"
#include "tb/engines/waves/derived_signals.h"
#include "tb/engines/waves/sc_signals.h"
#include "tb/engines/waves/wave_recorder.h"
#include "tlm/axi/axi_lite_wires.h"
#include "tlm/axi/hw_windows.h"
#include "tlm/config/clock_period.h"

namespace eie::tb {

template <class Cfg>
class HwEngine final : public sc_core::sc_module, public AxiLiteDevice {
 public:
  using Dut = Eie<Cfg>;
  using Port = HostPort<Cfg>;

  HwEngine(const sc_core::sc_module_name& name, const TraceOptions& trace)
      : sc_module(name),
        period_(clock_period(compiled_config<Cfg>())),
        clock_("clock", period_, 0.5, period_),
        host_("host"),
        dut_("dut") {
    bind();
    if (!trace.file.empty()) {
      waves_ = std::make_unique<WaveRecorder>(trace, compiled_config<Cfg>().clock_mhz);
    }
    SC_METHOD(on_interrupt);
    sensitive << irq_.posedge_event();
    dont_initialize();
    SC_METHOD(watch);
    sensitive << observed_;
    dont_initialize();
    SC_METHOD(flip_bits);
    sensitive << flipping_;
    dont_initialize();
    const char* covered = std::getenv("EIE_COVERED");
    if (covered == nullptr) return;
    covered_ = covered;
    coverage_ = std::make_unique<FunctionalCoverage>(compiled_config<Cfg>());
  }
  ~HwEngine() override {
    try {
      if (coverage_ != nullptr) coverage_->append_to(covered_);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      std::abort();
    }
  }
  SC_HAS_PROCESS(HwEngine);

  std::string engine() const override { return "hw"; }

  /// Starts the waves that were asked for: elaborates, since ports have values to trace from there on. Throws UserError.
  void begin_waves() {
    if (waves_ == nullptr) return;
    elaborate();
    add_sc_signals(dut_, *waves_);
    derived_ = std::make_unique<DerivedSignals>(compiled_config<Cfg>(), *waves_);
    waves_->begin();
    begin_watching();
  }
  AxiLiteHost& host() { return host_; }
  Dut& dut() { return dut_; }
  sc_core::sc_clock& clock() { return clock_; }

  void backdoor_write(std::uint64_t address, std::uint64_t data) override {
    if (address % 8 != 0 || !windows_.poke(address, data)) refuse("back-door access", address);
  }
  std::uint64_t backdoor_read(std::uint64_t address) override {
    std::uint64_t data = 0;
    if (address % 8 != 0 || !windows_.peek(address, data)) refuse("back-door access", address);
    return data;
  }

  void wait_interrupt(std::uint64_t limit_cycles) override {
    start();
    const std::uint64_t limit = now_cycles() + limit_cycles;
    while (!irq_.read()) {
      if (now_cycles() >= limit) {
        throw DeviceError("watchdog: no interrupt within " + std::to_string(limit_cycles) + " cycles; " + describe());
      }
      advance(limit);
    }
  }

  void set_host_stalls(unsigned percent, std::uint64_t seed) override { host_.set_stalls(percent, seed); }

  void announce(const LaunchContext& context) override {
    if (observer_ != nullptr) observer_->announce(context);
    if (player_ != nullptr) player_->announce(context.launch);
  }

  void observe(EventSink& sink) override {
    begin_watching();
    observer_->add_sink(sink);
  }

  void record(PlayerData& player) override {
    elaborate();
    std::vector<WaveSignal> signals;
    list_sc_signals(dut_, [&signals](WaveSignal signal) { signals.push_back(std::move(signal)); });
    player_ = std::make_unique<PlayerRecorder>(player, signals);
    observed_.notify(sc_core::SC_ZERO_TIME);
  }

  void check_flip(const BitFlip& flip) override { flips().check(flip); }
  void flip_in_next_launch(const BitFlip& flip) override {
    if (!flips_begun_) flipping_.notify(sc_core::SC_ZERO_TIME);
    flips_begun_ = true;
    flips().add(flip);
  }
  void flip_now(const BitFlip& flip) override { windows_.flip(flip.address, flip.bit); }
  std::vector<std::string> missed_flips() const override {
    return flips_ == nullptr ? std::vector<std::string>() : flips_->missed();
  }

  void finish() override {
    if (observer_ != nullptr) observer_->flush();
    if (waves_ != nullptr) waves_->finish();
  }

  std::uint64_t now_cycles() const override { return static_cast<std::uint64_t>(sc_core::sc_time_stamp() / period_); }

  /// One line: what every block is doing.
  std::string describe() const {
    std::ostringstream os;
    os << "busy " << busy();
#if !EIE_SYNTHESIS_VIEW
    os << ", " << dut_.ccu.describe();
    for (unsigned p = 0; p < Cfg::kPes; ++p) os << "; pe " << p << ": " << dut_.pe[p].describe();
#endif
    return os.str();
  }

 private:
  bool busy() const { return dut_.host_port.busy.read(); }

  void bind() {
    dut_.clk(clock_);
    dut_.rst_n(rst_n_);
    host_.clk(clock_);
    wires_.connect(host_, dut_);
    dut_.irq(irq_);
  }
  static void elaborate() {
    if (!sc_core::sc_start_of_simulation_invoked()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  /// Reset, once, before the first access.
  void start() {
    if (started_) return;
    started_ = true;
    elaborate();
    if (coverage_ != nullptr) begin_watching();
    rst_n_.write(false);
    advance(now_cycles() + 3);
    rst_n_.write(true);
    advance(now_cycles() + 2);
  }

  /// Runs until a pause or until `cycle`.
  void advance(std::uint64_t cycle) {
    if (cycle > now_cycles()) {
      sc_core::sc_start(period_ * static_cast<double>(cycle) - sc_core::sc_time_stamp(), sc_core::SC_RUN_TO_TIME);
    }
    if (fault_ != nullptr) std::rethrow_exception(fault_);
  }
  void begin_watching() {
    if (observer_ != nullptr) return;
    observer_ = std::make_unique<ViewObserver>(compiled_config<Cfg>());
    observed_.notify(sc_core::SC_ZERO_TIME);
  }
  /// What goes wrong in a process would reach the caller as an error of the kernel: it waits for advance().
  void sample(const CycleFacts& facts) {
    if (fault_ != nullptr) return;
    try {
      derived_->update(now_cycles(), facts, observer_->context());
      waves_->sample(now_cycles());
    } catch (const UserError&) {
      fault_ = std::current_exception();
      sc_core::sc_pause();
    }
  }

  const AxiLiteManager& transfer(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads) override {
    start();
    host_.begin(beats, reads);
    const std::size_t count = beats != nullptr ? beats->size() : reads->size();
    const std::uint64_t limit = now_cycles() + 1000 + 100 * count;
    while (!host_.done()) {
      if (now_cycles() >= limit) throw DeviceError("watchdog: the host port does not answer; " + describe());
      advance(limit);
    }
    return host_.manager();
  }

  void on_interrupt() { sc_core::sc_pause(); }

  /// In the middle of each cycle, when all has settled, once somebody observes; dormant until then.
  void watch() {
    next_trigger(clock_.negedge_event());
    if (clock_.read()) return;  // before the first edge
    if (observer_ != nullptr) {
      fill_view(dut_, view_);
      const CycleFacts& facts = observer_->watch(view_);
      if (coverage_ != nullptr) coverage_->add(view_, facts, observer_->context());
      if (waves_ != nullptr && now_cycles() != 0) sample(facts);
    }
    if (player_ != nullptr) player_->sample(busy());
  }

  LiveFlips& flips() {
    if (flips_ == nullptr) {
      elaborate();
      std::vector<WaveSignal> signals;
      list_sc_signals(dut_, [&signals](WaveSignal signal) { signals.push_back(std::move(signal)); });
      flips_ = std::make_unique<LiveFlips>(signals);
    }
    return *flips_;
  }
  /// A quarter of a cycle behind each edge, once there is something to flip: before anybody looks, and before the next edge.
  void flip_bits() {
    if (at_edge_) {
      at_edge_ = false;
      next_trigger(period_ / 4);
      return;
    }
    at_edge_ = true;
    next_trigger(clock_.posedge_event());
    if (!clock_.read()) return;
    const int touched = flips_->step(busy(), [this](const BitFlip& flip) { windows_.flip(flip.address, flip.bit); });
#if !EIE_SYNTHESIS_VIEW
    if (touched < 0) return;
    for (unsigned p = 0; p < Cfg::kPes; ++p) {  // what is decoded from registers follows them at once
      dut_.pe[p].ptr_read.drive();
      dut_.pe[p].spmat_read.drive();
    }
    dut_.update_wires();
#else
    (void)touched;
#endif
  }

  sc_core::sc_time period_;
  sc_core::sc_clock clock_;
  AxiLiteHost host_;
  Dut dut_;
  HwWindows<Cfg> windows_{dut_};
  std::unique_ptr<DerivedSignals> derived_;  // with waves_
  std::unique_ptr<WaveRecorder> waves_;
  std::exception_ptr fault_;
  bool started_ = false;
  std::unique_ptr<ViewObserver> observer_;
  std::unique_ptr<FunctionalCoverage> coverage_;  // with EIE_COVERED in the environment
  std::string covered_;
  std::unique_ptr<PlayerRecorder> player_;
  CycleView view_;
  sc_core::sc_event SC_NAMED(observed_);
  std::unique_ptr<LiveFlips> flips_;
  bool flips_begun_ = false;
  bool at_edge_ = false;
  sc_core::sc_event SC_NAMED(flipping_);

  sc_core::sc_signal<bool> SC_NAMED(rst_n_);
  AxiLiteWires wires_;
  sc_core::sc_signal<bool> SC_NAMED(irq_);
};

/// The device of one configuration. Called by generated/hw_engine_NAME.cpp, so that each Eie<Cfg> is compiled in one translation
/// unit.
template <class Cfg>
std::unique_ptr<Device> make_hw_engine(const TraceOptions& trace) {
  auto engine = std::make_unique<HwEngine<Cfg>>(sc_core::sc_gen_unique_name("eie"), trace);
  engine->begin_waves();
  return engine;
}

}  // namespace eie::tb
