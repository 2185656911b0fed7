// SPDX-License-Identifier: Apache-2.0
// The codes of a layer that are not 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eie::tb {

/// Element e is in row `row[e]`; column j has the elements offset[j] .. offset[j + 1] - 1, rows ascending.
struct SparseCodes {
  std::vector<std::size_t> offset;  // columns + 1
  std::vector<std::uint32_t> row;
  std::vector<std::uint8_t> code;
};

}  // namespace eie::tb
