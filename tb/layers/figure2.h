// SPDX-License-Identifier: Apache-2.0
// The example of the paper: the 16 x 8 matrix of Figure 2 and what Figure 3 shows of PE 0 on four PEs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tb/encoding/code_matrix.h"

namespace eie::tb {

/// Figure 2: columns of the non-zero weights, row by row.
inline const std::vector<std::vector<std::size_t>>& figure2_columns() {
  static const std::vector<std::vector<std::size_t>> columns = {
      {0, 2, 4, 5, 6}, {1, 3, 6}, {2, 4, 7}, {1, 5}, {1, 4},       {3, 7},    {4, 6},       {0, 3, 6},
      {0, 7},          {0, 6, 7}, {4},       {2, 7}, {0, 2, 5, 7}, {0, 1, 6}, {2, 3, 4, 5}, {2, 3, 5}};
  return columns;
}

/// Figure 3: the relative row index (z) of each entry of PE 0, and its column pointers (p).
inline const std::vector<unsigned> kFigure3Runs = {0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 0, 2, 0};
inline const std::vector<unsigned> kFigure3Pointers = {0, 3, 4, 6, 6, 8, 10, 11, 13};

/// Figure 2 as a matrix. The paper gives no values: the non-zero weights take the 15 codes in turn, row by row.
inline std::unique_ptr<CodeMatrix> figure2_matrix() {
  auto matrix = std::make_unique<CodeMatrix>(16, 8);
  std::vector<std::int32_t> codebook = {0};
  for (std::int32_t c = 1; c < 16; ++c) codebook.push_back(3 * (c - 8) + 1);
  matrix->set_codebook(codebook);
  std::uint8_t code = 0;
  for (std::size_t i = 0; i < figure2_columns().size(); ++i) {
    for (const std::size_t j : figure2_columns()[i]) {
      code = static_cast<std::uint8_t>(code % 15 + 1);
      matrix->at(i, j) = code;
    }
  }
  return matrix;
}

/// The input of Figure 2: a2, a4, a5 and a7 are not zero.
inline const std::vector<std::int32_t> kFigure2Input = {0, 0, 5, 0, -7, 2, 0, 9};

}  // namespace eie::tb
