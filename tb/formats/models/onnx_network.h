// SPDX-License-Identifier: Apache-2.0
// A chain of layers as an ONNX model holds it: y = W a + b, with ReLU or without, layer after layer.
//
// What stands between the products is folded into them: scales and shifts of constants (BatchNormalization, Add, Sub, Mul,
// Div) into the layer before or, after a ReLU, into the next one; shapes only pass (docs/formats.md).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tb/formats/file_bytes.h"
#include "tb/formats/models/dense_file.h"

namespace eie::tb {

struct OnnxLayer {
  std::string name;  // no other layer's, nor that of another's bias
  std::size_t rows = 0;
  std::size_t columns = 0;
  DenseData weights;                 // rows x columns as they are in the file, without the scales
  std::vector<double> row_scale;     // one a row; empty: 1
  std::vector<double> column_scale;  // one a column; empty: 1
  std::vector<double> bias;          // one a row; empty: none
  bool relu = false;

  /// The rows first .. first + count - 1 with their scales.
  void scale(std::size_t first, std::size_t count, double* values) const;
};

struct OnnxNetwork {
  std::vector<OnnxLayer> layers;        // at least one
  std::vector<std::string> notes;       // what was left out and the user should know
  std::vector<std::string> data_files;  // external data, beside the model
};

/// Reads a model. Throws UserError: what is no such chain, with the name of the node.
std::shared_ptr<const OnnxNetwork> read_onnx_network(const std::string& path, const FileBytes& bytes);

/// The same of a path, kept while KeptFiles are.
std::shared_ptr<const OnnxNetwork> onnx_network(const std::string& path);

/// True when a file is there that open_matrix() takes for an ONNX model.
bool is_onnx_file(const std::string& path);

/// The external data of FILE or FILE:MEMBER; none of what is no ONNX model.
std::vector<std::string> onnx_data_files(const std::string& name);

}  // namespace eie::tb
