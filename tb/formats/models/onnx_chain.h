// SPDX-License-Identifier: Apache-2.0
// Walks an ONNX graph from its input to its output and makes layers of it.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "tb/formats/models/onnx_graph.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/formats/models/onnx_shape.h"

namespace eie::tb {

class OnnxChain {
 public:
  OnnxChain(std::string path, OnnxGraph& graph);

  /// Throws UserError.
  OnnxNetwork read();

 private:
  using Node = OnnxGraph::Node;

  /// x becomes scale * x + shift: one of each for every element, or one for all.
  struct Affine {
    std::vector<double> scale{1};
    std::vector<double> shift{0};
  };
  struct Operand {
    std::vector<double> values;
    bool first = false;  // the constant stands before the data
  };

  void step(const Node& node);
  void multiply(const Node& node);
  void matmul(const Node& node);
  void elementwise(const Node& node);
  void batch_normalization(const Node& node);
  void relu(const Node& node);
  void reshape(const Node& node);
  void flatten(const Node& node);
  void dropout(const Node& node);
  void cast(const Node& node);
  void leave_out(const Node& node);
  void end();

  /// A new layer of this matrix, with what was held back folded in.
  OnnxLayer& add_layer(const Node& node, OnnxConstant weights, bool rows_are_outputs);
  std::string layer_name(const Node& node, const OnnxConstant& weights);
  void apply(const Node& node, Affine affine);
  Operand operand(const Node& node);
  std::vector<double> spread(const Node& node, const OnnxConstant& constant, std::optional<std::int64_t> axis = std::nullopt);
  std::vector<double> channels(const Node& node, int input);
  OnnxConstant constant(const Node& node, int input, const std::string& what);
  void check_data(const Node& node) const;
  bool affine_is_waiting() const { return waiting_node_ != nullptr; }

  std::string path_;
  OnnxGraph& graph_;
  OnnxNetwork network_;
  OnnxShape shape_;
  std::string value_;                   // the one that the next node reads
  Affine waiting_;                      // for the next layer: it cannot pass a ReLU, or there is no layer yet
  const Node* waiting_node_ = nullptr;  // the last that added to it
  std::unordered_set<std::string> names_;
};

}  // namespace eie::tb
