// SPDX-License-Identifier: Apache-2.0
// Properties of the parts of tb/ that need no simulation, over random matrices, configurations and files.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/formats/npy.h"
#include "tb/golden/golden.h"
#include "tb/test/support/judges.h"
#include "tb/test/support/property.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tb/formats/npy_reader.h"

namespace eie::tb {
namespace {

unsigned power(unsigned low, unsigned high) { return 1u << *rc::gen::inRange(low, high + 1); }

/// Any legal configuration, memories from the smallest to the largest.
HwConfig any_config() {
  static const std::pair<unsigned, unsigned> kEntries[] = {{1, 3}, {2, 2}, {3, 1}, {4, 4}, {1, 7}, {7, 1},
                                                           {3, 5}, {5, 3}, {2, 6}, {6, 2}, {8, 8}};
  HwConfig c;
  c.name = "any";
  c.n_pe = power(0, 10);
  c.queue_depth = *rc::gen::inRange(1u, 257u);
  c.look_ahead = *rc::gen::inRange(0u, 65u);
  c.spmat_width = 32u << *rc::gen::inRange(0, 5);
  c.spmat_depth = power(1, 20);
  c.pointer_width = *rc::gen::inRange(8u, 21u);
  c.pointer_depth = power(2, 20);
  c.act_depth = power(2, 16);
  const auto entry = *rc::gen::elementOf(std::vector<std::pair<unsigned, unsigned>>(std::begin(kEntries), std::end(kEntries)));
  c.code_width = entry.first;
  c.run_width = entry.second;
  c.data_width = 8u << *rc::gen::inRange(0, 3);
  c.acc_width = *rc::gen::inRange(c.data_width, 49u);
  c.registers = std::max(power(2, 10), c.lanes());
  c.lnzd_fan_in = *rc::gen::element(2u, 4u);
  c.skip_padding = *rc::gen::arbitrary<bool>();
  c.ecc = *rc::gen::arbitrary<bool>();
  c.clock_mhz = *rc::gen::inRange(1, 1000000) / 1000.0;
  return c;
}

std::string describe(const HwConfig& c) {
  std::ostringstream os;
  os << "n_pe " << c.n_pe << ", spmat " << c.spmat_width << " x " << c.spmat_depth << ", pointers " << c.pointer_width << " x "
     << c.pointer_depth << ", act_depth " << c.act_depth << ", registers " << c.registers << ", entry " << c.code_width << " + "
     << c.run_width << ", data " << c.data_width << ", acc " << c.acc_width;
  return os.str();
}

TEST(Properties, DecodingGivesTheMatrixBack) {
  check_property(2000, [] {
    HwConfig c = any_config();
    c.n_pe = std::min(c.n_pe, 64u);
    const MatrixShape shape = *any_shape(400, 40);
    RC_LOG() << describe(c);
    const auto matrix = make_matrix(shape, c.code_width);
    for (const auto& blocks : {split_rows(shape.rows, c), one_block(shape.rows, c)}) {
      const EncodedLayer layer = encode(*matrix, c, blocks);
      RC_ASSERT(decoding_fault(*matrix, layer, c) == "");
      // Every entry fits its bits, padding has the largest run, and no column ends in padding.
      for (const auto& block : layer.code) {
        for (const PeCode& pe : block) {
          for (const std::uint16_t entry : pe.entries) {
            RC_ASSERT(static_cast<unsigned>(entry) >> c.entry_bits() == 0u);
            const bool padding = (entry & (c.codes() - 1)) == 0;
            RC_ASSERT((!padding || static_cast<unsigned>(entry) >> c.code_width == (1u << c.run_width) - 1));
          }
          for (std::size_t j = 0; j < shape.columns; ++j) {
            const std::uint32_t end = pe.pointers[j + 1];
            RC_ASSERT((end == pe.pointers[j] || (pe.entries[end - 1] & (c.codes() - 1)) != 0));
          }
        }
      }
    }
  });
}

TEST(Properties, PackedEntriesUnpack) {
  check_property(5000, [] {
    const auto log_bits = *rc::gen::inRange(2u, 5u);
    const unsigned bits = 1u << log_bits;
    PeCode code;
    code.entries = *rc::gen::container<std::vector<std::uint16_t>>(
        rc::gen::map(rc::gen::inRange(0u, 1u << bits), [](unsigned v) { return static_cast<std::uint16_t>(v); }));
    const auto first = *rc::gen::inRange<std::size_t>(0, code.entries.size() + 1);
    const auto last = *rc::gen::inRange<std::size_t>(first, code.entries.size() + 1);
    const std::vector<std::uint64_t> words = pack_entries(code, first, last, bits);
    RC_ASSERT(words.size() == ((last - first) * bits + 63) / 64);
    for (std::size_t k = 0; k < words.size() * 64 / bits; ++k) {
      const std::uint64_t seen = (words[k * bits / 64] >> (k * bits % 64)) & ((std::uint64_t{1} << bits) - 1);
      RC_ASSERT(seen == (first + k < last ? code.entries[first + k] : 0u));
    }
  });
}

TEST(Properties, PlansCoverTheLayerWithinTheCapacities) {
  check_property(2000, [] {
    HwConfig c = any_config();
    c.n_pe = std::min(c.n_pe, 32u);
    c.registers = std::min(c.registers, 64u);
    c.pointer_depth = std::min(c.pointer_depth, 1024u);  // small memories, so that there is something to split
    c.spmat_depth = std::min(c.spmat_depth, 256u);
    c.act_depth = std::min(c.act_depth, 256u);
    const MatrixShape shape = *any_shape(300, 500);
    const bool has_bias = *rc::gen::arbitrary<bool>();
    RC_LOG() << describe(c) << (has_bias ? ", bias" : "");
    const auto matrix = make_matrix(shape, c.code_width);
    const EncodedLayer layer = encode(*matrix, c, split_rows(shape.rows, c));
    std::optional<Plan> plan;
    try {
      plan = plan_launches(layer, c, has_bias, "w");
    } catch (const UserError& error) {
      RC_CLASSIFY(true, "does not fit");
      RC_ASSERT(std::string(error.what()).find("expected at most") != std::string::npos);
      return;
    }
    RC_CLASSIFY(plan->launches.size() > 1, "several launches");
    RC_ASSERT(plan_fault(*plan, layer, c, has_bias) == "");
  });
}

TEST(Properties, GoldenModelAgreesWithASlowOne) {
  check_property(5000, [] {
    const unsigned data = 8u << *rc::gen::inRange(0, 3);
    const unsigned acc = *rc::gen::weightedOneOf<unsigned>({{1, rc::gen::just(data)}, {1, rc::gen::inRange(data, 49u)}});
    const int shift =
        *rc::gen::weightedOneOf<int>({{1, rc::gen::inRange(0, 4)}, {2, rc::gen::inRange(0, static_cast<int>(2 * data - 1))}});
    const unsigned code_width = *rc::gen::inRange(1u, 9u);
    const MatrixShape shape = *any_shape(40, 60);
    const bool relu = *rc::gen::arbitrary<bool>();
    const bool has_bias = *rc::gen::arbitrary<bool>();
    // Magnitudes from one to the largest, so that sums saturate at some and vanish at others.
    const auto limit = static_cast<std::int32_t>((std::int64_t{1} << *rc::gen::inRange(1u, data)) - 1);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto matrix = make_matrix(shape, code_width);
    matrix->set_codebook([&] {
      std::vector<std::int32_t> book = random_vector(std::size_t{1} << code_width, -limit - 1, limit, 1, seed);
      book[0] = 0;
      std::sort(book.begin() + 1, book.end());
      return book;
    }());
    const auto inputs = random_vector(shape.columns, -limit - 1, limit, *any_density() / 1000.0, seed + 1);
    const auto bias = has_bias ? random_vector(shape.rows, -limit - 1, limit, 1, seed + 2) : std::vector<std::int32_t>{};
    bool saturated = false;
    const auto expected =
        slow_golden(*matrix, inputs, bias, shift, relu, static_cast<int>(data), static_cast<int>(acc), saturated);
    RC_CLASSIFY(saturated, "saturated");
    const GoldenResult result = golden_layer(*matrix, inputs, bias, shift, relu, data, acc);
    RC_ASSERT(result.outputs == expected);
    RC_ASSERT(result.saturated == saturated);
  });
}

/// Numbers of any size: RapidCheck's own doubles are of the order of one.
template <class T>
T any_real() {
  const int digits = std::numeric_limits<T>::digits;
  const auto mantissa = *rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << digits) + 1, std::int64_t{1} << digits);
  const int exponent =
      *rc::gen::inRange(std::numeric_limits<T>::min_exponent - 2 * digits, std::numeric_limits<T>::max_exponent - digits);
  return std::ldexp(static_cast<T>(mantissa), exponent);
}

template <class T>
void check_npy_round_trip() {
  TempFolder folder;
  const std::string path = folder.file("x.npy");
  check_property(200, [&path] {
    const auto rows = *rc::gen::inRange<std::size_t>(1, 20);
    const auto columns = *rc::gen::inRange<std::size_t>(1, 30);
    const bool matrix = *rc::gen::arbitrary<bool>();
    std::vector<T> values(matrix ? rows * columns : columns);
    for (T& value : values) {
      if constexpr (std::is_floating_point_v<T>) {
        value = any_real<T>();
      } else {
        value = *rc::gen::arbitrary<T>();
        if constexpr (std::is_same_v<T, std::uint64_t>) value >>= 1;  // more than an int64 is refused
      }
    }
    write_npy(path, values, matrix ? std::vector<std::size_t>{rows, columns} : std::vector<std::size_t>{columns});
    NpyReader reader(path);
    RC_ASSERT(reader.shape().size() == (matrix ? 2u : 1u));
    RC_ASSERT(reader.columns() == columns);
    RC_ASSERT(reader.is_float() == std::is_floating_point_v<T>);
    using Read = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
    std::vector<Read> row;
    for (std::size_t i = 0; i < reader.rows(); ++i) {
      reader.read_row(row);
      for (std::size_t j = 0; j < columns; ++j) RC_ASSERT(row[j] == static_cast<Read>(values[i * columns + j]));
    }
  });
}

TEST(Properties, NpyRoundTripFloat32) { check_npy_round_trip<float>(); }
TEST(Properties, NpyRoundTripFloat64) { check_npy_round_trip<double>(); }
TEST(Properties, NpyRoundTripInt8) { check_npy_round_trip<std::int8_t>(); }
TEST(Properties, NpyRoundTripUint16) { check_npy_round_trip<std::uint16_t>(); }
TEST(Properties, NpyRoundTripInt32) { check_npy_round_trip<std::int32_t>(); }
TEST(Properties, NpyRoundTripInt64) { check_npy_round_trip<std::int64_t>(); }
TEST(Properties, NpyRoundTripUint64) { check_npy_round_trip<std::uint64_t>(); }

TEST(Properties, ConfigurationRoundTrip) {
  TempFolder folder;
  check_property(1000, [&folder] {
    const HwConfig c = any_config();
    std::ostringstream clock;
    clock.precision(17);
    clock << c.clock_mhz;
    auto number = [](const char* key, unsigned value) { return std::string(key) + ": " + std::to_string(value); };
    std::vector<std::string> lines = {"name: any",
                                      number("n_pe", c.n_pe),
                                      number("queue_depth", c.queue_depth),
                                      number("look_ahead", c.look_ahead),
                                      number("spmat_width", c.spmat_width),
                                      number("spmat_depth", c.spmat_depth),
                                      number("pointer_width", c.pointer_width),
                                      number("pointer_depth", c.pointer_depth),
                                      number("act_depth", c.act_depth),
                                      number("registers", c.registers),
                                      number("code_width", c.code_width),
                                      number("run_width", c.run_width),
                                      number("data_width", c.data_width),
                                      number("acc_width", c.acc_width),
                                      number("lnzd_fan_in", c.lnzd_fan_in),
                                      std::string("skip_padding: ") + (c.skip_padding ? "true" : "false"),
                                      std::string("ecc: ") + (c.ecc ? "true" : "false"),
                                      "clock_mhz: " + clock.str()};
    std::mt19937_64 order(*rc::gen::arbitrary<std::uint64_t>());
    std::shuffle(lines.begin(), lines.end(), order);
    std::string text = *rc::gen::element<std::string>("", "# a comment\n", "---\n");
    for (const std::string& line : lines) text += line + *rc::gen::element<std::string>("\n", "  # why\n", "\n\n");
    RC_LOG() << text;
    const HwConfig read = load_config(folder.write("c.yaml", text));
    RC_ASSERT(read.name == c.name);
    RC_ASSERT(read.n_pe == c.n_pe);
    RC_ASSERT(read.queue_depth == c.queue_depth);
    RC_ASSERT(read.look_ahead == c.look_ahead);
    RC_ASSERT(read.spmat_width == c.spmat_width);
    RC_ASSERT(read.spmat_depth == c.spmat_depth);
    RC_ASSERT(read.pointer_width == c.pointer_width);
    RC_ASSERT(read.pointer_depth == c.pointer_depth);
    RC_ASSERT(read.act_depth == c.act_depth);
    RC_ASSERT(read.registers == c.registers);
    RC_ASSERT(read.code_width == c.code_width);
    RC_ASSERT(read.run_width == c.run_width);
    RC_ASSERT(read.data_width == c.data_width);
    RC_ASSERT(read.acc_width == c.acc_width);
    RC_ASSERT(read.lnzd_fan_in == c.lnzd_fan_in);
    RC_ASSERT(read.skip_padding == c.skip_padding);
    RC_ASSERT(read.ecc == c.ecc);
    RC_ASSERT(read.clock_mhz == c.clock_mhz);
  });
}

}  // namespace
}  // namespace eie::tb
