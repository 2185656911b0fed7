// SPDX-License-Identifier: Apache-2.0
// A device behind a TLM socket with all that a test puts around it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tb/test/support/tlm_host.h"

namespace eie::tb {

/// One device with its initiator, reset and interrupt.
template <class Device>
struct Bench {
  template <class... Arguments>
  explicit Bench(const std::string& name, const Arguments&... arguments)
      : device(("device_" + name).c_str(), arguments...),
        host(("host_" + name).c_str()),
        rst_n(("rst_n_" + name).c_str()),
        irq(("irq_" + name).c_str()),
        watch(("watch_" + name).c_str()) {
    host.socket.bind(device.socket);
    device.rst_n(rst_n);
    device.irq(irq);
    watch.irq(irq);
  }

  /// When the interrupt line changes, once an instant: a glitch within one shows as a change too many.
  struct Watch : sc_core::sc_module {
    sc_core::sc_in<bool> SC_NAMED(irq);
    std::vector<std::pair<sc_core::sc_time, bool>> changes;
    SC_HAS_PROCESS(Watch);
    explicit Watch(const sc_core::sc_module_name& name) : sc_module(name) {
      SC_METHOD(note);
      sensitive << irq;
      dont_initialize();
    }
    void note() { changes.emplace_back(sc_core::sc_time_stamp(), irq.read()); }
  };

  Device device;
  TlmHost host;
  sc_core::sc_signal<bool> rst_n;
  sc_core::sc_signal<bool> irq;
  Watch watch;
};

}  // namespace eie::tb
