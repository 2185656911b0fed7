// SPDX-License-Identifier: Apache-2.0
// The engines that can stand behind a Device: hw (signal level), tlm (fast), rtl (generated RTL).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tb/config/config.h"
#include "tb/engines/waves/trace_options.h"
#include "tb/host/device.h"
#include "tb/support/error.h"

namespace eie::tb {

/// A configuration that no engine of a kind was compiled for, or with other values.
class NotCompiled : public UserError {
 public:
  NotCompiled(const std::string& what, std::string engine, std::vector<std::string> compiled)
      : UserError(what), engine_(std::move(engine)), compiled_(std::move(compiled)) {}
  const std::string& engine() const { return engine_; }
  const std::vector<std::string>& compiled() const { return compiled_; }

 private:
  std::string engine_;
  std::vector<std::string> compiled_;
};

/// Builds a device of this configuration, reset and idle. `engine` is "hw", "tlm" or "rtl". Throws UserError
/// for an unknown engine, an engine that is not built in, a configuration that is not compiled for it
/// (NotCompiled, naming those that are) and a trace that the engine cannot write.
std::unique_ptr<Device> make_engine(const std::string& engine, const HwConfig& config, const TraceOptions& trace);

}  // namespace eie::tb
