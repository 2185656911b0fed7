// What a launch reads of Spmat and Ptr, decoded once and kept until the memories change: pointers with the PEs side by
// side, and for each column the list of (row, code) that it adds to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "device_config.h"
#include "memories.h"

namespace eie {

/// Which part of the memories, and for how many rows.
struct ImageKey {
  std::uint32_t pointer_base = 0;
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;  // OUT_LENGTH: entries beyond are dropped
  bool operator==(const ImageKey& o) const {
    return pointer_base == o.pointer_base && columns == o.columns && rows == o.rows;
  }
};

/// One weight: row << 8 | code. The row is the number that all PEs count together (local row * n_pe + PE).
using PackedEntry = std::uint32_t;

/// A write that the arithmetic unit or the pointer unit drops and reports.
struct Dropped {
  std::uint32_t pe = 0;
  std::uint32_t entry = 0;   // its place in the PE's column
  bool backwards = false;    // the column's pointers run backwards: there is no entry
};

struct Padding {
  std::uint32_t pe = 0;
  std::uint32_t entries = 0;
};

/// A decoded column. Entries with code 0 are not in `entries`; they add nothing.
struct Column {
  const PackedEntry* begin = nullptr;
  const PackedEntry* end = nullptr;
  const Padding* padding_begin = nullptr;
  const Padding* padding_end = nullptr;
  bool dropped = false;  // some writes of this column are dropped: drops() lists them
};

class Image {
 public:
  /// Decodes everything, unless the pointers describe more entries than the memories hold (then columns are decoded
  /// again whenever they are used).
  Image(const DeviceConfig& config, const Memories& memories, const ImageKey& key);

  const ImageKey& key() const { return key_; }

  /// Pointers of column `c` of all PEs; those of column c + 1 are the ends. `c` up to key().columns.
  const std::uint32_t* pointers(std::size_t c) const { return pointers_.data() + c * n_pe_; }

  /// Valid until the next call.
  Column column(std::size_t c);

  /// The writes of a column that are dropped, PE after PE.
  std::vector<Dropped> drops(std::size_t c) const;

  /// Place in the PE's column of the entry that writes `row`. The entry must exist.
  std::uint32_t entry_of_row(std::size_t c, std::uint32_t row) const;

  /// Memory held, in bytes.
  std::size_t bytes() const;

 private:
  struct Parts {
    std::vector<PackedEntry> entries;
    std::vector<Padding> padding;
  };
  template <class Visit>
  void visit(unsigned pe, std::size_t c, Visit&& visit) const;
  bool decode(std::size_t c, Parts& to) const;

  const DeviceConfig& config_;
  const Memories& memories_;
  ImageKey key_;
  unsigned n_pe_;
  std::vector<std::uint32_t> pointers_;
  bool eager_ = false;
  Parts parts_;
  std::vector<std::size_t> first_entry_;    // of each column, eager only
  std::vector<std::size_t> first_padding_;
  std::vector<bool> dropped_;
};

/// The images of the launches that share what is in the memories now.
class ImageCache {
 public:
  ImageCache(const DeviceConfig& config, const Memories& memories) : config_(config), memories_(memories) {}

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

}  // namespace eie
