// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/axi_lite_host.h"

namespace eie::tb {

AxiLiteHost::AxiLiteHost(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(tick);
  sensitive << clk.pos();
  dont_initialize();
}

void AxiLiteHost::begin(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads) {
  manager_.begin(beats, reads);
  active_ = true;
  begin_event_.notify(sc_core::SC_ZERO_TIME);
}

void AxiLiteHost::tick() {
  if (!active_) {
    next_trigger(begin_event_);  // sleeps: no wake-ups while the host is quiet
    return;
  }
  manager_.tick(answers(), requests_);
  drive(requests_);
  if (done()) {
    active_ = false;
    sc_core::sc_pause();
  }
}

}  // namespace eie::tb
