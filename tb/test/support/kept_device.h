// SPDX-License-Identifier: Apache-2.0
// EIE_TRACE=DIR: a system test that fails leaves waves, events and its output in DIR.
//
// Nothing is recorded while a test runs: it would cost every test what only a failing one needs. A test that has failed runs
// once more, in a process of its own and with the same seeds, and what it does there is recorded: the events of all launches and
// the waves of the last launch of each device. A test that passes writes nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tb/engines/engines.h"
#include "tb/host/device.h"

namespace eie::tb {

/// The device of a system test, by engine and configuration: make_engine(), watched when EIE_TRACE is set.
std::unique_ptr<Device> make_kept_engine(const std::string& engine, const HwConfig& config);

/// A device that `make` builds with the waves that it is asked for.
std::unique_ptr<Device> make_kept(const std::string& engine, const HwConfig& config,
                                  const std::function<std::unique_ptr<Device>(const TraceOptions&)>& make);

}  // namespace eie::tb
