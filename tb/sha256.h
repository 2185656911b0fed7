// SHA-256 (FIPS 180-4).
#pragma once

#include <string>

namespace eie::tb {

/// Digest of the bytes, 64 hexadecimal digits.
std::string sha256(const std::string& bytes);

}  // namespace eie::tb
