// SPDX-License-Identifier: Apache-2.0
// The options that describe one layer: `eie run` and `eie export`; and how the rows of one or several are dealt to PEs.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <vector>

#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/options.h"
#include "tb/layers/network.h"

namespace eie::tb {

/// --weights, --activations or --act-density and --seed, --bias, --relu
void add_layer_files(Options& options);
/// --weight-frac, --act-frac, --out-frac
void add_layer_formats(Options& options);

/// --balance, --balance-window; `calibration`: and --calibration, where inputs come from files
void add_balance(Options& options, bool calibration = true);

/// What they say of layers whose first has the weights in this file. Throws UserError.
BalanceChoice balance_of(const Options& options, const std::string& weights);

/// What the options of a layer name as files that are read.
void add_layer_files_read(const Options& options, FileRoles& files);
/// What they and --config name as files that are read.
void add_layer_inputs(const Options& options, FileRoles& files);

/// The layer. Throws UserError.
LayerFiles layer_files(const Options& options);

/// What is not asked for of a layer of an ONNX model: its bias, its ReLU; or is taken of a layer of a container without being
/// asked for. Empty: nothing, or it is no such layer.
std::string left_out_note(const LayerFiles& files);

/// The activations of a layer, one column a sample.
struct LayerInputs {
  Eigen::MatrixXd values;             // columns of the layer x samples
  bool several = false;               // more than one sample: outputs are samples x rows
  std::optional<std::uint64_t> seed;  // they were drawn
};

/// Those of --activations, or drawn by --act-density and --seed as `eie bench` draws them. A file of shape (N,), (1, N)
/// or (N, 1) is one vector, one of (M, N) holds M samples. Throws UserError.
LayerInputs layer_inputs(const Options& options, const LayerFiles& files, const HwConfig& config);

/// --act-density; throws UserError for what is no share.
double act_density(const Options& options);
/// Integer activations of a layer with so many columns, drawn by --act-density and --seed.
std::vector<std::int32_t> drawn_activations(const Options& options, std::size_t columns, const HwConfig& config);

/// The files of a layer that has been read, for the report; `wanted`: there will be one.
InputFiles layer_input_files(const Options& options, const std::string& config, const PreparedLayer& layer, bool wanted);

}  // namespace eie::tb
