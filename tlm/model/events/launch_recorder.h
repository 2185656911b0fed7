// SPDX-License-Identifier: Apache-2.0
// Events of a launch (launch_events.h) from the timing model: the walk of core.cpp tells it the states and batches, the replay
// of cycle_account.h says what each PE does.
#pragma once

#include <cstdint>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/model/events/launch_events.h"
#include "tlm/model/image.h"

namespace eie::model {

class LaunchRecorder {
 public:
  explicit LaunchRecorder(const DeviceConfig& config);

  /// Where the next launch lies in its layer.
  void set_origin(const LaunchOrigin& origin) { origin_ = origin; }

  void begin_launch();
  /// So many cycles of a state other than compute and drain, in which every PE has one reason.
  void pass(LaunchState state, std::uint64_t cycles, CycleReason reason);
  /// The batch that begins now. Columns count from the launch's first one.
  void begin_batch(std::uint64_t first_column, std::uint64_t columns);
  /// Its states compute and drain. `values` are those of the broadcast columns.
  template <class Value>
  void compute(Image& image, const std::vector<std::uint32_t>& columns, const std::vector<Value>& values) {
    values_.assign(values.begin(), values.end());
    replay(image, columns);
  }
  /// A clamped sum or a dropped write; row and column count from the launch's first one, kNoRow stays.
  void saturated(const PlaceEvent& place) { activity_.saturated.push_back(in_layer(place)); }
  void error(const PlaceEvent& place) { activity_.errors.push_back(in_layer(place)); }
  void end_launch();

  /// Of the latest launch. Who takes the lists out gives room for the next ones back.
  LaunchActivity& activity() { return activity_; }

 private:
  void replay(Image& image, const std::vector<std::uint32_t>& columns);
  void add_work(const Image& image, std::uint32_t column, const Column& decoded, const PeEvent& work, unsigned pe);
  void add_stalls(const AccountedBroadcast& broadcast, std::uint32_t start, std::uint32_t column);
  PlaceEvent in_layer(PlaceEvent place) const;
  void add_state(LaunchState state, std::uint64_t cycles);

  DeviceConfig config_;
  LaunchOrigin origin_;
  LaunchActivity activity_;
  std::uint64_t cycle_ = 0;
  std::vector<std::int32_t> values_;
  std::size_t padding_ = 0;            // of the column at hand, in Image::padding()
  std::vector<std::uint32_t> places_;  // cycles of a PE's column with padding
};

}  // namespace eie::model
