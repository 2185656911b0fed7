// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/onnx_graph.h"

#include <algorithm>
#include <cmath>

#include "tb/formats/readers.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

// In these versions of the operator set the operators that are read mean the same: from 6 to 7 Add lost `broadcast`, later
// changes are new types.
constexpr std::int64_t kFirstOpset = 6;
constexpr std::int64_t kLastOpset = 23;

bool is_main(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

std::size_t elements(const onnx::TensorProto& tensor) {
  std::size_t count = 1;
  for (const std::int64_t side : tensor.dims()) {
    if (side <= 0 || count > (SIZE_MAX >> 1) / static_cast<std::size_t>(side)) return 1;  // refused when it is read
    count *= static_cast<std::size_t>(side);
  }
  return count;
}

}  // namespace

OnnxGraph::OnnxGraph(const std::string& path, const std::shared_ptr<const onnx::ModelProto>& model)
    : path_(path), model_(model), tensors_(path, model) {
  read_opset();
  index();
  find_live();
}

void OnnxGraph::fail(const std::string& found, const std::string& expected) const { fail_file(path_, found, expected); }

void OnnxGraph::fail(const Node& node, const std::string& found, const std::string& expected) const {
  fail(shown(node) + " " + found, expected);
}

std::string OnnxGraph::shown(const Node& node) const {
  std::string text = "node ";
  if (!node.name().empty()) {
    text += "'" + printable(node.name().substr(0, 200)) + "'";
  } else {
    for (int k = 0; k < model_->graph().node_size(); ++k) {
      if (&model_->graph().node(k) == &node) text += std::to_string(k);
    }
  }
  text += " (";
  if (!is_main(node.domain())) text += printable(node.domain().substr(0, 60)) + ".";
  return text + printable(node.op_type().substr(0, 60)) + ")";
}

void OnnxGraph::read_opset() {
  for (const auto& import : model_->opset_import()) {
    if (is_main(import.domain())) opset_ = std::max<std::int64_t>(opset_, import.version());
  }
  const std::string expected = "opset " + std::to_string(kFirstOpset) + " to " + std::to_string(kLastOpset) + " of ai.onnx";
  if (opset_ == 0) fail("is an ONNX model that names no opset", expected);
  if (opset_ < kFirstOpset || opset_ > kLastOpset) fail("is an ONNX model of opset " + std::to_string(opset_), expected);
}

void OnnxGraph::index() {
  const onnx::GraphProto& graph = model_->graph();
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    if (!initializers_.emplace(tensor.name(), &tensor).second) {
      fail("has two initializers '" + printable(tensor.name()) + "'", "one of a name");
    }
    largest_ = std::max(largest_, elements(tensor));
  }
  for (int k = 0; k < graph.node_size(); ++k) {
    for (const std::string& made : graph.node(k).output()) {
      if (made.empty()) continue;
      if (initializers_.count(made) != 0 || !makers_.emplace(made, k).second) {
        fail(graph.node(k), "makes '" + printable(made) + "', which is there already", "values that are made once");
      }
    }
    for (const onnx::AttributeProto& attribute : graph.node(k).attribute()) {
      if (attribute.has_t()) largest_ = std::max(largest_, elements(attribute.t()));
      largest_ = std::max(largest_, static_cast<std::size_t>(attribute.floats_size()));
    }
  }
  if (graph.output_size() != 1) fail("has " + std::to_string(graph.output_size()) + " outputs", "one");
}

void OnnxGraph::find_live() {
  const onnx::GraphProto& graph = model_->graph();
  live_.assign(static_cast<std::size_t>(graph.node_size()), false);
  std::vector<int> open;
  auto want = [&](const std::string& value) {
    const auto maker = makers_.find(value);
    if (maker == makers_.end() || live_[static_cast<std::size_t>(maker->second)]) return;
    live_[static_cast<std::size_t>(maker->second)] = true;
    open.push_back(maker->second);
  };
  want(output());
  while (!open.empty()) {
    const int k = open.back();
    open.pop_back();
    for (const std::string& read : graph.node(k).input()) {
      if (read.empty()) continue;
      users_[read].push_back(k);
      want(read);
    }
  }
}

const onnx::ValueInfoProto& OnnxGraph::input() const {
  const onnx::ValueInfoProto* found = nullptr;
  std::string names;
  int count = 0;
  for (const onnx::ValueInfoProto& value : model_->graph().input()) {
    if (initializers_.count(value.name()) != 0) continue;
    if (users_.count(value.name()) == 0 && value.name() != output()) continue;
    found = &value;
    ++count;
    if (count <= 6) names += (count > 1 ? ", " : "") + printable(value.name().substr(0, 60));
  }
  if (count != 1) {
    fail("has " + std::to_string(count) + " inputs" + (count == 0 ? "" : " (" + names + (count > 6 ? ", ..." : "") + ")"),
         "one, and weights that are constant");
  }
  return *found;
}

const OnnxGraph::Node* OnnxGraph::user(const std::string& value) const {
  const auto at = users_.find(value);
  const std::size_t users = at == users_.end() ? 0 : at->second.size();
  if (users == 0) return nullptr;
  const auto [early, late] = std::minmax_element(at->second.begin(), at->second.end());
  const Node& first = model_->graph().node(*early);
  if (users > 1) {
    fail(first, "reads '" + printable(value) + "', and so does " + shown(model_->graph().node(*late)),
         "a chain without branches");
  }
  if (value == output()) fail(first, "reads '" + printable(value) + "', which is the output too", "a chain without branches");
  return &first;
}

void OnnxGraph::check_other_outputs_unused(const Node& node) const {
  for (int k = 1; k < node.output_size(); ++k) {
    const std::string& made = node.output(k);
    if (!made.empty() && (users_.count(made) != 0 || made == output())) {
      fail(node, "makes '" + printable(made) + "', its output " + std::to_string(k) + ", which is used",
           "a use of its first alone");
    }
  }
}

std::optional<OnnxConstant> OnnxGraph::constant(const std::string& value) {
  std::string at = value;
  bool transposed = false;
  for (int steps = 0; steps <= model_->graph().node_size(); ++steps) {
    const auto initializer = initializers_.find(at);
    const auto maker = makers_.find(at);
    std::optional<OnnxConstant> found;
    if (initializer != initializers_.end()) {
      found = tensors_.read(*initializer->second, at);
    } else if (maker == makers_.end()) {
      return std::nullopt;
    } else {
      const Node& node = model_->graph().node(maker->second);
      if (!is_main(node.domain()) || node.output(0) != at) return std::nullopt;
      const bool passes =
          (node.op_type() == "Identity" || node.op_type() == "Transpose" || node.op_type() == "Cast") && node.input_size() == 1;
      if (node.op_type() == "Constant") {
        found = constant_of(node, at);
      } else if (!passes) {
        return std::nullopt;
      } else {
        if (node.op_type() == "Transpose") {
          check_attributes(node, {"perm"});
          const onnx::AttributeProto* const perm = attribute(node, "perm", onnx::AttributeProto::INTS);
          const bool swaps = perm == nullptr || (perm->ints_size() == 2 && perm->ints(0) == 1 && perm->ints(1) == 0);
          if (!swaps) return std::nullopt;
          transposed = !transposed;
        }
        if (node.op_type() == "Cast") {
          const std::int64_t to = integer(node, "to", 0);
          const bool to_float = to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::DOUBLE;
          if (!to_float) return std::nullopt;  // others round
        }
        at = node.input(0);
        continue;
      }
    }
    if (transposed && found->stored.size() != 2) return std::nullopt;
    found->transposed = transposed;
    return found;
  }
  return std::nullopt;  // a circle
}

OnnxConstant OnnxGraph::constant_of(const Node& node, const std::string& value) {
  using Attribute = onnx::AttributeProto;
  if (const Attribute* tensor = attribute(node, "value", Attribute::TENSOR)) return tensors_.read(tensor->t(), value);
  if (const Attribute* one = attribute(node, "value_float", Attribute::FLOAT)) return tensors_.of({one->f()}, true, value);
  if (const Attribute* list = attribute(node, "value_floats", Attribute::FLOATS)) {
    return tensors_.of(std::vector<double>(list->floats().begin(), list->floats().end()), false, value);
  }
  fail(node, "has no tensor and no floats as its value", "value, value_float or value_floats");
}

const onnx::AttributeProto* OnnxGraph::attribute(const Node& node, const char* name,
                                                 onnx::AttributeProto::AttributeType type) const {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.has_type() && attribute.type() != type) {
      fail(node, "has an attribute '" + std::string(name) + "' of another type", onnx::AttributeProto::AttributeType_Name(type));
    }
    return &attribute;
  }
  return nullptr;
}

std::int64_t OnnxGraph::integer(const Node& node, const char* name, std::int64_t absent) const {
  const onnx::AttributeProto* const found = attribute(node, name, onnx::AttributeProto::INT);
  return found == nullptr ? absent : found->i();
}

double OnnxGraph::real(const Node& node, const char* name, double absent) const {
  const onnx::AttributeProto* const found = attribute(node, name, onnx::AttributeProto::FLOAT);
  if (found == nullptr) return absent;
  if (!std::isfinite(found->f())) fail(node, "has an attribute '" + std::string(name) + "' that is not finite", "a number");
  return found->f();
}

void OnnxGraph::check_attributes(const Node& node, std::initializer_list<const char*> known) const {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const std::string& name = attribute.name();
    if (std::any_of(known.begin(), known.end(), [&](const char* other) { return name == other; })) continue;
    fail(node, "has an attribute '" + printable(name.substr(0, 60)) + "' that is not known",
         "those of opset " + std::to_string(opset_));
  }
}

}  // namespace eie::tb
