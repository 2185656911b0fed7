// SPDX-License-Identifier: Apache-2.0
// NumPy arrays, the vectors of SciPy's sparse matrices, and files, as matrices.
#include <cstdint>
#include <memory>
#include <optional>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <string>
#include <vector>

#include "tb/formats/container/stored_network.h"
#include "tb/formats/memory/memory_matrix.h"
#include "tb/formats/readers.h"
#include "tb/python/bindings.h"

namespace eie::tb {
namespace {

namespace py = pybind11;

/// Keeps an object alive from threads that do not hold the interpreter's lock.
std::shared_ptr<const void> kept(const py::object& object) {
  return std::shared_ptr<const void>(new py::object(object), [](const void* pointer) {
    const py::gil_scoped_acquire locked;
    delete static_cast<const py::object*>(pointer);
  });
}

std::unique_ptr<MatrixFile> viewed(const std::string& name, const py::array& array) {
  StridedElements elements;
  elements.data = static_cast<const unsigned char*>(array.data());
  elements.type = number_type_of(name, py::str(array.dtype().attr("str")));
  for (py::ssize_t d = 0; d < array.ndim(); ++d) {
    elements.shape.push_back(static_cast<std::size_t>(array.shape(d)));
    elements.strides.push_back(static_cast<std::ptrdiff_t>(array.strides(d)));
  }
  elements.owner = kept(array);
  return strided_matrix(name, elements);
}

PythonMatrix dense(const std::string& name, const py::array& array) { return {viewed(name, array), false, {}}; }

PythonMatrix sparse(const std::string& name, std::size_t rows, std::size_t columns, const py::array& row, const py::array& column,
                    const py::array& value) {
  const NumberType type = number_type_of(name, py::str(value.dtype().attr("str")));
  if (row.size() == 0 && column.size() == 0 && value.size() == 0)
    return {empty_matrix(name, rows, columns, type.name()), false, {}};
  const auto i = viewed(name + " (rows)", row);
  const auto j = viewed(name + " (columns)", column);
  const auto x = viewed(name, value);
  const py::gil_scoped_release unlocked;
  return {coordinate_matrix(name, rows, columns, *i, *j, *x), false, {}};
}

/// `length`: of a vector (0: any); none: a matrix.
PythonMatrix opened(const std::string& path, std::optional<std::size_t> length) {
  return {open_matrix(path, length ? Wanted::vector(*length) : Wanted::matrix()), is_container_file(path), path};
}

/// Its elements, as doubles.
py::array_t<double> values(const PythonMatrix& matrix) {
  std::vector<py::ssize_t> shape;
  for (const std::size_t size : matrix.file->shape()) shape.push_back(static_cast<py::ssize_t>(size));
  py::array_t<double> array(shape);
  double* const data = array.mutable_data();
  const py::gil_scoped_release unlocked;
  matrix.file->read_rows(0, matrix.file->rows(), data);
  return array;
}

}  // namespace

void bind_matrices(py::module_& module) {
  py::class_<PythonMatrix>(module, "Matrix", "A matrix or a vector: a view of an array, a sparse one, or an open file.")
      .def_static("dense", &dense, py::arg("name"), py::arg("array"), "A view of an array, which it keeps alive.")
      .def_static("sparse", &sparse, py::arg("name"), py::arg("rows"), py::arg("columns"), py::arg("row"), py::arg("column"),
                  py::arg("value"), "Elements by place, copied.")
      .def_static("open", &opened, py::arg("path"), py::arg("length") = std::nullopt, py::call_guard<py::gil_scoped_release>(),
                  "A file of any format.")
      .def_property_readonly("name", [](const PythonMatrix& m) { return m.file->name(); })
      .def_property_readonly("shape", [](const PythonMatrix& m) { return py::tuple(py::cast(m.file->shape())); })
      .def_property_readonly("dtype", [](const PythonMatrix& m) { return m.file->type(); })
      .def_property_readonly("note", [](const PythonMatrix& m) { return m.file->note(); })
      .def("values", &values, "Its elements as float64.");
}

}  // namespace eie::tb
