// SPDX-License-Identifier: Apache-2.0
// The bytes of an input file: mapped, or held in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace eie::tb {

/// Bytes that live as long as any copy of this object.
class FileBytes {
 public:
  FileBytes() = default;
  explicit FileBytes(std::vector<unsigned char> bytes);

  /// Maps a regular file, or reads a pipe (`<(command)`, /dev/stdin) to its end. Throws UserError `path: cause: expected
  /// <expected>`.
  static FileBytes map(const std::string& path, const std::string& expected);

  const unsigned char* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  std::shared_ptr<const void> owner_;
  const unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace eie::tb
