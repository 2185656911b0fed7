// SPDX-License-Identifier: Apache-2.0
// The parts of the module eie._eie: what Python calls of the libraries. What users see of it is the package tb/python/eie.
#pragma once

#include <memory>
#include <optional>
#include <pybind11/pybind11.h>
#include <string>

#include "tb/encoding/quantise.h"
#include "tb/formats/matrix_file.h"
#include "tb/layers/input_files.h"

namespace eie::tb {

/// A matrix on its way from Python to a layer; the class Matrix of the module.
struct PythonMatrix {
  std::shared_ptr<const MatrixFile> file;
  bool stored = false;  // a layer of a container, whose codes are taken as they are
  std::string path;     // of a file, maybe with a member; empty: in memory
};

/// A layer as Python has it; the class Layer of the module.
struct PythonLayer {
  std::string name;
  PythonMatrix weights;
  std::optional<PythonMatrix> bias;
  bool relu = false;
  FormatRequest formats;
};

/// An operand as a report names it.
inline InputFile input_of(const std::string& role, const std::string& layer, const MatrixFile& matrix) {
  return {role, layer, matrix.name(), matrix.shape(), matrix.type(), ""};
}

void bind_compression(pybind11::module_& module);
void bind_configs(pybind11::module_& module);
void bind_matrices(pybind11::module_& module);
void bind_runs(pybind11::module_& module);

}  // namespace eie::tb
