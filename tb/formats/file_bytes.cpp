#include "tb/formats/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tb/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {

FileBytes::FileBytes(std::vector<unsigned char> bytes) {
  auto owner = std::make_shared<const std::vector<unsigned char>>(std::move(bytes));
  data_ = owner->data();
  size_ = owner->size();
  owner_ = std::move(owner);
}

FileBytes FileBytes::map(const std::string& path, const std::string& expected) {
  auto fail = [&](const std::string& cause) {
    throw UserError(path + ": " + cause + ": expected " + expected);
  };
  const std::string cause = why_unreadable(path);
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
  FileBytes bytes;
  bytes.size_ = static_cast<std::size_t>(state.st_size);
  if (bytes.size_ == 0) return bytes;
  void* const place = mmap(nullptr, bytes.size_, PROT_READ, MAP_PRIVATE, file, 0);
  if (place == MAP_FAILED) failed();
  const std::size_t size = bytes.size_;
  bytes.owner_ =
      std::shared_ptr<const void>(place, [size](const void* p) { munmap(const_cast<void*>(p), size); });
  bytes.data_ = static_cast<const unsigned char*>(place);
  return bytes;
}

}  // namespace eie::tb
