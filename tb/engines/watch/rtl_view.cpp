// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/watch/rtl_view.h"

#include <cstring>

#include "tb/host/device.h"

namespace eie::tb {

RtlView::Wire RtlView::find(const RtlModel& model, const std::string& scope, const std::string& name, unsigned element) {
  const RtlArray found = model.variable(scope, name);
  if (found.data == nullptr || found.word_bytes > 4) {
    throw DeviceError("engine rtl: variable " + name + " of " + (scope.empty() ? "the device" : scope) +
                      " is not accessible, there are no events");
  }
  return {found.data + std::size_t{element} * found.word_bytes, found.word_bytes};
}

std::uint32_t RtlView::Wire::value() const {
  std::uint32_t value = 0;
  std::memcpy(&value, data, bytes);  // in the host's byte order, as Verilator keeps it
  return value;
}

RtlView::RtlView(const RtlModel& model, const DeviceConfig& config) : skips_padding_(config.skip_padding) {
  busy_ = find(model, "", "busy_");
  state_ = find(model, "ccu", "state_");
  root_valid_ = find(model, "", "root__valid");
  root_exhausted_ = find(model, "", "root_exhausted_");
  root_column_ = find(model, "", "root__column");
  any_full_ = find(model, "", "any_full_");
  broadcast_valid_ = find(model, "", "broadcast__valid");
  broadcast_column_ = find(model, "", "broadcast__column");
  broadcast_value_ = find(model, "", "broadcast__value");
  for (unsigned p = 0; p < config.n_pe; ++p) {
    const std::string scope = "pe_" + std::to_string(p);
    Pe pe;
    pe.head_valid = find(model, scope, "head__valid");
    pe.head_column = find(model, scope, "head__column");
    pe.head_ready = find(model, scope, "head_ready_");
    pe.full = find(model, "", "full_", p);
    pe.fresh = find(model, scope + ".ptr_read", "fresh_");
    pe.fresh_length = find(model, scope + ".ptr_read", "fresh_length_");
    pe.address_valid = find(model, scope, "entry_address__valid");
    pe.address_first = find(model, scope, "entry_address__first");
    pe.address = find(model, scope, "entry_address__address");
    pe.entry_valid = find(model, scope, "entry__valid");
    pe.entry_first = find(model, scope, "entry__first");
    pe.entry_code = find(model, scope, "entry__code");
    pe.entry_run = find(model, scope, "entry__run");
    if (skips_padding_) {
      pe.column_ready = find(model, scope, "column_ready_");
      pe.entry_skipped = find(model, scope, "entry__skipped");
    }
    pe.saturated = find(model, "", "saturated_", p);
    pe.row_error = find(model, scope, "row_error_");
    pe.pointer_error = find(model, scope, "pointer_error_");
    pes_.push_back(pe);
  }
}

void RtlView::fill(CycleView& view) const {
  view.pe.resize(pes_.size());
  view.busy = busy_.value() != 0;
  if (!view.busy) return;
  view.state = static_cast<LaunchState>(state_.value());
  view.root_valid = root_valid_.value() != 0;
  view.root_exhausted = root_exhausted_.value() != 0;
  view.root_column = root_column_.value();
  view.any_full = any_full_.value() != 0;
  view.broadcast = broadcast_valid_.value() != 0;
  view.broadcast_column = broadcast_column_.value();
  // A machine type holds the value, whose sign bit is its top one for the widths that there are: 8, 16 and 32.
  const unsigned unused = 32 - 8 * broadcast_value_.bytes;
  view.broadcast_value = static_cast<std::int32_t>(broadcast_value_.value() << unused) >> unused;
  for (std::size_t p = 0; p < pes_.size(); ++p) {
    const Pe& pe = pes_[p];
    PeView& to = view.pe[p];
    const bool column_ready = skips_padding_ && pe.column_ready.value() != 0;
    to.accept = pe.head_valid.value() != 0 && (pe.head_ready.value() != 0 || column_ready);
    to.full = pe.full.value() != 0;
    to.head_column = pe.head_column.value();
    to.fresh = pe.fresh.value() != 0;
    to.fresh_entries = pe.fresh_length.value();
    // With skipped padding a column goes on where the next one is not taken.
    const bool goes_on = skips_padding_ && !column_ready;
    to.address_valid = pe.address_valid.value() != 0 || goes_on;
    to.address_first = pe.address_valid.value() != 0 && pe.address_first.value() != 0 && !goes_on;
    to.address = pe.address.value();
    to.entry_valid = pe.entry_valid.value() != 0;
    to.entry_first = pe.entry_first.value() != 0;
    to.code = pe.entry_code.value();
    to.run = pe.entry_run.value();
    to.skipped = skips_padding_ ? pe.entry_skipped.value() : 0;
    to.saturated = pe.saturated.value() != 0;
    to.row_error = pe.row_error.value() != 0;
    to.pointer_error = pe.pointer_error.value() != 0;
  }
}

}  // namespace eie::tb
