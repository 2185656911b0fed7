// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/container.h"

#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tb/formats/container/hdf5_file.h"
#include "tb/formats/container/seal.h"
#include "tb/formats/matrix_file.h"
#include "tb/support/error.h"
#include "tb/test/support/test_seed.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/compress/container_cases.h"
#include "tb/test/unit/tb/compress/message_of.h"

namespace eie::tb {
namespace {

std::vector<std::uint64_t> bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> all(values.size());
  if (!values.empty()) std::memcpy(all.data(), values.data(), values.size() * sizeof(double));
  return all;
}

void expect_same(const CompressedNetwork& seen, const CompressedNetwork& expected) {
  EXPECT_EQ(seen.name, expected.name);
  EXPECT_EQ(seen.code_width, expected.code_width);
  ASSERT_EQ(seen.layers.size(), expected.layers.size());
  for (std::size_t l = 0; l < seen.layers.size(); ++l) {
    const CompressedLayer& a = seen.layers[l];
    const CompressedLayer& b = expected.layers[l];
    SCOPED_TRACE("layer " + b.name);
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.columns, b.columns);
    EXPECT_EQ(a.codes.offset, b.codes.offset);
    EXPECT_EQ(a.codes.row, b.codes.row);
    EXPECT_EQ(a.codes.code, b.codes.code);
    EXPECT_EQ(bits(a.codebook.values), bits(b.codebook.values));
    EXPECT_EQ(a.codebook.used, b.codebook.used);
    EXPECT_EQ(a.codebook.distinct, b.codebook.distinct);
    EXPECT_EQ(bits({a.codebook.max_error, a.codebook.rms_error}), bits({b.codebook.max_error, b.codebook.rms_error}));
    EXPECT_EQ(a.codebook.start, b.codebook.start);
    EXPECT_EQ(bits(a.bias), bits(b.bias));
    EXPECT_EQ(a.relu, b.relu);
    EXPECT_EQ(a.formats.weight_frac, b.formats.weight_frac);
    EXPECT_EQ(a.formats.act_frac, b.formats.act_frac);
    EXPECT_EQ(a.formats.out_frac, b.formats.out_frac);
  }
}

TEST(Container, GivesBackWhatWasWritten) {
  const TempFolder folder;
  const std::string path = folder.file("net.eie");
  for (unsigned code_width = 1; code_width <= 8; ++code_width) {
    SCOPED_TRACE("code width " + std::to_string(code_width));
    const CompressedNetwork network = two_layers(code_width, code_width);
    const ContainerOptions options = {{"density", "0.1"}, {"\xC3\xA4", ""}};
    write_container(path, network, small_config(8), options);
    const Container read = read_container(path);
    expect_same(read.network, network);
    EXPECT_EQ(read.options, options);
  }
}

TEST(Container, SameNetworkSameBytes) {
  const TempFolder folder;
  write_container(folder.file("a.eie"), two_layers(), small_config());
  write_container(folder.file("b.eie"), two_layers(), small_config());
  EXPECT_EQ(read_text(folder.file("a.eie")), read_text(folder.file("b.eie")));
}

TEST(Container, HoldsLayersOfAnyShape) {
  const TempFolder folder;
  const std::string path = folder.file("net.eie");
  std::mt19937 random(test_seed());
  const std::vector<std::pair<std::size_t, std::size_t>> shapes = {{1, 1}, {1, 300}, {300, 1}, {63, 65}, {1000, 3}, {4, 20000}};
  for (const auto& [rows, columns] : shapes) {
    for (const double density : {0.0, 0.02, 1.0}) {
      for (const unsigned n_pe : {1u, 4u, 64u}) {
        CompressedNetwork network;
        network.layers.push_back(random_layer("w", rows, columns, density, 4, random));
        write_container(path, network, small_config(n_pe));
        expect_same(read_container(path).network, network);
      }
    }
  }
}

TEST(Container, ImageIsThatOfTheEncoder) {
  const TempFolder folder;
  const std::string path = folder.file("net.eie");
  HwConfig config = small_config(2);  // three row blocks of fc1
  const CompressedNetwork network = two_layers();
  write_container(path, network, config);
  for (const CompressedLayer& layer : network.layers) {
    const std::optional<StoredWeights> weights = stored_weights(path + ":" + layer.name, config);
    ASSERT_TRUE(weights && weights->image);
    const CodeMatrix matrix(layer.rows, layer.columns, layer.codes);
    const EncodedLayer expected = encode(matrix, config, split_rows(layer.rows, config));
    EXPECT_EQ(weights->shared.codes->row_major(), matrix.row_major());
    ASSERT_EQ(weights->image->blocks.size(), expected.blocks.size());
    EXPECT_EQ(weights->image->rows, expected.rows);
    EXPECT_EQ(weights->image->columns, expected.columns);
    EXPECT_EQ(weights->image->code_width, expected.code_width);
    for (std::size_t b = 0; b < expected.blocks.size(); ++b) {
      EXPECT_EQ(weights->image->blocks[b].first_row, expected.blocks[b].first_row);
      EXPECT_EQ(weights->image->blocks[b].rows, expected.blocks[b].rows);
      for (unsigned k = 0; k < config.n_pe; ++k) {
        EXPECT_EQ(weights->image->pe(b, k).entries, expected.pe(b, k).entries);
        EXPECT_EQ(weights->image->pe(b, k).pointers, expected.pe(b, k).pointers);
      }
    }
  }
}

TEST(Container, AnotherConfigurationGetsTheCodesAlone) {
  const TempFolder folder;
  const std::string path = folder.file("net.eie");
  const CompressedNetwork network = two_layers();
  write_container(path, network, small_config(4));
  std::vector<HwConfig> others(4, small_config(4));
  others[0].n_pe = 8;
  others[1].registers = 32;
  others[2].code_width = 3;
  others[2].run_width = 5;
  others[3].code_width = 8;
  others[3].run_width = 8;
  for (const HwConfig& config : others) {
    const std::optional<StoredWeights> weights = stored_weights(path + ":fc1", config);
    if (config.code_width < network.code_width) {
      EXPECT_FALSE(weights) << "15 values do not fit 3 bits: they are shared anew";
      continue;
    }
    ASSERT_TRUE(weights);
    EXPECT_FALSE(weights->image);
    EXPECT_EQ(weights->shared.codebook.values.size(), std::size_t{1} << config.code_width);
    EXPECT_EQ(weights->shared.codebook.values[15], network.layers[0].codebook.values[15]);
  }
  // What does not touch the image: memories, queues, numbers.
  HwConfig same = small_config(4);
  same.spmat_depth = 2048;
  same.queue_depth = 15;
  same.data_width = 8;
  EXPECT_TRUE(stored_weights(path + ":fc1", same)->image);
}

TEST(Container, IsAMatrixFile) {
  const TempFolder folder;
  const std::string path = folder.file("net.eie");
  const CompressedNetwork network = two_layers();
  write_container(path, network, small_config());
  const CompressedLayer& layer = network.layers.front();
  const auto file = open_matrix(path + ":fc1");
  ASSERT_EQ(file->shape(), (std::vector<std::size_t>{75, 40}));
  std::vector<double> dense(75 * 40);
  file->read_rows(0, 75, dense.data());
  std::vector<double> expected(75 * 40, 0.0);
  for (std::size_t j = 0; j < 40; ++j) {
    for (std::size_t e = layer.codes.offset[j]; e < layer.codes.offset[j + 1]; ++e) {
      expected[layer.codes.row[e] * 40 + j] = layer.codebook.values[layer.codes.code[e]];
    }
  }
  EXPECT_EQ(dense, expected);
  ASSERT_NE(file->sparse(), nullptr);
  EXPECT_EQ(file->sparse()->value.size(), layer.codes.row.size());
  EXPECT_EQ(bits(read_vector(path + ":fc1.bias", 75)), bits(layer.bias));
  EXPECT_EQ(open_matrix(path + ":fc2/out:1")->shape(), (std::vector<std::size_t>{10, 75}));
  EXPECT_EQ(message_of([&] { open_matrix(path); }),
            path + ": has 2 layers: expected " + path + ":LAYER with one of fc1, fc2/out:1");
  EXPECT_EQ(message_of([&] { open_matrix(path + ":fc9"); }),
            path + ":fc9: has no layer 'fc9': expected " + path + ":LAYER with one of fc1, fc2/out:1");
  EXPECT_EQ(message_of([&] { open_matrix(path + ":fc2/out:1.bias"); }),
            path + ":fc2/out:1.bias: layer 'fc2/out:1' has no bias: expected one");

  CompressedNetwork single = network;
  single.layers.pop_back();
  write_container(path, single, small_config());
  EXPECT_EQ(open_matrix(path)->shape(), (std::vector<std::size_t>{75, 40}));
  EXPECT_EQ(bits(read_vector(path + ":bias", 75)), bits(layer.bias));
}

// --- Networks that are none -------------------------------------------------------------------------------------------

TEST(Container, RefusesNetworksThatAreNone) {
  const TempFolder folder;
  const std::string path = folder.file("net.eie");
  struct Case {
    std::function<void(CompressedNetwork&)> spoil;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {[](CompressedNetwork& n) { n.layers.clear(); }, "has no layers"},
      {[](CompressedNetwork& n) { n.layers[1].name = "fc1"; }, "has two layers with the name 'fc1'"},
      {[](CompressedNetwork& n) { n.layers[1].name = ""; }, "has a layer without a name"},
      {[](CompressedNetwork& n) { n.layers[1].name = std::string("a\0b", 3); }, "has a name that is no text"},
      {[](CompressedNetwork& n) { n.code_width = 9; }, "has codes of 9 bits"},
      {[](CompressedNetwork& n) { n.layers[0].codebook.values[0] = 1; }, "whose first value is not 0"},
      {[](CompressedNetwork& n) { std::swap(n.layers[0].codebook.values[3], n.layers[0].codebook.values[4]); }, "do not ascend"},
      {[](CompressedNetwork& n) { n.layers[0].codebook.values.back() = std::nan(""); }, "do not ascend"},
      {[](CompressedNetwork& n) { n.layers[0].codebook.values.pop_back(); }, "not of 2^code_width values"},
      {[](CompressedNetwork& n) { n.layers[0].bias.pop_back(); }, "a bias that is not of one value a row"},
      {[](CompressedNetwork& n) { n.layers[0].bias[0] = INFINITY; }, "a bias that is no number"},
      {[](CompressedNetwork& n) { n.layers[0].formats.out_frac = 65; }, "a format of 65 fraction bits"},
      {[](CompressedNetwork& n) { n.layers[0].codes.row[0] = 75; }, "row 75 in column"},
      {[](CompressedNetwork& n) { n.layers[0].codes.code[0] = 0; }, "code 0 in column"},
      {[](CompressedNetwork& n) { n.layers[0].codes.code[0] = 16; }, "code 16 in column"},
      {[](CompressedNetwork& n) { n.layers[0].codes.offset.pop_back(); }, "columns that do not go with its codes"},
      {[](CompressedNetwork& n) { n.layers[0].rows = 0; }, "no elements"},
  };
  for (const Case& c : cases) {
    CompressedNetwork network = two_layers();
    c.spoil(network);
    const std::string message = message_of([&] { write_container(path, network, small_config()); }, "");
    EXPECT_EQ(message.rfind(path + ": ", 0), 0u) << message;
    EXPECT_NE(message.find(c.expected), std::string::npos) << message << "\nexpected: " << c.expected;
    EXPECT_NE(message.find(": expected "), std::string::npos) << message;
    EXPECT_TRUE(folder.empty());
  }
}

// --- Damage -----------------------------------------------------------------------------------------------------------

/// Every damaged file is refused with a line of its own, or reads back the same.
class Damage : public testing::Test {
 protected:
  Damage() : path_(folder_.file("net.eie")), network_(two_layers()) {
    write_container(path_, network_, small_config());
    whole_ = read_text(path_);
  }

  void expect_refused(const std::string& bytes, const std::string& what) {
    FileBytes file(std::vector<unsigned char>(bytes.begin(), bytes.end()));
    const std::string message = message_of([&] { parse_container("net.eie", file); }, "");
    ASSERT_EQ(message.rfind("net.eie: ", 0), 0u) << what << ": " << (message.empty() ? "it was read" : message);
    ASSERT_NE(message.find(": expected "), std::string::npos) << what << ": " << message;
    ASSERT_LT(message.size(), 300u) << what;
  }

  void truncate(std::size_t step) {
    for (std::size_t size = 0; size < whole_.size(); size += step) {
      expect_refused(whole_.substr(0, size), "the first " + std::to_string(size) + " bytes");
    }
  }

  void flip(std::size_t count) {
    std::mt19937 random(test_seed());
    for (std::size_t n = 0; n < count; ++n) {
      std::string bytes = whole_;
      const std::size_t at = random() % bytes.size();
      const auto change = static_cast<char>(1 + random() % 255);
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      expect_refused(bytes, "byte " + std::to_string(at) + " ^ " + std::to_string(change));
    }
  }

  const TempFolder folder_;
  const std::string path_;
  const CompressedNetwork network_;
  std::string whole_;
};
using DamageSlow = Damage;

TEST_F(Damage, TruncationIsRefused) { truncate(13); }
TEST_F(Damage, ChangedBytesAreRefused) { flip(500); }
TEST_F(DamageSlow, EveryTruncationIsRefused) { truncate(1); }
TEST_F(DamageSlow, TenThousandChangedBytesAreRefused) { flip(10000); }

TEST_F(Damage, EveryByteOfTheTextInFrontCounts) {
  for (std::size_t at = 0; at < kSealBytes; ++at) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    expect_refused(bytes, "byte " + std::to_string(at));
  }
}

TEST_F(Damage, BytesMoreAreRefused) {
  expect_refused(whole_ + '\0', "a byte more");
  expect_refused(whole_ + whole_, "twice");
  expect_refused("", "nothing");
}

TEST_F(Damage, IsNamedForWhatItIs) {
  auto message = [&](const std::string& bytes) {
    folder_.write("net.eie", bytes);
    return message_of([&] { read_container(path_); }, "");
  };
  EXPECT_EQ(message(whole_.substr(0, 2000)), path_ + ": has 1488 bytes behind its first 512: expected " +
                                                 std::to_string(whole_.size() - 512) + " (is it truncated?)");
  std::string bytes = whole_;
  bytes[1000] ^= 1;
  EXPECT_EQ(message(bytes),
            path_ + ": is damaged: its SHA-256 is not that which it was written with: expected a whole container");
  EXPECT_EQ(message(replaced(whole_, "format 1\n", "format 2\n")), path_ + ": is a container of format 2: expected format 1");
  EXPECT_EQ(message("abc"), path_ + ": is no EIE container, or its beginning is damaged: expected a whole one");
  EXPECT_EQ(message_of([&] { read_container(folder_.file("none.eie")); }),
            folder_.file("none.eie") + ": does not exist: expected an EIE container (.eie)");
}

// --- Files that somebody sealed -----------------------------------------------------------------------------------------

/// A container whose HDF5 part says something else than a writer would.
class Sealed : public testing::Test {
 protected:
  /// The message of a network with one layer, after changes to what goes into the file.
  std::string message(const std::function<void(Hdf5Group& root, Hdf5Group& layer, Hdf5Group& image)>& write) {
    Hdf5File file = Hdf5File::make(kSealBytes);
    {
      Hdf5Group root = file.root();
      Hdf5Group layer = root.make_group("layer0");
      Hdf5Group image = layer.make_group("image");
      Hdf5Group codebook = layer.make_group("codebook");
      root.make_group("options");
      codebook.write_array("values", std::vector<double>{0, 1}, {2});
      for (const char* name : {"used", "distinct"}) codebook.write(name, std::uint64_t{1});
      for (const char* name : {"max_error", "rms_error"}) codebook.write(name, 0.0);
      codebook.write("start", "exact");
      root.write("name", "n");
      root.write("code_width", std::uint64_t{1});
      layer.write("name", "w");
      layer.write("relu", std::uint64_t{0});
      write(root, layer, image);
    }
    std::vector<unsigned char> bytes = file.bytes();
    seal(bytes);
    return message_of([&] { parse_container("x.eie", FileBytes(bytes)); }, "");
  }

  static void write_keys(Hdf5Group& image, unsigned n_pe, const std::vector<std::uint32_t>& local_rows, unsigned run_width = 7) {
    image.write("n_pe", std::uint64_t{n_pe});
    image.write("code_width", std::uint64_t{1});
    image.write("run_width", std::uint64_t{run_width});
    image.write("registers", std::uint64_t{4});
    image.write_array("local_rows", local_rows, {local_rows.size()});
  }
  static void write_shape(Hdf5Group& root, Hdf5Group& layer, std::uint64_t rows, std::uint64_t columns) {
    root.write("layers", std::uint64_t{1});
    layer.write("rows", rows);
    layer.write("columns", columns);
  }
};

TEST_F(Sealed, WhatIsMissingIsNamed) {
  EXPECT_EQ(message([](Hdf5Group&, Hdf5Group&, Hdf5Group&) {}),
            "x.eie: has no attribute 'layers': expected an EIE container (.eie)");
  EXPECT_EQ(message([](Hdf5Group& root, Hdf5Group& layer, Hdf5Group&) { write_shape(root, layer, 2, 2); }),
            "x.eie: has no attribute 'n_pe': expected an EIE container (.eie)");
  EXPECT_EQ(message([](Hdf5Group& root, Hdf5Group& layer, Hdf5Group& image) {
              write_shape(root, layer, 2, 2);
              write_keys(image, 2, {1});
            }),
            "x.eie: has no dataset 'column_entries': expected an EIE container (.eie)");
}

TEST_F(Sealed, FractionBitsAreNotCutToWhatFits) {
  for (const std::int64_t bits : {std::int64_t{65}, std::int64_t{-65}, (std::int64_t{1} << 32) + 3}) {
    EXPECT_EQ(message([bits](Hdf5Group& root, Hdf5Group& layer, Hdf5Group&) {
                write_shape(root, layer, 2, 2);
                layer.write("out_frac", bits);
              }),
              "x.eie: has a format of " + std::to_string(bits) + " fraction bits: expected an EIE container (.eie)");
  }
}

TEST_F(Sealed, SizesBeyondTheFileAreNotAllocated) {
  // 2^24 x 1024 elements; no dataset has so many bytes behind it.
  const std::string huge = message([](Hdf5Group& root, Hdf5Group& layer, Hdf5Group& image) {
    write_shape(root, layer, 1024, std::uint64_t{1} << 24);
    write_keys(image, 1024, {1});
    image.write_array("column_entries", std::vector<std::uint8_t>(4, 1), {1, 2, 2});
  });
  EXPECT_EQ(huge, "x.eie: has a dataset 'column_entries' of another shape: expected an EIE container (.eie)");
  EXPECT_NE(message([](Hdf5Group& root, Hdf5Group& layer, Hdf5Group&) {
              write_shape(root, layer, 1, std::uint64_t{1} << 40);
            }).find("expected up to 2^24 rows and columns"),
            std::string::npos);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, 512 * 1024) << "kilobytes";
}

TEST_F(Sealed, EntriesThatAreNoMatrixAreRefused) {
  using Bytes = std::vector<std::uint8_t>;
  auto with_entries = [this](const std::vector<std::uint32_t>& local_rows, const Bytes& counts, const auto& entries,
                             const std::string& digest, unsigned run_width = 7) {
    return message([&](Hdf5Group& root, Hdf5Group& layer, Hdf5Group& image) {
      write_shape(root, layer, 4, 2);
      layer.write("codes_sha256", digest);
      write_keys(image, 2, local_rows, run_width);
      image.write_array("column_entries", counts, {local_rows.size(), 2, 2});
      image.write_array("entries", entries, {entries.size()});
    });
  };
  const std::string end = ": expected an EIE container (.eie)";
  const std::string right = digest_of({{0, 1, 1}, {2}, {1}}, 4, 2);
  EXPECT_EQ(with_entries({2}, {1, 0, 0, 0}, Bytes{3}, right), "");  // PE 0, column 0: local row 1 is row 2
  EXPECT_EQ(with_entries({2}, {1, 0, 0, 0}, Bytes{1}, right), "x.eie: has entries that are not the codes it was made of" + end);
  EXPECT_EQ(with_entries({2}, {1, 0, 0, 0}, Bytes{5}, right), "x.eie: has an entry of column 0 beyond the last row" + end);
  EXPECT_EQ(with_entries({2}, {1, 0, 0, 0}, Bytes{16}, right, 3), "x.eie: has an entry of over 4 bits" + end);
  EXPECT_EQ(with_entries({2}, {1, 0, 0, 0}, std::vector<std::uint16_t>{3}, right),
            "x.eie: has a dataset 'entries' of another type" + end);
  EXPECT_EQ(with_entries({2}, {1, 1, 0, 0}, Bytes{3}, right), "x.eie: has an image whose columns do not have its entries" + end);
  EXPECT_EQ(with_entries({3}, {1, 0, 0, 0}, Bytes{3}, right),
            "x.eie: has an image whose row blocks are not the rows of the layer" + end);
  EXPECT_EQ(with_entries({1, 1}, {1, 0, 0, 0, 0, 0, 0, 0}, Bytes{1}, right),
            "x.eie: has entries that are not the codes it was made of" + end);
  EXPECT_EQ(with_entries({}, {}, Bytes{}, right), "x.eie: has an image whose row blocks are not the rows of the layer" + end);
}

}  // namespace
}  // namespace eie::tb
