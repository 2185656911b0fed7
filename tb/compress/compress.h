// SPDX-License-Identifier: Apache-2.0
// A network made smaller, after Deep Compression (Han, Mao, Dally, ICLR 2016): pruned, its weights shared, and measured as it
// would be stored (docs/compression.md). Nothing is retrained: that is for who trained it.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/compress/compressed_network.h"
#include "tb/compress/sizes.h"
#include "tb/compress/weights/pass.h"
#include "tb/compress/weights/selection.h"
#include "tb/encoding/cluster.h"
#include "tb/encoding/quantise.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// A layer of a float network. The file stays open while it is compressed, and is read several times.
struct LayerInput {
  std::string name;
  const MatrixFile* weights = nullptr;  // rows x columns
  std::vector<double> bias;             // one a row, or none
  bool relu = false;
  FormatRequest formats;
  // What becomes of it, at most one of these. None: its non-zero weights stay, or the network's rate decides.
  std::optional<double> density;    // over 0, up to 1: so many of all weights stay (rounded), zeros never do
  std::optional<double> threshold;  // from 0 on: weights of this magnitude or more stay
};

struct CompressOptions {
  std::string name;             // of the network
  std::optional<double> rate;   // over 1: dense float32 over what is stored, Huffman-coded; layers without a request of their own
  PruneBalanceRequest balance;  // of layers with a density or rate
  unsigned code_width = 4;      // 1 to 8 bits of a code
  unsigned index_bits = 4;      // 1 to 8 bits of a run in storage
  ClusterStart start;
  Eigen::MatrixXd calibration;  // samples x features of the first layer; empty: none
};

/// What became of a layer.
struct CompressedFacts {
  StoredSize size;
  std::optional<double> asked_density;         // that was asked for or chosen by rate
  std::uint64_t zeros_before = 0;              // weights that were 0 already
  std::optional<double> output_error;          // of this layer alone, on the calibration set: root of squares, relative
  std::optional<double> chained_output_error;  // of the network up to here, all its layers compressed
};

struct Compression {
  CompressedNetwork network;
  std::vector<CompressedFacts> layers;
  StoredSize total;
};

/// How far a rate may be from the one that was asked for, before the densities are tried again.
constexpr double kRateTolerance = 0.005;

/// Throws UserError: weights that are not finite or too large, a bias or calibration of another length, a request out of range,
/// layers that do not follow one another, a rate that no density reaches. Memory: five bytes a weight that stays,
/// some tens of MB, and 32 bytes more for each where kSharedOneByOne or fewer stay.
Compression compress(const std::vector<LayerInput>& layers, const CompressOptions& options, const CompressProgress& progress);

}  // namespace eie::tb
