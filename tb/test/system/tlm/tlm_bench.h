// SPDX-License-Identifier: Apache-2.0
// EieTlm, or hw/ behind the same socket, between an initiator with a protocol checker and the pins of a device.
#pragma once

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <memory>

#include "compiled/small_8pe.h"

#include "tb/checkers/tlm_checker.h"
#include "tb/support/random.h"
#include "tb/test/support/tlm_host.h"
#include "tb/test/system/layer_case.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {

using Cfg = cfg::small_8pe;
using Bytes = std::vector<unsigned char>;

/// Initiator, checker, device.
template <class Device>
struct Bench {
  template <class... Arguments>
  explicit Bench(const std::string& name, const Arguments&... arguments)
      : device(("device_" + name).c_str(), arguments...),
        checker(("checker_" + name).c_str(), violations),
        host(("host_" + name).c_str()),
        rst_n(("rst_n_" + name).c_str()),
        irq(("irq_" + name).c_str()),
        config(device.config()) {
    host.socket.bind(checker.from_initiator);
    checker.to_target.bind(device.socket);
    device.rst_n(rst_n);
    device.irq(irq);
  }
  /// Runs a program after a reset; the checker must have nothing to say.
  void run(const std::function<void()>& program) {
    host.run([&] {
      rst_n.write(false);
      wait_cycles(3);
      rst_n.write(true);
      wait_cycles(3);
      program();
    });
    EXPECT_TRUE(violations.empty()) << violations.summary();
    EXPECT_EQ(checker.open(), 0u);
  }
  void wait_cycles(std::uint64_t n) { sc_core::wait(sc_core::sc_time::from_value(n * device.clock_period().value())); }
  std::uint64_t cycles(const TlmAnswer& answer) const { return answer.taken.value() / device.clock_period().value(); }

  Device device;
  Violations violations;
  TlmChecker checker;
  TlmHost host;
  sc_core::sc_signal<bool> rst_n;
  sc_core::sc_signal<bool> irq;
  const DeviceConfig config;
};
struct TlmBench : Bench<EieTlm> {
  explicit TlmBench(const std::string& name, AtPhases phases = AtPhases::kFour) : Bench(name, compiled_config<Cfg>(), phases) {}
};
struct HwBench : Bench<EieHw<Cfg>> {
  explicit HwBench(const std::string& name) : Bench(name) {}
};

}  // namespace eie::tb
