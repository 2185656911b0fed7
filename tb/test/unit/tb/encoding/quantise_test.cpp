// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/quantise.h"

#include <cmath>
#include <gtest/gtest.h>

#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

ValueRange range(double low, double high) {
  ValueRange r;
  r.add(low);
  r.add(high);
  return r;
}

/// choose_formats() for outputs up to `magnitude`.
Formats formats_up_to(double magnitude, const ValueRange& weights, const ValueRange& activations,
                      const FormatRequest& request = {}) {
  ValueRange held;
  held.add(magnitude);
  return choose_formats(weights, activations, held, 16, request);
}

TEST(Quantise, RoundsTiesToEvenAndClamps) {
  EXPECT_EQ(quantise(0.5, 0, 16), 0);
  EXPECT_EQ(quantise(1.5, 0, 16), 2);
  EXPECT_EQ(quantise(2.5, 0, 16), 2);
  EXPECT_EQ(quantise(-0.5, 0, 16), 0);
  EXPECT_EQ(quantise(-1.5, 0, 16), -2);
  EXPECT_EQ(quantise(0.25, 2, 16), 1);
  EXPECT_EQ(quantise(3, -1, 16), 2);
  EXPECT_EQ(quantise(1e30, 0, 16), 32767);
  EXPECT_EQ(quantise(-1e30, 0, 16), -32768);
  EXPECT_EQ(quantise(1e308, 64, 32), INT32_MAX);
  EXPECT_EQ(quantise(-1e308, 64, 32), INT32_MIN);
  EXPECT_EQ(quantise(127.4, 0, 8), 127);
  EXPECT_EQ(quantise(127.6, 0, 8), 127);
}

TEST(Quantise, LargestFormatThatClampsNothing) {
  EXPECT_EQ(largest_frac(range(0, 0), 16), 15);
  EXPECT_EQ(largest_frac(range(0, 1), 16), 14);        // 32768 would clamp
  EXPECT_EQ(largest_frac(range(-1, 0.5), 16), 15);     // -32768 does not
  EXPECT_EQ(largest_frac(range(0, 0.99999), 16), 14);  // rounds to 32768 at 15
  EXPECT_EQ(largest_frac(range(0, 32767), 16), 0);
  EXPECT_EQ(largest_frac(range(0, 32767.6), 16), -1);
  EXPECT_EQ(largest_frac(range(0, 1e-30), 16), 64);
  EXPECT_EQ(largest_frac(range(0, 1e-11), 16), 51);
  EXPECT_EQ(largest_frac(range(0, 1e10), 16), -19);
  EXPECT_EQ(largest_frac(range(0, 1e30), 16), -64);  // clamps
}

TEST(Quantise, AutomaticFormats) {
  const Formats f = formats_up_to(10, range(-0.5, 0.7), range(0, 3));
  EXPECT_EQ(f.weight_frac, 15);
  EXPECT_EQ(f.act_frac, 13);
  EXPECT_EQ(f.out_frac, 11);  // holds 10
  EXPECT_EQ(f.shift, 17);
}

TEST(Quantise, ShiftTooLargeLowersWeights) {
  const Formats f = formats_up_to(100, range(0, 1e-6), range(0, 1e-6));
  EXPECT_EQ(f.shift, 30);
  EXPECT_EQ(f.act_frac, 34);
  EXPECT_EQ(f.out_frac, 8);
  EXPECT_EQ(f.weight_frac, 30 + 8 - 34);
}

TEST(Quantise, NegativeShiftLowersOutputs) {
  const Formats f = formats_up_to(1e-3, range(0, 20000), range(0, 20000));
  EXPECT_EQ(f.shift, 0);
  EXPECT_EQ(f.out_frac, f.weight_frac + f.act_frac);
}

TEST(Quantise, ShiftTooLargeLowersActivationsUnderRequestedWeights) {
  const Formats f = formats_up_to(1, range(0, 1e-3), range(0, 1), {40, std::nullopt, std::nullopt});
  EXPECT_EQ(f.weight_frac, 40);
  EXPECT_EQ(f.out_frac, 14);
  EXPECT_EQ(f.act_frac, 4);
  EXPECT_EQ(f.shift, 30);
}

TEST(Quantise, SumsBeyondTheCoarsestFormat) {
  // Products have -70 fraction bits, outputs cannot: the weights go up until the shift is legal, and clamp.
  const Formats f = formats_up_to(1e30, range(0, 1e15), range(0, 1e15));
  EXPECT_EQ(f.act_frac, -35);
  EXPECT_EQ(f.out_frac, -64);
  EXPECT_EQ(f.weight_frac, -29);
  EXPECT_EQ(f.shift, 0);
}

TEST(Quantise, RequestsStayOrAreRefused) {
  const Formats f = formats_up_to(1, range(0, 1), range(0, 1), {8, 8, 8});
  EXPECT_EQ(f.weight_frac, 8);
  EXPECT_EQ(f.shift, 8);
  expect_user_error(
      [] {
        formats_up_to(0, {}, {}, {65, std::nullopt, std::nullopt});
      },
      {"weight-frac is 65: expected -64 to 64"});
  EXPECT_EQ(formats_up_to(1, range(0, 1), range(0, 1), {std::nullopt, 64, 64}).shift, 14);
  expect_user_error([] { formats_up_to(0, {}, {}, {32, 32, 0}); }, {"shift of 64: expected 0 to 30"});
  expect_user_error([] { formats_up_to(0, {}, {}, {0, 0, 8}); }, {"shift of -8"});
}

}  // namespace
}  // namespace eie::tb
