// SPDX-License-Identifier: Apache-2.0
// How much storage a compressed layer takes, in the columns of Deep Compression's Tables 2 to 5 (docs/compression.md).
//
// An entry is a code and a run (tb/compress/relative.h); padding entries count as entries, with code 0. Streams are whole
// bytes, one of codes and one of runs a layer. Sizes of a network are sums of its layers' sizes.
#pragma once

#include <cstdint>

#include "tb/compress/compressed_network.h"

namespace eie::tb {

struct StoredSize {
  std::uint64_t weights = 0;  // rows x columns
  std::uint64_t kept = 0;     // non-zero
  std::uint64_t padding = 0;
  // As they are, so many bits a code and a run; and through a Huffman code of the layer.
  std::uint64_t code_bits = 0;  // sums over the entries
  std::uint64_t index_bits = 0;
  std::uint64_t code_bits_huffman = 0;
  std::uint64_t index_bits_huffman = 0;
  double code_entropy = 0;  // bits that the frequencies of codes and runs alone would allow
  double index_entropy = 0;
  std::uint64_t code_bytes = 0;
  std::uint64_t index_bytes = 0;
  std::uint64_t code_bytes_huffman = 0;
  std::uint64_t index_bytes_huffman = 0;
  std::uint64_t table_bytes = 0;     // lengths of both Huffman codes, half a byte each
  std::uint64_t codebook_bytes = 0;  // float32: 2^bits values, 0 among them

  std::uint64_t entries() const { return kept + padding; }
  std::uint64_t dense_bytes() const { return 4 * weights; }  // float32
  std::uint64_t bytes() const { return code_bytes + index_bytes + codebook_bytes; }
  std::uint64_t bytes_huffman() const { return code_bytes_huffman + index_bytes_huffman + table_bytes + codebook_bytes; }
  double density() const { return ratio(kept, weights); }
  /// Times smaller than dense float32.
  double rate() const { return ratio(dense_bytes(), bytes()); }
  double rate_huffman() const { return ratio(dense_bytes(), bytes_huffman()); }
  /// A sum of bits over the entries; 0 without any.
  double per_entry(std::uint64_t bits) const { return ratio(bits, entries()); }
  double per_entry(double bits) const { return entries() == 0 ? 0 : bits / static_cast<double>(entries()); }
  void add(const StoredSize& other);

 private:
  static double ratio(std::uint64_t a, std::uint64_t b) { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }
};

/// Of a layer whose codes have `code_width` bits and runs `index_bits`, 1 to 8 each.
StoredSize stored_size(const CompressedLayer& layer, unsigned code_width, unsigned index_bits);

}  // namespace eie::tb
