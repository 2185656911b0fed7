// SPDX-License-Identifier: Apache-2.0
// Records what the player shows: the values of some of a device's signals in the first cycles of its launches.
#pragma once

#include <cstdint>
#include <vector>

#include "tb/engines/watch/player_data.h"
#include "tb/engines/waves/wave_recorder.h"

namespace eie::tb {

class PlayerRecorder {
 public:
  /// `signals`: all that the device has, under their names in waves. Both the data and the signals' places outlive this.
  PlayerRecorder(PlayerData& data, const std::vector<WaveSignal>& signals);

  /// The launch that comes next. The recording ends where one does not follow upon the other.
  void announce(std::uint64_t launch);

  /// In mid-cycle, in every cycle: all wires have settled. `busy`: STATUS.busy.
  void sample(bool busy);

 private:
  struct Source {
    const unsigned char* data;
    unsigned bytes;
    unsigned shift;  // of a part of a wide one
    unsigned width;
    bool is_signed;
    bool late;  // its value is that of the cycle before
  };

  static std::int64_t value_of(const Source& source);
  void stop(const char* why);

  PlayerData& data_;
  std::vector<Source> sources_;
  std::uint64_t most_cycles_ = 0;
  std::uint64_t announced_ = 0;
  bool recorded_ = false;  // the cycle before
  bool over_ = false;
};

}  // namespace eie::tb
