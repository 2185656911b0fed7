// SPDX-License-Identifier: Apache-2.0
// The module eie._eie: exceptions, and the parts together.
#include <pybind11/pybind11.h>

#include "tb/host/device.h"
#include "tb/python/bindings.h"
#include "tb/support/error.h"
#include "tb/support/version.h"
#include "tlm/config/device_config_check.h"

namespace py = pybind11;

PYBIND11_MODULE(_eie, module) {
  module.doc() = "The libraries of the eie program, for the package eie.";
  module.attr("version") = eie::tb::kVersion;
  py::register_exception<eie::tb::UserError>(module, "Error", PyExc_ValueError).attr("__module__") = "eie";
  py::register_exception<eie::tb::DeviceError>(module, "DeviceError", PyExc_RuntimeError).attr("__module__") = "eie";
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const eie::InvalidConfig& fault) {
      const py::object type = py::module_::import("eie._eie").attr("Error");
      PyErr_SetString(type.ptr(), fault.what());
    }
  });
  eie::tb::bind_configs(module);
  eie::tb::bind_matrices(module);
  eie::tb::bind_runs(module);
  eie::tb::bind_compression(module);
}
