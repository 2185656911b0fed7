// SPDX-License-Identifier: Apache-2.0
// A network whose weights are pruned and shared: what compression makes, containers keep and the device runs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tb/encoding/code_matrix.h"
#include "tb/encoding/codebook.h"
#include "tb/encoding/quantise.h"

namespace eie::tb {

/// y = W a + b with ReLU if asked for; W is rows x columns, of shared values.
struct CompressedLayer {
  std::string name;
  std::size_t rows = 0;
  std::size_t columns = 0;
  CodeMatrix::Sparse codes;  // column after column, rows ascending in each; code 0 is not among them
  Codebook codebook;         // value of each code, and how well the values fit the weights before they were shared
  std::vector<double> bias;  // one a row, or none
  bool relu = false;
  FormatRequest formats;  // fraction bits that are fixed; the rest is chosen when it runs
};

struct CompressedNetwork {
  std::string name;
  unsigned code_width = 4;  // bits: each codebook has 2^code_width values
  std::vector<CompressedLayer> layers;
};

}  // namespace eie::tb
