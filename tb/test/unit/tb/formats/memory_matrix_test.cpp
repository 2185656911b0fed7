// SPDX-License-Identifier: Apache-2.0
// Matrices that others hold in memory: any layout, nothing copied, the messages of files; layers of them.
#include "tb/formats/memory/memory_matrix.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>

#include "tb/encoding/code_matrix.h"
#include "tb/formats/npy.h"
#include "tb/golden/reference.h"
#include "tb/layers/network.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

template <class T>
StridedElements view(const std::vector<T>& values, const NumberType& type, const std::vector<std::size_t>& shape,
                     const std::vector<std::ptrdiff_t>& strides, std::ptrdiff_t first = 0) {
  StridedElements elements;
  elements.data = reinterpret_cast<const unsigned char*>(values.data() + first);
  elements.type = type;
  elements.shape = shape;
  for (const std::ptrdiff_t stride : strides) elements.strides.push_back(stride * static_cast<std::ptrdiff_t>(sizeof(T)));
  return elements;
}

constexpr NumberType kFloat32{'f', 4, false};
constexpr NumberType kFloat64{'f', 8, false};

std::vector<double> all(const MatrixFile& matrix) {
  std::vector<double> values(matrix.rows() * matrix.columns());
  matrix.read_rows(0, matrix.rows(), values.data());
  return values;
}

TEST(MemoryMatrix, EveryLayoutIsRead) {
  const std::vector<float> values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  EXPECT_EQ(all(*strided_matrix("rows", view(values, kFloat32, {3, 4}, {4, 1}))),
            (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(all(*strided_matrix("columns", view(values, kFloat32, {3, 4}, {1, 3}))),
            (std::vector<double>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
  EXPECT_EQ(all(*strided_matrix("every second", view(values, kFloat32, {3, 2}, {4, 2}))),
            (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(all(*strided_matrix("backwards", view(values, kFloat32, {3, 4}, {-4, -1}, 11))),
            (std::vector<double>{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(all(*strided_matrix("upwards", view(values, kFloat32, {3, 4}, {-4, 1}, 8))),
            (std::vector<double>{8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3}));
  EXPECT_EQ(all(*strided_matrix("one for all", view(values, kFloat32, {2, 2}, {0, 0}, 5))), (std::vector<double>{5, 5, 5, 5}));
  EXPECT_EQ(all(*strided_matrix("vector", view(values, kFloat32, {3}, {4}))), (std::vector<double>{0, 4, 8}));
  std::vector<double> part(4);
  strided_matrix("rows", view(values, kFloat32, {3, 4}, {1, 3}))->read_rows(1, 1, part.data());
  EXPECT_EQ(part, (std::vector<double>{1, 4, 7, 10}));
}

TEST(MemoryMatrix, NothingIsCopiedAndTheOwnerLives) {
  std::vector<double> values = {1, 2, 3, 4};
  auto owner = std::make_shared<int>(0);
  StridedElements elements = view(values, kFloat64, {2, 2}, {2, 1});
  elements.owner = owner;
  std::unique_ptr<MatrixFile> matrix = strided_matrix("W", elements);
  elements.owner.reset();
  std::unique_ptr<MatrixFile> again = matrix->again();
  EXPECT_EQ(owner.use_count(), 3);
  values[2] = 7;
  EXPECT_EQ(all(*again), (std::vector<double>{1, 2, 7, 4}));
  matrix.reset();
  again.reset();
  EXPECT_EQ(owner.use_count(), 1);
}

TEST(MemoryMatrix, IntegersAreExact) {
  const std::vector<std::int64_t> values = {std::int64_t{1} << 60, -1, (std::int64_t{1} << 60) + 1, 5};
  const auto matrix = strided_matrix("labels", view(values, NumberType{'i', 8, false}, {2}, {2}));
  std::vector<std::int64_t> read(2);
  matrix->read_integers(0, 1, read.data());
  EXPECT_EQ(read, (std::vector<std::int64_t>{values[0], values[2]}));
  const auto large = strided_matrix("labels", view(values, NumberType{'u', 8, false}, {4}, {1}));
  read.resize(4);
  expect_user_error([&] { large->read_integers(0, 1, read.data()); }, {"labels: element [1] is over 2^63"});
  const std::vector<float> real = {1, 2};
  expect_user_error([&] { strided_matrix("labels", view(real, kFloat32, {2}, {1}))->read_integers(0, 1, read.data()); },
                    {"labels: holds float32: expected integers"});
}

TEST(MemoryMatrix, WhatIsRefused) {
  const std::vector<float> values = {0, 1, NAN, 3};
  expect_user_error([&] { strided_matrix("W", view(values, kFloat32, {}, {})); }, {"W: has shape (): expected one or two"});
  expect_user_error([&] { strided_matrix("W", view(values, kFloat32, {1, 2, 2}, {1, 1, 1})); }, {"W: has shape (1, 2, 2)"});
  expect_user_error([&] { strided_matrix("W", view(values, kFloat32, {0, 4}, {1, 1})); }, {"W: has no elements: shape (0, 4)"});
  expect_user_error([&] { all(*strided_matrix("W", view(values, kFloat32, {2, 2}, {2, 1}))); }, {"W: element [1, 0] is NaN"});
}

std::unique_ptr<MatrixFile> coordinates(const std::vector<std::int32_t>& row, const std::vector<std::int32_t>& column,
                                        const std::vector<double>& value, std::size_t rows = 3, std::size_t columns = 4) {
  constexpr NumberType kInt32{'i', 4, false};
  const auto i = strided_matrix("W (rows)", view(row, kInt32, {row.size()}, {1}));
  const auto j = strided_matrix("W (columns)", view(column, kInt32, {column.size()}, {1}));
  const auto x = strided_matrix("W", view(value, kFloat64, {value.size()}, {1}));
  return coordinate_matrix("W", rows, columns, *i, *j, *x);
}

TEST(MemoryMatrix, CoordinatesAreSparseRows) {
  const auto matrix = coordinates({2, 0, 0, 2, 1}, {3, 1, 0, 3, 2}, {-2, 0.5, 1, 0.5, 0});
  ASSERT_NE(matrix->sparse(), nullptr);
  EXPECT_EQ(matrix->sparse()->offset, (std::vector<std::size_t>{0, 2, 2, 3}));
  EXPECT_EQ(matrix->sparse()->value, (std::vector<double>{1, 0.5, -1.5}));
  EXPECT_EQ(matrix->shape_text(), "(3, 4)");
  EXPECT_EQ(all(*empty_matrix("W", 2, 2, "float32")), (std::vector<double>{0, 0, 0, 0}));
}

TEST(MemoryMatrix, CoordinatesOutsideAreRefused) {
  expect_user_error([] { coordinates({3}, {0}, {1}); }, {"W: its element 0 is in row 3: expected rows from 0 to 2"});
  expect_user_error([] { coordinates({0, 0}, {1, -1}, {1, 1}); }, {"W: its element 1 is in column -1"});
  expect_user_error([] { coordinates({0}, {1}, {INFINITY}); }, {"W: element [0] is infinite"});
  expect_user_error([] { coordinates({0, 1}, {1}, {1}); }, {"rows of shape (2,), columns of shape (1,)", "three vectors"});
  expect_user_error([] { coordinates({0}, {0}, {1}, std::size_t{1} << 30, 4); }, {"up to 2^24 rows"});
}

// The same layer from files and from memory, sparse or not.
TEST(MemoryMatrix, ALayerInMemoryIsTheLayerInFiles) {
  constexpr std::size_t kRows = 70, kColumns = 50;
  Random random(1);
  std::vector<float> w(kRows * kColumns);
  std::vector<std::int32_t> row, column;
  std::vector<double> value;
  for (std::size_t k = 0; k < w.size(); ++k) {
    if (random.below(5) != 0) continue;
    w[k] = static_cast<float>(random.below(2001)) / 1000 - 1;
    row.push_back(static_cast<std::int32_t>(k / kColumns));
    column.push_back(static_cast<std::int32_t>(k % kColumns));
    value.push_back(w[k]);
  }
  std::vector<double> bias(kRows);
  for (double& b : bias) b = static_cast<double>(random.below(1000)) / 500 - 1;
  Eigen::MatrixXd inputs(static_cast<Eigen::Index>(kColumns), 3);
  for (Eigen::Index k = 0; k < inputs.size(); ++k) inputs.data()[k] = static_cast<double>(random.below(100)) / 64;

  TempFolder folder;
  write_npy(folder.file("w.npy"), std::vector<double>(w.begin(), w.end()), {kRows, kColumns});
  write_npy(folder.file("b.npy"), bias, {kRows});
  LayerFiles files;
  files.weights = folder.file("w.npy");
  files.bias = folder.file("b.npy");
  LayerFiles dense = files;
  dense.weights_in_memory = strided_matrix("W", view(w, kFloat32, {kRows, kColumns}, {kColumns, 1}));
  dense.bias_in_memory = strided_matrix("bias", view(bias, kFloat64, {kRows}, {1}));
  dense.weights = "W";
  dense.bias = "bias";
  LayerFiles sparse = dense;
  sparse.weights_in_memory = coordinates(row, column, value, kRows, kColumns);

  const HwConfig config = load_config(EIE_SOURCE_DIR "/configs/eie4.yaml");
  int steps = 0;
  const PreparedLayer expected = std::move(prepare_layers({files}, inputs, config).front());
  for (const LayerFiles& layer : {dense, sparse}) {
    const PreparedLayer seen = std::move(prepare_layers({layer}, inputs, config, {}, [&] { ++steps; }).front());
    EXPECT_EQ(seen.expected, expected.expected);
    EXPECT_EQ(seen.fixed.outputs, expected.fixed.outputs);
    EXPECT_EQ(seen.weights.codes->row_major(), expected.weights.codes->row_major());
    EXPECT_EQ(seen.weights.codebook.values, expected.weights.codebook.values);
    EXPECT_EQ(seen.bias, expected.bias);
  }
  EXPECT_GE(steps, 2 * 3);  // at least once a sample
  struct Enough {};
  EXPECT_THROW(prepare_layers({dense}, inputs, config, {}, [] { throw Enough(); }), Enough);
  dense.bias_in_memory = strided_matrix("bias", view(bias, kFloat64, {7}, {1}));
  expect_user_error([&] { prepare_layers({dense}, inputs, config); }, {"bias: has shape (7,): expected (70,)"});
}

}  // namespace
}  // namespace eie::tb
