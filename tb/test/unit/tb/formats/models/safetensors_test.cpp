// SPDX-License-Identifier: Apache-2.0
// safetensors: what is read, and every way in which a header can be wrong.
#include <cstring>
#include <gtest/gtest.h>

#include "tb/formats/matrix_file.h"
#include "tb/layers/network_file.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

std::string safetensors(const std::string& header, const std::string& data, std::size_t size = SIZE_MAX) {
  std::string file(8, '\0');
  if (size == SIZE_MAX) size = header.size();
  for (std::size_t k = 0; k < 8; ++k) file[k] = static_cast<char>(size >> 8 * k & 0xFF);
  return file + header + data;
}

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::vector<double> all(const MatrixFile& file) {
  std::vector<double> values(file.rows() * file.columns());
  file.read_rows(0, file.rows(), values.data());
  return values;
}

TEST(Safetensors, EveryType) {
  TempFolder folder;
  const std::vector<double> expected = {1, 2, 3, 4};
  const std::vector<double> ones = {1, 0, 1, 1};
  for (const auto& [dtype, data, name, values] :
       std::vector<std::tuple<std::string, std::string, std::string, std::vector<double>>>{
           {"F16", raw<std::uint16_t>({0x3C00, 0x4000, 0x4200, 0x4400}), "float16", expected},
           {"BF16", raw<std::uint16_t>({0x3F80, 0x4000, 0x4040, 0x4080}), "bfloat16", expected},
           {"F32", raw<float>({1, 2, 3, 4}), "float32", expected},
           {"F64", raw<double>({1, 2, 3, 4}), "float64", expected},
           {"I8", raw<std::int8_t>({1, 2, 3, 4}), "int8", expected},
           {"U8", raw<std::uint8_t>({1, 2, 3, 4}), "uint8", expected},
           {"I16", raw<std::int16_t>({1, 2, 3, 4}), "int16", expected},
           {"U16", raw<std::uint16_t>({1, 2, 3, 4}), "uint16", expected},
           {"I32", raw<std::int32_t>({1, 2, 3, 4}), "int32", expected},
           {"U32", raw<std::uint32_t>({1, 2, 3, 4}), "uint32", expected},
           {"I64", raw<std::int64_t>({1, 2, 3, 4}), "int64", expected},
           {"U64", raw<std::uint64_t>({1, 2, 3, 4}), "uint64", expected},
           {"BOOL", raw<std::uint8_t>({1, 0, 1, 1}), "bool", ones}}) {
    const std::string path =
        folder.write("w.safetensors", safetensors("{\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":[2,2],\"data_offsets\":[0," +
                                                      std::to_string(data.size()) + "]}}  ",
                                                  data));
    const auto file = open_matrix(path);
    EXPECT_EQ(file->type(), name);
    EXPECT_EQ(file->name(), path + ":w");
    EXPECT_EQ(file->format(), "safetensors");
    EXPECT_EQ(all(*file), values) << dtype;
  }
}

const char* const kTwo =
    "{\"__metadata__\":{\"format\":\"pt\"},\"fc1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]},"
    "\"fc1.weight\":{\"data_offsets\":[0,24],\"shape\":[2,3],\"dtype\":\"F32\"},"
    "\"empty\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[32,32]},\"scalar\":{\"dtype\":\"U8\",\"shape\":[],\"data_"
    "offsets\":[32,33]}}";
const std::string kTwoData = raw<float>({1, 2, 3, 4, 5, 6, 10, 20}) + "\7";

TEST(Safetensors, ANetworkNamesItsTensors) {
  TempFolder folder;
  const std::string path = folder.write("m.safetensors", safetensors(kTwo, kTwoData));
  folder.write("net.yaml",
               "inputs: x.npy\nlayers:\n  - {name: fc1, weights: \"m.safetensors:fc1.weight\", bias: \"m.safetensors:fc1.bias\", "
               "relu: true}\n");
  const NetworkFile network = load_network(folder.file("net.yaml"));
  EXPECT_EQ(network.layers[0].weights, path + ":fc1.weight");
  EXPECT_EQ(all(*open_matrix(network.layers[0].weights)), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read_vector(network.layers[0].bias, 2), (std::vector<double>{10, 20}));
  EXPECT_EQ(read_vector(path, 2), (std::vector<double>{10, 20}));  // the one that fits
  expect_user_error([&] { open_matrix(path + ":fc2.weight"); },
                    {"has no member 'fc2.weight': expected one of fc1.bias, fc1.weight, empty, scalar"});
  expect_user_error([&] { read_vector(path, 7); }, {"of which none may be meant: expected a vector of 7, named as"});
  expect_user_error([&] { open_matrix(path + ":empty"); }, {"m.safetensors:empty: has no elements: shape (0, 7)"});
  expect_user_error([&] { open_matrix(path + ":scalar"); }, {"m.safetensors:scalar: has shape ()"});
}

TEST(Safetensors, EveryWrongHeader) {
  TempFolder folder;
  auto refuse = [&](const std::string& file, const std::string& part) {
    const std::string path = folder.write("m.safetensors", file);
    expect_user_error([&] { open_matrix(path + ":w"); }, {path, part, ": expected "});
  };
  auto tensor = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return "\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  auto header = [&](const std::string& text, const std::string& part) {
    refuse(safetensors("{" + text + "}", std::string(4, 'x')), part);
  };
  header(tensor("F32", "[1]", "[0,5]"), "has data_offsets [0, 5], and the file has 4 bytes of data");
  header(tensor("F32", "[1]", "[1,4]"), "has data_offsets [1, 4]: expected a begin of 0");
  header(tensor("F32", "[1]", "[4,0]"), "has data_offsets [4, 0]");
  header(tensor("U8", "[3]", "[0,3]"), "has 1 bytes after its tensors");
  header(tensor("U8", "[3]", "[0,4]"), "tensor w has 4 bytes of data: expected shape (3,) of U8");
  header(tensor("F32", "[4611686018427387904,4]", "[0,4]"),
         "tensor w has 4 bytes of data: expected shape (4611686018427387904, 4)");
  header(tensor("F32", "[1]", "[0,18446744073709551615]"), "and the file has 4 bytes");
  header(tensor("F32", "[1]", "[0,18446744073709551616]"), "holds a number with a fraction where it should not");
  header(tensor("F32", "[1]", "[0,4,8]"), "holds a number where it should not");
  header(tensor("F32", "[1]", "[0]"), "has 1 data_offsets");
  header(tensor("F32", "[1]", "[-0,4]"), "tensor w holds a");
  header(tensor("F32", "[1.0]", "[0,4]"), "holds a number with a fraction");
  header(tensor("F32", "[-1]", "[0,4]"), "holds a negative number");
  header(tensor("F32", "1", "[0,4]"), "holds a number where");
  header(tensor("F32", "[[1]]", "[0,4]"), "holds a list where");
  header(tensor("F33", "[1]", "[0,4]"), "has dtype 'F33'");
  header(tensor("F8_E4M3", "[4]", "[0,4]"), "m.safetensors:w: holds F8_E4M3");
  header(tensor("F4", "[8]", "[0,4]"), "m.safetensors:w: holds F4");
  header(tensor("F32", "[1]", "[0,4]") + "," + tensor("F32", "[1]", "[4,4]"), "tensor w is given twice");
  header("\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}," + tensor("U8", "[3]", "[1,4]"),
         "[1, 4]: expected a begin of 2");
  header("\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}," + tensor("U8", "[2]", "[2,4]"),
         "[2, 4]: expected a begin of 1");
  header("\"w\":{\"dtype\":\"F32\",\"shape\":[1]}", "tensor w is not whole");
  header("\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1]}", "tensor w has two 'dtype'");
  header("\"w\":{\"type\":\"F32\"}", "tensor w has the key 'type'");
  header("\"w\":null", "tensor w holds null");
  header("\"w\":true", "tensor w holds a boolean");
  header("\"w\":\"x\"", "tensor w holds a text");
  header("\"w\":[]", "tensor w holds a list");
  header("\"w\":{\"dtype\":1}", "tensor w holds a number");
  header("\"w\":{\"dtype\":{}}", "tensor w holds a map");
  header("\"__metadata__\":[]", "its __metadata__ holds a list");
  header("\"__metadata__\":{\"a\":1}", "its __metadata__ holds a number");
  header("\"__metadata__\":{},\"__metadata__\":{}", "has two __metadata__");
  header("\"\xFF\":{}", "malformed header (JSON)");
  header("", "has 4 bytes after its tensors");
  header("\"w\"", "malformed header (JSON) at byte ");
  refuse(safetensors("{}x", ""), "malformed header");
  refuse(safetensors("{}  ", ""), "holds no tensors");
  refuse(safetensors("{}", "", 3), "is truncated: expected a header of 3 bytes");
  refuse(safetensors("{}", "", 100000001), "has a header of 100000001 bytes: expected up to 100000000");
  std::string sides = "[1";
  for (int k = 0; k < 40; ++k) sides += ",1";
  header(tensor("F32", sides + "]", "[0,4]"), "has over 32 dimensions");
}

TEST(Safetensors, EveryTruncationAndFlipIsRefusedOrReadsAsManyNumbers) {
  TempFolder folder;
  const std::string whole = safetensors(kTwo, kTwoData);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string path = folder.write("m.safetensors", whole.substr(0, size));
    expect_user_error([&] { open_matrix(path); }, {path});
  }
  for (std::size_t k = 0; k < whole.size(); ++k) {
    for (int bit = 0; bit < 8; bit += 3) {
      std::string bytes = whole;
      bytes[k] = static_cast<char>(bytes[k] ^ 1 << bit);
      const std::string path = folder.write("m.safetensors", bytes);
      try {
        const auto file = open_matrix(path + ":fc1.weight");
        EXPECT_LE(all(*file).size(), 12u);
      } catch (const UserError&) {
      }
    }
  }
}

}  // namespace
}  // namespace eie::tb
