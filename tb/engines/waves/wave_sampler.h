// SPDX-License-Identifier: Apache-2.0
// Compares values in memory with what was written last, and writes what changed: once in every cycle, for tens of thousands
// of signals, so that what it touches is small and lies in order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tb/formats/waves/wave_file.h"

namespace eie::tb {

/// An integer that lies in memory.
struct SampledValue {
  WaveFile::Id id = 0;
  const unsigned char* live = nullptr;
  unsigned bytes = 0;  // 1, 2, 4, 8; or several times 4: words, the lowest first
  unsigned width = 0;  // bits that count
  bool of_array = false;
  /// The value means something only while both are set; else it is unknown. Null: always.
  std::array<const bool*, 2> known{};
};

class WaveSampler {
 public:
  void add(const SampledValue& value) { values_.push_back(value); }
  /// After the last value.
  void prepare();

  /// Writes all values.
  void write_all(WaveFile& file);
  /// Writes those that changed since.
  void write_changes(WaveFile& file);
  /// Writes that all are unknown.
  void write_unknown(WaveFile& file) const;

 private:
  /// Neighbours in memory that are compared at once, of up to kBlock bytes, or one value that is longer.
  struct Group {
    const unsigned char* live;
    std::uint64_t last;    // of up to eight bytes: as they were
    std::uint32_t shadow;  // of more: where a copy is
    std::uint32_t bytes;
    std::uint32_t first;  // item
    std::uint32_t count;
  };
  struct Item {
    std::uint64_t mask;  // of the bits that count
    WaveFile::Id id;
    std::uint16_t offset;  // in the group
    std::uint16_t width;
    std::uint8_t bytes;  // 0: a long value
  };
  /// Values under one condition.
  struct Conditional {
    std::array<const bool*, 2> known;
    bool was;
    std::uint32_t first;
    std::uint32_t count;
  };
  struct ConditionalItem {
    const unsigned char* live;
    std::uint64_t last;
    std::uint64_t mask;
    WaveFile::Id id;
    std::uint8_t bytes;
  };

  void add_to_group(const SampledValue& value, bool same_array);
  void add_conditional(const SampledValue& value);
  void write_small(Group& group, std::uint64_t now, WaveFile& file) const;
  void write_block(const Group& group, WaveFile& file);
  void write_long(const Group& group, WaveFile& file) const;
  void write_conditional(WaveFile& file, bool all);

  std::vector<SampledValue> values_;
  std::vector<Group> groups_;
  std::vector<Item> items_;
  std::vector<unsigned char> shadow_;
  std::vector<Conditional> conditionals_;
  std::vector<ConditionalItem> conditional_items_;
};

}  // namespace eie::tb
