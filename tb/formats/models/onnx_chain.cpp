// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/onnx_chain.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tb/formats/readers.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

constexpr const char* kOperators =
    "a chain of Gemm, MatMul, Add, Sub, Mul, Div, BatchNormalization, Relu, Flatten, Reshape, Identity, Dropout and Cast";

bool all_are(const std::vector<double>& values, double x) {
  return std::all_of(values.begin(), values.end(), [x](double value) { return value == x; });
}

// One of them for each of `count`, where there may be one for all.
void widen(std::vector<double>& values, std::size_t count) {
  if (values.size() == 1) values.resize(count, values.front());
}

// a * b, element by element, where one may stand for all.
std::vector<double> times(std::vector<double> a, const std::vector<double>& b) {
  widen(a, b.size());
  for (std::size_t k = 0; k < a.size(); ++k) a[k] *= b.size() == 1 ? b.front() : b[k];
  return a;
}

std::vector<double> plus(std::vector<double> a, const std::vector<double>& b) {
  widen(a, b.size());
  for (std::size_t k = 0; k < a.size(); ++k) a[k] += b.size() == 1 ? b.front() : b[k];
  return a;
}

std::string without(const std::string& text, const std::string& end) {
  const bool has = text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
  return has ? text.substr(0, text.size() - end.size()) : text;
}

}  // namespace

OnnxChain::OnnxChain(std::string path, OnnxGraph& graph)
    : path_(std::move(path)), graph_(graph), shape_(graph.input()), value_(graph.input().name()) {}

OnnxNetwork OnnxChain::read() {
  while (const Node* const node = graph_.user(value_)) {
    step(*node);
    if (node->output_size() == 0 || node->output(0).empty()) graph_.fail(*node, "makes nothing", "a value");
    graph_.check_other_outputs_unused(*node);
    value_ = node->output(0);
  }
  end();
  network_.data_files = graph_.tensors().data_files();
  return std::move(network_);
}

void OnnxChain::step(const Node& node) {
  const std::string& op = node.op_type();
  const bool main = node.domain().empty() || node.domain() == "ai.onnx";
  if (main && op == "Gemm") return multiply(node);
  if (main && op == "MatMul") return matmul(node);
  if (main && (op == "Add" || op == "Sub" || op == "Mul" || op == "Div")) return elementwise(node);
  if (main && op == "BatchNormalization") return batch_normalization(node);
  if (main && op == "Relu") return relu(node);
  if (main && op == "Reshape") return reshape(node);
  if (main && op == "Flatten") return flatten(node);
  if (main && op == "Dropout") return dropout(node);
  if (main && op == "Cast") return cast(node);
  if (main && op == "Identity") {
    graph_.check_attributes(node, {});
    return check_data(node);
  }
  const bool last = node.output_size() > 0 && node.output(0) == graph_.output();
  if (main && last && (op == "Softmax" || op == "LogSoftmax")) return leave_out(node);
  graph_.fail(node, "is no operator that is read (opset " + std::to_string(graph_.opset()) + ")",
              std::string(kOperators) +
                  (last && !network_.layers.empty() ? "; a graph that ends before this node, its last, can be read" : ""));
}

void OnnxChain::check_data(const Node& node) const {
  if (node.input_size() == 0 || node.input(0) != value_) {
    graph_.fail(node, "does not have '" + printable(value_) + "' as its first input", "the data there");
  }
}

OnnxConstant OnnxChain::constant(const Node& node, int input, const std::string& what) {
  if (input >= node.input_size() || node.input(input).empty()) graph_.fail(node, "has no " + what, "a constant");
  std::optional<OnnxConstant> found = graph_.constant(node.input(input));
  if (!found) graph_.fail(node, "has a " + what + " that is not constant ('" + printable(node.input(input)) + "')", "a constant");
  return *std::move(found);
}

std::vector<double> OnnxChain::spread(const Node& node, const OnnxConstant& constant, std::optional<std::int64_t> axis) {
  const std::string met = shape_.text();
  const std::optional<std::vector<std::size_t>> shape = shape_.meet(constant.shape(), axis);
  auto refuse = [&] {
    graph_.fail(node, "meets data of shape " + met + " with a constant of shape " + shape_text(constant.shape()),
                "one that fits a sample and is the same for all samples");
  };
  if (!shape) refuse();
  if (constant.size() > 1) {
    const std::optional<std::size_t> elements = shape_.elements();
    if (!elements || *elements > graph_.largest_constant()) refuse();  // no matrix has as many columns
  }
  const std::optional<std::vector<double>> values = shape_.spread(graph_.tensors().floats(constant), *shape);
  if (!values) refuse();
  return *values;
}

std::string OnnxChain::layer_name(const Node& node, const OnnxConstant& weights) {
  std::string name = without(weights.name, ".weight");  // PyTorch's name of the module
  if (name == weights.name) {
    name = without(node.name(), "/" + node.op_type());
    if (!name.empty() && name.front() == '/') name.erase(0, 1);
    if (name.empty()) name = weights.name;
  }
  name = printable(name.substr(0, 200));
  if (name.empty()) name = "layer";
  std::string free = name;
  for (int k = 2; names_.count(free) != 0 || names_.count(free + ".bias") != 0; ++k) free = name + "_" + std::to_string(k);
  names_.insert(free);
  names_.insert(free + ".bias");
  return free;
}

OnnxLayer& OnnxChain::add_layer(const Node& node, OnnxConstant weights, bool rows_are_outputs) {
  if (weights.stored.size() != 2) {
    graph_.fail(node, "has weights of shape " + shape_text(weights.shape()), "a matrix");
  }
  if (!weights.data.type.is_float()) graph_.fail(node, "has weights of type " + weights.data.type.name(), "floats");
  const bool as_stored = rows_are_outputs != weights.transposed;
  OnnxLayer layer;
  layer.name = layer_name(node, weights);
  layer.rows = weights.stored[as_stored ? 0 : 1];
  layer.columns = weights.stored[as_stored ? 1 : 0];
  layer.weights = weights.data;
  layer.weights.fortran = !as_stored;
  const std::optional<std::size_t> elements = shape_.elements();
  const auto& sides = shape_.dimensions();
  if (sides && sides->size() > 2) {
    for (std::size_t d = 1; d + 1 < sides->size(); ++d) {
      if ((*sides)[d] != 1)
        graph_.fail(node, "multiplies data of shape " + shape_.text(), "one vector a sample (Flatten makes one)");
    }
  }
  if ((elements && *elements != layer.columns) ||
      (sides && sides->back() > 0 && sides->back() != static_cast<std::int64_t>(layer.columns))) {
    graph_.fail(node, "multiplies data of shape " + shape_.text() + " by weights of " + std::to_string(layer.columns) + " inputs",
                "as many features");
  }
  if (affine_is_waiting()) {  // W (s x + t) = (W s) x + W t
    widen(waiting_.scale, layer.columns);
    widen(waiting_.shift, layer.columns);
    if (waiting_.scale.size() != layer.columns || waiting_.shift.size() != layer.columns) {
      graph_.fail(*waiting_node_, "does not fit the " + std::to_string(layer.columns) + " inputs of " + graph_.shown(node),
                  "one value for each");
    }
    if (!all_are(waiting_.shift, 0)) {
      const DenseFile file(path_ + ":" + layer.name, "ONNX", {layer.rows, layer.columns}, layer.weights);
      layer.bias.assign(layer.rows, 0);
      constexpr std::size_t kElementsAtATime = std::size_t{1} << 16;
      const std::size_t step = std::max<std::size_t>(1, kElementsAtATime / layer.columns);
      std::vector<double> block;
      for (std::size_t i = 0; i < layer.rows; i += step) {
        const std::size_t count = std::min(step, layer.rows - i);
        block.resize(count * layer.columns);
        file.read_rows(i, count, block.data());
        for (std::size_t k = 0; k < block.size(); ++k)
          layer.bias[i + k / layer.columns] += block[k] * waiting_.shift[k % layer.columns];
      }
    }
    if (!all_are(waiting_.scale, 1)) layer.column_scale = std::move(waiting_.scale);
    waiting_ = Affine();
    waiting_node_ = nullptr;
  }
  shape_.set_features(layer.rows);
  network_.layers.push_back(std::move(layer));
  return network_.layers.back();
}

void OnnxChain::multiply(const Node& node) {
  graph_.check_attributes(node, {"alpha", "beta", "transA", "transB", "broadcast"});
  check_data(node);
  if (graph_.integer(node, "transA", 0) != 0) graph_.fail(node, "transposes the data (transA)", "transA = 0");
  if (shape_.dimensions() && shape_.dimensions()->size() != 2) {
    graph_.fail(node, "multiplies data of shape " + shape_.text(), "(batch, features)");
  }
  add_layer(node, constant(node, 1, "second factor (B)"), graph_.integer(node, "transB", 0) != 0);
  const double alpha = graph_.real(node, "alpha", 1);
  if (alpha != 1) apply(node, {{alpha}, {0}});
  if (node.input_size() < 3 || node.input(2).empty()) return;
  const std::vector<double> summand = spread(node, constant(node, 2, "summand (C)"));
  apply(node, {{1}, times(summand, {graph_.real(node, "beta", 1)})});
}

void OnnxChain::matmul(const Node& node) {
  graph_.check_attributes(node, {});
  if (node.input_size() == 2 && node.input(1) == value_ && node.input(0) != value_) {
    graph_.fail(node, "has the data as its second factor", "(batch, features) as its first one");
  }
  check_data(node);
  add_layer(node, constant(node, 1, "second factor"), false);
}

OnnxChain::Operand OnnxChain::operand(const Node& node) {
  graph_.check_attributes(node, {"axis", "broadcast", "consumed_inputs"});
  if (node.input_size() != 2) graph_.fail(node, "has " + std::to_string(node.input_size()) + " inputs", "two");
  Operand result;
  result.first = node.input(1) == value_;
  if (!result.first) check_data(node);
  const std::int64_t axis = graph_.integer(node, "axis", 0);
  const bool aligned =
      std::any_of(node.attribute().begin(), node.attribute().end(), [](const auto& a) { return a.name() == "axis"; });
  result.values =
      spread(node, constant(node, result.first ? 0 : 1, "operand"), aligned ? std::optional<std::int64_t>(axis) : std::nullopt);
  return result;
}

void OnnxChain::elementwise(const Node& node) {
  Operand with = operand(node);
  const std::string& op = node.op_type();
  if (op == "Add") return apply(node, {{1}, std::move(with.values)});
  if (op == "Mul") return apply(node, {std::move(with.values), {0}});
  if (op == "Sub") {
    if (with.first) return apply(node, {{-1}, std::move(with.values)});
    return apply(node, {{1}, times(std::move(with.values), {-1})});
  }
  if (with.first) graph_.fail(node, "divides by the data", "a constant divisor");
  for (double& x : with.values) x = 1 / x;
  apply(node, {std::move(with.values), {0}});
}

std::vector<double> OnnxChain::channels(const Node& node, int input) {
  OnnxConstant each = constant(node, input, "parameter (input " + std::to_string(input) + ")");
  if (each.stored.size() != 1)
    graph_.fail(node, "has a parameter of shape " + shape_text(each.shape()), "one value for each channel");
  // Channels are the second dimension of the data.
  const std::size_t rank = shape_.dimensions() ? shape_.dimensions()->size() : 2;
  if (rank < 2) graph_.fail(node, "normalizes data of shape " + shape_.text(), "(batch, channels, ...)");
  if (shape_.dimensions() && (*shape_.dimensions())[1] > 0 &&
      (*shape_.dimensions())[1] != static_cast<std::int64_t>(each.stored[0])) {
    graph_.fail(node, "has " + std::to_string(each.stored[0]) + " channels and data of shape " + shape_.text(), "as many");
  }
  each.stored.resize(rank - 1, 1);
  return spread(node, each);
}

void OnnxChain::batch_normalization(const Node& node) {
  graph_.check_attributes(node, {"epsilon", "momentum", "spatial", "is_test", "training_mode", "consumed_inputs"});
  check_data(node);
  if (node.input_size() != 5) graph_.fail(node, "has " + std::to_string(node.input_size()) + " inputs", "five");
  if (graph_.integer(node, "training_mode", 0) != 0 || (graph_.opset() < 7 && graph_.integer(node, "is_test", 0) == 0)) {
    graph_.fail(node, "is one for training", "an export for inference (PyTorch: model.eval() first)");
  }
  if (graph_.integer(node, "spatial", 1) == 0) graph_.fail(node, "is not spatial", "one mean and variance for each channel");
  const std::vector<double> scale = channels(node, 1);
  const std::vector<double> shift = channels(node, 2);
  const std::vector<double> mean = channels(node, 3);
  std::vector<double> factor = channels(node, 4);  // the variance
  const double epsilon = graph_.real(node, "epsilon", 1e-5F);
  for (double& x : factor) {
    if (!(x + epsilon > 0)) graph_.fail(node, "has a variance of " + std::to_string(x), "above 0 with epsilon");
    x = 1 / std::sqrt(x + epsilon);
  }
  factor = times(std::move(factor), scale);
  apply(node, {factor, plus(times(times(mean, factor), {-1}), shift)});
}

// After the last product it is part of it; after its ReLU, or before the first one, it waits for the next.
void OnnxChain::apply(const Node& node, Affine affine) {
  for (const std::vector<double>* values : {&affine.scale, &affine.shift}) {
    if (std::any_of(values->begin(), values->end(), [](double x) { return !std::isfinite(x); })) {
      graph_.fail(node, "scales by a number that is not finite", "finite numbers");
    }
  }
  if (!network_.layers.empty() && !network_.layers.back().relu) {
    OnnxLayer& layer = network_.layers.back();
    if (!all_are(affine.scale, 1)) {
      if (layer.row_scale.empty()) layer.row_scale.assign(layer.rows, 1);
      layer.row_scale = times(std::move(layer.row_scale), affine.scale);
      if (!layer.bias.empty()) layer.bias = times(std::move(layer.bias), affine.scale);
    }
    if (!all_are(affine.shift, 0)) {
      if (layer.bias.empty()) layer.bias.assign(layer.rows, 0);
      layer.bias = plus(std::move(layer.bias), affine.shift);
    }
    return;
  }
  waiting_.shift = plus(times(std::move(waiting_.shift), affine.scale), affine.shift);
  waiting_.scale = times(std::move(waiting_.scale), affine.scale);
  waiting_node_ = &node;
}

void OnnxChain::relu(const Node& node) {
  graph_.check_attributes(node, {"consumed_inputs"});
  check_data(node);
  const char* const expected = "a product between them, or an export with the one before the other";
  if (network_.layers.empty()) graph_.fail(node, "comes before the first product", "a Gemm or MatMul before it");
  OnnxLayer& layer = network_.layers.back();
  if (!affine_is_waiting()) {  // twice is once
    layer.relu = true;
    return;
  }
  const bool passes =
      all_are(waiting_.shift, 0) && std::none_of(waiting_.scale.begin(), waiting_.scale.end(), [](double x) { return x < 0; });
  if (!passes) graph_.fail(node, "comes after " + graph_.shown(*waiting_node_) + ", which comes after a Relu", expected);
}

void OnnxChain::reshape(const Node& node) {
  graph_.check_attributes(node, {"allowzero"});
  check_data(node);
  std::optional<OnnxConstant> found;
  if (node.input_size() == 2) found = graph_.constant(node.input(1));
  if (!found || found->stored.size() > 1) {
    graph_.fail(node, "has a shape that is not a constant list", "one (PyTorch: x.flatten(1) instead of x.view(x.size(0), -1))");
  }
  const std::string before = shape_.text();
  const std::vector<std::int64_t> target = graph_.tensors().integers(*found);
  if (shape_.reshape(target, graph_.integer(node, "allowzero", 0) != 0)) return;
  std::string text;
  for (std::size_t k = 0; k < target.size() && k < 8; ++k) text += (k != 0 ? ", " : "") + std::to_string(target[k]);
  graph_.fail(node, "makes shape (" + text + (target.size() > 8 ? ", ..." : "") + ") of " + before, "samples that stay apart");
}

void OnnxChain::flatten(const Node& node) {
  graph_.check_attributes(node, {"axis"});
  check_data(node);
  const std::string before = shape_.text();
  const std::int64_t axis = graph_.integer(node, "axis", 1);
  if (shape_.flatten(axis)) return;
  graph_.fail(node, "flattens shape " + before + " at axis " + std::to_string(axis), "axis 1, so that samples stay apart");
}

void OnnxChain::dropout(const Node& node) {
  graph_.check_attributes(node, {"ratio", "seed", "is_test", "consumed_inputs"});
  check_data(node);
  bool training = graph_.opset() < 7 && graph_.integer(node, "is_test", 0) == 0;
  if (node.input_size() > 2 && !node.input(2).empty()) {
    for (const std::int64_t value : graph_.tensors().integers(constant(node, 2, "training mode")))
      training = training || value != 0;
  }
  if (training) graph_.fail(node, "is one for training", "an export for inference (PyTorch: model.eval() first)");
}

void OnnxChain::cast(const Node& node) {
  graph_.check_attributes(node, {"to", "saturate"});
  check_data(node);
  const std::int64_t to = graph_.integer(node, "to", 0);
  const bool floats = to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::DOUBLE || to == onnx::TensorProto::FLOAT16 ||
                      to == onnx::TensorProto::BFLOAT16;
  if (!floats) graph_.fail(node, "casts the data to another type than floats (" + std::to_string(to) + ")", "floats");
}

// The largest output stays the largest.
void OnnxChain::leave_out(const Node& node) {
  graph_.check_attributes(node, {"axis"});
  check_data(node);
  const std::int64_t last = shape_.dimensions() ? static_cast<std::int64_t>(shape_.dimensions()->size()) - 1 : 1;
  const std::int64_t axis = graph_.integer(node, "axis", graph_.opset() < 13 ? 1 : -1);
  if (axis != -1 && axis != last) {
    graph_.fail(node, "goes along axis " + std::to_string(axis) + " of shape " + shape_.text(), "the last axis");
  }
  network_.notes.push_back(path_ + ": " + graph_.shown(node) +
                           ", the last node, is left out: outputs are what it reads; which one is largest stays the same");
}

void OnnxChain::end() {
  if (value_ != graph_.output()) graph_.fail("makes '" + printable(value_) + "', which leads nowhere", "the output");
  if (network_.layers.empty()) graph_.fail("has no Gemm and no MatMul", "at least one");
  if (!affine_is_waiting()) return;
  const bool passes =
      all_are(waiting_.shift, 0) && std::none_of(waiting_.scale.begin(), waiting_.scale.end(), [](double x) { return x < 0; });
  if (!passes)
    graph_.fail(*waiting_node_, "comes after the last Relu, with no product behind it", "one, or a graph that ends before it");
  // s max(y, 0) = max(s y, 0)
  OnnxLayer& layer = network_.layers.back();
  layer.relu = false;
  const Affine affine{waiting_.scale, {0}};
  apply(*waiting_node_, affine);
  layer.relu = true;
}

}  // namespace eie::tb
