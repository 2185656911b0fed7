// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/huffman.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "tb/support/error.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

/// Where a prefix of the stream leads.
struct Found {
  std::uint16_t symbol;
  std::uint8_t length;  // 0: to no symbol
};

/// The next 56 bits or more of a stream, zeros after its end.
class BitReader {
 public:
  BitReader(const std::uint8_t* bytes, std::size_t size) : at_(bytes), end_(bytes + size) {}
  void fill() {
    if (end_ - at_ >= 8) {
      std::uint64_t eight;
      std::memcpy(&eight, at_, 8);
      window_ |= __builtin_bswap64(eight) >> have_;
      at_ += (63 - have_) >> 3;
      have_ |= 56;
      return;
    }
    while (have_ <= 56) {
      if (at_ != end_) window_ |= std::uint64_t{*at_++} << (56 - have_);
      have_ += 8;
    }
  }
  std::size_t peek(unsigned bits) const { return static_cast<std::size_t>(window_ >> (64 - bits)); }
  void skip(unsigned bits) {
    window_ <<= bits;
    have_ -= bits;
  }

 private:
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "eight bytes are turned around");
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint64_t window_ = 0;  // the next bits, from the top
  unsigned have_ = 0;
};

[[noreturn]] void fail(const std::string& label, const std::string& text) { throw UserError(label + ": " + text); }

}  // namespace

std::vector<std::uint8_t> huffman_lengths(const std::vector<std::uint64_t>& counts, unsigned longest) {
  std::vector<std::uint8_t> lengths(counts.size(), 0);
  std::vector<std::size_t> leaf;  // the symbols that occur, the rarest first
  std::uint64_t total = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] == 0) continue;
    leaf.push_back(s);
    total += std::min(counts[s], std::uint64_t{1} << 56);
    if (total >= std::uint64_t{1} << 56) fail("Huffman code", "2^56 symbols or more: expected fewer");
  }
  if (longest < 1 || longest > 32 || leaf.size() > std::uint64_t{1} << longest) {
    fail("Huffman code", std::to_string(leaf.size()) + " symbols in code words of up to " + std::to_string(longest) +
                             " bits: expected 1 to 32 bits, and as many code words as symbols");
  }
  if (leaf.size() == 1) lengths[leaf.front()] = 1;
  if (leaf.size() < 2) return lengths;
  std::stable_sort(leaf.begin(), leaf.end(), [&](std::size_t a, std::size_t b) { return counts[a] < counts[b]; });

  // Level by level, leaves and pairs of the level before in ascending order; what is kept is which of them are leaves.
  std::vector<std::vector<bool>> is_leaf(longest);
  std::vector<std::uint64_t> pairs;
  for (std::vector<bool>& kinds : is_leaf) {
    std::vector<std::uint64_t> items;
    std::size_t l = 0;
    std::size_t p = 0;
    while (l < leaf.size() || p < pairs.size()) {
      const bool take = p == pairs.size() || (l < leaf.size() && counts[leaf[l]] <= pairs[p]);
      items.push_back(take ? counts[leaf[l++]] : pairs[p++]);
      kinds.push_back(take);
    }
    pairs.clear();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) pairs.push_back(items[i] + items[i + 1]);
  }
  // The cheapest 2n - 2 of the last level: a leaf among them adds a bit to its symbol, a pair stands for two items before.
  std::size_t taken = 2 * leaf.size() - 2;
  for (std::size_t level = longest; level-- > 0 && taken != 0;) {
    std::size_t leaves = 0;
    for (std::size_t i = 0; i < taken; ++i) leaves += is_leaf[level][i] ? 1 : 0;
    for (std::size_t l = 0; l < leaves; ++l) ++lengths[leaf[l]];
    taken = 2 * (taken - leaves);
  }
  return lengths;
}

HuffmanCode::HuffmanCode(std::vector<std::uint8_t> lengths) : lengths_(std::move(lengths)), words_(lengths_.size(), 0) {
  std::array<unsigned, kLongestHuffman + 2> next{};
  for (const std::uint8_t length : lengths_) next[length + 1u] += length != 0 ? 1 : 0;
  unsigned word = 0;
  for (unsigned length = 1; length <= kLongestHuffman; ++length) {
    word = (word + next[length]) << 1;  // of the symbols with one bit less
    next[length] = word;
  }
  for (std::size_t s = 0; s < lengths_.size(); ++s) {
    if (lengths_[s] != 0) words_[s] = static_cast<std::uint16_t>(next[lengths_[s]]++);
  }
}

HuffmanCode HuffmanCode::of_counts(const std::vector<std::uint64_t>& counts) {
  if (counts.size() > kHuffmanSymbols) {
    fail("Huffman code", "an alphabet of " + std::to_string(counts.size()) + ": expected up to 32768 symbols");
  }
  return HuffmanCode(huffman_lengths(counts));
}

HuffmanCode HuffmanCode::of_table(const std::vector<std::uint8_t>& table, std::size_t symbols, const std::string& label) {
  if (symbols > kHuffmanSymbols) fail(label, std::to_string(symbols) + " symbols: expected up to 32768");
  if (table.size() != table_bytes(symbols)) {
    fail(label, counted(table.size(), "byte") + " for " + std::to_string(symbols) + " symbols: expected " +
                    std::to_string(table_bytes(symbols)));
  }
  std::vector<std::uint8_t> lengths(symbols);
  std::uint64_t filled = 0;  // of 2^15 words of 15 bits
  std::size_t used = 0;
  for (std::size_t s = 0; s < symbols; ++s) {
    lengths[s] = static_cast<std::uint8_t>((table[s / 2] >> (s % 2 * 4)) & 15);
    if (lengths[s] == 0) continue;
    ++used;
    filled += std::uint64_t{1} << (kLongestHuffman - lengths[s]);
  }
  const bool lonely = used == 1 && filled == kHuffmanSymbols / 2;
  if (used != 0 && !lonely && filled != kHuffmanSymbols) {
    fail(label,
         "its lengths fill " + std::to_string(filled) + " of 32768 code words: expected all of them, the lengths of a code");
  }
  if (symbols % 2 == 1 && table.back() >> 4 != 0) fail(label, "a length after the last symbol: expected 0 in the last half byte");
  return HuffmanCode(std::move(lengths));
}

std::vector<std::uint8_t> HuffmanCode::table() const {
  std::vector<std::uint8_t> table(table_bytes(lengths_.size()), 0);
  for (std::size_t s = 0; s < lengths_.size(); ++s) {
    table[s / 2] = static_cast<std::uint8_t>(table[s / 2] | lengths_[s] << (s % 2 * 4));
  }
  return table;
}

std::uint64_t HuffmanCode::bits(const std::vector<std::uint64_t>& counts) const {
  std::uint64_t bits = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] == 0) continue;
    if (s >= lengths_.size() || lengths_[s] == 0) fail("Huffman code", "symbol " + std::to_string(s) + " has no code word");
    bits += counts[s] * lengths_[s];
  }
  return bits;
}

template <class T>
std::vector<std::uint8_t> HuffmanCode::encode(const std::vector<T>& symbols) const {
  std::vector<std::uint8_t> stream;
  std::uint64_t window = 0;  // the last bits, from the bottom; those above `have` are in the stream
  unsigned have = 0;
  for (const T symbol : symbols) {
    if (symbol >= lengths_.size() || lengths_[symbol] == 0) {
      fail("Huffman code", "symbol " + std::to_string(symbol) + " has no code word");
    }
    window = window << lengths_[symbol] | words_[symbol];
    for (have += lengths_[symbol]; have >= 8; have -= 8) stream.push_back(static_cast<std::uint8_t>(window >> (have - 8)));
  }
  if (have != 0) stream.push_back(static_cast<std::uint8_t>(window << (8 - have)));
  return stream;
}

template <class T>
std::vector<T> HuffmanCode::decode(const std::uint8_t* stream, std::size_t bytes, std::size_t count,
                                   const std::string& label) const {
  // Before anything is allocated.
  if (count / 8 > bytes || count > 8 * bytes || bytes / 2 > count) {
    fail(label, counted(bytes, "byte") + " for " + std::to_string(count) + " symbols: expected 1 to 15 bits each");
  }
  unsigned longest = 0;
  for (const std::uint8_t length : lengths_) longest = std::max<unsigned>(longest, length);
  if (longest == 0) {
    if (count != 0) fail(label, std::to_string(count) + " symbols of a code that has none: expected 0");
    return {};
  }
  if (lengths_.size() > std::size_t{1} << (8 * sizeof(T))) fail(label, "an alphabet too large for its symbols");
  std::vector<Found> finds(std::size_t{1} << longest, Found{0, 0});
  for (std::size_t s = 0; s < lengths_.size(); ++s) {
    if (lengths_[s] == 0) continue;
    const unsigned open = longest - lengths_[s];
    const std::size_t first = static_cast<std::size_t>(words_[s]) << open;
    std::fill_n(finds.begin() + static_cast<std::ptrdiff_t>(first), std::size_t{1} << open,
                Found{static_cast<std::uint16_t>(s), lengths_[s]});
  }

  std::vector<T> symbols(count);
  BitReader reader(stream, bytes);
  std::uint64_t used = 0;
  for (std::size_t k = 0; k < count;) {
    reader.fill();
    for (const std::size_t end = std::min(count, k + 56 / kLongestHuffman); k < end; ++k) {
      const Found found = finds[reader.peek(longest)];
      if (found.length == 0) fail(label, "symbol " + std::to_string(k) + " has a code word that is none");
      symbols[k] = static_cast<T>(found.symbol);
      reader.skip(found.length);
      used += found.length;
    }
  }
  const std::uint64_t left = 8 * std::uint64_t{bytes} - used;  // wraps around where the stream is too short
  if (used > 8 * std::uint64_t{bytes} || left >= 8) {
    fail(label, counted(bytes, "byte") + ", but its " + std::to_string(count) + " symbols take " + std::to_string(used) +
                    " bits: expected as many bytes as they fill");
  }
  if (left != 0 && (stream[bytes - 1] & ((1u << left) - 1)) != 0) fail(label, "ones after the last symbol: expected zeros");
  return symbols;
}

template std::vector<std::uint8_t> HuffmanCode::encode(const std::vector<std::uint8_t>&) const;
template std::vector<std::uint8_t> HuffmanCode::encode(const std::vector<std::uint16_t>&) const;
template std::vector<std::uint8_t> HuffmanCode::decode(const std::uint8_t*, std::size_t, std::size_t, const std::string&) const;
template std::vector<std::uint16_t> HuffmanCode::decode(const std::uint8_t*, std::size_t, std::size_t, const std::string&) const;

}  // namespace eie::tb
