// SPDX-License-Identifier: Apache-2.0
// A layer as the baselines on a CPU and a GPU take it: a sparse matrix of floats, inputs, and what comes out. baseline_layers
// writes these files, so that the baselines need nothing of the model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eie::baseline {

/// Compressed rows, columns ascending in each; inputs and outputs frame by frame in each row ([column][frame], [row][frame]).
struct Layer {
  std::string name;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::uint32_t frames = 0;
  std::vector<std::int32_t> row_start;  // rows + 1
  std::vector<std::int32_t> column;     // of each entry
  std::vector<float> value;
  std::vector<float> inputs;
  std::vector<float> outputs;  // in double precision, then rounded
};

/// In this machine's byte order. Throws UserError.
void write_layer(const std::string& path, const Layer& layer);

/// The layer's name is the file's, without folder and extension. Throws UserError when the file is not what write_layer() writes.
Layer read_layer(const std::string& path);

/// The largest difference over the largest of the reference, of frames 0 .. frames - 1 of each row of `seen`, [row][frame]. NaN
/// where one is.
double relative_error(const Layer& layer, const std::vector<float>& seen, std::size_t frames);

}  // namespace eie::baseline
