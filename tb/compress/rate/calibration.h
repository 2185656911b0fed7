// SPDX-License-Identifier: Apache-2.0
// What pruning and sharing cost on a calibration set: products with samples, and how the outputs of a layer change with its
// density. Activations are matrices of samples x features.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "tb/compress/compressed_network.h"
#include "tb/compress/weights/magnitudes.h"
#include "tb/compress/weights/pass.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// A layer of the float network.
struct FloatLayer {
  const MatrixFile* weights = nullptr;
  std::vector<double> bias;  // one a row, or none
  bool relu = false;
};

/// Outputs of a layer, ReLU applied where it has one.
Eigen::MatrixXd float_outputs(const FloatLayer& layer, const Eigen::MatrixXd& inputs, const CompressProgress& progress);
/// The same of a compressed layer, in float and with its shared values.
Eigen::MatrixXd shared_outputs(const CompressedLayer& layer, const Eigen::MatrixXd& inputs);

/// Root of the squared differences over that of the squares of `expected`; 0 where both are 0, infinite where only that is.
double relative_error(const Eigen::MatrixXd& seen, const Eigen::MatrixXd& expected);

/// Densities and what a layer's outputs lose there by pruning to the largest weights, the densest first: squared errors over the
/// squares of the outputs. The first is the layer as it is, without error.
struct Sensitivity {
  std::vector<double> density;
  std::vector<double> error;
};

/// One pass over the weights; ReLU counts, sharing does not. Of the samples as many as keep the work within some seconds.
Sensitivity measure_sensitivity(const FloatLayer& layer, const Magnitudes& magnitudes, const Eigen::MatrixXd& inputs,
                                const CompressProgress& progress);

}  // namespace eie::tb
