// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/relative.h"

#include <functional>
#include <gtest/gtest.h>

#include "tb/compress/huffman.h"
#include "tb/compress/sizes.h"
#include "tb/support/error.h"
#include "tb/support/random.h"
#include "tb/test/support/property.h"
#include "tb/test/unit/tb/compress/message_of.h"

namespace eie::tb {
namespace {

CodeMatrix::Sparse sparse_of(std::size_t rows, std::size_t columns, const std::vector<std::uint8_t>& column_major) {
  CodeMatrix::Sparse codes;
  codes.offset.push_back(0);
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (column_major[j * rows + i] == 0) continue;
      codes.row.push_back(static_cast<std::uint32_t>(i));
      codes.code.push_back(column_major[j * rows + i]);
    }
    codes.offset.push_back(codes.row.size());
  }
  return codes;
}

TEST(Relative, DeepCompressionsFigure2) {
  // Indices 1, 4, 15 in 3 bits: differences of 8 at most, so that a zero fills in at index 12 - as index 0 counts as the start,
  // runs are one less than that paper's differences.
  std::vector<std::uint8_t> dense(16, 0);
  dense[1] = 3;
  dense[4] = 2;
  dense[15] = 1;
  const RelativeCodes entries = relative_codes(sparse_of(16, 1, dense), 16, 3);
  EXPECT_EQ(entries.code, (std::vector<std::uint8_t>{3, 2, 0, 1}));
  EXPECT_EQ(entries.run, (std::vector<std::uint8_t>{1, 2, 7, 2}));
  EXPECT_EQ(entries.padding, 1u);
}

TEST(Relative, RunsGoOnOverTheEndOfAColumn) {
  const RelativeCodes entries = relative_codes(sparse_of(3, 3, {0, 5, 0, 0, 0, 0, 0, 0, 6}), 3, 4);
  EXPECT_EQ(entries.code, (std::vector<std::uint8_t>{5, 6}));
  EXPECT_EQ(entries.run, (std::vector<std::uint8_t>{1, 6}));
}

TEST(Relative, RoundTripThroughHuffman) {
  check_property(300, [] {
    Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
    const auto rows = *rc::gen::inRange<std::size_t>(1, 70);
    const auto columns = *rc::gen::inRange<std::size_t>(1, 70);
    const auto index_bits = *rc::gen::inRange<unsigned>(1, 9);
    const auto code_bits = *rc::gen::inRange<unsigned>(1, 9);
    const unsigned density = *any_density();
    std::vector<std::uint8_t> dense(rows * columns, 0);
    for (std::uint8_t& code : dense) {
      if (random.below(1000) < density) code = static_cast<std::uint8_t>(1 + random.below((1u << code_bits) - 1));
    }
    const CodeMatrix::Sparse codes = sparse_of(rows, columns, dense);
    const RelativeCodes entries = relative_codes(codes, rows, index_bits);

    // As stored: two streams and two tables.
    const auto code_counts = symbol_counts(entries.code, std::size_t{1} << code_bits);
    const auto run_counts = symbol_counts(entries.run, std::size_t{1} << index_bits);
    const HuffmanCode code_code = HuffmanCode::of_counts(code_counts);
    const HuffmanCode run_code = HuffmanCode::of_counts(run_counts);
    const auto code_stream = code_code.encode(entries.code);
    const auto run_stream = run_code.encode(entries.run);
    RelativeCodes again;
    again.code = HuffmanCode::of_table(code_code.table(), code_counts.size(), "x")
                     .decode<std::uint8_t>(code_stream, entries.code.size(), "x");
    again.run =
        HuffmanCode::of_table(run_code.table(), run_counts.size(), "x").decode<std::uint8_t>(run_stream, entries.run.size(), "x");
    const CodeMatrix::Sparse decoded = absolute_codes(again, rows, columns, index_bits, "x");
    RC_ASSERT(decoded.offset == codes.offset);
    RC_ASSERT(decoded.row == codes.row);
    RC_ASSERT(decoded.code == codes.code);

    // The sizes are those of the streams.
    CompressedLayer layer;
    layer.rows = rows;
    layer.columns = columns;
    layer.codes = codes;
    const StoredSize size = stored_size(layer, code_bits, index_bits);
    RC_ASSERT(size.weights == rows * columns);
    RC_ASSERT(size.kept == codes.code.size());
    RC_ASSERT(size.padding == entries.padding);
    RC_ASSERT(size.entries() == entries.code.size());
    RC_ASSERT(size.code_bytes_huffman == code_stream.size());
    RC_ASSERT(size.index_bytes_huffman == run_stream.size());
    RC_ASSERT(size.code_entropy <= static_cast<double>(size.code_bits_huffman) + 1e-6);
    RC_ASSERT(static_cast<double>(size.code_bits_huffman) <= size.code_entropy + static_cast<double>(size.entries()) + 1e-6);
    RC_ASSERT(size.index_entropy <= static_cast<double>(size.index_bits_huffman) + 1e-6);
    RC_ASSERT(size.table_bytes == code_code.table().size() + run_code.table().size());
    RC_ASSERT(size.bytes_huffman() ==
              code_stream.size() + run_stream.size() + size.table_bytes + 4 * (std::size_t{1} << code_bits));
    RC_ASSERT(size.bytes() == (entries.code.size() * code_bits + 7) / 8 + (entries.code.size() * index_bits + 7) / 8 +
                                  4 * (std::size_t{1} << code_bits));
  });
}

TEST(Relative, DamageIsRefused) {
  auto read = [](std::vector<std::uint8_t> code, std::vector<std::uint8_t> run) {
    return message_of([&] { absolute_codes({std::move(code), std::move(run), 0}, 3, 2, 2, "runs"); });
  };
  EXPECT_EQ(read({1, 2}, {0, 3}), "no error");
  EXPECT_EQ(read({1, 2}, {0}), "runs: 2 codes and 1 run: expected as many");
  EXPECT_EQ(read({1}, {4}), "runs: entry 0 has a run of 4: expected up to 3");
  EXPECT_EQ(read({1, 2, 3}, {3, 0, 1}), "runs: entry 2 is behind the last column: expected as many zeros as there are places");
  EXPECT_EQ(read({0, 1}, {2, 1}), "runs: entry 0 is padding with a run of 2: expected the largest run and an entry after it");
  EXPECT_EQ(read({1, 0}, {0, 3}), "runs: entry 1 is padding with a run of 3: expected the largest run and an entry after it");
}

TEST(Relative, SizesOfNetworksAreSums) {
  CompressedLayer layer;
  layer.rows = 3;
  layer.columns = 3;
  layer.codes = sparse_of(3, 3, {0, 5, 0, 0, 0, 0, 0, 0, 6});
  const StoredSize one = stored_size(layer, 4, 2);
  StoredSize two = one;
  two.add(one);
  EXPECT_EQ(one.padding, 1u);  // the gap of 6 takes a padding entry of 4 zeros
  EXPECT_EQ(two.entries(), 2 * one.entries());
  EXPECT_EQ(two.bytes(), 2 * one.bytes());
  EXPECT_EQ(two.bytes_huffman(), 2 * one.bytes_huffman());
  EXPECT_EQ(two.dense_bytes(), 72u);
  EXPECT_EQ(two.rate(), one.rate());
  EXPECT_EQ(StoredSize{}.rate(), 0) << "of nothing";
}

}  // namespace
}  // namespace eie::tb
