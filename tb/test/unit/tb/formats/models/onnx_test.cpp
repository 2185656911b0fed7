// SPDX-License-Identifier: Apache-2.0
// ONNX models as chains of layers: what is folded into the products, by hand.
#include <cmath>

#include "tb/formats/kept_files.h"
#include "tb/layers/network_file.h"
#include "tb/test/unit/tb/formats/models/onnx_builder.h"

namespace eie::tb {
namespace {

using Values = std::vector<double>;

const std::vector<float> kW = {1, 2, 3, -4, 5, -6};  // 2 x 3

void expect_near(const Values& seen, const Values& expected) {
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t k = 0; k < seen.size(); ++k) EXPECT_NEAR(seen[k], expected[k], 1e-6 * (1 + std::abs(expected[k]))) << k;
}

TEST(Onnx, GemmWithItsAttributes) {
  TempFolder folder;
  for (const bool transposed : {false, true}) {
    OnnxBuilder b({-1, 3});
    if (transposed) {
      b.floats("fc.weight", {2, 3}, kW);
    } else {
      b.floats("fc.weight", {3, 2}, {1, -4, 2, 5, 3, -6});
    }
    b.floats("fc.bias", {2}, {10, 20});
    onnx::NodeProto& gemm = b.node("Gemm", {"x", "fc.weight", "fc.bias"}, "y");
    if (transposed) OnnxBuilder::set(gemm, "transB", 1);
    OnnxBuilder::set_real(gemm, "alpha", 2);
    OnnxBuilder::set_real(gemm, "beta", 0.5);
    const std::string path = b.write(folder);
    expect_near(chain_output(path, {1, 1, 1}), {2 * 6 + 5, 2 * -5 + 10});
    const auto weights = open_matrix(path);  // the one that is a matrix
    EXPECT_EQ(weights->name(), path + ":fc");
    EXPECT_EQ(weights->shape_text(), "(2, 3)");
    EXPECT_EQ(weights->type(), "float32");
    EXPECT_EQ(weights->format(), "ONNX");
    EXPECT_EQ(read_vector(path, 2), (Values{5, 10}));
    Values row(3);
    weights->again()->read_rows(1, 1, row.data());
    EXPECT_EQ(row, (Values{-8, 10, -12}));
  }
}

TEST(Onnx, SummandsOfGemmAreSpread) {
  TempFolder folder;
  for (const std::vector<std::int64_t>& shape : std::vector<std::vector<std::int64_t>>{{}, {1}, {1, 1}, {2}, {1, 2}}) {
    OnnxBuilder b({-1, 3});
    b.floats("w", {3, 2}, {1, 0, 0, 1, 0, 0});
    b.floats("c", shape, !shape.empty() && shape.back() == 2 ? std::vector<float>{7, 7} : std::vector<float>{7});
    b.node("Gemm", {"x", "w", "c"}, "y");
    expect_near(chain_output(b.write(folder), {1, 2, 3}), {8, 9});
  }
  for (const std::vector<std::int64_t>& shape : std::vector<std::vector<std::int64_t>>{{2, 1}, {3}, {2, 2}, {1, 1, 2}}) {
    OnnxBuilder b({-1, 3});
    b.floats("w", {3, 2}, {1, 0, 0, 1, 0, 0});
    std::int64_t size = 1;
    for (const std::int64_t side : shape) size *= side;
    b.floats("c", shape, std::vector<float>(static_cast<std::size_t>(size), 7));
    b.node("Gemm", {"x", "w", "c"}, "y", "g");
    EXPECT_NE(refusal(b.write(folder)).find("node 'g' (Gemm) meets data of shape (N, 2) with a constant of shape"),
              std::string::npos);
  }
}

TEST(Onnx, LayerAfterLayerWithReluBetween) {
  TempFolder folder;
  OnnxBuilder b({1, 3});
  b.floats("w1", {3, 2}, {1, -4, 2, 5, 3, -6});
  b.floats("b1", {2}, {-1, 1});
  b.floats("w2", {2, 1}, {2, 100});
  b.node("MatMul", {"x", "w1"}, "a", "/first/MatMul");
  b.node("Add", {"b1", "a"}, "b");  // either order
  b.node("Relu", {"b"}, "c");
  b.node("Relu", {"c"}, "d");  // twice is once
  b.node("Dropout", {"d"}, "e");
  b.node("Identity", {"e"}, "f");
  b.node("MatMul", {"f", "w2"}, "y");
  const std::string path = b.write(folder);
  expect_near(chain_output(path, {1, 1, 1}), {10});
  const NetworkFile network = load_network(path);
  ASSERT_EQ(network.layers.size(), 2u);
  EXPECT_EQ(network.layers[0].name, "first");
  EXPECT_EQ(network.layers[0].weights, path + ":first");
  EXPECT_EQ(network.layers[0].bias, path + ":first.bias");
  EXPECT_TRUE(network.layers[0].relu);
  EXPECT_EQ(network.layers[1].name, "w2");
  EXPECT_EQ(network.layers[1].bias, "");
  EXPECT_FALSE(network.layers[1].relu);
  EXPECT_EQ(network.inputs, "");
  expect_user_error([&] { open_matrix(path); },
                    {"holds 3 arrays (first (2, 3), first.bias (2,), w2 (1, 2)) of which 2 may be meant"});
  expect_user_error([&] { open_matrix(path + ":w1"); }, {"has no member 'w1': expected one of first, first.bias, w2"});
}

// gamma 2, beta 1, mean 3, variance 4 - epsilon: y = x - 2 (and y = -3 x + 8 for the second).
void add_normalization(OnnxBuilder& b, const std::string& from, const std::string& to) {
  b.floats("gamma", {2}, {2, -6});
  b.floats("beta", {2}, {1, -1});
  b.floats("mean", {2}, {3, 3});
  b.floats("var", {2}, {4 - 1e-3F, 4 - 1e-3F});
  OnnxBuilder::set_real(b.node("BatchNormalization", {from, "gamma", "beta", "mean", "var"}, to, "bn"), "epsilon", 1e-3F);
}

TEST(Onnx, BatchNormalizationIsFolded) {
  TempFolder folder;
  {  // into the product before
    OnnxBuilder b({-1, 3});
    b.floats("w", {2, 3}, kW);
    b.floats("c", {2}, {1, 1});
    OnnxBuilder::set(b.node("Gemm", {"x", "w", "c"}, "a"), "transB", 1);
    add_normalization(b, "a", "b");
    b.node("Relu", {"b"}, "y");
    expect_near(chain_output(b.write(folder), {1, 1, 1}), {7 - 2, -3 * -4 + 8});
  }
  {  // into the one behind, across a ReLU
    OnnxBuilder b({-1, 2});
    b.floats("w", {2, 2}, {1, 0, 0, 1});
    b.floats("v", {2, 1}, {10, 100});
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Relu", {"a"}, "b");
    add_normalization(b, "b", "c");
    b.node("MatMul", {"c", "v"}, "y");
    expect_near(chain_output(b.write(folder), {5, -7}), {10 * (5 - 2) + 100 * 8});
  }
  {  // over channels of what is flattened later: two channels of two
    OnnxBuilder b({-1, 2, 1, 2});
    add_normalization(b, "x", "a");
    b.node("Flatten", {"a"}, "b");
    b.floats("w", {4, 1}, {1, 10, 100, 1000});
    b.node("MatMul", {"b", "w"}, "y");
    expect_near(chain_output(b.write(folder), {1, 2, 3, 4}), {-1 + 0 + 100 * -1 + 1000 * -4});
  }
  {  // behind the last ReLU only if it scales up and does not shift
    for (const float gamma : {3.0F, -3.0F}) {
      OnnxBuilder b({-1, 2});
      b.floats("w", {2, 2}, {1, 0, 0, 1});
      b.floats("two", {1}, {gamma});
      b.node("MatMul", {"x", "w"}, "a");
      b.node("Relu", {"a"}, "b");
      b.node("Mul", {"two", "b"}, "c", "m");
      b.node("Relu", {"c"}, "y", "r");
      const std::string path = b.write(folder);
      if (gamma > 0) {
        expect_near(chain_output(path, {5, -7}), {15, 0});
      } else {
        EXPECT_NE(refusal(path).find("node 'r' (Relu) comes after node 'm' (Mul), which comes after a Relu"), std::string::npos);
      }
    }
    OnnxBuilder b({-1, 2});
    b.floats("w", {2, 2}, {1, 0, 0, 1});
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Relu", {"a"}, "b");
    add_normalization(b, "b", "y");
    EXPECT_NE(refusal(b.write(folder)).find("node 'bn' (BatchNormalization) comes after the last Relu"), std::string::npos);
  }
}

TEST(Onnx, InputsThatAreNormalized) {
  TempFolder folder;
  OnnxBuilder b({-1, 1, 2, 2}, 17);
  b.floats("m", {1, 1, 1, 1}, {1});
  b.floats("s", {}, {2});
  b.floats("each", {2, 1}, {1, 3});
  b.floats("w", {4, 1}, {1, 1, 1, 1});
  b.integers("to", {-1, 4});
  b.node("Sub", {"x", "m"}, "a");
  b.node("Div", {"a", "s"}, "b");
  b.node("Mul", {"b", "each"}, "c");  // rows of an image
  b.node("Reshape", {"c", "to"}, "d");
  b.node("MatMul", {"d", "w"}, "e");
  b.node("Sub", {"s", "e"}, "y");
  expect_near(chain_output(b.write(folder), {1, 3, 5, 7}), {2 - (0 + 1 + 6 + 9)});
}

TEST(Onnx, EveryFloatType) {
  TempFolder folder;
  auto bytes = [](auto number) {
    std::string text(sizeof number, '\0');
    std::memcpy(text.data(), &number, sizeof number);
    return text;
  };
  const std::uint16_t half = 0xBE00;   // -1.5
  const std::uint16_t brain = 0xBFC0;  // -1.5
  for (const auto& [type, raw, name] :
       std::vector<std::tuple<int, std::string, std::string>>{{onnx::TensorProto::FLOAT, bytes(-1.5F), "float32"},
                                                              {onnx::TensorProto::DOUBLE, bytes(-1.5), "float64"},
                                                              {onnx::TensorProto::FLOAT16, bytes(half), "float16"},
                                                              {onnx::TensorProto::BFLOAT16, bytes(brain), "bfloat16"}}) {
    for (const bool typed : {false, true}) {
      OnnxBuilder b({-1, 1});
      onnx::TensorProto& w = b.raw("w", type, {1, 1}, raw);
      if (typed) {
        w.clear_raw_data();
        if (type == onnx::TensorProto::FLOAT) w.add_float_data(-1.5F);
        if (type == onnx::TensorProto::DOUBLE) w.add_double_data(-1.5);
        if (type == onnx::TensorProto::FLOAT16) w.add_int32_data(half);
        if (type == onnx::TensorProto::BFLOAT16) w.add_int32_data(brain);
      }
      b.node("MatMul", {"x", "w"}, "y");
      const std::string path = b.write(folder);
      expect_near(chain_output(path, {2}), {-3});
      EXPECT_EQ(open_matrix(path)->type(), name);
    }
  }
  OnnxBuilder b({-1, 1});
  b.raw("w", onnx::TensorProto::INT32, {1, 1}, bytes(3));
  b.node("MatMul", {"x", "w"}, "y", "n");
  EXPECT_NE(refusal(b.write(folder)).find("node 'n' (MatMul) has weights of type int32: expected floats"), std::string::npos);
  for (const float bad : {std::nanf(""), INFINITY}) {
    OnnxBuilder wrong({-1, 1});
    wrong.floats("w", {1, 2}, {1, bad});
    wrong.node("MatMul", {"x", "w"}, "y");
    const std::string path = wrong.write(folder);
    Values row(1);
    expect_user_error([&] { open_matrix(path)->read_rows(1, 1, row.data()); }, {"m.onnx:w: element [1, 0] is"});
  }
}

TEST(Onnx, ConstantsMayPassThroughNodes) {
  TempFolder folder;
  OnnxBuilder b({-1, 3});
  b.floats("w", {2, 3}, kW);
  b.node("Transpose", {"w"}, "wt");
  b.node("Identity", {"wt"}, "wi");
  onnx::AttributeProto& value = *b.node("Constant", {}, "c").add_attribute();
  value.set_name("value_floats");
  value.set_type(onnx::AttributeProto::FLOATS);
  value.add_floats(1);
  value.add_floats(2);
  b.node("MatMul", {"x", "wi"}, "a");
  b.node("Add", {"a", "c"}, "y");
  b.node("Exp", {"x"}, "dead");  // leads nowhere
  expect_near(chain_output(b.write(folder), {1, 1, 1}), {7, -3});
}

TEST(Onnx, ASoftmaxAtTheEndIsLeftOutAndSaid) {
  TempFolder folder;
  OnnxBuilder b({-1, 3});
  b.floats("w", {3, 2}, {1, -4, 2, 5, 3, -6});
  b.node("MatMul", {"x", "w"}, "a");
  b.node("Softmax", {"a"}, "y", "probabilities");
  const std::string path = b.write(folder);
  expect_near(chain_output(path, {1, 1, 1}), {6, -5});
  const NetworkFile network = load_network(path);
  ASSERT_EQ(network.notes.size(), 1u);
  EXPECT_NE(network.notes[0].find("node 'probabilities' (Softmax), the last node, is left out"), std::string::npos);

  OnnxBuilder other({-1, 3});
  other.floats("w", {3, 2}, {1, -4, 2, 5, 3, -6});
  other.node("MatMul", {"x", "w"}, "a");
  other.node("Softmax", {"a"}, "b", "s");
  other.node("Relu", {"b"}, "y");
  EXPECT_NE(refusal(other.write(folder)).find("node 's' (Softmax) is no operator that is read"), std::string::npos);
}

TEST(Onnx, NamesAreDistinctAndPrintable) {
  TempFolder folder;
  OnnxBuilder b({-1, 1});
  b.floats("fc.weight", {1, 1}, {2});
  b.floats("fc.bias.weight", {1, 1}, {3});
  b.floats("\xFF\n", {1, 1}, {5});
  b.node("MatMul", {"x", "fc.weight"}, "a");
  b.node("MatMul", {"a", "fc.weight"}, "b");
  b.node("MatMul", {"b", "fc.bias.weight"}, "c");
  b.node("MatMul", {"c", "\xFF\n"}, "y");
  const std::string path = b.write(folder);
  std::vector<std::string> names;
  const auto network = onnx_network(path);
  for (const OnnxLayer& layer : network->layers) names.push_back(layer.name);
  EXPECT_EQ(names, (std::vector<std::string>{"fc", "fc_2", "fc.bias_2", "\\xFF\\x0A"}));
  expect_near(chain_output(path, {1}), {60});
}

TEST(Onnx, AKeptModelIsParsedOnce) {
  TempFolder folder;
  OnnxBuilder b({-1, 1});
  b.floats("w", {1, 1}, {2});
  b.node("MatMul", {"x", "w"}, "y");
  const std::string path = b.write(folder);
  const auto before = onnx_network(path);
  const KeptFiles kept;
  const auto first = onnx_network(path);
  EXPECT_NE(first, before);
  EXPECT_EQ(onnx_network(path), first);
}

TEST(Onnx, OpsetSixStillSaysHowItBroadcasts) {
  TempFolder folder;
  OnnxBuilder b({-1, 2, 3}, 6);
  b.floats("c", {2}, {1, 100});
  b.floats("w", {6, 1}, {1, 1, 1, 1, 1, 1});
  b.integers("to", {0, -1});
  onnx::NodeProto& add = b.node("Add", {"x", "c"}, "a");
  OnnxBuilder::set(add, "broadcast", 1);
  OnnxBuilder::set(add, "axis", 1);
  b.node("Reshape", {"a", "to"}, "b");
  b.node("MatMul", {"b", "w"}, "y");
  expect_near(chain_output(b.write(folder), {0, 0, 0, 0, 0, 0}), {303});
}

}  // namespace
}  // namespace eie::tb
