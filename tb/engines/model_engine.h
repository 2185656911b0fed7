// SPDX-License-Identifier: Apache-2.0
// What both ways to the device model of tlm/ have in common (TlmEngine, ModelDevice): events and flips.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/flips/model_flips.h"
#include "tb/engines/watch/model_observer.h"
#include "tb/host/device.h"

namespace eie::tb {

/// Engine "tlm" around a `Model`, one with the functions of tlm/model/device_model.h.
template <class Model>
class ModelEngine : public Device {
 public:
  std::string engine() const final { return "tlm"; }
  void announce(const LaunchContext& context) final { observer_.announce(context); }
  void observe(EventSink& sink) final { observer_.add_sink(sink); }
  void check_flip(const BitFlip& flip) final { ModelFlips<Model>::check(flip); }
  void flip_in_next_launch(const BitFlip& flip) final { flips_.add(flip); }
  std::vector<std::string> missed_flips() const final { return flips_.missed(); }

 protected:
  /// `before` are what the model's constructor takes before the configuration: the name of a module.
  template <class... Arguments>
  explicit ModelEngine(const HwConfig& config, const Arguments&... before) : model_(before..., config), flips_(model_, config) {}

  [[noreturn]] static void refuse(const char* access, std::uint64_t address) {
    std::ostringstream text;
    text << access << " at 0x" << std::hex << address << " got an error response";
    throw DeviceError(text.str());
  }

  /// The place of a flip in the model's memories.
  MemoryFlip bit_of(const BitFlip& flip) const { return flips_.bit_of(flip); }

  Model model_;

 private:
  ModelObserver<Model> observer_{model_};
  ModelFlips<Model> flips_;
};

}  // namespace eie::tb
