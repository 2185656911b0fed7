// SPDX-License-Identifier: Apache-2.0
// An output that a platform may leave open.
#pragma once

#include <memory>
#include <systemc>

namespace eie {

/// Gives a port that nothing is bound to a signal of its own. To be called from before_end_of_elaboration()
/// of the port's module, when the platform has bound what it binds.
class OptionalOutput {
 public:
  void connect(sc_core::sc_out<bool>& port) {
    if (port.bind_count() != 0) return;
    signal_ = std::make_unique<sc_core::sc_signal<bool>>(sc_core::sc_gen_unique_name("open_output"));
    port.bind(*signal_);
  }

 private:
  std::unique_ptr<sc_core::sc_signal<bool>> signal_;
};

}  // namespace eie
