// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite manager for test benches (tlm/axi/axi_lite_manager.h) as a module; it pauses the simulation when all responses are
// in.
#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "tlm/axi/axi_lite_wires.h"

namespace eie::tb {

class AxiLiteHost : public sc_core::sc_module, public AxiLiteManagerPorts {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);

  SC_HAS_PROCESS(AxiLiteHost);
  explicit AxiLiteHost(const sc_core::sc_module_name& name);

  /// Starts writing `beats` and reading `reads`, both in order, side by side. The simulation pauses when the last
  /// response is in. The vectors must live until then.
  void begin(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads);

  const AxiLiteManager& manager() const { return manager_; }
  bool done() const { return manager_.done(); }

  /// Each channel stalls in a cycle with probability `percent` / 100 from now on; 0 (the default) never.
  void set_stalls(unsigned percent, std::uint64_t seed) { manager_.set_stalls(percent, seed); }

 private:
  void tick();

  AxiLiteManager manager_;
  AxiLiteRequests requests_;
  bool active_ = false;
  sc_core::sc_event begin_event_;
};

}  // namespace eie::tb
