// SPDX-License-Identifier: Apache-2.0
// What a launch reads of Spmat and Ptr, decoded once and kept until the memories change: pointers with the PEs side by
// side, and for each column the list of (row, code) that it adds to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/config/device_config_check.h"
#include "tlm/model/flip_replay.h"
#include "tlm/model/large_pages.h"
#include "tlm/model/memories.h"
#include "tlm/model/timing/slots.h"

namespace eie::model {

/// Which part of the memories, and for how many rows.
struct ImageKey {
  std::uint32_t pointer_base = 0;
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;  // OUT_LENGTH: entries beyond are dropped
  bool operator==(const ImageKey& o) const { return pointer_base == o.pointer_base && columns == o.columns && rows == o.rows; }
};

/// A number of 16 bits where the configuration allows it, else of 32: half the memory traffic for the paper's sizes.
class PackedList {
 public:
  void set_narrow(bool narrow) { narrow_ = narrow; }
  bool narrow() const { return narrow_; }
  std::size_t size() const { return narrow_ ? list16_.size() : list32_.size(); }
  void resize(std::size_t n) { narrow_ ? list16_.resize(n) : list32_.resize(n); }
  void set(std::size_t at, std::uint32_t value) {
    if (narrow_) {
      list16_[at] = static_cast<std::uint16_t>(value);
    } else {
      list32_[at] = value;
    }
  }
  std::uint32_t operator[](std::size_t at) const { return narrow_ ? list16_[at] : list32_[at]; }
  /// The list itself; the one that narrow() names.
  template <class Packed>
  const Packed* data() const {
    if constexpr (sizeof(Packed) == 2) {
      return list16_.data();
    } else {
      return list32_.data();
    }
  }
  template <class Packed>
  Packed* data() {
    return const_cast<Packed*>(static_cast<const PackedList*>(this)->data<Packed>());
  }
  std::size_t bytes() const { return list16_.capacity() * 2 + list32_.capacity() * 4; }

 private:
  bool narrow_ = false;
  std::vector<std::uint16_t, LargePages<std::uint16_t>> list16_;
  std::vector<std::uint32_t, LargePages<std::uint32_t>> list32_;
};

/// A write that the arithmetic unit or the pointer unit drops and reports.
struct Dropped {
  std::uint32_t pe = 0;
  std::uint32_t entry = 0;  // its place in the PE's column
  std::uint32_t slot = 0;   // and the cycle of the column that it takes (slots.h)
  bool backwards = false;   // the column's pointers run backwards: there is no entry
  std::uint32_t row = 0;    // where it would write, local row * n_pe + PE
};

struct Padding {
  std::uint32_t pe = 0;
  std::uint32_t entries = 0;
};

/// A decoded column: a range of Image::entries() and one of Image::padding(). Entries with code 0 are not among the
/// entries; they add nothing.
struct Column {
  std::uint32_t first_entry = 0;
  std::uint32_t first_padding = 0;
  std::uint32_t last_entry = 0;  // one behind
  std::uint32_t last_padding = 0;
  bool dropped = false;  // some writes of this column are dropped: drops() lists them
};

class Image {
 public:
  /// Decodes everything, unless the pointers describe more entries than the memories hold (then columns are decoded
  /// again whenever they are used).
  Image(const DeviceConfig& config, const Memories& memories, const ImageKey& key);

  /// The columns of one batch as they were read while bits flipped. The end of a column and the begin of the next one may be
  /// different then: column c of the launch is column 2 c of this image. Decodes a column whenever it is used. `seen` must
  /// outlive the image.
  Image(const DeviceConfig& config, const Memories& memories, const ImageKey& key, const SeenBatch& seen);

  /// Columns of the image for one of the launch: 1 or 2.
  std::uint32_t stride() const { return stride_; }
  /// The launch's column.
  std::uint32_t number(std::uint32_t column) const { return column / stride_; }

  const ImageKey& key() const { return key_; }

  /// Pointers: those of column c of PE p at [c * n_pe + p], up to c = key().columns; c + 1 has the ends.
  const PackedList& pointers() const { return pointers_; }

  /// With skipped padding: the cycles that column c takes in PE p, at [c * n_pe + p]; known once column(c) was called. Else
  /// empty: every entry takes one.
  const PackedList& slots() const { return slots_; }

  /// The same, whichever it is.
  std::uint32_t slots(std::size_t c, unsigned pe) const {
    if (slots_.size() != 0) return slots_[c * n_pe_ + pe];
    const std::uint32_t begin = pointer(c, pe);
    const std::uint32_t end = pointer(c + 1, pe);
    return end > begin ? end - begin : 0;
  }

  /// Entries of the longest column in any PE.
  std::uint32_t longest_column() const { return longest_column_; }

  /// One weight each: row << code_width | code. The row is the number that all PEs count together (local row * n_pe + PE).
  const PackedList& entries() const { return entries_; }
  const std::vector<Padding>& padding() const { return padding_; }

  /// Its ranges are valid until the next call.
  Column column(std::size_t c);

  /// All columns are decoded; decoded(c) is then column(c).
  bool eager() const { return eager_; }
  const Column& decoded(std::size_t c) const { return columns_[c]; }

  /// The writes of a column that are dropped, PE after PE.
  std::vector<Dropped> drops(std::size_t c) const;

  /// Cycles of the PE's column in which an entry with code 0 arrives, from 0.
  void padding_slots(std::size_t c, unsigned pe, std::vector<std::uint32_t>& slots) const;

  /// Where in a PE's column an entry is, and which cycle of the column it takes.
  struct EntryPlace {
    std::uint32_t entry = 0;
    std::uint32_t slot = 0;
  };
  /// Of the entry that writes `row`. It must exist.
  EntryPlace entry_of_row(std::size_t c, std::uint32_t row) const;

  /// Memory held, in bytes.
  std::size_t bytes() const;

 private:
  template <class Visit>
  std::uint32_t visit(unsigned pe, std::size_t c, Visit&& visit) const;
  Column decode(std::size_t c);
  template <class Packed, class Pointer, bool kSkipPadding>
  Column decode_to(std::size_t c);
  template <class Packed, class Pointer>
  Column decode_to(std::size_t c) {
    return config_.skip_padding ? decode_to<Packed, Pointer, true>(c) : decode_to<Packed, Pointer, false>(c);
  }

  const DeviceConfig& config_;
  const Memories& memories_;
  ImageKey key_;
  unsigned n_pe_;
  unsigned log2_bits_;      // of an entry
  unsigned log2_per_word_;  // entries in a 64-bit word
  std::uint32_t pointer(std::size_t c, unsigned pe) const { return pointers_[c * n_pe_ + pe]; }
  void set_local_rows();
  void make_slots(std::size_t columns);
  template <class Packed>
  Column decode_seen(std::size_t c);

  std::vector<std::uint32_t> local_rows_;  // per PE: rows of this launch; what lies behind is dropped
  PackedList pointers_;
  PackedList slots_;
  std::uint32_t longest_column_ = 0;
  bool eager_ = false;
  PackedList entries_;    // with room for all that are described
  std::size_t used_ = 0;  // of entries_
  std::vector<Padding> padding_;
  std::vector<Column> columns_;  // eager only
  std::uint32_t stride_ = 1;
  const SeenBatch* seen_ = nullptr;
  std::vector<std::uint32_t> broadcast_;  // with seen_: the broadcast of a launch's column
};

/// The images of the launches that share what is in the memories now.
class ImageCache {
 public:
  ImageCache(const DeviceConfig& config, const Memories& memories) : config_(check(config)), memories_(memories) {}

  /// Decodes, unless an image with this key was decoded since the memories changed last.
  Image& get(const ImageKey& key);

  /// Images decoded so far, for benchmarks and tests.
  std::uint64_t decoded() const { return decoded_; }

 private:
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 29;

  const DeviceConfig& config_;
  const Memories& memories_;
  std::uint64_t version_ = 0;
  std::vector<std::unique_ptr<Image>> images_;  // most recently used last
  std::uint64_t decoded_ = 0;
};

}  // namespace eie::model
