// SPDX-License-Identifier: Apache-2.0
// Engine "rtl": the RTL that ICSC made of hw/ (hw/rtl), Verilated, clocked by a plain loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/axi_lite_device.h"
#include "tb/engines/rtl/rtl_model.h"
#include "tb/engines/watch/event_builder.h"
#include "tb/engines/watch/rtl_view.h"
#include "tb/engines/waves/derived_signals.h"
#include "tb/engines/waves/wave_recorder.h"
#include "tlm/model/ecc/ecc.h"

namespace eie::tb {

class RtlEngine final : public AxiLiteDevice {
 public:
  RtlEngine(std::unique_ptr<RtlModel> model, const HwConfig& config);
  /// With waves. Throws UserError for options that select nothing.
  RtlEngine(std::unique_ptr<RtlModel> model, const HwConfig& config, const TraceOptions& trace);

  std::string engine() const override { return "rtl"; }
  RtlModel& model() { return *model_; }

  /// Called in every cycle before its rising edge, from the second on.
  void set_observer(std::function<void()> observer) { observer_ = std::move(observer); }

  void backdoor_write(std::uint64_t address, std::uint64_t data) override;
  std::uint64_t backdoor_read(std::uint64_t address) override;
  void flip_now(const BitFlip& flip) override;
  void wait_interrupt(std::uint64_t limit_cycles) override;
  void announce(const LaunchContext& context) override {
    if (events_ != nullptr) events_->announce(context);
  }
  void observe(EventSink& sink) override;
  void finish() override {
    if (events_ != nullptr) events_->flush();
    if (waves_ != nullptr) waves_->finish();
  }
  void set_host_stalls(unsigned percent, std::uint64_t seed) override { host_.set_stalls(percent, seed); }
  std::uint64_t now_cycles() const override { return cycle_; }

 private:
  struct Memories {
    RtlArray spmat;
    RtlArray even;
    RtlArray odd;
    RtlArray act;
    std::vector<RtlArray> checks;  // with ECC, in the order of SramKind
  };
  /// The part of a PE's memories that a 64-bit beat covers: pointers are two words.
  struct Place {
    RtlArray low;
    RtlArray high;  // pointers only
    std::size_t byte = 0;
  };

  void start();
  void cycle();
  const AxiLiteManager& transfer(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads) override;
  Place locate(std::uint64_t address) const;
  void write_data(std::uint64_t address, std::uint64_t data);
  std::vector<model::EccMemories::Place> places(std::uint64_t address) const;
  void flip_check(const model::EccMemories::Place& at, unsigned part, unsigned bit);
  void watch_wires();

  std::unique_ptr<RtlModel> model_;
  HwConfig config_;
  model::EccMemories ecc_;
  AxiLiteManager host_;
  RtlInputs inputs_;
  std::vector<Memories> memories_;
  std::function<void()> observer_;
  std::unique_ptr<RtlView> wires_;  // with events_
  CycleView view_;
  std::unique_ptr<ViewObserver> events_;
  std::unique_ptr<DerivedSignals> derived_;
  std::unique_ptr<WaveRecorder> waves_;
  std::uint64_t cycle_ = 0;
  bool started_ = false;
  // As with AxiLiteHost: beats start at the next edge, or at once when an edge has passed since the last
  // ones.
  bool host_asleep_ = false;
};

}  // namespace eie::tb
