// SPDX-License-Identifier: Apache-2.0
// The variables of a Verilated device as a CycleView. hw/rtl/verilate.vlt makes them public.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/engines/rtl/rtl_model.h"
#include "tb/engines/watch/cycle_view.h"

namespace eie::tb {

class RtlView {
 public:
  /// `model` must outlive this. Throws DeviceError when it lacks a variable.
  RtlView(const RtlModel& model, const DeviceConfig& config);

  /// Before a rising edge, with the inputs of the cycle applied.
  void fill(CycleView& view) const;

 private:
  /// A variable of up to 32 bits.
  struct Wire {
    const unsigned char* data = nullptr;
    unsigned bytes = 0;
    std::uint32_t value() const;
  };
  struct Pe {
    Wire head_valid, head_column, head_ready;
    Wire full;
    Wire fresh, fresh_length;
    Wire address_valid, address_first, address;
    Wire entry_valid, entry_first, entry_code, entry_run;
    Wire column_ready, entry_skipped;  // with skipped padding
    Wire saturated, row_error, pointer_error;
  };

  static Wire find(const RtlModel& model, const std::string& scope, const std::string& name, unsigned element = 0);

  Wire busy_, state_;
  Wire root_valid_, root_exhausted_, root_column_, any_full_;
  Wire broadcast_valid_, broadcast_column_, broadcast_value_;
  std::vector<Pe> pes_;
  bool skips_padding_ = false;
};

}  // namespace eie::tb
