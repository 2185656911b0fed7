// SPDX-License-Identifier: Apache-2.0
// SRAM wrapper with error correction, against a machine that counts wrong bits and knows no code: every single error, every
// double one, and random accesses, faults and resets, for every width the design uses.
#include <algorithm>
#include <vector>

#include "hw/sram.h"
#include "tb/test/unit/hw/bench/block_bench.h"
#include "tb/test/unit/hw/bench/sram_shape.h"

namespace eie::tb {
namespace {

template <class S>
struct EccBench : Bench {
  using Memory = Sram<S::kWidth, S::kDepth, S::kMask, true>;
  using Word = typename Memory::Word;
  static constexpr unsigned kParts = Memory::kParts;
  static constexpr unsigned kCheck = Memory::kCheckBits;
  static constexpr unsigned kLength = S::kMask + kCheck;  // of a code word
  Net<bool> enable{"enable"};
  Net<bool> write{"write"};
  Net<typename Memory::Address> address{"address"};
  Net<typename Memory::Mask> mask{"mask"};
  Net<Word> data{"data"};
  Net<Word> q{"q"};
  Net<bool> corrected{"corrected"};
  Net<bool> error{"error"};
  Memory sram{"sram"};

  /// A code word: the data that were written, and which bits are wrong, those of the data first.
  struct Part {
    std::uint64_t value = 0;
    std::vector<bool> wrong = std::vector<bool>(kLength);
    unsigned errors() const { return static_cast<unsigned>(std::count(wrong.begin(), wrong.end(), true)); }
    std::uint64_t stored() const {
      std::uint64_t bits = value;
      for (unsigned k = 0; k < S::kMask; ++k) bits ^= std::uint64_t{wrong[k]} << k;
      return bits;
    }
    std::uint64_t read() const { return errors() == 1 ? value : stored(); }
  };
  using Line = std::vector<Part>;
  std::vector<Line> words = std::vector<Line>(S::kDepth, Line(kParts));
  // What is expected
  Line shown = Line(kParts);
  bool is_corrected = false;
  bool is_error = false;
  unsigned read_address = 0;
  bool fix = false;
  unsigned fix_address = 0;
  Line fix_line;

  EccBench() {
#if EIE_SYNTHESIS_VIEW
    sram.clk(clk);
    sram.rst_n(rst_n);
#endif
    sram.enable(enable);
    sram.write(write);
    sram.address(address);
    sram.mask(mask);
    sram.data(data);
    sram.q(q);
    sram.corrected(corrected);
    sram.error(error);
    idle();
    reset();
  }

  Word random_word() {
    if constexpr (S::kWidth <= 64) {
      return Word(random.bits());
    } else {
      Word word = 0;
      for (unsigned b = 0; b < Memory::kBeats; ++b)
        word.range(static_cast<int>(b * 64 + 63), static_cast<int>(b * 64)) = random.bits();
      return word;
    }
  }
  static std::uint64_t part_of(const Word& word, unsigned p) {
    const std::uint64_t beat = BeatsOf<S::kWidth>::beat_of(word, p / Memory::kPartsPerBeat);
    const std::uint64_t value = beat >> (p % Memory::kPartsPerBeat * (S::kMask % 64));
    return S::kMask == 64 ? value : value & ((std::uint64_t{1} << (S::kMask % 64)) - 1);
  }
  void idle() {
    enable.write(false);
    write.write(chance(0.5));
    address.write(below(S::kDepth));
    mask.write(random.bits());
    data.write(random_word());
  }

  /// The edge: what the machine does, and what the wrapper shows.
  void clock(bool in_reset = false) {
    rst_n.write(!in_reset);
    settle();
    const bool access = enable.read();
    const bool writes = access && write.read();
    const unsigned at = address.read().to_uint();
    if (!access && fix && !in_reset) words[fix_address] = fix_line;
    if (in_reset) {
      fix = false;
    } else if (is_corrected) {
      fix = !(writes && at == read_address);
      fix_address = read_address;
      fix_line = shown;
      for (Part& part : fix_line) {
        if (part.errors() == 1) part.wrong.assign(kLength, false);
      }
    } else if (!access || (writes && at == fix_address)) {
      fix = false;
    }
    is_corrected = is_error = false;
    if (writes) {
      for (unsigned p = 0; p < kParts; ++p) {
        if (mask.read()[p]) words[at][p] = {part_of(data.read(), p), std::vector<bool>(kLength)};
      }
    } else if (access) {
      shown = words[at];
      read_address = at;
      for (const Part& part : shown) {
        is_corrected = is_corrected || (part.errors() == 1 && !in_reset);
        is_error = is_error || (part.errors() == 2 && !in_reset);
      }
    }
#if !EIE_SYNTHESIS_VIEW
    in_reset ? sram.reset_step() : sram.step();
#endif
    edge();
    ASSERT_EQ(corrected.read(), is_corrected) << where();
    ASSERT_EQ(error.read(), is_error) << where();
    for (unsigned p = 0; p < kParts; ++p) ASSERT_EQ(part_of(q.read(), p), shown[p].read()) << "part " << p << ' ' << where();
  }
  void read(unsigned at) {
    idle();
    enable.write(true);
    write.write(false);
    address.write(at);
    clock();
  }
  void write_word(unsigned at, std::uint64_t parts) {
    idle();
    enable.write(true);
    write.write(true);
    address.write(at);
    mask.write(parts);
    clock();
  }
  void rest(unsigned cycles) {
    for (unsigned c = 0; c < cycles; ++c) {
      idle();
      clock();
    }
  }
  void flip(unsigned at, unsigned part, unsigned bit) {
    words[at][part].wrong[bit] = !words[at][part].wrong[bit];
    const unsigned in_beat = part % Memory::kPartsPerBeat;
    const unsigned place = bit < S::kMask ? in_beat * S::kMask + bit : 64 + in_beat * kCheck + (bit - S::kMask);
    sram.flip(at, place, part / Memory::kPartsPerBeat);
  }
  void expect_contents() {
    for (unsigned at = 0; at < S::kDepth; ++at) {
      for (unsigned p = 0; p < kParts; ++p) {
        const Part& part = words[at][p];
        const unsigned beat = p / Memory::kPartsPerBeat;
        const unsigned in_beat = p % Memory::kPartsPerBeat;
        std::uint64_t stored = sram.peek(at, beat) >> (in_beat * (S::kMask % 64));
        if (S::kMask != 64) stored &= (std::uint64_t{1} << (S::kMask % 64)) - 1;
        ASSERT_EQ(stored, part.stored()) << "word " << at << " part " << p << ' ' << where();
        std::uint64_t checks = sram.peek_checks(at, beat) >> (in_beat * kCheck) & ((1u << kCheck) - 1);
        for (unsigned k = 0; k < kCheck; ++k) checks ^= std::uint64_t{part.wrong[S::kMask + k]} << k;
        ASSERT_EQ(checks, Memory::code().check_of(part.value)) << "word " << at << " part " << p << ' ' << where();
      }
    }
  }
};

template <class S>
class SramEcc : public testing::Test {};

// Spmat rows of every width, pointer banks, activation words of every data width.
using Shapes = testing::Types<Shape<64, 16, 32>, Shape<128, 8, 32>, Shape<256, 4, 32>, Shape<512, 8, 32>, Shape<8, 16, 8>,
                              Shape<9, 8, 9>, Shape<12, 8, 12>, Shape<16, 16, 16>, Shape<18, 8, 18>, Shape<20, 16, 20>,
                              Shape<64, 8, 8>, Shape<64, 8, 16>, Shape<64, 4, 64>>;
TYPED_TEST_SUITE(SramEcc, Shapes, ShapeName);

// Of every bit, in the first and the last code word of a word; two cycles later the array is as it was written.
TYPED_TEST(SramEcc, EverySingleErrorIsCorrectedAndWrittenBack) {
  EccBench<TypeParam> b;
  for (const unsigned part : {0u, b.kParts - 1}) {
    for (unsigned bit = 0; bit < b.kLength; ++bit) {
      b.write_word(1, ~std::uint64_t{0});
      b.flip(1, part, bit);
      b.read(1);
      EXPECT_TRUE(b.corrected.read());
      b.rest(1);
      EXPECT_EQ(b.words[1][part].errors(), 1u);
      b.rest(1);
      EXPECT_EQ(b.words[1][part].errors(), 0u);
      b.expect_contents();
      b.read(1);
      EXPECT_FALSE(b.corrected.read());
    }
  }
}

TYPED_TEST(SramEcc, EveryDoubleErrorIsDetectedAndStays) {
  EccBench<TypeParam> b;
  for (unsigned first = 0; first < b.kLength; ++first) {
    for (unsigned second = first + 1; second < b.kLength; ++second) {
      b.write_word(0, ~std::uint64_t{0});
      b.flip(0, b.kParts - 1, first);
      b.flip(0, b.kParts - 1, second);
      b.read(0);
      EXPECT_TRUE(b.error.read() && !b.corrected.read());
      if (first % 8 == 0) b.rest(3);
    }
    b.expect_contents();
  }
}

// While the port is busy the corrected word waits, and a newer write to it is not undone.
TYPED_TEST(SramEcc, ANewerWriteIsNotUndone) {
  EccBench<TypeParam> b;
  for (unsigned busy = 0; busy < 4; ++busy) {
    for (unsigned at = 0; at < 3; ++at) b.write_word(at, ~std::uint64_t{0});
    b.flip(1, 0, 2);
    b.read(1);
    for (unsigned k = 0; k < busy; ++k) k % 2 == 0 ? b.read(0) : b.write_word(2, ~std::uint64_t{0});
    b.write_word(1, ~std::uint64_t{0});
    b.rest(4);
    b.expect_contents();
    EXPECT_EQ(b.words[1][0].errors(), 0u);
  }
}

TYPED_TEST(SramEcc, RandomAccessesFaultsAndResets) {
  EccBench<TypeParam> b;
  unsigned corrected = 0;
  unsigned errors = 0;
  Stalls gaps(&b.random);
  for (unsigned c = 0; c < 20000; ++c) {
    const unsigned at = b.below(std::min(TypeParam::kDepth, 4u));
    if (b.chance(0.2)) {
      const unsigned part = b.below(b.kParts);
      const unsigned bit = b.below(b.kLength);
      if (b.words[at][part].errors() < 2 || b.words[at][part].wrong[bit]) b.flip(at, part, bit);
    }
    if (!gaps.go()) {
      b.idle();
      b.clock(b.chance(0.02));
    } else if (b.chance(0.75)) {
      b.read(at);
    } else {
      b.write_word(at, b.random.bits());
    }
    if (testing::Test::HasFatalFailure()) return;
    corrected += b.is_corrected ? 1 : 0;
    errors += b.is_error ? 1 : 0;
    if (c % 50 == 0) b.expect_contents();
  }
  b.expect_contents();
  EXPECT_GT(corrected, 300u);
  EXPECT_GT(errors, 300u);
}

// A fault of reading is corrected whenever it is read; what is stored does not change.
TYPED_TEST(SramEcc, FaultHookReachesDataAndCheckBits) {
  EccBench<TypeParam> b;
  for (unsigned at = 0; at < 3; ++at) b.write_word(at, ~std::uint64_t{0});
  const auto stored = b.sram.peek(1);
  auto read = [&b](unsigned at) {
    b.enable.write(true);
    b.write.write(false);
    b.address.write(at);
    b.settle();
#if !EIE_SYNTHESIS_VIEW
    b.sram.step();
#endif
    b.edge();
  };
  b.sram.set_fault(1, 0b100);
  for (unsigned k = 0; k < 3; ++k) {
    read(1);
    EXPECT_TRUE(b.corrected.read() && !b.error.read());
    EXPECT_EQ(b.part_of(b.q.read(), 0), b.words[1][0].value);
  }
  b.sram.set_fault(1, 0, 0b10);
  read(1);
  EXPECT_TRUE(b.corrected.read() && !b.error.read());
  b.sram.set_fault(1, 0b100, 0b10);
  read(1);
  EXPECT_TRUE(!b.corrected.read() && b.error.read());
  EXPECT_EQ(b.part_of(b.q.read(), 0), b.words[1][0].value ^ 0b100u);
  b.sram.set_fault(1, 0);
  read(1);
  EXPECT_TRUE(!b.corrected.read() && !b.error.read());
  EXPECT_EQ(b.sram.peek(1), stored);
}

// The back door writes a code word, and nothing older comes over it.
TYPED_TEST(SramEcc, BackDoor) {
  EccBench<TypeParam> b;
  for (unsigned at = 0; at < 3; ++at) b.write_word(at, ~std::uint64_t{0});
  b.flip(1, 0, 1);
  b.read(1);
  for (unsigned beat = 0; beat < b.sram.kBeats; ++beat) b.sram.poke(1, 0, beat);
  for (auto& part : b.words[1]) part = {};
  b.fix = false;
  b.is_corrected = false;
  b.enable.write(false);
  for (unsigned k = 0; k < 3; ++k) {
    b.settle();
#if !EIE_SYNTHESIS_VIEW
    b.sram.step();
#endif
    b.edge();
  }
  b.expect_contents();
  b.read(1);
  EXPECT_FALSE(b.corrected.read() || b.error.read());
}

}  // namespace
}  // namespace eie::tb
