// The options that describe one layer: `eie run` and `eie export`.
#pragma once

#include "file_roles.h"
#include "network.h"
#include "options.h"

namespace eie::tb {

/// --weights, --activations, --bias, --relu
void add_layer_files(Options& options);
/// --weight-frac, --act-frac, --out-frac
void add_layer_formats(Options& options);

/// What they and --config name as files that are read.
void add_layer_inputs(const Options& options, FileRoles& files);

/// The same, for the report; `wanted`: there will be one.
InputFiles layer_input_files(const Options& options, bool wanted);

/// The layer. Throws UserError.
LayerFiles layer_files(const Options& options);

/// The vector of --activations, as the one sample of a layer. Throws UserError.
Eigen::MatrixXd layer_activations(const Options& options);

}  // namespace eie::tb
