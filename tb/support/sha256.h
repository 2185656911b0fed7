// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4).
#pragma once

#include <string>

namespace eie::tb {

/// Digest of the bytes, 64 hexadecimal digits.
std::string sha256(const std::string& bytes);

/// Digest of a file's bytes; empty when it cannot be read.
std::string sha256_file(const std::string& path);

}  // namespace eie::tb
