// SPDX-License-Identifier: Apache-2.0
// The parts of the module eie._eie: what Python calls of the libraries. What users see of it is the package tb/python/eie.
#pragma once

#include <memory>
#include <pybind11/pybind11.h>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

/// A matrix on its way from Python to a layer; the class Matrix of the module.
struct PythonMatrix {
  std::shared_ptr<const MatrixFile> file;
  bool stored = false;  // a layer of a container, whose codes are taken as they are
};

void bind_configs(pybind11::module_& module);
void bind_matrices(pybind11::module_& module);
void bind_runs(pybind11::module_& module);

}  // namespace eie::tb
