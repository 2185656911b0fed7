// SPDX-License-Identifier: Apache-2.0
// The error-correcting code, for every width: what makes it one, from its matrix alone, and what that does to words.
#include "hw/secded.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "tb/support/random.h"
#include "tb/test/support/test_seed.h"

namespace eie::tb {
namespace {

class Secded : public testing::TestWithParam<unsigned> {
 protected:
  const SecdedCode code_ = make_secded(GetParam());
  /// One wrong bit: of the data, then of the check bits.
  static SecdedBits wrong(unsigned k) {
    SecdedBits bits;
    bits.data = k < GetParam() ? std::uint64_t{1} << k : 0;
    bits.check = k < GetParam() ? 0 : 1u << (k - GetParam());
    return bits;
  }
  unsigned length() const { return code_.data_bits + code_.check_bits; }
};

// Distinct columns of odd weight, the lightest there are, spread so that no check bit covers many more than another.
TEST_P(Secded, HasOddWeightColumns) {
  std::set<unsigned> columns;
  unsigned weight = 3;
  for (unsigned k = 0; k < code_.data_bits; ++k) {
    const unsigned here = static_cast<unsigned>(__builtin_popcount(code_.column[k]));
    EXPECT_EQ(here % 2, 1u);
    EXPECT_GE(here, weight) << "bit " << k;
    EXPECT_LT(code_.column[k], 1u << code_.check_bits);
    columns.insert(code_.column[k]);
    weight = here;
  }
  EXPECT_EQ(columns.size(), code_.data_bits);
  if (weight > 3) {
    unsigned lighter = 0;  // all of them are taken
    for (const unsigned column : columns) lighter += __builtin_popcount(column) == 3 ? 1 : 0;
    EXPECT_EQ(lighter, code_.check_bits * (code_.check_bits - 1) * (code_.check_bits - 2) / 6);
  }
  unsigned least = 64;
  unsigned most = 0;
  for (unsigned r = 0; r < code_.check_bits; ++r) {
    const unsigned covered = static_cast<unsigned>(__builtin_popcountll(code_.row[r]));
    least = std::min(least, covered);
    most = std::max(most, covered);
    for (unsigned k = 0; k < code_.data_bits; ++k) EXPECT_EQ(code_.row[r] >> k & 1, code_.column[k] >> r & 1u);
  }
  EXPECT_LE(most - least, 2u);
}

// No shorter code of this kind has as many columns.
TEST_P(Secded, HasTheFewestCheckBits) {
  const unsigned r = code_.check_bits;
  EXPECT_GE((1u << (r - 1)) - r, code_.data_bits);
  if (r > 4) {
    EXPECT_LT((1u << (r - 2)) - (r - 1), code_.data_bits);
  }
}

TEST_P(Secded, CorrectsEverySingleErrorAndDetectsEveryDouble) {
  EXPECT_FALSE(secded_outcome(code_, {}).corrected);
  EXPECT_FALSE(secded_outcome(code_, {}).detected);
  for (unsigned a = 0; a < length(); ++a) {
    const SecdedBits one = wrong(a);
    const SecdedOutcome single = secded_outcome(code_, one);
    EXPECT_TRUE(single.corrected && !single.detected) << a;
    EXPECT_EQ(single.left.data, 0u) << a;
    EXPECT_EQ(single.left.check, 0u) << a;
    for (unsigned b = a + 1; b < length(); ++b) {
      SecdedBits two = wrong(b);
      two.data ^= one.data;
      two.check ^= one.check;
      const SecdedOutcome both = secded_outcome(code_, two);
      EXPECT_TRUE(both.detected && !both.corrected) << a << ' ' << b;
      EXPECT_EQ(both.left.data, two.data);
      EXPECT_EQ(both.left.check, two.check);
    }
  }
}

// What is shown for errors alone holds for words: parity is linear.
TEST_P(Secded, DependsOnTheErrorsAlone) {
  Random random(test_seed(5));
  const std::uint64_t mask = GetParam() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << GetParam()) - 1;
  for (unsigned n = 0; n < 1000; ++n) {
    const std::uint64_t data = random.bits() & mask;
    const std::uint64_t errors = random.bits() & random.bits() & mask;
    EXPECT_EQ(code_.check_of(data ^ errors), code_.check_of(data) ^ code_.check_of(errors));
    unsigned slow = 0;
    for (unsigned k = 0; k < GetParam(); ++k) slow ^= (data >> k & 1) != 0 ? code_.column[k] : 0u;
    EXPECT_EQ(code_.check_of(data), slow);
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Secded, testing::Range(1u, 65u));

TEST(SecdedCodes, HaveTheCheckBitsOfTheLiterature) {
  EXPECT_EQ(secded_check_bits(8), 5u);
  EXPECT_EQ(secded_check_bits(16), 6u);
  EXPECT_EQ(secded_check_bits(32), 7u);
  EXPECT_EQ(secded_check_bits(64), 8u);
  const SecdedCode code = make_secded(64);  // (72,64): Hsiao's has rows of 26 and 27 ones, check bit included
  for (const std::uint64_t row : code.row) EXPECT_EQ(__builtin_popcountll(row), 26);
}

}  // namespace
}  // namespace eie::tb
