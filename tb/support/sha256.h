// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace eie::tb {

/// Of bytes that come one after the other.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(const void* bytes, std::size_t count);
  /// 64 hexadecimal digits, once.
  std::string text();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Digest of the bytes, 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

/// Digest of a file's bytes; empty when it cannot be read.
std::string sha256_file(const std::string& path);

}  // namespace eie::tb
