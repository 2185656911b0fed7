// SPDX-License-Identifier: Apache-2.0
#include "tb/host/events.h"

namespace eie::tb {

void name_rows_and_columns(LaunchEvents& events) {
  const LaunchContext& context = events.context;
  if (context.order == nullptr) return;
  auto column = [&context](std::uint32_t& place) {
    if (place != kNoColumn) place = static_cast<std::uint32_t>(context.column_at(place));
  };
  auto name = [&](PlaceEvent& event) {
    column(event.column);
    if (event.row != kNoRow) event.row = static_cast<std::uint32_t>(context.row_at(event.row));
  };
  LaunchActivity& activity = events.activity;
  for (BroadcastEvent& event : activity.broadcasts) column(event.column);
  for (StallEvent& event : activity.stalls) column(event.column);
  for (auto& lane : activity.pe) {
    for (PeEvent& event : lane) column(event.column);
  }
  for (PlaceEvent& event : activity.saturated) name(event);
  for (PlaceEvent& event : activity.errors) name(event);
}

}  // namespace eie::tb
