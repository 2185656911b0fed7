#include "../npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "../atomic_file.h"
#include "test_support.h"

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
  const std::vector<std::int64_t> read = load_integer_vector(path, values.size());
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
  reader.rewind();
  reader.read_row(row);
  EXPECT_EQ(row[1], 2.5);
}

TEST(Npy, ReadsVersions2And3AndDoubleQuotes) {
  TempFolder folder;
  for (const char version : {'\x02', '\x03'}) {
    const std::string path =
        folder.write("x.npy", npy(header("<f8", "(2,)"), bytes<double>({1, 2}), version));
    EXPECT_EQ(load_float_vector(path, 2), (std::vector<double>{1, 2}));
  }
  const std::string other = "{\"shape\": (1L, 2L), \"fortran_order\": False, \"descr\": \"<f4\"}";
  NpyReader reader(folder.write("y.npy", npy(other, bytes<float>({1, 2}))));
  EXPECT_EQ(reader.columns(), 2u);
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
      {"hello, this is text", "is no .npy file"},
      {npy(header("<f8", "(2,)"), two, 4), "has format version 4.0"},
      {npy(header(">f8", "(2,)"), two), "is big endian"},
      {npy(header("|O", "(2,)"), two), "holds Python objects"},
      {npy(header("<c16", "(1,)"), two), "holds type '<c16'"},
      {npy(header("<f2", "(8,)"), two), "holds type '<f2'"},
      {npy(header("|b1", "(16,)"), two), "holds type '|b1'"},
      {npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }", two), "structured"},
      {npy(header("<f8", "(1, 2)", "True"), two), "Fortran"},
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
      {npy(header("<f8", "(2,)"), bytes<double>({std::numeric_limits<double>::infinity(), 1})),
       "[0] is infinite"},
      {npy(header("<i8", "(2,)"), two), "holds int64"},
  };
  for (const BadFile& bad : cases) {
    const std::string path = folder.write("bad.npy", bad.content);
    expect_user_error([&] { load_float_vector(path, 0); }, {path, bad.found, "expected"});
  }
}

TEST(Npy, RefusesWrongShapesAndPlaces) {
  TempFolder folder;
  const std::string path = folder.file("x.npy");
  write_npy(path, std::vector<double>{1, 2, 3});
  expect_user_error([&] { load_float_vector(path, 4); }, {"has shape (3,): expected (4,)"});
  expect_user_error([&] { load_integer_vector(path, 0); }, {"holds float64: expected integers"});
  expect_user_error([&] { NpyReader reader(folder.file("absent.npy")); }, {"does not exist"});
  expect_user_error([&] { NpyReader reader(folder.file("")); }, {"is a directory"});
  write_npy(path, std::vector<std::uint64_t>{UINT64_MAX});
  expect_user_error([&] { load_integer_vector(path, 0); }, {"over 2^63"});
}

TEST(Npy, FailedWritesLeaveNothing) {
  TempFolder folder;
  expect_user_error([&] { write_npy(folder.file("absent/x.npy"), std::vector<float>{1}); },
                    {"cannot be written"});
  expect_user_error([&] { write_npy(folder.file(""), std::vector<float>{1}); }, {"is a directory"});
  expect_user_error([] { write_npy("/dev/full", std::vector<float>{1}); },
                    {"/dev/full", "cannot be written"});
  {
    AtomicFile file(folder.file("x"));
    file.write("abc", 3);
  }
  check_writable(folder.file("y"));
  EXPECT_TRUE(folder.empty());
}

}  // namespace
}  // namespace eie::tb
