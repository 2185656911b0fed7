// SPDX-License-Identifier: Apache-2.0
// ONNX models that are no chain of layers, external data that leads elsewhere, and damaged files: one line each.
#include <filesystem>

#include "tb/layers/network_file.h"
#include "tb/test/unit/tb/formats/models/onnx_builder.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

// x (N, 2) times a 2 x 2 matrix is "a"; more is up to `build`. The message names all parts.
void refuse(const std::vector<std::string>& parts, const std::function<void(OnnxBuilder&)>& build, std::int64_t opset = 13,
            const std::vector<std::int64_t>& input = {-1, 2}) {
  TempFolder folder;
  OnnxBuilder b(input, opset);
  b.floats("w", {2, 2}, {1, 2, 3, 4});
  b.floats("c", {2}, {1, 2});
  build(b);
  const std::string path = b.write(folder);
  const std::string said = refusal(path);
  for (const std::string& part : parts) EXPECT_NE(said.find(part), std::string::npos) << said << "\nexpected " << part;
  EXPECT_EQ(said.rfind(path, 0), 0u) << said;
  EXPECT_NE(said.find(": expected "), std::string::npos) << said;
}

TEST(OnnxRefused, OperatorsByNameAndNode) {
  refuse({"node 'conv1' (Conv) is no operator that is read (opset 13): expected a chain of Gemm, MatMul"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Conv", {"a", "w"}, "b", "conv1");
    b.node("Relu", {"b"}, "y");
  });
  refuse({"node 1 (Sigmoid) is no operator", "a graph that ends before this node"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Sigmoid", {"a"}, "y");
  });
  refuse({"node 's' (Softmax) goes along axis 0 of shape (N, 2): expected the last axis"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "a");
    OnnxBuilder::set(b.node("Softmax", {"a"}, "y", "s"), "axis", 0);
  });
  refuse({"node 'f' (com.microsoft.FusedGemm)"}, [](OnnxBuilder& b) {
    b.node("FusedGemm", {"x", "w"}, "y", "f").set_domain("com.microsoft");
  });
  refuse({"node 'g' (my.Gemm)"}, [](OnnxBuilder& b) { b.node("Gemm", {"x", "w"}, "y", "g").set_domain("my"); });
  refuse({"node 'g' (Gemm) has an attribute 'activation' that is not known"}, [](OnnxBuilder& b) {
    OnnxBuilder::set(b.node("Gemm", {"x", "w"}, "y", "g"), "activation", 1);
  });
  refuse({"node 'g' (Gemm) has an attribute 'alpha' of another type: expected FLOAT"}, [](OnnxBuilder& b) {
    OnnxBuilder::set(b.node("Gemm", {"x", "w"}, "y", "g"), "alpha", 1);
  });
  refuse({"node 'g' (Gemm) has an attribute 'alpha' that is not finite"}, [](OnnxBuilder& b) {
    OnnxBuilder::set_real(b.node("Gemm", {"x", "w"}, "y", "g"), "alpha", INFINITY);
  });
}

TEST(OnnxRefused, OpsetsByNumber) {
  auto build = [](OnnxBuilder& b) { b.node("MatMul", {"x", "w"}, "y"); };
  refuse({"is an ONNX model of opset 5: expected opset 6 to 23 of ai.onnx"}, build, 5);
  refuse({"is an ONNX model of opset 99"}, build, 99);
  refuse({"names no opset"}, [&](OnnxBuilder& b) {
    build(b);
    b.model().clear_opset_import();
  });
}

TEST(OnnxRefused, Branches) {
  refuse({"node 'one' (Relu) reads 'a', and so does node 'two' (Add): expected a chain without branches"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Relu", {"a"}, "b", "one");
    b.node("Add", {"a", "b"}, "y", "two");
  });
  refuse({"node 'two' (Add) reads 'a', and so does node 'two' (Add)"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Add", {"a", "a"}, "y", "two");
  });
  refuse({"has 2 outputs: expected one"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "a");
    b.node("Relu", {"a"}, "y");
    b.graph().add_output()->set_name("a");
  });
  refuse({"has 2 inputs (x, z): expected one, and weights that are constant"}, [](OnnxBuilder& b) {
    b.graph().add_input()->set_name("z");
    b.node("MatMul", {"x", "z"}, "y");
  });
  refuse({"has 0 inputs"}, [](OnnxBuilder& b) { b.node("Relu", {"w"}, "y"); });
  refuse({"node 'd' (Dropout) makes 'mask', its output 1, which is used"}, [](OnnxBuilder& b) {
    b.node("Dropout", {"x"}, "a", "d").add_output("mask");
    b.node("MatMul", {"a", "w"}, "b");
    b.node("Where", {"mask", "b", "c"}, "y");
  });
  refuse({"node 1 (Relu) makes 'y', which is there already"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "y");
    b.node("Relu", {"y"}, "y");
  });
  refuse({"has two initializers 'w'"}, [](OnnxBuilder& b) {
    b.floats("w", {2, 2}, {1, 2, 3, 4});
    b.node("MatMul", {"x", "w"}, "y");
  });
}

TEST(OnnxRefused, WhatIsNotConstant) {
  refuse({"node 'm' (MatMul) has a second factor that is not constant ('v')"}, [](OnnxBuilder& b) {
    b.node("Exp", {"w"}, "v");
    b.node("MatMul", {"x", "v"}, "y", "m");
  });
  refuse({"node 'g' (Gemm) has no second factor (B)"}, [](OnnxBuilder& b) { b.node("Gemm", {"x"}, "y", "g"); });
  refuse({"node 'm' (MatMul) has the data as its second factor"}, [](OnnxBuilder& b) { b.node("MatMul", {"w", "x"}, "y", "m"); });
  refuse({"node 'a' (Add) has a operand that is not constant ('v')"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "w"}, "m");
    b.node("Exp", {"c"}, "v");
    b.node("Add", {"m", "v"}, "y", "a");
  });
  refuse({"node 'r' (Reshape) has a shape that is not a constant list"}, [](OnnxBuilder& b) {
    b.node("Shape", {"c"}, "s");
    b.node("Reshape", {"x", "s"}, "y", "r");
  });
  // Two that read each other, and lead to the output.
  refuse({"node 'm' (MatMul) has a second factor that is not constant"}, [](OnnxBuilder& b) {
    b.node("Identity", {"q"}, "p");
    b.node("Identity", {"p"}, "q");
    b.node("MatMul", {"x", "p"}, "y", "m");
  });
  refuse({"node 'd' (Div) divides by the data"}, [](OnnxBuilder& b) { b.node("Div", {"c", "x"}, "y", "d"); });
  refuse({"node 'd' (Div) scales by a number that is not finite"}, [](OnnxBuilder& b) {
    b.floats("zero", {1}, {0});
    b.node("Div", {"x", "zero"}, "y", "d");
  });
  refuse({"has no Gemm and no MatMul"}, [](OnnxBuilder& b) { b.node("Add", {"x", "c"}, "y"); });
}

TEST(OnnxRefused, Shapes) {
  refuse({"node 'm' (MatMul) multiplies data of shape (N, 3) by weights of 2 inputs"},
         [](OnnxBuilder& b) {
           b.node("MatMul", {"x", "w"}, "y", "m");
         },
         13, {-1, 3});
  refuse({"node 'm' (MatMul) multiplies data of shape (N, 5, 2): expected one vector a sample"},
         [](OnnxBuilder& b) {
           b.node("MatMul", {"x", "w"}, "y", "m");
         },
         13, {-1, 5, 2});
  refuse({"node 'm' (MatMul) multiplies data of shape (N, ?, 2)"},
         [](OnnxBuilder& b) {
           b.node("MatMul", {"x", "w"}, "y", "m");
         },
         13, {-1, -1, 2});
  refuse({"node 'g' (Gemm) multiplies data of shape (2): expected (batch, features)"},
         [](OnnxBuilder& b) {
           b.node("Gemm", {"x", "w"}, "y", "g");
         },
         13, {2});
  refuse({"node 'g' (Gemm) transposes the data (transA)"}, [](OnnxBuilder& b) {
    OnnxBuilder::set(b.node("Gemm", {"x", "w"}, "y", "g"), "transA", 1);
  });
  refuse({"node 'm' (MatMul) has weights of shape (2,): expected a matrix"}, [](OnnxBuilder& b) {
    b.node("MatMul", {"x", "c"}, "y", "m");
  });
  refuse({"node 'f' (Flatten) flattens shape (N, 2, 2) at axis 2"},
         [](OnnxBuilder& b) { OnnxBuilder::set(b.node("Flatten", {"x"}, "y", "f"), "axis", 2); }, 13, {-1, 2, 2});
  refuse({"node 'f' (Flatten) flattens shape (N, 2) at axis 0"},
         [](OnnxBuilder& b) { OnnxBuilder::set(b.node("Flatten", {"x"}, "y", "f"), "axis", 0); });
  for (const std::vector<std::int64_t>& to :
       std::vector<std::vector<std::int64_t>>{{4}, {-1, -1}, {-1, 2}, {2, -1}, {1, -1}, {-1, 3, 0}, {-1, 0}, {4, -2}}) {
    refuse({"node 'r' (Reshape) makes shape ("},
           [&](OnnxBuilder& b) {
             b.integers("to", to);
             b.node("Reshape", {"x", "to"}, "a", "r");
             b.node("MatMul", {"a", "w"}, "y");
           },
           13, {-1, 2, 2});
  }
  refuse({"node 'n' (BatchNormalization) has 3 channels and data of shape (N, 2)"}, [](OnnxBuilder& b) {
    b.floats("d", {3}, {1, 1, 1});
    b.node("BatchNormalization", {"x", "d", "d", "d", "d"}, "y", "n");
  });
  refuse({"node 'n' (BatchNormalization) has a variance of -1.0"}, [](OnnxBuilder& b) {
    b.floats("d", {2}, {-1, -1});
    b.node("BatchNormalization", {"x", "d", "d", "d", "d"}, "y", "n");
  });
  // A batch of 2^40 features is no reason to make room for them.
  refuse({"node 'a' (Add) meets data of shape (N, 2, 549755813888) with a constant of shape (2, 1)"},
         [](OnnxBuilder& b) {
           b.floats("d", {2, 1}, {1, 2});
           b.node("Add", {"x", "d"}, "y", "a");
         },
         13, {-1, 2, std::int64_t{1} << 39});
}

TEST(OnnxRefused, NodesThatComeTooEarlyOrAreForTraining) {
  refuse({"node 'r' (Relu) comes before the first product"}, [](OnnxBuilder& b) {
    b.node("Relu", {"x"}, "a", "r");
    b.node("MatMul", {"a", "w"}, "y");
  });
  refuse(
      {"node 'n' (BatchNormalization) is one for training", "model.eval()"},
      [](OnnxBuilder& b) {
        OnnxBuilder::set(b.node("BatchNormalization", {"x", "c", "c", "c", "c"}, "y", "n"), "training_mode", 1);
      },
      15);
  refuse(
      {"node 'n' (BatchNormalization) is one for training"},
      [](OnnxBuilder& b) {
        b.node("BatchNormalization", {"x", "c", "c", "c", "c"}, "y", "n");
      },
      6);
  refuse({"node 'd' (Dropout) is one for training"}, [](OnnxBuilder& b) {
    b.raw("yes", onnx::TensorProto::BOOL, {}, "\1");
    b.node("Dropout", {"x", "", "yes"}, "y", "d");
  });
  refuse({"node 'c' (Cast) casts the data to another type"},
         [](OnnxBuilder& b) { OnnxBuilder::set(b.node("Cast", {"x"}, "y", "c"), "to", onnx::TensorProto::INT8); });
}

TEST(OnnxRefused, TensorsThatAreNotWhatTheySay) {
  auto with = [](const std::function<void(onnx::TensorProto&)>& change) {
    return [change](OnnxBuilder& b) {
      change(b.floats("v", {2, 2}, {1, 2, 3, 4}));
      b.node("MatMul", {"x", "v"}, "y");
    };
  };
  refuse({"tensor v has 3 elements of data: expected 4 for its shape"},
         with([](onnx::TensorProto& t) { t.mutable_float_data()->RemoveLast(); }));
  refuse({"tensor v has 15 bytes of data: expected 16 for shape (2, 2) of float32"},
         with([](onnx::TensorProto& t) { t.set_raw_data(std::string(15, 'x')); }));
  refuse({"tensor v has a dimension of -2"}, with([](onnx::TensorProto& t) { t.set_dims(0, -2); }));
  refuse({"tensor v has a dimension of 0"}, with([](onnx::TensorProto& t) { t.set_dims(0, 0); }));
  refuse({"tensor v has shape", "expected elements that memory can hold"}, with([](onnx::TensorProto& t) {
           t.set_dims(0, INT64_MAX);
           t.set_dims(1, INT64_MAX);
         }));
  refuse({"tensor v has 4 elements of data: expected 1152921504606846976"}, with([](onnx::TensorProto& t) {
           t.set_dims(0, std::int64_t{1} << 31);
           t.set_dims(1, std::int64_t{1} << 29);
         }));
  refuse({"tensor v holds STRING"}, with([](onnx::TensorProto& t) { t.set_data_type(onnx::TensorProto::STRING); }));
  refuse({"tensor v holds type 17"}, with([](onnx::TensorProto& t) { t.set_data_type(17); }));
  refuse({"tensor v has over 32 dimensions"}, with([](onnx::TensorProto& t) {
           for (int k = 0; k < 40; ++k) t.add_dims(1);
         }));
}

/// A model whose matrix (2, 2) is external data of these entries.
std::string external(const TempFolder& folder, const std::vector<std::pair<std::string, std::string>>& entries) {
  OnnxBuilder b({-1, 2});
  onnx::TensorProto& w = b.raw("w", onnx::TensorProto::FLOAT, {2, 2}, "");
  w.clear_raw_data();
  w.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    auto& entry = *w.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  b.node("MatMul", {"x", "w"}, "y");
  return b.write(folder);
}

TEST(OnnxExternal, DataBesideTheModel) {
  TempFolder folder;
  const float values[6] = {9, 1, 2, 3, 4, 9};
  const std::string bytes(reinterpret_cast<const char*>(values), sizeof values);
  fs::create_directory(folder.file("sub"));
  folder.write("sub/w.bin", bytes);
  folder.write("w.bin", bytes.substr(4, 16));
  EXPECT_EQ(chain_output(external(folder, {{"location", "w.bin"}}), {1, 10}), (std::vector<double>{31, 42}));
  EXPECT_EQ(chain_output(external(folder, {{"location", "w.bin"}, {"checksum", "x"}, {"length", "16"}}), {1, 10}),
            (std::vector<double>{31, 42}));
  const std::string path = external(folder, {{"location", "sub/w.bin"}, {"offset", "4"}, {"length", "16"}});
  EXPECT_EQ(chain_output(path, {1, 10}), (std::vector<double>{31, 42}));
  EXPECT_EQ(onnx_data_files(path + ":w"), (std::vector<std::string>{folder.file("sub/w.bin")}));
}

TEST(OnnxExternal, DataElsewhereIsNotTouched) {
  TempFolder folder;
  fs::create_directory(folder.file("sub"));
  const std::string outside = folder.write("outside.bin", std::string(16, '\0'));
  fs::create_directory(folder.file("model"));
  fs::create_symlink(outside, folder.file("link.bin"));
  fs::create_symlink(fs::path(folder.file("sub")).parent_path().parent_path(), folder.file("up"));
  // The link's target is below the model's folder here, and so it is read; one that leads out is not.
  EXPECT_EQ(chain_output(external(folder, {{"location", "link.bin"}}), {1, 1}), (std::vector<double>{0, 0}));
  const std::string name = fs::path(folder.file("")).parent_path().filename().string();
  for (const std::string& location :
       {std::string("../x.bin"), std::string("sub/../../x.bin"), outside, std::string(""), std::string("."),
        std::string("/etc/hostname"), "up/" + name + "/../x", std::string("up/x.bin"), std::string("a\0b", 3),
        std::string("/dev/zero"), std::string("absent.bin"), std::string("sub")}) {
    const std::string said = refusal(external(folder, {{"location", location}}));
    EXPECT_NE(said.find("tensor w has external data in '"), std::string::npos) << said;
    EXPECT_NE(said.find("expected a file below the folder of the model"), std::string::npos) << said;
  }
  for (const auto& [entries, part] : std::vector<std::pair<std::vector<std::pair<std::string, std::string>>, std::string>>{
           {{{"offset", "1"}}, "from byte 1 to 1 + 16, which has 16 bytes"},
           {{{"offset", "18446744073709551615"}}, "which has 16 bytes"},
           {{{"length", "17"}}, "which has 16 bytes"},
           {{{"length", "12"}}, "has 12 bytes of data: expected 16 for shape (2, 2) of float32"},
           {{{"offset", "-1"}}, "at offset '-1'"},
           {{{"length", "1e1"}}, "of length '1e1'"},
           {{{"key", "value"}}, "with the key 'key'"}}) {
    auto all = entries;
    all.emplace_back("location", "outside.bin");
    const std::string said = refusal(external(folder, all));
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
}

TEST(OnnxDamaged, EveryTruncationAndManyFlipsEndInOneLine) {
  TempFolder folder;
  OnnxBuilder b({-1, 2, 1});
  b.floats("w", {2, 2}, {1, 2, 3, 4});
  b.floats("c", {2}, {1, 2});
  b.integers("to", {0, -1});
  b.node("Reshape", {"x", "to"}, "a");
  OnnxBuilder::set_real(b.node("Gemm", {"a", "w", "c"}, "b", "fc"), "alpha", 2);
  b.node("Relu", {"b"}, "r");
  b.node("MatMul", {"r", "w"}, "y");
  const std::string whole = b.bytes();
  std::size_t refused = 0;
  auto attempt = [&](const std::string& bytes) {
    try {
      read_onnx_network("m.onnx", FileBytes(std::vector<unsigned char>(bytes.begin(), bytes.end())));
    } catch (const UserError& error) {
      EXPECT_EQ(std::string(error.what()).rfind("m.onnx: ", 0), 0u) << error.what();
      ++refused;
    }
  };
  for (std::size_t size = 0; size < whole.size(); ++size) attempt(whole.substr(0, size));
  EXPECT_EQ(refused, whole.size());  // no part of it is a model
  refused = 0;
  for (std::size_t k = 0; k < whole.size(); ++k) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[k] = static_cast<char>(bytes[k] ^ 1 << bit);
      attempt(bytes);
    }
  }
  EXPECT_GT(refused, whole.size());
  attempt(whole);
}

// Two bytes may become an object of hundreds.
TEST(OnnxDamaged, ManySmallPartsAreWeighedBefore) {
  std::string bytes("\x08\x07\x3A", 3);
  const std::size_t nodes = 500000;
  std::size_t left = 2 * nodes;
  for (; left >= 0x80; left >>= 7) bytes += static_cast<char>((left & 0x7F) | 0x80);
  bytes += static_cast<char>(left);
  for (std::size_t k = 0; k < nodes; ++k) bytes += std::string("\x0A\0", 2);
  try {
    read_onnx_network("m.onnx", FileBytes(std::vector<unsigned char>(bytes.begin(), bytes.end())));
    FAIL() << "was read";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("MiB of memory, much more than its file"), std::string::npos) << error.what();
  }
}

TEST(OnnxDamaged, AMessageHasALargestSize) {
  TempFolder folder;
  const std::string path = folder.write("m.onnx", std::string("\x08\x07\x3A\0", 4));
  fs::resize_file(path, std::uintmax_t{1} << 31);  // a hole
  expect_user_error([&] { open_matrix(path); }, {"has 2147483648 bytes, more than a message", "save_as_external_data"});
}

TEST(OnnxDamaged, OtherFilesOfThatNameAreNamed) {
  TempFolder folder;
  expect_user_error([&] { open_matrix(folder.write("a.onnx", "version https://git-lfs.github.com/spec/v1\n")); },
                    {"Git LFS pointer"});
  expect_user_error([&] { open_matrix(folder.write("b.onnx", std::string("\1\2\3\4\0\0", 6))); },
                    {"b.onnx: is no ONNX model, or a damaged one"});
  expect_user_error([&] { open_matrix(folder.write("c.onnx", "")); }, {"is empty"});
  EXPECT_EQ(open_matrix(folder.write("d.onnx", "1,2\n"))->format(), ".csv");
  expect_user_error([&] { load_network(folder.file("absent.onnx")); }, {"absent.onnx: does not exist"});
}

}  // namespace
}  // namespace eie::tb
