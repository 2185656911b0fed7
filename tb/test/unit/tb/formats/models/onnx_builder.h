// SPDX-License-Identifier: Apache-2.0
// ONNX models for tests, piece by piece.
#pragma once

#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>
#ifndef ONNX_ML
#define ONNX_ML
#endif
#include <onnx/onnx_pb.h>

#include "tb/formats/matrix_file.h"
#include "tb/formats/models/onnx_network.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {

class OnnxBuilder {
 public:
  /// One input "x" of these dimensions (-1: any) and one output "y".
  explicit OnnxBuilder(const std::vector<std::int64_t>& input, std::int64_t opset = 13) {
    model_.set_ir_version(7);
    model_.set_producer_name("test");
    model_.add_opset_import()->set_version(opset);
    value(*graph().add_input(), "x", input);
    value(*graph().add_output(), "y", {-1, -1});
  }

  onnx::ModelProto& model() { return model_; }
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  /// A constant of float32 in a typed field.
  onnx::TensorProto& floats(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t side : shape) tensor.add_dims(side);
    for (const float value : values) tensor.add_float_data(value);
    return tensor;
  }
  /// One of bytes.
  onnx::TensorProto& raw(const std::string& name, int type, const std::vector<std::int64_t>& shape, const std::string& bytes) {
    onnx::TensorProto& tensor = floats(name, shape, {});
    tensor.set_data_type(type);
    tensor.set_raw_data(bytes);
    return tensor;
  }
  void integers(const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::TensorProto& tensor = floats(name, {static_cast<std::int64_t>(values.size())}, {});
    tensor.set_data_type(onnx::TensorProto::INT64);
    for (const std::int64_t value : values) tensor.add_int64_data(value);
  }

  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                        const std::string& name = "") {
    onnx::NodeProto& made = *graph().add_node();
    made.set_op_type(op);
    made.set_name(name);
    for (const std::string& input : inputs) made.add_input(input);
    made.add_output(output);
    return made;
  }
  static void set(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  static void set_real(onnx::NodeProto& node, const std::string& name, float value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
  }

  std::string bytes() const { return model_.SerializeAsString(); }
  /// Written as m.onnx into the folder.
  std::string write(const TempFolder& folder) const { return folder.write("m.onnx", bytes()); }

 private:
  static void value(onnx::ValueInfoProto& info, const std::string& name, const std::vector<std::int64_t>& shape) {
    info.set_name(name);
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t side : shape) {
      auto& dimension = *tensor.mutable_shape()->add_dim();
      if (side >= 0) dimension.set_dim_value(side);
    }
  }

  onnx::ModelProto model_;
};

/// What the chain in the file makes of one sample, through open_matrix() and in double precision.
inline std::vector<double> chain_output(const std::string& path, std::vector<double> x) {
  const std::shared_ptr<const OnnxNetwork> network = onnx_network(path);
  for (const OnnxLayer& layer : network->layers) {
    const std::unique_ptr<MatrixFile> weights = open_matrix(path + ":" + layer.name);
    EXPECT_EQ(weights->columns(), x.size());
    std::vector<double> w(weights->rows() * weights->columns());
    weights->read_rows(0, weights->rows(), w.data());
    std::vector<double> y(weights->rows(), 0);
    if (!layer.bias.empty()) y = read_vector(path + ":" + layer.name + ".bias", y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j) y[i] += w[i * x.size() + j] * x[j];
      if (layer.relu && y[i] < 0) y[i] = 0;
    }
    x = y;
  }
  return x;
}

/// The message of the UserError that reading the file ends with.
inline std::string refusal(const std::string& path) {
  try {
    onnx_network(path);
  } catch (const UserError& error) {
    return error.what();
  }
  return "is read";
}

}  // namespace eie::tb
