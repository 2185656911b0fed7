// SPDX-License-Identifier: Apache-2.0
// Files of others: what is chosen, what is kept sparse, what is said of foreign ones. That all kinds read
// back equal is shown on files of NumPy and SciPy (formats_numpy.py).
#include <cmath>
#include <gtest/gtest.h>

#include "tb/encoding/code_matrix.h"
#include "tb/formats/kept_files.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/npy.h"
#include "tb/formats/number_type.h"
#include "tb/golden/reference.h"
#include "tb/layers/network_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/file_cause.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

const char* const kMarket = "%%MatrixMarket matrix coordinate real general\n3 4 4\n3 4 -2\n1 2 0.5\n1 1 1\n3 4 0.5\n";

TEST(Formats, AKeptFileIsParsedOnce) {
  TempFolder folder;
  const std::string path = folder.write("w.csv", "1,2\n3,4\n");
  const std::unique_ptr<MatrixFile> before = open_matrix(path);
  {
    const KeptFiles kept;
    const std::unique_ptr<MatrixFile> first = open_matrix(path);
    EXPECT_NE(first->sparse(), before->sparse());
    {
      const KeptFiles nested;
      EXPECT_EQ(open_matrix(path)->sparse(), first->sparse());
    }
    folder.write("w.csv", "5,6\n");
    const std::unique_ptr<MatrixFile> again = open_matrix(path);
    EXPECT_EQ(again->sparse(), first->sparse());
    EXPECT_EQ(again->shape(), first->shape());
    EXPECT_EQ(again->name(), path);
  }
  EXPECT_EQ(open_matrix(path)->shape(), (std::vector<std::size_t>{1, 2}));
}

TEST(Formats, SparseFilesStaySparse) {
  TempFolder folder;
  const std::string path = folder.write("w", kMarket);
  const auto file = open_matrix(path);
  EXPECT_EQ(file->shape_text(), "(3, 4)");
  EXPECT_EQ(file->type(), "float64");
  ASSERT_NE(file->sparse(), nullptr);
  EXPECT_EQ(file->sparse()->offset, (std::vector<std::size_t>{0, 2, 2, 3}));
  EXPECT_EQ(file->sparse()->column, (std::vector<std::uint32_t>{0, 1, 3}));
  EXPECT_EQ(file->sparse()->value, (std::vector<double>{1, 0.5, -1.5}));  // twice given is added
  std::vector<double> rows(8);
  file->read_rows(1, 2, rows.data());
  EXPECT_EQ(rows, (std::vector<double>{0, 0, 0, 0, 0, 0, 0, -1.5}));

  const SharedWeights shared = load_shared_weights(path, 4);
  std::vector<std::uint8_t> codes;
  shared.codes->column(3, codes);
  EXPECT_EQ(codes, (std::vector<std::uint8_t>{0, 0, 1}));
  shared.codes->column(2, codes);
  EXPECT_EQ(codes, (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(shared.codes->row_major(), (std::vector<std::uint8_t>{3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  Eigen::MatrixXd x(4, 2);
  x << 1, 2, 3, 4, 5, 6, 7, 8;
  Eigen::MatrixXd y(3, 2);
  y << 2.5, 4, 0, 0, -10.5, -12;
  EXPECT_EQ(float_product(path, x, {}), y);
}

// A million by ten thousand elements take the memory of those that are there.
TEST(Formats, LargeAndAlmostEmpty) {
  TempFolder folder;
  const std::string path =
      folder.write("w", "%%MatrixMarket matrix coordinate pattern general\n1000000 10000 2\n1 1\n1000000 10000\n");
  const SharedWeights shared = load_shared_weights(path, 4);
  EXPECT_EQ(shared.codes->rows(), 1000000u);
  EXPECT_NE(shared.note.find("every element is taken as 1"), std::string::npos) << shared.note;
  std::vector<std::uint8_t> codes;
  shared.codes->column(9999, codes);
  EXPECT_EQ(codes.back(), 1);
}

TEST(Formats, MagnitudesAreChecked) {
  TempFolder folder;
  const std::string path = folder.write("w.csv", "1,2\n3,1e200\n");
  expect_user_error([&] { load_shared_weights(path, 4); }, {path, "element [1, 1] is 1e+200", "up to 1e150"});
}

TEST(Formats, NameWithAColon) {
  TempFolder folder;
  const std::string path = folder.write("a:b", "1,2\n");
  EXPECT_EQ(file_of(path), path);
  EXPECT_EQ(read_vector(path, 2), (std::vector<double>{1, 2}));
  expect_user_error([&] { open_matrix(path + ":c"); }, {path + ":c", "names a member of"});
  expect_user_error([&] { open_matrix(folder.file("absent:c")); }, {"absent:c: does not exist"});
}

TEST(Formats, MessagesShowBytesThatAreNoText) {
  TempFolder folder;
  std::string header = "{'descr': '|?x', 'fortran_order': False, 'shape': (1,), }";
  header[header.find('?')] = '\0';
  const std::string file = std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header + "x";
  expect_user_error([&] { open_matrix(folder.write("w.npy", file)); }, {"holds type '|\\x00", ": expected float16"});
}

TEST(Formats, VectorsAreOfOneDimension) {
  TempFolder folder;
  EXPECT_TRUE(Wanted::vector(0).fits({5}));
  EXPECT_TRUE(Wanted::vector(5).fits({5, 1}));
  EXPECT_TRUE(Wanted::vector(1).fits({1, 1}));
  EXPECT_FALSE(Wanted::vector(5).fits({1, 4}));
  EXPECT_FALSE(Wanted::vector(0).fits({2, 2}));
  EXPECT_FALSE(Wanted::vector(0).fits({}));
  const std::string path = folder.write("v", "1\n2\n3\n");
  expect_user_error([&] { read_vector(path, 4); }, {"has shape (3, 1): expected (4,)"});
}

TEST(Formats, SamplesOfANetwork) {
  TempFolder folder;
  const std::string weights = folder.write("w", kMarket);
  const std::string column = folder.write("c", "1\n0\n2\n3\n");
  EXPECT_EQ(load_samples(column, weights, 0).cols(), 1);  // (4, 1) for four columns
  const std::string one = folder.write("one", "5\n6\n");
  EXPECT_EQ(load_samples(column, one, 0).cols(), 4);
  EXPECT_EQ(load_samples(column, one, 3).cols(), 3);
  const Eigen::MatrixXd two = load_samples(folder.write("two", "1 2 3 4\n5 6 7 8\n"), weights, 0);
  EXPECT_EQ(two.rows(), 4);
  EXPECT_EQ(two(3, 1), 8);
}

TEST(Formats, EveryHalf) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const unsigned char raw[2] = {static_cast<unsigned char>(bits & 0xFF), static_cast<unsigned char>(bits >> 8)};
    double seen = 0;
    to_doubles(raw, 1, {'f', 2, false}, &seen);
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const double mantissa = (exponent == 0 ? 0.0 : 1.0) + (bits & 1023) / 1024.0;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31) {
      EXPECT_FALSE(std::isfinite(seen)) << bits;
    } else {
      EXPECT_EQ(seen, sign * mantissa * std::pow(2.0, std::max(exponent, 1) - 15)) << bits;
    }
  }
}

TEST(FileCause, Utf8) {
  for (const char* good : {"", "plain", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF"}) {
    EXPECT_EQ(first_not_utf8(good), std::string::npos) << good;
  }
  for (const char* bad : {"a\xE9", "a\x80", "a\xC0\xAF", "a\xED\xA0\x80", "a\xF4\x90\x80\x80", "a\xC3", "a\xF5\x80\x80\x80"}) {
    EXPECT_EQ(first_not_utf8(bad), 1u) << printable(bad);
  }
  EXPECT_EQ(printable("a\xE9\n\xC3\xA9"), "a\\xE9\\x0A\xC3\xA9");
}

TEST(StagedFolder, ReplacesOnlyItsOwnAndOnlyOnCommit) {
  TempFolder folder;
  const std::string path = folder.file("out");
  auto own = [](const std::string& name) { return name[0] == 'x'; };
  auto names = [&] {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(path)) all += entry.path().filename().string() + " ";
    return all;
  };
  {
    StagedFolder first(path, own, false);
    write_npy(first.staging() + "/x1", std::vector<float>{1});
    EXPECT_EQ(first.with_final_names(first.staging() + "/x1: wrong"), path + "/x1: wrong");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    StagedFolder first(path, own, false);
    write_npy(first.staging() + "/x1", std::vector<float>{1});
    first.commit();
  }
  EXPECT_EQ(names(), "x1 ");
  expect_user_error([&] { StagedFolder again(path, own, false); }, {path, "holds another result (x1)", "--force"});
  folder.write("out/mine", "");
  {
    StagedFolder again(path, own, true);
    write_npy(again.staging() + "/x2", std::vector<float>{1});
  }
  EXPECT_TRUE(std::filesystem::exists(path + "/x1"));
  {
    StagedFolder again(path, own, true);
    write_npy(again.staging() + "/x2", std::vector<float>{1});
    again.commit();
  }
  EXPECT_FALSE(std::filesystem::exists(path + "/x1"));
  EXPECT_TRUE(std::filesystem::exists(path + "/x2"));
  EXPECT_TRUE(std::filesystem::exists(path + "/mine"));
  EXPECT_EQ(names().find(".tmp"), std::string::npos);
}

}  // namespace
}  // namespace eie::tb
