// SPDX-License-Identifier: Apache-2.0
// Layers given as files of float weights, prepared for the device and judged: `eie run` is one layer and one
// sample, `eie network` several of both.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/code_matrix.h"
#include "tb/encoding/fixed_point/fixed_layer.h"
#include "tb/encoding/plan.h"
#include "tb/encoding/quantise.h"
#include "tb/host/driver.h"
#include "tb/layers/layer_result.h"

namespace eie::tb {

/// A layer as the user describes it.
struct LayerFiles {
  std::string name;
  std::string weights;  // .npy, rows x columns
  std::string bias;     // .npy, rows; empty: none
  bool relu = false;
  FormatRequest formats;
};

/// A layer ready for the device.
struct PreparedLayer {
  LayerFiles files;
  SharedWeights weights;
  bool from_shared = false;        // the file holds shared values, not the weights they stand for
  std::vector<std::int32_t> bias;  // in the output format
  Formats formats;
  FixedLayer fixed;  // operands and what fixed point does to them
  EncodedLayer image;
  Plan plan;
  Eigen::MatrixXd expected;  // rows x samples: the float network with the weights of the file, ReLU applied
  HostSeconds seconds;
};

/// Reads, shares, encodes and chooses formats. `inputs` is columns of the first layer x samples. A layer's
/// act_frac after the first is the out_frac of the one before. Throws UserError.
std::vector<PreparedLayer> prepare_layers(const std::vector<LayerFiles>& layers, const Eigen::MatrixXd& inputs,
                                          const HwConfig& config);

/// The results of running prepared layers.
struct NetworkRun {
  std::vector<LayerReport> reports;                // one a layer, sums over the samples
  std::vector<std::vector<std::int32_t>> outputs;  // of the last layer, one vector a sample
};

/// Called before each sample.
using SampleProgress = std::function<void(std::size_t sample, std::size_t samples)>;

/// Runs every sample through the device and the golden model. Throws DeviceError.
NetworkRun run_layers(Driver& driver, LoadMode mode, const std::vector<PreparedLayer>& layers, const Eigen::MatrixXd& inputs,
                      const HwConfig& config, const SampleProgress& progress);

/// The same with several devices, a thread each: samples side by side. The results do not depend on how many there are,
/// but for LoadMode::kPort, where every device has its own beats.
NetworkRun run_layers(const std::vector<Driver*>& drivers, LoadMode mode, const std::vector<PreparedLayer>& layers,
                      const Eigen::MatrixXd& inputs, const HwConfig& config, const SampleProgress& progress);

}  // namespace eie::tb
