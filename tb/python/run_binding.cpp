// SPDX-License-Identifier: Apache-2.0
// Runs on engine tlm in this process, without SystemC: as many at a time as there are threads.
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <string>
#include <utility>
#include <vector>

#include "tb/cli/report/report.h"
#include "tb/engines/model_device.h"
#include "tb/faults/places.h"
#include "tb/formats/container/stored_network.h"
#include "tb/host/driver.h"
#include "tb/layers/network.h"
#include "tb/layers/network_file.h"
#include "tb/python/bindings.h"
#include "tb/python/interrupt.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace py = pybind11;

/// What Python is told of a run.
struct Outcome {
  std::vector<std::vector<std::int32_t>> outputs;  // one vector a sample
  int out_frac = 0;
  std::string report;  // JSON
  std::string mismatch;
  std::vector<std::string> notes;
};

/// What is asked for beside layers and samples.
struct Request {
  std::string command;  // "run", or "network": a report of a list of layers
  std::string options;  // JSON
  std::size_t jobs = 1;
  std::vector<std::int64_t> labels;  // of the samples; none: no accuracy
  BalanceChoice balance;
  std::string technology;  // its file
  std::string memory;      // its file; empty: no cold start
};

LayerFiles layer_of(const PythonLayer& layer, const Interrupt& interrupt) {
  LayerFiles files;
  files.name = layer.name;
  files.weights = layer.weights.file->name();
  // Codes and image of a container are found by name; the same values in memory would be shared anew.
  if (!layer.weights.stored) files.weights_in_memory = interruptible(layer.weights.file, interrupt);
  if (layer.bias) {
    files.bias = layer.bias->file->name();
    files.bias_in_memory = layer.bias->file;
  }
  files.relu = layer.relu;
  files.formats = layer.formats;
  return files;
}

void check_labels(const std::vector<std::int64_t>& labels, std::size_t samples, std::size_t classes) {
  if (labels.size() != samples) {
    throw UserError("labels: has " + std::to_string(labels.size()) + ": expected one for each of the samples, " +
                    std::to_string(samples));
  }
  for (std::size_t s = 0; s < labels.size(); ++s) {
    if (labels[s] >= 0 && labels[s] < static_cast<std::int64_t>(classes)) continue;
    throw UserError("labels: element [" + std::to_string(s) + "] is " + std::to_string(labels[s]) +
                    ": expected an output of the last layer, 0 to " + std::to_string(classes - 1));
  }
}

Outcome run_here(const std::vector<PythonLayer>& layers, const PythonMatrix& samples, const HwConfig& config,
                 const Request& request, const Interrupt& interrupt) {
  std::vector<LayerFiles> files;
  for (const PythonLayer& layer : layers) files.push_back(layer_of(layer, interrupt));
  const MatrixFile& source = *samples.file;
  Eigen::MatrixXd inputs(static_cast<Eigen::Index>(source.columns()), static_cast<Eigen::Index>(source.rows()));
  source.read_rows(0, source.rows(), inputs.data());  // a sample is a row there and a column here
  const auto count = static_cast<std::size_t>(inputs.cols());

  Report report;
  report.command = request.command;
  report.engine = "tlm";
  report.config = config;
  report.list = request.command == "network";
  if (report.list) report.samples = count;
  report.technology = std::make_shared<Technology>(Technology::load(request.technology));
  if (!request.memory.empty()) report.memory = std::make_shared<Memory>(Memory::load(request.memory));
  report.options = nlohmann::ordered_json::parse(request.options);
  for (const PythonLayer& layer : layers) {
    report.inputs.push_back(input_of("weights", layer.name, *layer.weights.file));
    if (layer.bias) report.inputs.push_back(input_of("bias", layer.name, *layer.bias->file));
  }
  report.inputs.push_back(input_of(report.list ? "inputs" : "activations", "", source));

  interrupt.check();
  const std::vector<PreparedLayer> prepared = prepare_layers(files, inputs, config, request.balance, [&] { interrupt.check(); });
  interrupt.check();
  if (!request.labels.empty()) check_labels(request.labels, count, prepared.back().image.rows);
  std::vector<std::unique_ptr<ModelDevice>> devices;
  std::vector<std::unique_ptr<Driver>> drivers;
  std::vector<Driver*> pointers;
  for (std::size_t k = 0; k < std::max<std::size_t>(1, std::min(request.jobs, count)); ++k) {
    devices.push_back(std::make_unique<ModelDevice>(config));
    drivers.push_back(std::make_unique<Driver>(*devices.back(), config, LoadMode::kBackdoor));
    drivers.back()->set_progress([&](const std::string&, std::size_t, std::size_t) { interrupt.check(); });
    pointers.push_back(drivers.back().get());
  }
  NetworkRun run =
      run_layers(pointers, LoadMode::kBackdoor, prepared, inputs, config, [&](std::size_t, std::size_t) { interrupt.check(); });
  report.layers = std::move(run.reports);
  find_places(prepared, config, {}, report.layers);
  if (!request.labels.empty()) {
    const Accuracy accuracy = accuracy_of(run.outputs, prepared.back().expected, request.labels);
    report.accuracy = accuracy.device;
    report.float_accuracy = accuracy.reference;
  }

  Outcome outcome;
  for (const LayerReport& layer : report.layers) {
    if (!layer.verdict->match() && outcome.mismatch.empty()) outcome.mismatch = layer.verdict->first;
  }
  for (const PreparedLayer& layer : prepared) {
    if (!layer.weights.note.empty()) outcome.notes.push_back(layer.weights.note);
  }
  outcome.report = to_json(report).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  outcome.out_frac = prepared.back().formats.out_frac;
  outcome.outputs = std::move(run.outputs);
  return outcome;
}

/// `calibration`: samples x columns of the first layer; none: all columns count the same.
BalanceChoice balance_of(const std::string& kind, std::size_t window, const std::optional<PythonMatrix>& calibration,
                         const PythonLayer& first) {
  BalanceChoice choice;
  for (const BalanceKind known : {BalanceKind::kRows, BalanceKind::kWindows}) {
    if (kind == balance_name(known)) choice.kind = known;
  }
  if (choice.kind == BalanceKind::kNone && kind != balance_name(BalanceKind::kNone)) {
    throw UserError("balance is '" + kind + "': expected none, rows or windows");
  }
  choice.window = window;
  if (!calibration) return choice;
  if (choice.kind == BalanceKind::kNone)
    throw UserError("calibration is given without balance: expected balance rows or windows");
  const MatrixFile& file = *calibration->file;
  const std::size_t columns = first.weights.file->columns();
  if (file.columns() != columns) {
    file.fail("has " + std::to_string(file.columns()) + " values a sample",
              std::to_string(columns) + ", one for each column of " + first.weights.file->name());
  }
  choice.calibration.resize(static_cast<Eigen::Index>(columns), static_cast<Eigen::Index>(file.rows()));
  file.read_rows(0, file.rows(), choice.calibration.data());
  const double magnitude = choice.calibration.cwiseAbs().maxCoeff();
  if (magnitude > kLargestMagnitude) file.fail("has numbers over 1e150", "numbers of magnitude up to 1e150");
  if (magnitude == 0) file.fail("holds nothing but zeros", "inputs like those that the layer will get");
  return choice;
}

/// (integers of samples x rows, their fraction bits, the report, the first mismatch, notes)
py::tuple run(const std::vector<PythonLayer>& layers, const PythonMatrix& samples, const HwConfig& config,
              const std::string& command, const std::string& options, std::size_t jobs, std::vector<std::int64_t> labels,
              std::shared_ptr<Stop> stop, const std::string& balance, std::size_t window,
              const std::optional<PythonMatrix>& calibration, const std::string& technology, const std::string& memory) {
  if (layers.empty()) throw UserError("the network has no layers: expected at least one");
  const Interrupt interrupt(std::move(stop));
  Outcome outcome;
  bool interrupted = false;
  {
    const py::gil_scoped_release unlocked;
    try {
      outcome = run_here(layers, samples, config,
                         {command, options, jobs, std::move(labels), balance_of(balance, window, calibration, layers.front()),
                          technology, memory},
                         interrupt);
    } catch (const Interrupted&) {
      interrupted = true;
    }
  }
  if (interrupted) {
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    throw UserError("the run was stopped");
  }
  const auto rows = static_cast<py::ssize_t>(outcome.outputs.front().size());
  py::array_t<std::int32_t> raw({static_cast<py::ssize_t>(outcome.outputs.size()), rows});
  std::int32_t* to = raw.mutable_data();
  for (const std::vector<std::int32_t>& y : outcome.outputs) to = std::copy(y.begin(), y.end(), to);
  return py::make_tuple(raw, outcome.out_frac, outcome.report, outcome.mismatch, outcome.notes);
}

PythonLayer make_layer(const std::string& name, const PythonMatrix& weights, std::optional<PythonMatrix> bias, bool relu,
                       std::optional<int> weight_frac, std::optional<int> act_frac, std::optional<int> out_frac) {
  return {name, weights, std::move(bias), relu, {weight_frac, act_frac, out_frac}};
}

/// What a network's file says: ([(name, weights, bias or "", relu, weight_frac, act_frac, out_frac)], inputs, labels, each "" for
/// none, notes).
py::tuple load(const std::string& path) {
  const NetworkFile network = load_network(path);
  py::list layers;
  for (const LayerFiles& files : network.layers) {
    layers.append(py::make_tuple(files.name, files.weights, files.bias, files.relu, files.formats.weight_frac,
                                 files.formats.act_frac, files.formats.out_frac));
  }
  return py::make_tuple(layers, network.inputs, network.labels, network.notes);
}

/// What a container holds of a layer beside weights FILE:LAYER: (bias or "", relu, weight_frac, act_frac, out_frac); None for
/// other files.
py::object stored_layer(const std::string& weights) {
  if (!is_container_file(weights)) return py::none();
  const ContainerMember member = container_member(weights);
  if (member.bias) return py::none();
  const StoredLayer& layer = member.stored();
  const std::string bias = layer.bias.empty() ? "" : file_of(weights) + ":" + layer.name + ".bias";
  return py::make_tuple(bias, layer.relu, layer.weight_frac, layer.act_frac, layer.out_frac);
}

/// Samples x features of a network's inputs; `weights` are those of its first layer.
py::array_t<double> samples_of(const std::string& path, const std::string& weights) {
  Eigen::MatrixXd inputs;
  {
    const py::gil_scoped_release unlocked;
    inputs = load_samples(path, weights, 0);
  }
  py::array_t<double> array({static_cast<py::ssize_t>(inputs.cols()), static_cast<py::ssize_t>(inputs.rows())});
  std::copy(inputs.data(), inputs.data() + inputs.size(), array.mutable_data());
  return array;
}

py::array_t<std::int64_t> labels_of(const std::string& path) {
  const std::vector<std::int64_t> labels = read_integer_vector(path, 0);
  return py::array_t<std::int64_t>(static_cast<py::ssize_t>(labels.size()), labels.data());
}

}  // namespace

void bind_runs(py::module_& module) {
  py::class_<Stop, std::shared_ptr<Stop>>(module, "Stop", "Ends the runs that were given it.")
      .def(py::init<>())
      .def("set", [](Stop& stop) { stop.set = true; })
      .def("is_set", [](const Stop& stop) { return stop.set.load(); });
  py::class_<PythonLayer>(module, "Layer", "y = W a + b")
      .def(py::init(&make_layer), py::arg("name"), py::arg("weights"), py::arg("bias"), py::arg("relu"), py::arg("weight_frac"),
           py::arg("act_frac"), py::arg("out_frac"));
  module.def("run", &run, py::arg("layers"), py::arg("samples"), py::arg("config"), py::arg("command"), py::arg("options"),
             py::arg("jobs"), py::arg("labels"), py::arg("stop"), py::arg("balance"), py::arg("window"), py::arg("calibration"),
             py::arg("technology"), py::arg("memory"), "Runs samples on engine tlm.");
  module.attr("balance_window") = kBalanceWindow;
  module.def("load_network", &load, py::arg("path"), "What a network's file says: YAML, a container or an ONNX model.");
  module.def("stored_layer", &stored_layer, py::arg("weights"), "What a container holds of a layer beside its weights.");
  module.def("load_samples", &samples_of, py::arg("path"), py::arg("weights"), "The inputs of a network, samples x features.");
  module.def("load_labels", &labels_of, py::arg("path"), "The labels of a network.");
}

}  // namespace eie::tb
