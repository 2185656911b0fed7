// SPDX-License-Identifier: Apache-2.0
// The graph of an ONNX model: who makes a value, who uses it, which values are constant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tb/formats/models/onnx_constant.h"

namespace eie::tb {

/// Only what leads to the one output counts.
class OnnxGraph {
 public:
  /// Throws UserError: another opset, values made twice, another count of outputs.
  OnnxGraph(const std::string& path, const std::shared_ptr<const onnx::ModelProto>& model);

  using Node = onnx::NodeProto;

  /// The one input that is no constant; null: there is none.
  const onnx::ValueInfoProto& input() const;
  const std::string& output() const { return model_->graph().output(0).name(); }
  std::int64_t opset() const { return opset_; }

  /// The one node that reads a value; null: it is the output. Throws UserError when there are several.
  const Node* user(const std::string& value) const;
  /// Throws UserError when what a node makes beside its first output is used.
  void check_other_outputs_unused(const Node& node) const;

  /// A value that does not depend on the input: an initializer, a Constant, or one of them through Identity, Cast and Transpose.
  /// Nothing when it is none. Throws UserError when it cannot be read.
  std::optional<OnnxConstant> constant(const std::string& value);
  OnnxTensors& tensors() { return tensors_; }
  /// Elements of the largest constant: what has more elements can meet no matrix.
  std::size_t largest_constant() const { return largest_; }

  // Attributes of a node; the default where it is not given. Throws UserError for another type.
  std::int64_t integer(const Node& node, const char* name, std::int64_t absent) const;
  double real(const Node& node, const char* name, double absent) const;
  /// Throws UserError for an attribute that is not one of these.
  void check_attributes(const Node& node, std::initializer_list<const char*> known) const;

  /// "node 'fc1' (Gemm)"
  std::string shown(const Node& node) const;
  [[noreturn]] void fail(const Node& node, const std::string& found, const std::string& expected) const;
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const;

 private:
  void read_opset();
  void index();
  void find_live();
  const onnx::AttributeProto* attribute(const Node& node, const char* name, onnx::AttributeProto::AttributeType type) const;
  OnnxConstant constant_of(const Node& node, const std::string& value);

  std::string path_;
  std::shared_ptr<const onnx::ModelProto> model_;
  OnnxTensors tensors_;
  std::int64_t opset_ = 0;
  std::size_t largest_ = 1;
  std::unordered_map<std::string, const onnx::TensorProto*> initializers_;
  std::unordered_map<std::string, int> makers_;              // nodes by what they make
  std::unordered_map<std::string, std::vector<int>> users_;  // live nodes by what they read, one for each time
  std::vector<bool> live_;
};

}  // namespace eie::tb
