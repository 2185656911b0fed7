// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/results/journal.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

constexpr const char* kMagic = "eie-sweep-journal/1";

std::string head_text(const JournalHead& head) {
  return std::string(kMagic) + '\t' + kVersion + '\t' + head.sweep + '\t' + std::to_string(head.points);
}

[[noreturn]] void fail(const std::string& path, const std::string& what, const std::string& expected) {
  throw UserError(path + ": " + what + ": expected " + expected);
}

/// Throws UserError unless `line` begins a journal of this sweep.
void check_head(const std::string& path, std::string_view line, const JournalHead& head) {
  const std::string expected = head_text(head);
  const std::optional<std::string> found = unsealed(line);
  if (!found || found->rfind(kMagic, 0) != 0) fail(path, "is no journal of a sweep", "an empty folder, or that of this sweep");
  if (*found == expected) return;
  const std::string before = std::string(kMagic) + '\t' + kVersion + '\t';
  if (found->rfind(before, 0) != 0) {
    fail(path, "is of another version of the program", "version " + std::string(kVersion) + ", or another folder (--output)");
  }
  fail(path, "is of another sweep: its file, or one that it names, has changed",
       "the sweep of " + found->substr(before.size(), 12) + "..., not " + head.sweep.substr(0, 12) +
           "...; or another folder (--output)");
}

/// Calls line(text, offset) for each whole line; returns where the last of them ends.
std::uint64_t for_each_line(const std::string& path, int file,
                            const std::function<void(std::string_view line, std::uint64_t offset)>& line) {
  std::string text;
  std::uint64_t begin = 0;  // of `text` in the file
  std::vector<char> buffer(1 << 16);
  for (std::uint64_t at = 0;;) {
    const ssize_t n = pread(file, buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, std::string("cannot be read: ") + std::strerror(errno), "a readable journal");
    if (n == 0) return begin;
    at += static_cast<std::uint64_t>(n);
    text.append(buffer.data(), static_cast<std::size_t>(n));
    std::size_t from = 0;
    for (std::size_t end = 0; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
      line(std::string_view(text).substr(from, end - from), begin + from);
    }
    text.erase(0, from);
    begin += from;
  }
}

}  // namespace

Journal::Journal(const std::string& path, const JournalHead& head) : path_(path), done_(head.points) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) fail(path, std::string("cannot be opened: ") + std::strerror(errno), "a folder that can be written");
  try {
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) fail(path, "is in use by another process", "one sweep at a time in a folder");
    read(head);
  } catch (...) {
    close(file_);
    throw;
  }
  synced_ = std::chrono::steady_clock::now();
}

Journal::~Journal() { close(file_); }

void Journal::read(const JournalHead& head) {
  bool first = true;
  const std::uint64_t end = for_each_line(path_, file_, [&](std::string_view line, std::uint64_t) {
    if (first) {
      check_head(path_, line, head);
      first = false;
      return;
    }
    const std::optional<SweepRow> row = row_of_line(line);
    if (!row || row->index >= done_.size()) {
      ++damaged_;
    } else if (!done_[row->index]) {
      done_[row->index] = true;
      ++count_;
    }
  });
  found_ = count_;
  // What is behind the last line break was cut off while it was written.
  if (ftruncate(file_, static_cast<off_t>(end)) != 0) fail(path_, std::strerror(errno), "a file that can be written");
  if (first) write(sealed_line(head_text(head)));
}

std::optional<SweepRow> Journal::row(std::uint64_t index) const {
  std::optional<SweepRow> found;
  if (!has(index)) return found;
  for_each_line(path_, file_, [&](std::string_view line, std::uint64_t) {
    std::optional<SweepRow> row = row_of_line(line);
    if (row && row->index == index) found = std::move(row);
  });
  return found;
}

void Journal::write(const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(file_, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(path_, std::string("cannot be written: ") + std::strerror(errno), "room for the sweep's rows");
    done += static_cast<std::size_t>(n);
  }
}

void Journal::add(const std::vector<SweepRow>& rows) {
  std::string text;
  for (const SweepRow& row : rows) text += row_line(row);
  const std::lock_guard<std::mutex> lock(mutex_);
  write(text);
  for (const SweepRow& row : rows) {
    if (!done_[row.index]) ++count_;
    done_[row.index] = true;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - synced_ < std::chrono::seconds(1)) return;
  synced_ = now;
  fdatasync(file_);
}

void Journal::sync() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (fdatasync(file_) != 0) fail(path_, std::string("cannot be written: ") + std::strerror(errno), "room for the sweep's rows");
}

RowStore::RowStore(const std::vector<std::string>& journals, const JournalHead& head) : paths_(journals), places_(head.points) {
  for (const std::string& path : journals) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path, std::string("cannot be opened: ") + std::strerror(errno), "a journal of this sweep");
    files_.push_back(file);
    bool first = true;
    bytes_ += for_each_line(path, file, [&](std::string_view line, std::uint64_t offset) {
      if (first) check_head(path, line, head);
      if (!std::exchange(first, false)) {
        const std::optional<SweepRow> row = row_of_line(line);
        if (!row || row->index >= places_.size()) return;
        Place& place = places_[row->index];
        if (place.length == 0) ++count_;
        place = {static_cast<std::uint32_t>(files_.size() - 1), static_cast<std::uint32_t>(line.size()), offset};
      }
    });
  }
}

RowStore::~RowStore() {
  for (const int file : files_) close(file);
}

SweepRow RowStore::row(std::uint64_t index) const {
  const Place& place = places_[index];
  std::string line(place.length, '\0');
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t n =
        pread(files_[place.journal], line.data() + done, line.size() - done, static_cast<off_t>(place.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  const std::optional<SweepRow> row = row_of_line(line);
  if (!row) fail(paths_[place.journal], "has changed while it was read", "a journal that nobody writes");
  return *row;
}

}  // namespace eie::tb
