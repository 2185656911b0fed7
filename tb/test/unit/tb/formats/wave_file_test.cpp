// SPDX-License-Identifier: Apache-2.0
// Files of waves hold what was written, as fstapi's reader and the reader of VCD find it.
#include "tb/formats/waves/wave_file.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <utility>

#include "tb/engines/waves/wave_sampler.h"
#include "tb/support/error.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"
#include "tb/trace/dump/dump_file.h"

namespace eie::tb {
namespace {

using Changes = std::vector<std::pair<std::uint64_t, std::string>>;

/// What changes: values that are told twice count once.
void add_change(Changes& to, std::uint64_t time, const std::string& value) {
  if (to.empty() || to.back().second != value) to.emplace_back(time, value);
}

/// A value as both formats may spell it.
std::string plain(const DumpVariable& variable, std::string_view value) {
  if (variable.kind == DumpKind::kReal) return std::to_string(std::stod(std::string(value)));
  if (variable.kind == DumpKind::kText) return std::string(value);
  const std::size_t first = value.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(value.substr(first));
}

std::map<std::string, Changes> read_changes(const std::string& file) {
  const auto dump = open_dump(file);
  std::vector<std::size_t> all;
  for (std::size_t k = 0; k < dump->header().variables.size(); ++k) all.push_back(k);
  std::map<std::string, Changes> changes;
  dump->changes(all, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
    const DumpVariable& v = dump->header().variables[variable];
    add_change(changes[v.name], time, plain(v, value));
  });
  return changes;
}

std::string digits_of(Random& random, unsigned width, unsigned unknown_percent) {
  std::string digits;
  const bool unknown = random.below(100) < unknown_percent;
  for (unsigned k = 0; k < width; ++k) digits += unknown && random.below(4) == 0 ? 'x' : static_cast<char>('0' + random.below(2));
  return digits;
}

class WaveFiles : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(WaveFile, WaveFiles, testing::Values("fst", "vcd"),
                         [](const testing::TestParamInfo<const char*>& tested) { return std::string(tested.param); });

/// Several blocks of an FST: long texts fill them.
TEST_P(WaveFiles, HoldAllValuesAtTheirTimes) {
  const TempFolder folder;
  const std::string path = folder.file(std::string("random.") + GetParam());
  const auto file = create_wave_file(path, false);
  Random random(81);
  struct Variable {
    WaveVariable declared;
    WaveFile::Id id;
  };
  std::vector<Variable> variables;
  std::map<std::string, Changes> expected;
  const auto declare = [&](WaveKind kind, unsigned width) {
    WaveVariable v{"top.block", "v" + std::to_string(variables.size()), kind, width};
    variables.push_back({v, file->declare(v)});
  };
  for (const unsigned width : {1, 1, 2, 7, 8, 9, 16, 31, 32, 33, 40, 63, 64, 65, 72, 128, 300}) declare(WaveKind::kBits, width);
  declare(WaveKind::kSigned, 12);
  declare(WaveKind::kReal, 0);
  declare(WaveKind::kText, 0);
  const std::size_t twins = variables.size();  // they change together: equal chains
  for (unsigned k = 0; k < 6; ++k) declare(WaveKind::kBits, k < 3 ? 5 : 6);
  const std::size_t still = variables.size();
  declare(WaveKind::kBits, 17);
  file->declare_alias({"top.other", "alias", WaveKind::kBits, 9}, variables[5].id);
  file->end_declarations();

  const auto put = [&](const Variable& v, std::uint64_t time) {
    std::string value;
    if (v.declared.kind == WaveKind::kReal) {
      const double number = static_cast<double>(random.below(4001)) / 16 - 100;
      file->change_real(v.id, number);
      value = std::to_string(number);
    } else if (v.declared.kind == WaveKind::kText) {
      value = random.below(3) == 0 ? "-" : std::string(1 + random.below(40000), static_cast<char>('a' + random.below(26)));
      file->change_text(v.id, value);
    } else {
      value = digits_of(random, v.declared.width, 10);
      const bool known = value.find('x') == std::string::npos;
      if (random.below(20) == 0) {
        value = std::string(v.declared.width, 'x');
        file->unknown(v.id);
      } else if (known && v.declared.width <= 64 && random.below(4) != 0) {
        file->change(v.id, bits_value(value).value());
      } else {
        file->change_digits(v.id, value.c_str());
      }
      const std::size_t first = value.find_first_not_of('0');
      value = first == std::string::npos ? "0" : value.substr(first);
    }
    add_change(expected[v.declared.name], time, value);
  };
  std::uint64_t time = 1000 + random.below(1000);
  const std::uint64_t first_time = time;
  for (unsigned step = 0; step < 2500; ++step, time += 1250 * (1 + (random.below(50) == 0 ? random.below(100000) : 0))) {
    file->time(time);
    for (std::size_t k = 0; k < twins; ++k) {
      if (step == 0 || variables[k].declared.kind == WaveKind::kText || random.below(k % 4 + 1) == 0) put(variables[k], time);
    }
    if (step == 0 || random.below(3) == 0) {
      const std::uint64_t value = random.below(32);
      for (std::size_t k = twins; k < still; ++k) {
        file->change(variables[k].id, value);
        std::string digits;
        for (std::uint64_t rest = value; rest != 0 || digits.empty(); rest /= 2)
          digits.insert(0, 1, static_cast<char>('0' + rest % 2));
        add_change(expected[variables[k].declared.name], time, digits);
      }
    }
    if (step == 0) put(variables[still], time);
  }
  file->time(time);  // without a change
  file->close();
  expected["alias"] = expected["v5"];

  const auto dump = open_dump(path);
  EXPECT_EQ(dump->header().first, first_time);
  EXPECT_EQ(dump->header().last, time);
  if (GetParam() == std::string("fst")) {
    const std::string header = read_text(path).substr(65, 8);  // how many blocks
    EXPECT_EQ(header.substr(0, 7), std::string(7, 0));
    EXPECT_GT(header[7], 1);
  }
  auto seen = read_changes(path);
  ASSERT_EQ(seen.size(), expected.size());
  for (const auto& [name, changes] : expected) {
    Changes& found = seen[name];
    ASSERT_EQ(found.size(), changes.size()) << name;
    for (std::size_t k = 0; k < changes.size(); ++k) ASSERT_EQ(found[k], changes[k]) << name << ", change " << k;
  }
}

TEST_P(WaveFiles, AreTheSameForTheSameValues) {
  const TempFolder folder;
  std::vector<std::string> texts;
  for (const char* name : {"first.", "second."}) {
    const std::string path = folder.file(std::string(name) + GetParam());
    const auto file = create_wave_file(path, true);
    std::vector<WaveFile::Id> ids;
    for (unsigned k = 0; k < 500; ++k)
      ids.push_back(file->declare({"top", "v" + std::to_string(k), WaveKind::kBits, 1 + k % 64}));
    file->end_declarations();
    Random random(3);
    for (unsigned step = 0; step < 300; ++step) {
      file->time(step);
      for (unsigned k = 0; k < ids.size(); ++k) {
        if (step == 0 || random.below(4) == 0) file->change(ids[k], random.bits() & (~std::uint64_t{0} >> (63 - k % 64)));
      }
    }
    file->close();
    texts.push_back(read_text(path));
  }
  EXPECT_GT(texts[0].size(), 100000u);
  EXPECT_EQ(texts[0], texts[1]);
}

/// Takes down changes as text.
class Written final : public WaveFile {
 public:
  Id declare(const WaveVariable&) override { return 0; }
  void declare_alias(const WaveVariable&, Id) override {}
  void end_declarations() override {}
  void time(std::uint64_t) override {}
  void change(Id id, std::uint64_t bits) override { add(id, std::to_string(bits)); }
  void change_digits(Id id, const char* digits) override { add(id, digits); }
  void unknown(Id id) override { add(id, "x"); }
  void change_real(Id, double) override {}
  void change_text(Id, const std::string&) override {}
  void close() override {}
  std::string take() { return std::exchange(text_, ""); }

 private:
  void add(Id id, const std::string& value) { text_ += std::to_string(id) + "=" + value + " "; }
  std::string text_;
};

TEST(WaveSampler, WritesWhatChangesAndNothingElse) {
  struct {
    std::uint8_t a = 1, between = 0, b = 2;
    std::uint16_t c = 3;
    std::uint64_t d = 4;
    std::uint16_t array[70] = {};
    std::uint32_t words[3] = {5, 0, 0};
    bool enable = false, write = true;
    std::uint8_t asked = 6;
  } live;
  WaveSampler sampler;
  const auto add = [&](WaveFile::Id id, const void* data, unsigned bytes, unsigned width, bool of_array = false) {
    sampler.add({id, static_cast<const unsigned char*>(data), bytes, width, of_array, {}});
  };
  for (unsigned k = 0; k < 70; ++k) add(100 + k, &live.array[k], 2, 12, true);
  add(4, &live.d, 8, 40);
  add(1, &live.a, 1, 8);
  add(2, &live.b, 1, 3);
  add(3, &live.c, 2, 16);
  add(5, live.words, 12, 70);
  sampler.add({6, &live.asked, 1, 8, false, {&live.enable, &live.write}});
  sampler.prepare();
  Written file;
  sampler.write_all(file);
  const std::string all = file.take();
  for (const char* part : {"1=1 ", "2=2 ", "3=3 ", "4=4 ", "100=0 ", "169=0 ", "6=x "})
    EXPECT_NE(all.find(part), std::string::npos) << part;
  EXPECT_NE(all.find("5=" + std::string(67, '0') + "101 "), std::string::npos) << all;
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "");
  live.between = 9;  // nobody's
  live.b = 2 + 8;    // a bit above the width
  live.d = 4 + (std::uint64_t{1} << 40);
  live.array[69] = 1 << 12;
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "");
  live.b = 3;
  live.array[0] = 7;
  live.array[69] = 0xFFF;
  live.words[2] = 1;
  live.asked = 8;  // not asked
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "2=3 100=7 169=4095 5=00000" + std::string(1, '1') + std::string(61, '0') + "101 ");
  live.enable = true;
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "6=8 ");
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "");
  live.write = false;
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "6=x ");
  live.write = true;
  sampler.write_changes(file);
  EXPECT_EQ(file.take(), "6=8 ");
  sampler.write_unknown(file);
  const std::string unknown = file.take();
  EXPECT_EQ(std::count(unknown.begin(), unknown.end(), 'x'), 76);
}

}  // namespace
}  // namespace eie::tb
