// SPDX-License-Identifier: Apache-2.0
#include "tb/support/atomic_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr int kMostLinks = 40;  // as Linux follows

bool below(const std::string& path, const std::string& folder) { return path.rfind(folder + "/", 0) == 0; }

// The number N of /proc/self/fd/N, canonical: /proc/<own id>/fd/N; -1 for anything else.
int own_descriptor(const fs::path& path) {
  if (path.parent_path() != "/proc/" + std::to_string(getpid()) + "/fd") return -1;
  const std::string name = path.filename().string();
  int number = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size() ? number : -1;
}

// Follows links by hand, up to one of /proc: those are no paths, but open files.
fs::path resolved(const std::string& path) {
  std::error_code failure;
  fs::path at = fs::absolute(path, failure);
  if (failure) return path;
  for (int links = 0; links < kMostLinks; ++links) {
    const fs::path parent = fs::weakly_canonical(at.parent_path(), failure);
    if (!failure) at = parent / at.filename();
    if (below(at.string(), "/proc") || !fs::is_symlink(at, failure)) return at;
    const fs::path next = fs::read_symlink(at, failure);
    if (failure) return at;
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return path;  // a loop: the system says so
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(path) {
  if (path == "-") {
    way_ = Way::kStream;
    inherited_ = STDOUT_FILENO;
    return;
  }
  const fs::path place = resolved(path);
  target_ = place.string();
  inherited_ = own_descriptor(place);
  if (inherited_ >= 0) {
    const int flags = fcntl(inherited_, F_GETFL);
    if (flags < 0) fail("cannot be written");
    if ((flags & O_ACCMODE) == O_RDONLY) {
      errno = EBADF;
      fail("cannot be written");
    }
    way_ = Way::kStream;
    return;
  }
  struct stat old {};
  const bool there = stat(target_.c_str(), &old) == 0;
  if (!there && errno != ENOENT) fail("cannot be written");
  if (there && S_ISDIR(old.st_mode)) throw UserError(path + ": is a directory: expected a file name");
  if (there && faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) fail("cannot be written");
  const bool system = below(target_, "/dev") || below(target_, "/proc");
  if (there && (!S_ISREG(old.st_mode) || below(target_, "/proc"))) {
    way_ = Way::kStream;
    return;
  }
  way_ = there && (system || old.st_nlink > 1) ? Way::kOverwrite : Way::kRename;
  if (way_ == Way::kRename) {
    const SignalGate gate;
    const std::string name = temporary_name(place.parent_path().string());
    descriptor_ = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) {
      temporary_ = Temporary(name);
      // The owner first: changing it may clear bits of the mode.
      const bool kept =
          !there || ((old.st_uid == geteuid() && old.st_gid == getegid()) || fchown(descriptor_, old.st_uid, old.st_gid) == 0);
      if (!kept || (there && fchmod(descriptor_, old.st_mode & 07777) != 0)) {
        close(descriptor_);
        descriptor_ = -1;
        temporary_.remove();
        way_ = Way::kOverwrite;
      }
    } else if (there) {
      way_ = Way::kOverwrite;  // the folder cannot be written, but the file can
    } else {
      fail("cannot be written");
    }
  }
  if (way_ == Way::kOverwrite) {
    descriptor_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("cannot be written");
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void AtomicFile::fail(const std::string& what) const {
  const int cause = errno;
  const std::string name = path_ == "-" ? "standard output" : path_;
  throw UserError(name + ": " + what + " (" + std::strerror(cause) + "): expected a " +
                  (cause == ENOENT ? "file in a folder that is there" : "writable file"));
}

void AtomicFile::open_for_stream() {
  if (way_ != Way::kStream || descriptor_ >= 0) return;
  if (inherited_ >= 0) {
    std::fflush(inherited_ == STDOUT_FILENO ? stdout : nullptr);  // what was printed before comes before
    descriptor_ = fcntl(inherited_, F_DUPFD_CLOEXEC, 0);
  } else {
    struct stat now {};
    if (stat(target_.c_str(), &now) == 0 && S_ISSOCK(now.st_mode)) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      if (target_.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail("cannot be written");
      }
      std::memcpy(address.sun_path, target_.c_str(), target_.size());
      descriptor_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (descriptor_ >= 0 && connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("cannot be written");
      }
    } else {
      descriptor_ = open(target_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    }
  }
  if (descriptor_ < 0) fail("cannot be written");
}

void AtomicFile::put(int file, const char* data, std::size_t bytes) const {
  while (bytes > 0) {
    const ssize_t done = ::write(file, data, bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EPIPE && inherited_ == STDOUT_FILENO) {
      throw OutputClosed("standard output: has no reader any more: expected one that reads to the end");
    }
    if (done < 0) fail("cannot be written");
    data += done;
    bytes -= static_cast<std::size_t>(done);
  }
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  buffer_.append(static_cast<const char*>(data), bytes);
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::flush() {
  if (way_ == Way::kOverwrite) return;
  open_for_stream();
  put(descriptor_, buffer_.data(), buffer_.size());
  buffer_.clear();
}

// The room comes first: where it is missing, the old content is still there.
void AtomicFile::overwrite() {
  const SignalGate gate;
  struct stat old {};
  if (fstat(descriptor_, &old) != 0) fail("cannot be written");
  const auto size = static_cast<off_t>(buffer_.size());
  if (size > old.st_size) {
    const int failure = posix_fallocate(descriptor_, old.st_size, size - old.st_size);
    if (failure != 0) {
      const int undone = ftruncate(descriptor_, old.st_size);
      errno = undone == 0 ? failure : errno;
      fail("cannot be written");
    }
  }
  put(descriptor_, buffer_.data(), buffer_.size());
  if (ftruncate(descriptor_, size) != 0) fail("cannot be written");
}

void AtomicFile::commit() {
  flush();
  if (way_ == Way::kOverwrite) overwrite();
  const int file = std::exchange(descriptor_, -1);
  if (close(file) != 0) fail("cannot be written");
  if (way_ != Way::kRename) return;
  const SignalGate gate;
  if (std::rename(temporary_.path().c_str(), target_.c_str()) != 0) fail("cannot be renamed into place");
  temporary_.keep();
}

bool write_if_changed(const std::string& path, const std::string& text) {
  if (file_text(path) == text) return false;
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
  return true;
}

void check_writable(const std::string& path) {
  if (!path.empty()) AtomicFile probe(path);
}

bool make_folder(const std::string& path) {
  std::error_code failure;
  std::error_code ignored;
  const bool there = fs::is_directory(path, ignored);
  fs::create_directories(path, failure);
  if (!fs::is_directory(path, ignored)) {
    throw UserError(path + ": cannot be made" + (failure ? " (" + failure.message() + ")" : "") + ": expected a folder");
  }
  return !there;
}

OutputFolder::OutputFolder(const std::string& path) {
  if (path == "-") throw UserError("-: is standard output: expected a folder (./- for one of that name)");
  std::error_code ignored;
  fs::path top = fs::absolute(path, ignored).lexically_normal();
  if (top.filename().empty()) top = top.parent_path();
  if (fs::exists(fs::symlink_status(top, ignored))) {
    make_folder(path);  // says what is in the way
    return;
  }
  while (top.has_parent_path() && top.parent_path() != top && !fs::exists(top.parent_path(), ignored)) {
    top = top.parent_path();
  }
  const SignalGate gate;
  Temporary made(top.string());
  make_folder(path);
  made_ = std::move(made);
}

StagedFolder::StagedFolder(const std::string& path, const std::function<bool(const std::string& name)>& is_own, bool force)
    : path_(path), is_own_(is_own), folder_(path) {
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, failure)) {
    const std::string name = entry.path().filename().string();
    if (force || !is_own(name)) continue;
    throw UserError(path + ": holds another result (" + name + "): expected a new folder, or --force to replace all of it");
  }
  if (failure) throw UserError(path + ": cannot be read (" + failure.message() + "): expected a folder");
  const SignalGate gate;
  const std::string name = temporary_name(path);
  if (mkdir(name.c_str(), 0777) != 0) {
    throw UserError(path + ": cannot be written (" + std::strerror(errno) + "): expected a writable folder");
  }
  staging_ = Temporary(name);
}

std::string StagedFolder::with_final_names(std::string text) const {
  for (std::size_t at = text.find(staging()); at != std::string::npos; at = text.find(staging())) {
    text.replace(at, staging().size(), path_);
  }
  return text;
}

void StagedFolder::commit() {
  const SignalGate gate;
  std::vector<std::pair<fs::path, fs::path>> moves;  // from, to
  const fs::path old = fs::path(temporary_name(path_));
  std::error_code failure;
  fs::create_directory(old, failure);
  Temporary trash(old.string());
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    const fs::path name = entry.path().filename();
    if (is_own_(name.string())) moves.emplace_back(entry.path(), old / name);
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(staging())) {
    moves.emplace_back(entry.path(), fs::path(path_) / entry.path().filename());
  }
  for (std::size_t m = 0; m < moves.size() && !failure; ++m) {
    fs::rename(moves[m].first, moves[m].second, failure);
    if (!failure) continue;
    std::error_code ignored;
    for (std::size_t done = m; done-- > 0;) fs::rename(moves[done].second, moves[done].first, ignored);
  }
  if (failure) throw UserError(path_ + ": cannot be written (" + failure.message() + "): expected a writable folder");
  folder_.keep();
  staging_.remove();
}

}  // namespace eie::tb
