// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/file_bytes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "tb/formats/kept_files.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {

namespace {

// One that this program was started with: "<(command)" of a shell, standard input. Opening a FIFO of the file system would
// wait for one who writes to it.
bool is_descriptor(const std::string& path) {
  return path == "/dev/stdin" || path.rfind("/dev/fd/", 0) == 0 || path.rfind("/proc/self/fd/", 0) == 0;
}

}  // namespace

FileBytes::FileBytes(std::vector<unsigned char> bytes) {
  auto owner = std::make_shared<const std::vector<unsigned char>>(std::move(bytes));
  data_ = owner->data();
  size_ = owner->size();
  owner_ = std::move(owner);
}

FileBytes FileBytes::map(const std::string& path, const std::string& expected) {
  auto fail = [&](const std::string& cause) { throw UserError(path + ": " + cause + ": expected " + expected); };
  if (const auto kept = KeptFiles::pipe(path)) return *kept;
  struct stat kind {};
  const bool pipe = is_descriptor(path) && stat(path.c_str(), &kind) == 0 && S_ISFIFO(kind.st_mode);
  const std::string cause = pipe ? "" : why_unreadable(path);  // which opens it
  if (!cause.empty()) fail(cause);
  auto failed = [&] { fail(std::string("cannot be read (") + std::strerror(errno) + ")"); };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) failed();
  struct Closer {
    int file;
    ~Closer() { close(file); }
  } closer{file};
  struct stat state {};
  if (fstat(file, &state) != 0) failed();
  if (S_ISFIFO(state.st_mode)) {
    std::vector<unsigned char> all;
    for (;;) {
      constexpr std::size_t kPiece = 1 << 16;
      const std::size_t before = all.size();
      all.resize(before + kPiece);
      const ssize_t got = read(file, all.data() + before, kPiece);
      if (got < 0 && errno != EINTR) failed();
      all.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got == 0) break;
    }
    FileBytes bytes(std::move(all));
    KeptFiles::keep_pipe(path, bytes);
    return bytes;
  }
  FileBytes bytes;
  bytes.size_ = static_cast<std::size_t>(state.st_size);
  if (bytes.size_ == 0) return bytes;
  void* const place = mmap(nullptr, bytes.size_, PROT_READ, MAP_PRIVATE, file, 0);
  if (place == MAP_FAILED) failed();
  const std::size_t size = bytes.size_;
  bytes.owner_ = std::shared_ptr<const void>(place, [size](const void* p) { munmap(const_cast<void*>(p), size); });
  bytes.data_ = static_cast<const unsigned char*>(place);
  return bytes;
}

}  // namespace eie::tb
