// SPDX-License-Identifier: Apache-2.0
// Output files that are whole or not there, whatever ends the program.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include "tb/support/cleanup.h"

namespace eie::tb {

/// One output file. Without commit() nothing is left behind, and a file that was there is as it was.
///
/// A new file is written under a temporary name in its folder, then renamed. So is one that was there, with its mode
/// and owner; but where that would cut a hard link, change the owner, or the folder cannot be written, the old file
/// gets the new content in place, once all of it is there and has room. Standard output ("-"), what is below /dev or
/// /proc, pipes and sockets are written in place through one descriptor, which is opened at the first write.
class AtomicFile {
 public:
  /// Throws UserError when the target is a directory or cannot be written. Opens no pipe and no socket.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes. Throws UserError when they cannot be written (disk full).
  void write(const void* data, std::size_t bytes);

  /// Writes what is held back so far, to find out whether there is room for it; not of a file that is overwritten.
  void flush();

  /// Flushes, closes and gives the file its name. Throws UserError when any of that fails.
  void commit();

 private:
  enum class Way { kRename, kOverwrite, kStream };

  [[noreturn]] void fail(const std::string& what) const;
  void open_for_stream();
  void put(int file, const char* data, std::size_t bytes) const;
  void overwrite();

  std::string path_;    // as the user wrote it
  std::string target_;  // links resolved
  Way way_ = Way::kRename;
  Temporary temporary_;
  int descriptor_ = -1;
  int inherited_ = -1;  // of this process: standard output, or /dev/fd/N
  std::string buffer_;  // what is not yet written; all of it, to overwrite
};

/// Writes a text file atomically, and only if its content differs from what is there. Throws UserError.
/// Returns true when the file was written.
bool write_if_changed(const std::string& path, const std::string& text);

/// Throws UserError when a file of this name could not be written, so that long work does not end in vain.
/// Leaves nothing behind. An empty path is fine.
void check_writable(const std::string& path);

/// Makes a folder and its parents. Throws UserError when that fails or a file is in the way. Returns true when
/// the folder was not there before.
bool make_folder(const std::string& path);

/// A folder for output files. One that was not there before vanishes with its content, and with the parents that were
/// made for it, unless keep() is called.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& path);
  void keep() { made_.keep(); }

 private:
  Temporary made_;
};

/// A folder whose files appear all at once: they are written to a folder inside it first.
class StagedFolder {
 public:
  /// `is_own` tells by their names which entries of a folder that is there are an earlier result, to be replaced as a
  /// whole. Throws UserError when there are some and `force` is not set, and when the folder cannot be written.
  StagedFolder(const std::string& path, const std::function<bool(const std::string& name)>& is_own, bool force);

  /// Where the files go until commit().
  const std::string& staging() const { return staging_.path(); }
  /// The text with the staging folder's name replaced by the folder's own, for messages.
  std::string with_final_names(std::string text) const;

  /// Replaces the earlier result. Throws UserError when that fails; then everything is as before.
  void commit();

 private:
  std::string path_;
  std::function<bool(const std::string& name)> is_own_;
  OutputFolder folder_;
  Temporary staging_;
};

}  // namespace eie::tb
