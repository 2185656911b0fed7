// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/npy.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

#include "tb/formats/matrix_file.h"
#include "tb/support/atomic_file.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/formats/npy_reader.h"

namespace eie::tb {
namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string text = "\x93NUMPY";
  text += version;
  text += '\0';
  const std::size_t length = header.size() + 1;
  text += static_cast<char>(length & 0xFF);
  text += static_cast<char>(length >> 8);
  if (version > 1) text += std::string(2, '\0');
  return text + header + "\n" + data;
}

std::string header(const std::string& descr, const std::string& shape, const char* fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

template <class T>
std::string bytes(const std::vector<T>& values) {
  std::string text(values.size() * sizeof(T), '\0');
  std::memcpy(text.data(), values.data(), text.size());
  return text;
}

template <class T>
void round_trip_integers(const std::vector<T>& values) {
  TempFolder folder;
  const std::string path = folder.file("x.npy");
  write_npy(path, values);
  const std::vector<std::int64_t> read = read_integer_vector(path, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(read[i], static_cast<std::int64_t>(values[i]));
}

TEST(Npy, RoundTripsEveryIntegerType) {
  round_trip_integers<std::int8_t>({-128, 0, 127});
  round_trip_integers<std::uint8_t>({0, 255});
  round_trip_integers<std::int16_t>({-32768, 32767});
  round_trip_integers<std::uint16_t>({0, 65535});
  round_trip_integers<std::int32_t>({INT32_MIN, 0, INT32_MAX});
  round_trip_integers<std::uint32_t>({0, UINT32_MAX});
  round_trip_integers<std::int64_t>({INT64_MIN, 5, INT64_MAX});
  round_trip_integers<std::uint64_t>({0, INT64_MAX});
}

TEST(Npy, RoundTripsMatricesRowByRow) {
  TempFolder folder;
  const std::string path = folder.file("x.npy");
  write_npy(path, std::vector<float>{1, 2.5f, -3, 4, 5, 6}, {2, 3});
  NpyReader reader(path);
  EXPECT_EQ(reader.rows(), 2u);
  EXPECT_EQ(reader.columns(), 3u);
  EXPECT_EQ(reader.type(), "float32");
  EXPECT_EQ(reader.shape_text(), "(2, 3)");
  std::vector<double> row;
  reader.read_row(row);
  EXPECT_EQ(row, (std::vector<double>{1, 2.5, -3}));
  reader.read_row(row);
  EXPECT_EQ(row, (std::vector<double>{4, 5, 6}));
  NpyReader(path).read_row(row);
  EXPECT_EQ(row[1], 2.5);
}

TEST(Npy, ReadsVersions2And3AndDoubleQuotes) {
  TempFolder folder;
  for (const char version : {'\x02', '\x03'}) {
    const std::string path = folder.write("x.npy", npy(header("<f8", "(2,)"), bytes<double>({1, 2}), version));
    EXPECT_EQ(read_vector(path, 2), (std::vector<double>{1, 2}));
  }
  const std::string other = "{\"shape\": (1L, 2L), \"fortran_order\": False, \"descr\": \"<f4\"}";
  NpyReader reader(folder.write("y.npy", npy(other, bytes<float>({1, 2}))));
  EXPECT_EQ(reader.columns(), 2u);
}

TEST(Npy, ReadsEveryRealTypeAndOrder) {
  TempFolder folder;
  auto values = [&folder](const char* descr, const std::string& data, const char* shape = "(2,)") {
    return read_vector(folder.write("x.npy", npy(header(descr, shape), data)), 2);
  };
  using Pair = std::vector<double>;
  EXPECT_EQ(values("<f2", bytes<std::uint16_t>({0x3C00, 0xFBFF})), (Pair{1, -65504}));
  EXPECT_EQ(values(">f2", bytes<std::uint16_t>({0x0100, 0x00C0})), (Pair{0x1p-24, -2}));
  EXPECT_EQ(values(">f4", std::string("\x3F\x80\0\0\xC0\x20\0\0", 8)), (Pair{1, -2.5}));
  EXPECT_EQ(values(">i2", std::string("\xFF\xFE\x01\0", 4)), (Pair{-2, 256}));
  EXPECT_EQ(values("|b1", std::string("\0\1", 2)), (Pair{0, 1}));
  EXPECT_EQ(values("<u8", bytes<std::uint64_t>({UINT64_MAX, 1})), (Pair{0x1p64, 1}));
  EXPECT_EQ(values("<i4", bytes<std::int32_t>({-7, 7}), "(1, 2)"), (Pair{-7, 7}));
  EXPECT_EQ(values("<f8", bytes<double>({3, 4}), "(2, 1)"), (Pair{3, 4}));

  NpyReader fortran(folder.write("f.npy", npy(header("<f4", "(2, 3)", "True"), bytes<float>({1, 4, 2, 5, 3, 6}))));
  std::vector<double> row;
  fortran.read_row(row);
  EXPECT_EQ(row, (std::vector<double>{1, 2, 3}));
  fortran.read_row(row);
  EXPECT_EQ(row, (std::vector<double>{4, 5, 6}));
}

TEST(Npy, HeaderIsAlignedAsNumPyWantsIt) {
  TempFolder folder;
  write_npy(folder.file("x.npy"), std::vector<std::uint8_t>{1});
  EXPECT_EQ(std::filesystem::file_size(folder.file("x.npy")) % 64, 1u);
}

struct BadFile {
  std::string content;
  const char* found;
};

TEST(Npy, RefusesWhatItCannotRead) {
  TempFolder folder;
  const std::string two = bytes<double>({1, 2});
  const BadFile cases[] = {
      {"", "is no .npy file"},
      {"\x93NUMPY", "is no .npy file"},
      {"hello, this is text", "has no numbers"},
      {npy(header("<f8", "(2,)"), two, 4), "has format version 4.0"},
      {npy(header("|O", "(2,)"), two), "holds Python objects"},
      {npy(header("<c16", "(1,)"), two), "holds type '<c16'"},
      {npy(header("<f16", "(1,)"), two), "holds type '<f16', float128"},
      {npy(header("|S16", "(1,)"), two), "holds type '|S16', bytes"},
      {npy(header("<M8[s]", "(2,)"), two), "holds type '<M8[s]', datetime64"},
      {npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }", two), "structured"},
      {npy(header("<f8", "(2, 2)", "True"), two + two), "has shape (2, 2): expected one vector"},
      {npy(header("<f8", "(1, 1, 2)"), two), "has shape (1, 1, 2)"},
      {npy(header("<f8", "()"), bytes<double>({1})), "has shape ()"},
      {npy(header("<f8", "(0,)"), ""), "has no elements"},
      {npy(header("<f8", "(0, 5)"), ""), "has no elements"},
      {npy(header("<f8", "(3,)"), two), "is truncated"},
      {npy(header("<f8", "(2,)"), two + "x"), "has 1 bytes after the data"},
      {npy(header("<f8", "(4611686018427387904, 4611686018427387904)"), two), "malformed"},
      {npy(header("<f8", "(100000000000000, 100000000000000)"), two), "is truncated"},
      {npy(header("<f8", "(-2,)"), two), "malformed"},
      {npy("{'descr': '<f8'}", two), "malformed"},
      {npy("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", two), "malformed"},
      {npy("{'descr': ", ""), "malformed"},
      {npy("", ""), "malformed"},
      {std::string("\x93NUMPY\x01\x00\xFF\xFF{", 11), "is truncated"},
      {npy(header("<f8", "(2,)"), bytes<double>({1, std::nan("")})), "element [1] is NaN"},
      {npy(header("<f8", "(2,)"), bytes<double>({std::numeric_limits<double>::infinity(), 1})), "[0] is infinite"},
  };
  for (const BadFile& bad : cases) {
    const std::string path = folder.write("bad.npy", bad.content);
    expect_user_error([&] { read_vector(path, 0); }, {path, bad.found, "expected"});
  }
}

TEST(Npy, RefusesWrongShapesAndPlaces) {
  TempFolder folder;
  const std::string path = folder.file("x.npy");
  write_npy(path, std::vector<double>{1, 2, 3});
  expect_user_error([&] { read_vector(path, 4); }, {"has shape (3,): expected (4,)"});
  expect_user_error([&] { read_integer_vector(path, 0); }, {"holds float64: expected integers"});
  expect_user_error([&] { NpyReader reader(folder.file("absent.npy")); }, {"does not exist"});
  expect_user_error([&] { NpyReader reader(folder.file("")); }, {"is a directory"});
  write_npy(path, std::vector<std::uint64_t>{UINT64_MAX});
  expect_user_error([&] { read_integer_vector(path, 0); }, {"over 2^63"});
}

TEST(Npy, FailedWritesLeaveNothing) {
  TempFolder folder;
  expect_user_error([&] { write_npy(folder.file("absent/x.npy"), std::vector<float>{1}); }, {"cannot be written"});
  expect_user_error([&] { write_npy(folder.file(""), std::vector<float>{1}); }, {"is a directory"});
  expect_user_error([] { write_npy("/dev/full", std::vector<float>{1}); }, {"/dev/full", "cannot be written"});
  {
    AtomicFile file(folder.file("x"));
    file.write("abc", 3);
  }
  check_writable(folder.file("y"));
  EXPECT_TRUE(folder.empty());
}

}  // namespace
}  // namespace eie::tb
