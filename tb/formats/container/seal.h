// SPDX-License-Identifier: Apache-2.0
// The 512 bytes in front of a container's HDF5 file: text that says what it is, how long, and the SHA-256 of the rest.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eie::tb {

constexpr std::size_t kSealBytes = 512;  // the smallest user block of HDF5

/// Fills in the first 512 bytes.
void seal(std::vector<unsigned char>& bytes);

/// Why these bytes are not what seal() left, as "<found>: expected <what>"; empty when they are.
std::string broken_seal(std::string_view bytes);

/// True when the bytes begin as a sealed file does, or an HDF5 file begins behind 512 bytes.
bool is_sealed(std::string_view bytes);

}  // namespace eie::tb
