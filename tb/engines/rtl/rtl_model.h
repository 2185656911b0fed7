// SPDX-License-Identifier: Apache-2.0
// A Verilated device (hw/rtl/NAME.sv) behind plain C++: its pins, a clock, and its memories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tlm/axi/axi_lite_manager.h"

namespace eie::tb {

/// Inputs of the device.
struct RtlInputs : AxiLiteRequests {
  bool rst_n = false;
};

/// Outputs of the device.
struct RtlOutputs : AxiLiteAnswers {
  bool irq = false;
};

/// An array of words inside the model, for the back door: consecutive, each in the smallest machine type that
/// holds it.
struct RtlArray {
  unsigned char* data = nullptr;
  unsigned word_bytes = 0;
};

/// A signal of the model, for waves.
struct RtlSignal {
  std::string scope;  // the instance below the top module
  std::string name;   // with an index where it is an element: "candidate__column[3]"
  const unsigned char* data = nullptr;
  unsigned bytes = 0;
  unsigned width = 0;
};

class RtlModel {
 public:
  RtlModel() = default;
  RtlModel(const RtlModel&) = delete;
  RtlModel& operator=(const RtlModel&) = delete;
  virtual ~RtlModel() = default;

  /// Applies inputs and settles; no clock edge.
  virtual void apply(const RtlInputs& inputs) = 0;
  /// One rising clock edge under the inputs applied before. Outputs are those behind it once the next inputs
  /// are applied, or at once with settle().
  virtual void edge() = 0;
  virtual RtlOutputs outputs() const = 0;
  /// Clock edges under the present inputs until the interrupt is high, at most `limit`; how many there were.
  virtual std::uint64_t run_until_interrupt(std::uint64_t limit) = 0;

  /// A variable that was made public, or {nullptr, 0}. `scope` is the instance below the top module, such as
  /// "pe_0.ptr_read.even".
  virtual RtlArray variable(const std::string& scope, const std::string& name) const = 0;

  /// All signals that are members of a module, where the model was made with its signals public; else few or none.
  virtual std::vector<RtlSignal> signals() const { return {}; }
};

}  // namespace eie::tb
