// SPDX-License-Identifier: Apache-2.0
// Huffman codes for storage (Deep Compression, section 4; docs/compression.md): canonical, at most 15 bits a symbol.
//
// A code is its lengths. Codes are counted up in the order of (length, symbol), so that no code word has to be stored. A
// stream begins with the top bit of its first byte; the last byte is filled with zeros. Each symbol takes a bit at least, a
// lonely one too: the number of symbols in a stream is never more than eight times its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace eie::tb {

constexpr unsigned kLongestHuffman = 15;                        // bits: a length fits a nibble
constexpr std::size_t kHuffmanSymbols = 1u << kLongestHuffman;  // of the largest alphabet

/// Lengths of the best code of at most `longest` (1 to 32) bits a symbol: 0 where a count is 0, 1 for a lonely symbol.
/// Package-merge (Larmore and Hirschberg, 1990). Throws UserError when 2^longest code words are not enough, or when the
/// counts add up to 2^56 or more.
std::vector<std::uint8_t> huffman_lengths(const std::vector<std::uint64_t>& counts, unsigned longest = kLongestHuffman);

class HuffmanCode {
 public:
  /// The best code for symbols 0 .. counts.size() - 1. Throws UserError for more than kHuffmanSymbols of them.
  static HuffmanCode of_counts(const std::vector<std::uint64_t>& counts);

  /// The code of a stored table of `symbols` lengths. Throws the UserError `label: ...` when it is not table_bytes(symbols)
  /// long or is the table of no code: its code words must fill the whole space, but for those of one symbol or none.
  static HuffmanCode of_table(const std::vector<std::uint8_t>& table, std::size_t symbols, const std::string& label);

  /// Bits of each symbol; 0: it has no code word.
  const std::vector<std::uint8_t>& lengths() const { return lengths_; }

  /// The lengths as stored: two a byte, the first in the low half.
  std::vector<std::uint8_t> table() const;
  static std::size_t table_bytes(std::size_t symbols) { return (symbols + 1) / 2; }

  /// Bits of a stream in which symbol s occurs counts[s] times. Throws UserError when one of them has no code word.
  std::uint64_t bits(const std::vector<std::uint64_t>& counts) const;

  /// The stream of some symbols (T: std::uint8_t or std::uint16_t). Throws UserError for a symbol without a code word.
  template <class T>
  std::vector<std::uint8_t> encode(const std::vector<T>& symbols) const;

  /// The `count` symbols of a stream. Throws the UserError `label: ...` when the stream ends early, goes on after them, or has
  /// a code word that is none; nothing is allocated before `count` is known to be possible.
  template <class T>
  std::vector<T> decode(const std::vector<std::uint8_t>& stream, std::size_t count, const std::string& label) const {
    return decode<T>(stream.data(), stream.size(), count, label);
  }
  template <class T>
  std::vector<T> decode(const std::uint8_t* stream, std::size_t bytes, std::size_t count, const std::string& label) const;

 private:
  explicit HuffmanCode(std::vector<std::uint8_t> lengths);

  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint16_t> words_;  // one a symbol
};

/// How often each symbol occurs; each is below `alphabet`.
template <class T>
std::vector<std::uint64_t> symbol_counts(const std::vector<T>& symbols, std::size_t alphabet) {
  std::vector<std::uint64_t> counts(alphabet, 0);
  for (const T symbol : symbols) ++counts[symbol];
  return counts;
}

}  // namespace eie::tb
