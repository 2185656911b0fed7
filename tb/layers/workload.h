// SPDX-License-Identifier: Apache-2.0
// The paper's nine benchmark layers (Table III), made from one rule: the trained networks are not public.
//
// Entry (i, j) is present with probability density * r_i * c_j, where r and c are normal with mean 1 and
// deviation 0.13 and 0.10, clipped to 0.02 .. 2. Exactly round(density * columns) activations are not zero.
// Every random number comes from (seed, layer name, what it is for, column), so any column can be made on its
// own and in any order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/matrix_source.h"
#include "tb/encoding/quantise.h"

namespace eie::tb {

/// One layer of configs/workloads/paper.yaml.
struct LayerSpec {
  std::string name;
  std::size_t inputs = 0;            // columns
  std::size_t outputs = 0;           // rows
  double weight_density = 0;         // 0 .. 1, Table III
  double activation_density = 0;     // 0 .. 1, Table III
  double paper_us = 0;               // Table IV, EIE, actual
  std::vector<double> load_balance;  // Figure 8, per entry of Workload::fifo_depths, 0 .. 1
};

struct Workload {
  std::string path;
  unsigned n_pe = 0;                // of the published numbers
  std::vector<double> fifo_depths;  // Figure 8; "FIFO = n" is queue_depth = n - 1
  std::vector<LayerSpec> layers;

  /// The layers of a comma-separated list (empty: all), in the file's order. Throws UserError for an unknown
  /// name.
  std::vector<LayerSpec> select(const std::string& names) const;
};

/// Reads a workload file. Throws ConfigError.
Workload load_workload(const std::string& path);

/// Formats of a synthetic layer in D-bit data: weights in [-1, 1] with D-2 fraction bits, activations in (0,
/// 1] with D-2, and outputs with D-8, that is up to 128: more than six deviations of the longest sum of the
/// nine layers.
Formats synthetic_formats(unsigned data_width);

/// The weights of a synthetic layer, made column by column. Codes are uniform over the non-zero ones; code c
/// of K = 2^code_width - 1 stands for (c - h) / h below h = (K + 1) / 2 and (c - h + 1) / h from h on: both
/// signs, no zero.
class SyntheticMatrix : public ColumnSource {
 public:
  SyntheticMatrix(const LayerSpec& layer, std::uint64_t seed, unsigned code_width, unsigned data_width);

  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return column_threshold_.size(); }
  const std::vector<std::int32_t>& codebook() const override { return codebook_; }
  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override;

  /// The real value of every code.
  const std::vector<double>& values() const { return values_; }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::size_t rows_;
  unsigned code_width_;
  std::vector<std::uint32_t> row_factor_;        // r_i * 2^16; one of 0 more where the rows are odd
  std::vector<std::uint64_t> column_threshold_;  // density * c_j * 2^32
  std::vector<double> values_;
  std::vector<std::int32_t> codebook_;
};

/// Integer activations of a synthetic layer, `inputs` long: where the layer's density is 1 (the NT layers)
/// all are 1.0, as in the paper; elsewhere the non-zero ones are uniform in (0, 1], since they come out of a
/// ReLU.
std::vector<std::int32_t> synthetic_activations(const LayerSpec& layer, std::uint64_t seed, unsigned data_width);

}  // namespace eie::tb
