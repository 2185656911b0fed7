#include "atomic_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "error.h"

namespace eie::tb {
namespace fs = std::filesystem;

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw UserError(path + ": is a directory: expected a file name");
  if (fs::is_symlink(path, ignored)) {
    const fs::path resolved = fs::weakly_canonical(path, ignored);
    if (!resolved.empty()) target_ = resolved.string();
  }
  std::string name = target_;
  if (!fs::exists(target_, ignored) || fs::is_regular_file(target_, ignored)) {
    name = target_ + ".tmp" + std::to_string(getpid());
  }
  file_ = std::fopen(name.c_str(), "wb");
  if (file_ == nullptr) fail("cannot be written");
  if (name != target_) temporary_ = name;
}

AtomicFile::~AtomicFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

void AtomicFile::fail(const std::string& what) const {
  throw UserError(path_ + ": " + what + " (" + std::strerror(errno) + "): expected a writable file");
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  if (bytes != 0 && std::fwrite(data, 1, bytes, file_) != bytes) fail("cannot be written");
}

void AtomicFile::commit() {
  std::FILE* file = file_;
  if (std::fflush(file) != 0) fail("cannot be written");
  file_ = nullptr;
  if (std::fclose(file) != 0) fail("cannot be written");
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be renamed into place");
  temporary_.clear();
}

bool write_if_changed(const std::string& path, const std::string& text) {
  std::ifstream old(path, std::ios::binary);
  if (old) {
    std::ostringstream content;
    content << old.rdbuf();
    if (content.str() == text) return false;
  }
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
    throw UserError(path + ": cannot be made" + (failure ? " (" + failure.message() + ")" : "") +
                    ": expected a folder");
  }
  return !there;
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (made_) fs::remove_all(path_, ignored);
}

}  // namespace eie::tb
