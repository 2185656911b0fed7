// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/huffman.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <queue>

#include "tb/support/error.h"
#include "tb/support/random.h"
#include "tb/test/support/property.h"
#include "tb/test/unit/tb/compress/message_of.h"

namespace eie::tb {
namespace {

/// Bits of a Huffman code by the textbook: the two rarest become one, and each time their symbols take a bit more.
std::uint64_t textbook_bits(const std::vector<std::uint64_t>& counts) {
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> heap;
  for (const std::uint64_t count : counts) {
    if (count != 0) heap.push(count);
  }
  if (heap.size() == 1) return heap.top();
  std::uint64_t bits = 0;
  while (heap.size() > 1) {
    std::uint64_t pair = heap.top();
    heap.pop();
    pair += heap.top();
    heap.pop();
    heap.push(pair);
    bits += pair;
  }
  return bits;
}

std::uint64_t bits_of(const std::vector<std::uint8_t>& lengths, const std::vector<std::uint64_t>& counts) {
  std::uint64_t bits = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) bits += lengths[s] * counts[s];
  return bits;
}

TEST(Huffman, LengthsByHand) {
  EXPECT_EQ(huffman_lengths({5, 9, 12, 13, 16, 45}), (std::vector<std::uint8_t>{4, 4, 3, 3, 3, 1}));
  EXPECT_EQ(huffman_lengths({0, 1, 0, 1}), (std::vector<std::uint8_t>{0, 1, 0, 1}));
  EXPECT_EQ(huffman_lengths({0, 7, 0}), (std::vector<std::uint8_t>{0, 1, 0})) << "a lonely symbol takes a bit";
  EXPECT_EQ(huffman_lengths({0, 0}), (std::vector<std::uint8_t>{0, 0}));
  EXPECT_EQ(huffman_lengths({}), std::vector<std::uint8_t>{});
}

TEST(Huffman, LimitedLengthsByHand) {
  // 1, 1, 2, 4 wants 3, 3, 2, 1.
  EXPECT_EQ(huffman_lengths({1, 1, 2, 4}, 3), (std::vector<std::uint8_t>{3, 3, 2, 1}));
  EXPECT_EQ(huffman_lengths({1, 1, 2, 4}, 2), (std::vector<std::uint8_t>{2, 2, 2, 2}));
}

TEST(Huffman, FibonacciCountsStayWithinTheLimit) {
  std::vector<std::uint64_t> counts{1, 1};
  while (counts.size() < 40) counts.push_back(counts[counts.size() - 1] + counts[counts.size() - 2]);
  const std::vector<std::uint8_t> free = huffman_lengths(counts, 32);
  EXPECT_EQ(*std::max_element(free.begin(), free.end()), 32) << "39 without a limit";
  const std::vector<std::uint8_t> lengths = huffman_lengths(counts);
  EXPECT_EQ(*std::max_element(lengths.begin(), lengths.end()), 15);
  std::uint64_t filled = 0;
  for (const std::uint8_t length : lengths) filled += 1u << (15 - length);
  EXPECT_EQ(filled, 32768u);
}

TEST(Huffman, RefusesWhatHasNoCode) {
  EXPECT_EQ(message_of([] {
              huffman_lengths({1, 1, 1, 1, 1}, 2);
            }),
            "Huffman code: 5 symbols in code words of up to 2 bits: expected 1 to 32 bits, and as many code words as symbols");
  EXPECT_THROW(huffman_lengths({1, 1}, 0), UserError);
  EXPECT_THROW(huffman_lengths({1, 1}, 33), UserError);
  EXPECT_THROW(huffman_lengths({~std::uint64_t{0}, 1}), UserError) << "sums would wrap around";
  EXPECT_THROW(HuffmanCode::of_counts(std::vector<std::uint64_t>(kHuffmanSymbols + 1, 1)), UserError);
  EXPECT_NO_THROW(HuffmanCode::of_counts(std::vector<std::uint64_t>(kHuffmanSymbols, 1)));
}

TEST(Huffman, CanonicalStreamByHand) {
  // Lengths 2, 1, 3, 3: words 10, 0, 110, 111.
  const HuffmanCode code = HuffmanCode::of_counts({2, 5, 1, 1});
  ASSERT_EQ(code.lengths(), (std::vector<std::uint8_t>{2, 1, 3, 3}));
  EXPECT_EQ(code.table(), (std::vector<std::uint8_t>{0x12, 0x33}));
  const std::vector<std::uint8_t> symbols{1, 0, 3, 2, 1};  // 0 10 111 11|0 0 and six zeros
  const std::vector<std::uint8_t> stream = code.encode(symbols);
  EXPECT_EQ(stream, (std::vector<std::uint8_t>{0b01011111, 0b00000000}));
  EXPECT_EQ(code.decode<std::uint8_t>(stream, 5, "x"), symbols);
  EXPECT_EQ(code.bits(symbol_counts(symbols, 4)), 10u);
}

TEST(Huffman, BestOfAllCodes) {
  check_property(200, [] {
    Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
    const auto alphabet = *rc::gen::inRange<std::size_t>(1, 60);
    std::vector<std::uint64_t> counts(alphabet);
    const double skew = 6 * random.uniform();
    for (std::uint64_t& count : counts) count = static_cast<std::uint64_t>(std::exp(skew * random.normal()));
    const std::vector<std::uint8_t> lengths = huffman_lengths(counts, 32);
    if (*std::max_element(lengths.begin(), lengths.end()) < 32) {
      RC_ASSERT(bits_of(lengths, counts) == textbook_bits(counts));
    }
    // A limit costs bits, and never pays.
    unsigned least = 1;
    while (std::size_t{1} << least < alphabet) ++least;
    std::uint64_t before = UINT64_MAX;
    for (unsigned longest = least; longest <= 16; ++longest) {
      const std::vector<std::uint8_t> limited = huffman_lengths(counts, longest);
      RC_ASSERT(*std::max_element(limited.begin(), limited.end()) <= longest);
      const std::uint64_t bits = bits_of(limited, counts);
      RC_ASSERT(bits <= before);
      RC_ASSERT(bits >= bits_of(lengths, counts));
      before = bits;
    }
  });
}

template <class T>
void round_trip(std::size_t largest_alphabet) {
  Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
  const auto alphabet = *rc::gen::inRange<std::size_t>(1, largest_alphabet);
  const auto count = *rc::gen::inRange<std::size_t>(0, 3000);
  const double skew = 20 * random.uniform();
  std::vector<T> symbols(count);
  for (T& symbol : symbols) {
    symbol = static_cast<T>(static_cast<double>(alphabet) * std::pow(random.uniform(), skew));
  }
  const std::vector<std::uint64_t> counts = symbol_counts(symbols, alphabet);
  const HuffmanCode code = HuffmanCode::of_counts(counts);
  const std::vector<std::uint8_t> stream = code.encode(symbols);
  RC_ASSERT(stream.size() == (code.bits(counts) + 7) / 8);
  const HuffmanCode again = HuffmanCode::of_table(code.table(), alphabet, "x");
  RC_ASSERT(again.lengths() == code.lengths());
  RC_ASSERT(again.template decode<T>(stream, count, "x") == symbols);
  // Shorter and longer streams, and other counts, are refused; other bytes give other symbols or are refused.
  if (count == 0) return;
  std::vector<std::uint8_t> other = stream;
  other.pop_back();
  RC_ASSERT_THROWS_AS(again.template decode<T>(other, count, "x"), UserError);
  other = stream;
  other.push_back(0);
  RC_ASSERT_THROWS_AS(again.template decode<T>(other, count, "x"), UserError);
  other = stream;
  other[random.below(other.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
  try {
    RC_ASSERT(again.template decode<T>(other, count, "x") != symbols);
  } catch (const UserError&) {
  }
}

TEST(Huffman, RoundTripOfBytes) {
  check_property(300, [] { round_trip<std::uint8_t>(256); });
}

TEST(Huffman, RoundTripOfWords) {
  check_property(50, [] { round_trip<std::uint16_t>(kHuffmanSymbols); });
}

TEST(Huffman, DamagedTablesAreRefusedOrCodes) {
  check_property(500, [] {
    Random random(*rc::gen::inRange<std::uint64_t>(0, 1000000));
    const auto alphabet = *rc::gen::inRange<std::size_t>(1, 40);
    std::vector<std::uint8_t> table(HuffmanCode::table_bytes(alphabet));
    for (std::uint8_t& byte : table) byte = static_cast<std::uint8_t>(random.bits());
    std::vector<std::uint8_t> stream(random.below(50));
    for (std::uint8_t& byte : stream) byte = static_cast<std::uint8_t>(random.bits());
    try {
      const HuffmanCode code = HuffmanCode::of_table(table, alphabet, "x");
      code.decode<std::uint8_t>(stream, random.below(500), "x");
    } catch (const UserError& error) {
      RC_ASSERT(std::string(error.what()).rfind("x: ", 0) == 0);
    }
  });
}

TEST(Huffman, EveryTableOfFourSymbolsIsACodeOrRefused) {
  // Lengths 0 to 3 of four symbols: a code exactly when the words fill the space, or one symbol has length 1, or none any.
  for (unsigned all = 0; all < 256; ++all) {
    std::vector<std::uint8_t> lengths(4);
    unsigned filled = 0;
    unsigned used = 0;
    for (unsigned s = 0; s < 4; ++s) {
      lengths[s] = all >> (2 * s) & 3;
      filled += lengths[s] == 0 ? 0 : 8u >> lengths[s];
      used += lengths[s] == 0 ? 0 : 1;
    }
    const std::vector<std::uint8_t> table{static_cast<std::uint8_t>(lengths[0] | lengths[1] << 4),
                                          static_cast<std::uint8_t>(lengths[2] | lengths[3] << 4)};
    const bool good = used == 0 || filled == 8 || (used == 1 && filled == 4);
    EXPECT_EQ(message_of([&] { HuffmanCode::of_table(table, 4, "x"); }) == "no error", good) << all;
  }
}

TEST(Huffman, DamageIsNamed) {
  const HuffmanCode code = HuffmanCode::of_counts({2, 5, 1, 1});
  const std::vector<std::uint8_t> stream = code.encode(std::vector<std::uint8_t>{1, 0, 3, 2, 1});
  EXPECT_EQ(message_of([&] { code.decode<std::uint8_t>(stream, 17, "codes"); }),
            "codes: 2 bytes for 17 symbols: expected 1 to 15 bits each");
  EXPECT_EQ(message_of([&] { code.decode<std::uint8_t>(stream, std::size_t{1} << 63, "codes"); }),
            "codes: 2 bytes for 9223372036854775808 symbols: expected 1 to 15 bits each");
  EXPECT_EQ(message_of([&] {
              code.decode<std::uint8_t>({0xFF, 0xFF}, 6, "codes");
            }),
            "codes: 2 bytes, but its 6 symbols take 17 bits: expected as many bytes as they fill");
  EXPECT_EQ(message_of([&] {
              code.decode<std::uint8_t>({0b01011111, 0b00000100}, 5, "codes");
            }),
            "codes: ones after the last symbol: expected zeros");
  EXPECT_EQ(message_of([&] { code.encode(std::vector<std::uint8_t>{4}); }), "Huffman code: symbol 4 has no code word");
  EXPECT_EQ(message_of([&] {
              HuffmanCode::of_table({0x11, 0x01}, 4, "table");
            }),
            "table: its lengths fill 49152 of 32768 code words: expected all of them, the lengths of a code");
  EXPECT_EQ(message_of([&] {
              HuffmanCode::of_table({0x11, 0x10}, 3, "table");
            }),
            "table: a length after the last symbol: expected 0 in the last half byte");
  EXPECT_EQ(message_of([&] { HuffmanCode::of_table({0x11}, 4, "table"); }), "table: 1 byte for 4 symbols: expected 2");
  const HuffmanCode lonely = HuffmanCode::of_counts({0, 3});
  EXPECT_EQ(lonely.decode<std::uint8_t>({0}, 3, "codes"), (std::vector<std::uint8_t>{1, 1, 1}));
  EXPECT_EQ(message_of([&] { lonely.decode<std::uint8_t>({0x40}, 3, "codes"); }), "codes: symbol 1 has a code word that is none");
  const HuffmanCode none = HuffmanCode::of_counts({0, 0});
  EXPECT_EQ(none.decode<std::uint8_t>({}, 0, "codes"), std::vector<std::uint8_t>{});
  EXPECT_EQ(message_of([&] { none.decode<std::uint8_t>({0}, 3, "codes"); }),
            "codes: 3 symbols of a code that has none: expected 0");
}

}  // namespace
}  // namespace eie::tb
