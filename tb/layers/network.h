// SPDX-License-Identifier: Apache-2.0
// Layers given as float weights, in files or in memory, prepared for the device and judged: `eie run` is one layer and one
// sample, `eie network` several of both.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tb/compress/balance/balance.h"
#include "tb/compress/balance/permuted_source.h"
#include "tb/config/config.h"
#include "tb/encoding/code_matrix.h"
#include "tb/encoding/fixed_point/fixed_layer.h"
#include "tb/encoding/plan.h"
#include "tb/encoding/quantise.h"
#include "tb/formats/matrix_file.h"
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
  // What is in memory instead; the texts above are then what messages call it.
  std::shared_ptr<const MatrixFile> weights_in_memory;
  std::shared_ptr<const MatrixFile> bias_in_memory;
};

/// How rows are dealt to PEs (docs/balance.md).
struct BalanceChoice {
  BalanceKind kind = BalanceKind::kNone;
  std::size_t window = kBalanceWindow;  // columns
  /// Inputs like those to come, columns of the first layer x samples: columns that they use more often count more. None:
  /// all columns count the same.
  Eigen::MatrixXd calibration;
};

/// How often each of their features is not zero, 0 to 1; `samples` is features x samples. Empty for none.
std::vector<double> feature_use(const Eigen::MatrixXd& samples);

/// A layer ready for the device. Bias, image and all integers are by place: `order` says what lies there.
struct PreparedLayer {
  LayerFiles files;
  SharedWeights weights;                    // as in the file
  bool from_shared = false;                 // the file holds shared values, not the weights they stand for
  std::shared_ptr<const LayerOrder> order;  // none: everything at its own place
  std::unique_ptr<PermutedSource> placed;   // the weights by place, where there is an order
  Balance balance;
  std::vector<std::int32_t> bias;  // in the output format
  Formats formats;
  FixedLayer fixed;  // operands and what fixed point does to them
  EncodedLayer image;
  Plan plan;
  Eigen::MatrixXd expected;  // rows x samples: the float network with the weights of the file, ReLU applied
  HostSeconds seconds;

  /// The codes by place.
  const ColumnSource& codes() const { return placed != nullptr ? static_cast<const ColumnSource&>(*placed) : *weights.codes; }
};

/// Reads, shares, encodes and chooses formats. `inputs` is columns of the first layer x samples. A layer's
/// act_frac after the first is the out_frac of the one before. The row order of each layer is the column order of the next.
/// `step` is called again and again as work goes on, and what it throws ends it. Throws UserError.
std::vector<PreparedLayer> prepare_layers(const std::vector<LayerFiles>& layers, const Eigen::MatrixXd& inputs,
                                          const HwConfig& config, const BalanceChoice& balance = {},
                                          const std::function<void()>& step = {});

/// The results of running prepared layers, rows in the user's order.
struct NetworkRun {
  std::vector<LayerReport> reports;                // one a layer, sums over the samples
  std::vector<std::vector<std::int32_t>> outputs;  // of the last layer, one vector a sample
};

/// Shares of the samples whose largest output, the first at a tie, is that of the label.
struct Accuracy {
  double device = 0;
  double reference = 0;  // the float network
};
/// `outputs` and `labels` are one a sample, at least one; `expected` is rows x samples.
Accuracy accuracy_of(const std::vector<std::vector<std::int32_t>>& outputs, const Eigen::MatrixXd& expected,
                     const std::vector<std::int64_t>& labels);

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
