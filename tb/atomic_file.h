// Output files that are whole or not there: written under a temporary name in the same folder, then renamed.
#pragma once

#include <cstdio>
#include <string>

namespace eie::tb {

/// One output file. Without commit() nothing is left behind. A target that is no regular file (a pipe, a
/// device) is written directly.
class AtomicFile {
 public:
  /// Opens the temporary file. Throws UserError when the target is a directory or cannot be written.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes. Throws UserError when they cannot be written (disk full).
  void write(const void* data, std::size_t bytes);

  /// Flushes, closes and gives the file its name. Throws UserError when any of that fails.
  void commit();

 private:
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;       // as the user wrote it
  std::string target_;     // links resolved
  std::string temporary_;  // empty once renamed or when written directly
  std::FILE* file_ = nullptr;
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

/// A folder for output files. One that was not there before vanishes with its content unless keep() is called.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& path) : path_(path), made_(make_folder(path)) {}
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  void keep() { made_ = false; }

 private:
  std::string path_;
  bool made_;
};

}  // namespace eie::tb
