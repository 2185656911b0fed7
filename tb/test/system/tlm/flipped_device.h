// SPDX-License-Identifier: Apache-2.0
// A device whose bits flip as a test says, its driver and what it told; and layers that make enough of its memories matter.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tb/host/driver.h"
#include "tb/host/forwarding_device.h"
#include "tb/support/random.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/trace/same_events.h"

namespace eie::tb {

class FlippedDevice final : public ForwardingDevice {
 public:
  /// `words`: what a test compares of a failed run's message.
  FlippedDevice(std::unique_ptr<Device> made, const HwConfig& config, std::string (*words)(const std::string& message))
      : ForwardingDevice(*made), owned_(std::move(made)), config_(config), words_(words) {
    device_.observe(log);
    reset();
  }
  void announce(const LaunchContext& context) override {
    if (++announced_ == launch) {
      for (const auto& [flip, before] : flips) before ? device_.flip_now(flip) : device_.flip_in_next_launch(flip);
    }
    device_.announce(context);
  }
  /// Of all registers, and of a launch that does not end, as a new host does.
  void reset() { driver_ = std::make_unique<Driver>(*this, config_, LoadMode::kBackdoor); }
  /// The result, or what went wrong.
  std::string run(const LayerCase& layer, const std::vector<std::int32_t>& inputs, LayerResult& result) {
    log.launches.clear();
    driver_->load({layer.device_layer("test")});
    announced_ = 0;
    try {
      result = driver_->run(inputs).front();
    } catch (const DeviceError& error) {
      device_.finish();
      return words_(error.what());
    }
    device_.finish();
    return "";
  }
  const Placement& placement() const { return driver_->placement(); }
  std::uint64_t corrected() { return device_.read(reg::kEccCorrected); }
  std::uint64_t detected() { return device_.read(reg::kEccDetected); }

  std::vector<std::pair<BitFlip, bool>> flips;  // and whether it flips before the launch
  std::uint64_t launch = 0;                     // of a run, from 1
  EventLog log;

 private:
  std::unique_ptr<Device> owned_;
  HwConfig config_;
  std::string (*words_)(const std::string&);
  std::unique_ptr<Driver> driver_;
  std::uint64_t announced_ = 0;
};

/// A random layer that fits the memories, and reads a good part of them.
inline LayerCase draw_dense_layer(Random& random, const HwConfig& config) {
  for (;;) {
    LayerShape shape = random_shape(random, config);
    shape.weight_density = std::max(shape.weight_density, 0.1);
    shape.activation_density = std::max(shape.activation_density, 0.2);
    shape.shift = static_cast<int>(random.below(10));
    try {
      return make_layer(shape, config, random.bits());
    } catch (const UserError&) {
      continue;  // not even one batch of it fits the small memories
    }
  }
}

}  // namespace eie::tb
