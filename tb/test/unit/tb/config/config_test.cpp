// SPDX-License-Identifier: Apache-2.0
#include "tb/config/config.h"

#include <gtest/gtest.h>

#include "tb/config/config_cpp.h"
#include "tb/support/atomic_file.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

const char* const kGood =
    "name: my-eie\n"
    "n_pe: 64\n"
    "queue_depth: 7\n"
    "look_ahead: 0\n"
    "spmat_width: 64\n"
    "spmat_depth: 16384\n"
    "pointer_width: 16\n"
    "pointer_depth: 16384\n"
    "act_depth: 256\n"
    "registers: 64\n"
    "code_width: 4\n"
    "run_width: 4\n"
    "data_width: 16\n"
    "acc_width: 16\n"
    "lnzd_fan_in: 4\n"
    "ecc: false\n"
    "clock_mhz: 800\n";

// The good file with the line of one key replaced.
std::string with(const std::string& key, const std::string& line) {
  std::string text = kGood;
  const std::size_t at = text.find(key + ":");
  const std::size_t end = text.find('\n', at);
  return text.replace(at, end - at + (line.empty() ? 1 : 0), line);
}

TEST(Config, ReadsEveryKeyAndDerives) {
  TempFolder folder;
  const HwConfig c = load_config(folder.write("c.yaml", kGood));
  EXPECT_EQ(c.name, "my-eie");
  EXPECT_EQ(c.n_pe, 64u);
  EXPECT_FALSE(c.ecc);
  EXPECT_FALSE(c.skip_padding);  // a file may leave it out
  EXPECT_EQ(c.clock_mhz, 800);
  EXPECT_EQ(c.entry_bits(), 8u);
  EXPECT_EQ(c.entries_per_row(), 8u);
  EXPECT_EQ(c.max_entries(), 65535u);  // the pointers' limit, not the SRAM's 131,072
  EXPECT_EQ(c.lanes(), 4u);
  EXPECT_EQ(c.batch_columns(), 4096u);
  EXPECT_EQ(c.local_length(8791), 138u);
  EXPECT_EQ(c.act_words(138), 35u);
  EXPECT_EQ(c.window().stride, 256u * 1024);
  EXPECT_EQ(c.window_base(1), 0x10040000u);
}

TEST(Config, SkippedPaddingMayBeLeftOut) {
  TempFolder folder;
  const std::string text = kGood;
  EXPECT_TRUE(load_config(folder.write("yes.yaml", text + "skip_padding: true\n")).skip_padding);
  EXPECT_FALSE(load_config(folder.write("no.yaml", text + "skip_padding: false\n")).skip_padding);
  EXPECT_TRUE(load_config(folder.write("set.yaml", text), {{"skip_padding", "true"}}).skip_padding);
  EXPECT_THROW(load_config(folder.write("twice.yaml", text + "skip_padding: true\nskip_padding: true\n")), UserError);
}

struct BadLine {
  const char* name;  // of the test
  const char* key;
  const char* line;
  const char* expected;
};

void PrintTo(const BadLine& bad, std::ostream* out) { *out << '"' << bad.line << '"'; }

class ConfigBad : public testing::TestWithParam<BadLine> {};

TEST_P(ConfigBad, IsRefusedWithPlaceAndValue) {
  TempFolder folder;
  const BadLine& bad = GetParam();
  const std::string path = folder.write("c.yaml", with(bad.key, bad.line));
  expect_user_error([&] { load_config(path); }, {path + ":", bad.key, bad.expected});
}

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigBad,
    testing::Values(BadLine{"NotAPowerOfTwo", "n_pe", "n_pe: 3", "key 'n_pe' is 3: expected a power of two from 1 to 1024"},
                    BadLine{"Zero", "n_pe", "n_pe: 0", "is 0"}, BadLine{"TooLarge", "n_pe", "n_pe: 2048", "is 2048"},
                    BadLine{"Word", "n_pe", "n_pe: many", "is many: expected an integer"},
                    BadLine{"Real", "n_pe", "n_pe: 64.0", "is 64.0"}, BadLine{"Quoted", "n_pe", "n_pe: \"64\"", "is \"64\""},
                    BadLine{"List", "n_pe", "n_pe: [64]", "is a list"}, BadLine{"Empty", "n_pe", "n_pe:", "is empty"},
                    BadLine{"MissingKey", "n_pe", "", "key 'n_pe' is missing"},
                    BadLine{"GivenTwice", "n_pe", "n_pe: 64\nn_pe: 64", "twice"},
                    BadLine{"Over64Bits", "n_pe", "n_pe: 99999999999999999999", "expected an integer"},
                    BadLine{"QueueTooDeep", "queue_depth", "queue_depth: 257", "1 to 256"},
                    BadLine{"QueueNegative", "queue_depth", "queue_depth: -1", "is -1"},
                    BadLine{"SpmatWidth", "spmat_width", "spmat_width: 48", "one of 32, 64, 128, 256, 512"},
                    BadLine{"PointerWidth", "pointer_width", "pointer_width: 21", "8 to 20"},
                    BadLine{"EntryBits", "run_width", "run_width: 5", "code_width + run_width = 4, 8 or 16"},
                    BadLine{"AccNarrowerThanData", "acc_width", "acc_width: 12", "at least data_width, which is 16"},
                    BadLine{"DataWidth", "data_width", "data_width: 12", "one of 8, 16, 32"},
                    BadLine{"EccNumber", "ecc", "ecc: 1", "true or false"},
                    BadLine{"ClockZero", "clock_mhz", "clock_mhz: 0", "is 0"},
                    BadLine{"ClockNaN", "clock_mhz", "clock_mhz: .nan", "is .nan"},
                    BadLine{"NameWithPath", "name", "name: ../x", "letters, digits"},
                    BadLine{"NameWithDigitFirst", "name", "name: 1x", "a letter"}),
    [](const auto& line) { return std::string(line.param.name); });

TEST(Config, NamesTheLine) {
  TempFolder folder;
  const std::string path = folder.write("c.yaml", with("queue_depth", "queue_depth: 0"));
  expect_user_error([&] { load_config(path); }, {path + ":3: key 'queue_depth' is 0"});
}

TEST(Config, RefusesUnknownKeys) {
  TempFolder folder;
  const std::string path = folder.write("c.yaml", std::string(kGood) + "colour: red\n");
  expect_user_error([&] { load_config(path); }, {path + ":18: unknown key 'colour'", "n_pe"});
}

TEST(Config, RefusesWhatIsNoMap) {
  TempFolder folder;
  const char* const texts[] = {"",
                               "- a\n- b\n",
                               "just text",
                               "a: [1, 2",
                               "a: b: c: {",
                               "\t\t:",
                               "%YAML 9\n---\n",
                               "? [x]\n: 1\n",
                               "--- {}\n--- {}\n",
                               "&a [*a]",
                               "name: &x [*x]\n"};
  for (const char* text : texts) {
    const std::string path = folder.write("c.yaml", text);
    expect_user_error([&] { load_config(path); }, {path});
  }
  expect_user_error([&] { load_config(folder.file("")); }, {"is a directory"});
  expect_user_error([&] { load_config(folder.file("absent.yaml")); },
                    {"absent.yaml: does not exist: expected a readable YAML file"});
}

TEST(Config, TooFewRegistersForAWord) {
  TempFolder folder;
  std::string text = with("registers", "registers: 4");
  text.replace(text.find("data_width: 16"), 14, "data_width: 8");
  const std::string path = folder.write("c.yaml", text);
  expect_user_error([&] { load_config(path); }, {"key 'registers' is 4: expected at least one word of 8"});
}

TEST(Config, HeaderHoldsEveryValue) {
  TempFolder folder;
  const HwConfig c = load_config(folder.write("c.yaml", kGood));
  const std::string header = config_header(c);
  for (const char* part : {"struct my_eie {", "kName = \"my-eie\"", "kPes = 64;", "kQueueDepth = 7;", "kSpmatWidth = 64;",
                           "kPointerDepth = 16384;", "kEcc = false;", "kClockMhz = 800;", "config.h\""}) {
    EXPECT_NE(header.find(part), std::string::npos) << part;
  }
  const std::string path = folder.file("out.h");
  EXPECT_TRUE(write_if_changed(path, header));
  EXPECT_FALSE(write_if_changed(path, header));
}

}  // namespace
}  // namespace eie::tb
