// SPDX-License-Identifier: Apache-2.0
// What has been done of a sweep, kept while it runs: a file that only grows, a sealed line a point.
//
// A line is written at once, whole or, where the process ends in the middle, torn: then its point is done again. The system has
// it from then on, so that nothing that ends the process loses it; that the disk has it, so that a power failure does not, is
// asked for once a second and at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tb/sweep/results/row.h"

namespace eie::tb {

/// What a journal is of.
struct JournalHead {
  std::string sweep;  // digest
  std::uint64_t points = 0;
};

class Journal {
 public:
  /// Opens a journal for more, or makes one; nobody else may have it open. A torn or damaged line is as if it were not there.
  /// Throws UserError when the file is of another sweep or another program, is in use, or cannot be read and written.
  Journal(const std::string& path, const JournalHead& head);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// The point is there.
  bool has(std::uint64_t index) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return done_[index];
  }
  /// Points that are there; of them, those that were there already.
  std::uint64_t count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_;
  }
  std::uint64_t found() const { return found_; }
  /// Lines that were damaged, but for a torn last one.
  std::uint64_t damaged() const { return damaged_; }

  /// The row of a point; nothing when it is not there. Reads the file from the beginning: for few points.
  std::optional<SweepRow> row(std::uint64_t index) const;

  /// Adds rows. Any thread may. Throws UserError when they cannot be written.
  void add(const std::vector<SweepRow>& rows);
  /// The disk has all of it.
  void sync();

 private:
  void read(const JournalHead& head);
  void write(const std::string& text);

  std::string path_;
  int file_ = -1;
  std::vector<bool> done_;
  std::uint64_t count_ = 0;
  std::uint64_t found_ = 0;
  std::uint64_t damaged_ = 0;
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point synced_;
};

/// Rows of several journals by the number of their point. Sixteen bytes a point are in memory, the rows are not.
class RowStore {
 public:
  /// Journals of one sweep. Throws UserError for one of another, or that cannot be read.
  RowStore(const std::vector<std::string>& journals, const JournalHead& head);
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  std::uint64_t points() const { return places_.size(); }
  std::uint64_t count() const { return count_; }
  bool has(std::uint64_t index) const { return places_[index].length != 0; }
  /// The row of a point that is there.
  SweepRow row(std::uint64_t index) const;
  /// Where the lines are: bytes of all journals.
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Place {
    std::uint32_t journal = 0;
    std::uint32_t length = 0;  // 0: not there
    std::uint64_t offset = 0;
  };
  std::vector<std::string> paths_;
  std::vector<int> files_;
  std::vector<Place> places_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace eie::tb
