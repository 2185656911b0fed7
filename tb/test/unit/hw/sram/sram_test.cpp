// SPDX-License-Identifier: Apache-2.0
// SRAM wrapper: masked writes, held output, back door and fault hook, for every width the design uses.
#include "hw/sram.h"

#include <vector>

#include "tb/test/unit/hw/bench/block_bench.h"
#include "tb/test/unit/hw/bench/sram_shape.h"

namespace eie::tb {
namespace {

/// A word as bits, bit 0 first.
using Bits = std::vector<bool>;

template <class S>
struct SramBench : Bench {
  using Memory = Sram<S::kWidth, S::kDepth, S::kMask>;
  using Word = typename Memory::Word;
  Net<bool> enable{"enable"};
  Net<bool> write{"write"};
  Net<typename Memory::Address> address{"address"};
  Net<typename Memory::Mask> mask{"mask"};
  Net<Word> data{"data"};
  Net<Word> q{"q"};
  Net<bool> error{"error"};
  Memory sram{"sram"};
  std::vector<Bits> words = std::vector<Bits>(S::kDepth, Bits(S::kWidth));

  SramBench() {
#if EIE_SYNTHESIS_VIEW
    sram.clk(clk);
#endif
    sram.enable(enable);
    sram.write(write);
    sram.address(address);
    sram.mask(mask);
    sram.data(data);
    sram.q(q);
    sram.error(error);
    idle();
    step();  // signals of the synthesis view get their values
  }

  void clock() {
    settle();
#if !EIE_SYNTHESIS_VIEW
    sram.step();
#endif
    edge();
  }

  Bits random_bits() {
    Bits bits(S::kWidth);
    for (unsigned k = 0; k < S::kWidth; ++k) bits[k] = chance(0.5);
    return bits;
  }
  static Word to_word(const Bits& bits) {
    if constexpr (S::kWidth <= 64) {
      return Word(beat_of(bits, 0));
    } else {
      Word word = 0;
      for (unsigned k = 0; k < S::kWidth; ++k) word[static_cast<int>(k)] = static_cast<bool>(bits[k]);
      return word;
    }
  }
  static std::uint64_t beat_of(const Bits& bits, unsigned beat) {
    std::uint64_t value = 0;
    for (unsigned k = 0; k < 64 && beat * 64 + k < S::kWidth; ++k) {
      if (bits[beat * 64 + k]) value |= std::uint64_t{1} << k;
    }
    return value;
  }

  void idle() {
    enable.write(false);
    write.write(chance(0.5));
    address.write(below(S::kDepth));
    mask.write(random.bits());
    data.write(to_word(random_bits()));
  }
  void read(unsigned at) {
    idle();
    enable.write(true);
    write.write(false);
    address.write(at);
    clock();
  }
  void write_word(unsigned at, const Bits& bits, std::uint64_t parts) {
    enable.write(true);
    write.write(true);
    address.write(at);
    mask.write(parts);
    data.write(to_word(bits));
    clock();
    for (unsigned k = 0; k < S::kWidth; ++k) {
      if ((parts >> (k / S::kMask) & 1) != 0) words[at][k] = static_cast<bool>(bits[k]);
    }
  }
  void expect_q(const Bits& bits) {
    EXPECT_EQ(q.read(), to_word(bits)) << where();
    EXPECT_FALSE(error.read());
  }
  void expect_contents() {
    for (unsigned at = 0; at < S::kDepth; ++at) {
      for (unsigned beat = 0; beat < Memory::kBeats; ++beat) {
        EXPECT_EQ(sram.peek(at, beat), beat_of(words[at], beat)) << "word " << at << " beat " << beat;
      }
    }
  }
};

template <class S>
class SramTest : public testing::Test {};

// Spmat rows, pointer banks, activation words of bytes, halves and words, odd depths, and a narrower last part.
using Shapes =
    testing::Types<Shape<16, 32, 16>, Shape<8, 16, 8>, Shape<20, 32, 20>, Shape<32, 64, 32>, Shape<12, 16, 8>, Shape<16, 32, 8>,
                   Shape<20, 32, 8>, Shape<9, 8, 8>, Shape<512, 16, 8>, Shape<64, 64, 32>, Shape<64, 8, 8>, Shape<64, 16, 16>,
                   Shape<64, 5, 64>, Shape<128, 32, 32>, Shape<256, 2, 32>, Shape<512, 16, 32>>;
TYPED_TEST_SUITE(SramTest, Shapes, ShapeName);

// Address in cycle t, q in t + 1; neither an idle cycle nor a write changes q.
TYPED_TEST(SramTest, OutputHoldsUntilTheNextRead) {
  SramBench<TypeParam> b;
  const Bits first = b.random_bits();
  const Bits second = b.random_bits();
  b.write_word(0, first, ~std::uint64_t{0});
  b.write_word(1, second, ~std::uint64_t{0});
  b.read(0);
  b.expect_q(first);
  for (unsigned k = 0; k < 5; ++k) {
    b.idle();
    b.clock();
    b.expect_q(first);
  }
  b.write_word(0, second, ~std::uint64_t{0});
  b.expect_q(first);
  b.read(1);
  b.expect_q(second);
}

TYPED_TEST(SramTest, EveryMaskBitWritesItsPartAlone) {
  SramBench<TypeParam> b;
  for (unsigned part = 0; part < b.sram.kParts; ++part) {
    b.write_word(1, Bits(TypeParam::kWidth, false), ~std::uint64_t{0});
    b.write_word(1, Bits(TypeParam::kWidth, true), std::uint64_t{1} << part);
    b.read(1);
    b.expect_q(b.words[1]);
    b.write_word(1, Bits(TypeParam::kWidth, true), 0);
    b.expect_contents();
  }
}

TYPED_TEST(SramTest, RandomAccesses) {
  SramBench<TypeParam> b;
  Bits expected = Bits(TypeParam::kWidth);
  b.read(0);
  for (unsigned c = 0; c < 3000; ++c) {
    const unsigned at = b.below(TypeParam::kDepth);
    const unsigned what = b.below(3);
    if (what == 0) {
      b.idle();
      b.clock();
    } else if (what == 1) {
      b.read(at);
      expected = b.words[at];
    } else {
      b.write_word(at, b.random_bits(), b.random.bits());
    }
    b.expect_q(expected);
  }
  b.expect_contents();
}

TYPED_TEST(SramTest, BackDoor) {
  SramBench<TypeParam> b;
  for (unsigned at = 0; at < TypeParam::kDepth; ++at) {
    b.words[at] = b.random_bits();
    for (unsigned beat = 0; beat < b.sram.kBeats; ++beat) {
      // Bits beyond the word are dropped.
      const std::uint64_t beyond = TypeParam::kWidth < 64 ? ~std::uint64_t{0} << (TypeParam::kWidth % 64) : 0;
      b.sram.poke(at, b.beat_of(b.words[at], beat) | beyond, beat);
    }
  }
  b.expect_contents();
  for (unsigned at = 0; at < TypeParam::kDepth; ++at) {
    b.read(at);
    b.expect_q(b.words[at]);
  }
}

// A fault changes what is read of one word, not what is stored.
TYPED_TEST(SramTest, FaultHook) {
  SramBench<TypeParam> b;
  for (unsigned at = 0; at < TypeParam::kDepth; ++at) b.write_word(at, b.random_bits(), ~std::uint64_t{0});
  Bits broken = b.words[1];
  broken[3] = !broken[3];
  broken[0] = !broken[0];
  b.sram.set_fault(1, 0b1001);
  b.read(1);
  EXPECT_EQ(b.q.read(), b.to_word(broken));
  b.read(0);
  b.expect_q(b.words[0]);
  b.expect_contents();
  b.sram.set_fault(1, 0);
  b.read(1);
  b.expect_q(b.words[1]);
}

}  // namespace
}  // namespace eie::tb
