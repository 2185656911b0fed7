// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/sizes.h"

#include <cmath>

#include "tb/compress/huffman.h"
#include "tb/compress/relative.h"

namespace eie::tb {

void StoredSize::add(const StoredSize& other) {
  for (const auto member : {&StoredSize::weights, &StoredSize::kept, &StoredSize::padding, &StoredSize::code_bits,
                            &StoredSize::index_bits, &StoredSize::code_bits_huffman, &StoredSize::index_bits_huffman,
                            &StoredSize::code_bytes, &StoredSize::index_bytes, &StoredSize::code_bytes_huffman,
                            &StoredSize::index_bytes_huffman, &StoredSize::table_bytes, &StoredSize::codebook_bytes}) {
    this->*member += other.*member;
  }
  code_entropy += other.code_entropy;
  index_entropy += other.index_entropy;
}

StoredSize stored_size(const CompressedLayer& layer, unsigned code_width, unsigned index_bits) {
  StoredSize size;
  size.weights = static_cast<std::uint64_t>(layer.rows) * layer.columns;
  std::vector<std::uint64_t> codes(std::size_t{1} << code_width, 0);
  std::vector<std::uint64_t> runs(std::size_t{1} << index_bits, 0);
  for_each_entry(layer.codes, layer.rows, index_bits, [&](std::uint8_t code, std::uint8_t run) {
    ++codes[code];
    ++runs[run];
  });
  size.padding = codes[0];
  for (std::size_t c = 1; c < codes.size(); ++c) size.kept += codes[c];
  size.code_bits = size.entries() * code_width;
  size.index_bits = size.entries() * index_bits;
  const HuffmanCode code_code = HuffmanCode::of_counts(codes);
  const HuffmanCode run_code = HuffmanCode::of_counts(runs);
  size.code_bits_huffman = code_code.bits(codes);
  size.index_bits_huffman = run_code.bits(runs);
  auto entropy = [&size](const std::vector<std::uint64_t>& counts) {
    double bits = 0;
    for (const std::uint64_t count : counts) {
      const auto n = static_cast<double>(count);
      if (count != 0) bits -= n * std::log2(n / static_cast<double>(size.entries()));
    }
    return bits;
  };
  size.code_entropy = entropy(codes);
  size.index_entropy = entropy(runs);
  auto bytes = [](std::uint64_t bits) { return (bits + 7) / 8; };
  size.code_bytes = bytes(size.code_bits);
  size.index_bytes = bytes(size.index_bits);
  size.code_bytes_huffman = bytes(size.code_bits_huffman);
  size.index_bytes_huffman = bytes(size.index_bits_huffman);
  size.table_bytes = HuffmanCode::table_bytes(codes.size()) + HuffmanCode::table_bytes(runs.size());
  size.codebook_bytes = 4 * codes.size();
  return size;
}

}  // namespace eie::tb
