// SPDX-License-Identifier: Apache-2.0
// The bytes of an input file: mapped, or held in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eie::tb {

/// Bytes that live as long as any copy of this object.
class FileBytes {
 public:
  FileBytes() = default;
  explicit FileBytes(std::vector<unsigned char> bytes);
  /// `size` bytes at `data`, which `owner` keeps.
  FileBytes(std::shared_ptr<const void> owner, const unsigned char* data, std::size_t size)
      : owner_(std::move(owner)), data_(data), size_(size) {}

  /// Maps a regular file, or reads a pipe (`<(command)`, /dev/stdin) to its end. Throws UserError `path: cause: expected
  /// <expected>`.
  static FileBytes map(const std::string& path, const std::string& expected);

  const unsigned char* data() const { return data_; }
  std::size_t size() const { return size_; }
  /// `size` of these bytes from `at` on; both within them.
  FileBytes part(std::size_t at, std::size_t size) const { return {owner_, data_ + at, size}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  std::shared_ptr<const void> owner_;
  const unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace eie::tb
