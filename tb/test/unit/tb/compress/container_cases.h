// SPDX-License-Identifier: Apache-2.0
// Networks for tests of containers.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tb/compress/container.h"

namespace eie::tb {

/// A layer of random codes; every code of the codebook may occur.
inline CompressedLayer random_layer(const std::string& name, std::size_t rows, std::size_t columns, double density,
                                    unsigned code_width, std::mt19937& random) {
  CompressedLayer layer;
  layer.name = name;
  layer.rows = rows;
  layer.columns = columns;
  std::normal_distribution<double> normal;
  std::vector<double> values;
  for (std::size_t c = 1; c < std::size_t{1} << code_width; ++c) values.push_back(normal(random));
  std::sort(values.begin(), values.end());
  layer.codebook.values.assign(1, 0.0);
  layer.codebook.values.insert(layer.codebook.values.end(), values.begin(), values.end());
  layer.codebook.used = values.size();
  layer.codebook.distinct = 10 * values.size();
  layer.codebook.max_error = 0.1;
  layer.codebook.rms_error = 1.0 / 3;
  layer.codebook.start = "linear";
  std::bernoulli_distribution present(density);
  std::uniform_int_distribution<unsigned> code(1, static_cast<unsigned>(values.size()));
  layer.codes.offset.push_back(0);
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (!present(random)) continue;
      layer.codes.row.push_back(static_cast<std::uint32_t>(i));
      layer.codes.code.push_back(static_cast<std::uint8_t>(code(random)));
    }
    layer.codes.offset.push_back(layer.codes.row.size());
  }
  return layer;
}

/// Two layers with everything that a layer may have.
inline CompressedNetwork two_layers(unsigned seed = 1, unsigned code_width = 4) {
  std::mt19937 random(seed);
  CompressedNetwork network;
  network.name = "two \xC3\xA9 layers";
  network.code_width = code_width;
  network.layers.push_back(random_layer("fc1", 75, 40, 0.1, code_width, random));
  network.layers.back().relu = true;
  network.layers.back().formats = {3, std::nullopt, -2};
  std::normal_distribution<double> normal;
  for (std::size_t i = 0; i < 75; ++i) network.layers.back().bias.push_back(normal(random));
  network.layers.back().bias[3] = -0.0;
  network.layers.back().bias[4] = 5e-324;
  network.layers.push_back(random_layer("fc2/out:1", 10, 75, 0.3, code_width, random));
  network.layers.back().formats.act_frac = 64;
  return network;
}

}  // namespace eie::tb
