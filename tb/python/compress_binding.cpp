// SPDX-License-Identifier: Apache-2.0
// Compression in this process: the same as the program's, on matrices in memory or in files.
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tb/cli/commands/compress/request.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/report/compression_report.h"
#include "tb/layers/network_file.h"
#include "tb/python/bindings.h"
#include "tb/python/interrupt.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace py = pybind11;

/// What Python is told; the class Compression of the module. Its arrays are views, which keep it alive.
struct PythonCompression {
  Compression compression;
  std::string report;  // JSON
  std::vector<std::string> notes;
};

/// What is asked for beside the layers.
struct Request {
  CompressionRequest words;
  std::string name;  // of the network
  std::optional<PythonMatrix> calibration;
  std::uint64_t samples = 0;  // the first so many; 0: all
  std::string network;        // its file; empty: none
  std::string output;         // a container; empty: none
  std::string options;        // JSON
};

/// An option of the program as an argument of eie.compress().
std::string as_argument(const std::string& option) {
  if (option == "prune-balance") return "balance";
  return option == "window" ? "balance_window" : option;
}

LayerInput input_of(const PythonLayer& layer) {
  const MatrixFile& weights = *layer.weights.file;
  if (layer.weights.stored) {
    throw UserError(file_of(weights.name()) + ": is a container, compressed already: expected a network of float weights");
  }
  LayerInput input;
  input.name = layer.name;
  if (layer.bias) input.bias = read_vector(*layer.bias->file, weights.rows());
  input.relu = layer.relu;
  input.formats = layer.formats;
  return input;
}

/// Samples x features.
Eigen::MatrixXd samples_of(const MatrixFile& file, std::uint64_t limit, std::size_t columns) {
  if (file.columns() != columns) {
    file.fail("has shape " + file.shape_text(), std::to_string(columns) + " columns, one for each input of the network");
  }
  const std::size_t count = limit == 0 ? file.rows() : std::min(file.rows(), static_cast<std::size_t>(limit));
  Eigen::MatrixXd samples(static_cast<Eigen::Index>(columns), static_cast<Eigen::Index>(count));
  file.read_rows(0, count, samples.data());  // a sample is a row there and a column here
  return samples.transpose();
}

void check_files(const std::vector<PythonLayer>& layers, const Request& request) {
  FileRoles files;
  files.input("network", request.network);
  for (const PythonLayer& layer : layers) {
    files.input("weights", layer.weights.path);
    if (layer.bias) files.input("bias", layer.bias->path);
  }
  if (request.calibration) files.input("calibration", request.calibration->path);
  files.output("output", request.output);
  check_writable(request.output);
}

PythonCompression compress_here(const std::vector<PythonLayer>& layers, const HwConfig& config, const Request& request,
                                const Interrupt& interrupt) {
  CompressOptions how = compress_options_of(request.words, config.n_pe);
  how.name = request.name;
  std::vector<std::shared_ptr<const MatrixFile>> matrices;
  std::vector<LayerInput> inputs;
  std::vector<InputFile> read;
  for (const PythonLayer& layer : layers) {
    inputs.push_back(input_of(layer));
    matrices.push_back(interruptible(layer.weights.file, interrupt));
    inputs.back().weights = matrices.back().get();
    read.push_back(input_of("weights", layer.name, *layer.weights.file));
    if (layer.bias) read.push_back(input_of("bias", layer.name, *layer.bias->file));
  }
  set_requests(request.words, inputs, how);
  check_files(layers, request);
  if (request.calibration) {
    const MatrixFile& file = *request.calibration->file;
    how.calibration = samples_of(file, request.samples, inputs.front().weights->columns());
    read.push_back(input_of("calibration", "", file));
  }
  PythonCompression result;
  result.compression = compress(inputs, how, [&](const std::string&, std::size_t, std::size_t) { interrupt.check(); });
  CompressionReport report;
  report.compression = &result.compression;
  report.config = config;
  report.index_bits = how.index_bits;
  for (const CompressedLayer& layer : result.compression.network.layers) {
    interrupt.check();
    report.fits.push_back(device_fit(layer, how.code_width, config));
  }
  for (const PythonLayer& layer : layers) {
    const MatrixFile& file = *layer.weights.file;
    if (!file.note().empty()) result.notes.push_back(file.name() + " " + file.note());
  }
  interrupt.check();
  if (!request.output.empty()) {
    write_container(request.output, result.compression.network, config, container_words(request.words));
  }
  result.report = compression_report_json(report, nlohmann::ordered_json::parse(request.options), read)
                      .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return result;
}

std::unique_ptr<PythonCompression> run(const std::vector<PythonLayer>& layers, const std::string& name, const HwConfig& config,
                                       std::map<std::string, std::string> words, std::set<std::string> given,
                                       std::optional<unsigned> bits, std::optional<unsigned> index_bits, std::uint64_t seed,
                                       std::size_t window, std::optional<PythonMatrix> calibration, std::uint64_t samples,
                                       const std::string& network, const std::string& output, const std::string& options,
                                       std::shared_ptr<const Stop> stop) {
  const Interrupt interrupt(std::move(stop));
  const CompressionRequest asked{
      std::move(words), std::move(given), bits.value_or(config.code_width), index_bits.value_or(config.run_width), seed,
      window,           &as_argument};
  std::unique_ptr<PythonCompression> result;
  {
    const py::gil_scoped_release unlocked;
    try {
      result = std::make_unique<PythonCompression>(
          compress_here(layers, config, {asked, name, std::move(calibration), samples, network, output, options}, interrupt));
    } catch (const Interrupted&) {
    }
  }
  if (!result) {
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    throw UserError("the compression was stopped");
  }
  return result;
}

template <class T>
py::array_t<T> view(const py::object& owner, const std::vector<T>& values) {
  py::array_t<T> array(static_cast<py::ssize_t>(values.size()), values.data(), owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

/// [(name, rows, columns, relu, bias, values, offset, row, code)]
py::list layers_of(const py::object& self) {
  static_assert(sizeof(std::size_t) == sizeof(std::uint64_t));
  py::list list;
  for (const CompressedLayer& layer : self.cast<const PythonCompression&>().compression.network.layers) {
    list.append(py::make_tuple(layer.name, layer.rows, layer.columns, layer.relu, view(self, layer.bias),
                               view(self, layer.codebook.values), view(self, layer.codes.offset), view(self, layer.codes.row),
                               view(self, layer.codes.code)));
  }
  return list;
}

/// (name, weights, bias or "") of a file of weights; None of anything else.
py::object weights_layer_of(const std::string& text) {
  if (!is_weights(text)) return py::none();
  const LayerFiles layer = weights_layer(text);
  return py::make_tuple(layer.name, layer.weights, layer.bias);
}

}  // namespace

void bind_compression(py::module_& module) {
  py::class_<PythonCompression>(module, "Compression", "A compressed network.")
      .def_property_readonly("report", [](const PythonCompression& c) { return c.report; })
      .def_property_readonly("notes", [](const PythonCompression& c) { return c.notes; })
      .def("layers", &layers_of, "(name, rows, columns, relu, bias, values, offset, row, code) of each; arrays are views.");
  module.def("compress", &run, py::arg("layers"), py::arg("name"), py::arg("config"), py::arg("words"), py::arg("given"),
             py::arg("bits"), py::arg("index_bits"), py::arg("seed"), py::arg("window"), py::arg("calibration"),
             py::arg("samples"), py::arg("network"), py::arg("output"), py::arg("options"), py::arg("stop"),
             "Compresses a network.");
  module.def("weights_layer", &weights_layer_of, py::arg("text"), "A file of weights as a layer.");
}

}  // namespace eie::tb
