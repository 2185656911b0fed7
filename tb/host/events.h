// SPDX-License-Identifier: Apache-2.0
// The event stream: what every launch of a run did, cycle by cycle, as intervals (tlm/model/events/launch_events.h). Answers,
// waves, timelines and files of events are all made of it.
//
// The host says which launch comes next (Device::announce), the engine tells what came of it (EventSink). Engine tlm makes
// the events with its recurrence; hw and rtl watch wires (cycle_view.h, cycle_watcher.h, event_builder.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tb/compress/balance/layer_order.h"
#include "tlm/model/events/launch_events.h"

namespace eie::tb {

/// What the host knows of a launch, and the device does not.
struct LaunchContext {
  std::uint64_t launch = 0;     // from 1 over the whole run: samples, layers, row blocks, columns
  std::string layer;            // its name
  std::uint64_t sample = 0;     // from 0
  std::uint64_t first_row = 0;  // rows and columns of the layer, by place
  std::uint64_t rows = 0;
  std::uint64_t first_column = 0;
  std::uint64_t columns = 0;
  std::uint64_t pointer_base = 0;  // index of the first column's pointer: the column on the wires, less this, counts from 0
  bool first = false;              // the sums start in this launch
  bool last = false;               // and end in this one
  bool skips_padding = false;      // an entry may take no cycle of its own
  // Fraction bits of the numbers; sums have those of the outputs.
  int weight_frac = 0;
  int act_frac = 0;
  int out_frac = 0;
  int shift = 0;
  /// Which rows and columns lie at the layer's places; none: each at its own (tb/compress/balance/layer_order.h).
  std::shared_ptr<const LayerOrder> order = nullptr;

  /// The user's row and column at a place of the layer.
  std::uint64_t row_at(std::uint64_t place) const { return order == nullptr ? place : at_place(order->rows, place); }
  std::uint64_t column_at(std::uint64_t place) const { return order == nullptr ? place : at_place(order->columns, place); }
  /// first_row .. and first_column .. are places of rows and columns that are others.
  bool some_rows_moved() const { return order != nullptr && rows < order->rows.size(); }
  bool some_columns_moved() const { return order != nullptr && columns < order->columns.size(); }
};

inline bool operator==(const LaunchContext& a, const LaunchContext& b) {
  return a.launch == b.launch && a.layer == b.layer && a.sample == b.sample && a.first_row == b.first_row && a.rows == b.rows &&
         a.first_column == b.first_column && a.columns == b.columns && a.pointer_base == b.pointer_base && a.first == b.first &&
         a.last == b.last && a.skips_padding == b.skips_padding && a.weight_frac == b.weight_frac && a.act_frac == b.act_frac &&
         a.out_frac == b.out_frac && a.shift == b.shift && same_order(a.order.get(), b.order.get());
}

/// Rows and columns in `activity` are the user's; the numbers of a launch and of its batches are places.
struct LaunchEvents {
  LaunchContext context;
  LaunchActivity activity;
};

/// Engines know places alone: gives the events of a launch the user's rows and columns.
void name_rows_and_columns(LaunchEvents& events);

inline bool operator==(const LaunchEvents& a, const LaunchEvents& b) {
  return a.context == b.context && a.activity == b.activity;
}

/// Is told of launches in their order, of each when it is over. A launch that hangs is told of as far as it came.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// The lists are the engine's and change after the call.
  virtual void launch(const LaunchEvents& events) = 0;
};

}  // namespace eie::tb
