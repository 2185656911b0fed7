// SPDX-License-Identifier: Apache-2.0
// Small things that several unit tests need.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/code_matrix.h"

namespace eie::tb {

/// A folder of its own for one test, removed afterwards.
class TempFolder {
 public:
  TempFolder() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string("eie_") + info->test_suite_name() + "_" + info->name() + std::to_string(getpid());
    for (char& c : name) c = c == '/' ? '_' : c;
    path_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }
  bool empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// One edit; the text must be there.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "'" << from << "' is not there";
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The paper's PE in small: every field legal, memories of a few kilobytes.
inline HwConfig small_config(unsigned n_pe = 4) {
  HwConfig c;
  c.name = "small";
  c.n_pe = n_pe;
  c.queue_depth = 7;
  c.spmat_width = 64;
  c.spmat_depth = 1024;
  c.pointer_width = 16;
  c.pointer_depth = 1024;
  c.act_depth = 64;
  c.registers = 16;
  c.code_width = 4;
  c.run_width = 4;
  c.data_width = 16;
  c.acc_width = 16;
  c.lnzd_fan_in = 4;
  c.clock_mhz = 800;
  return c;
}

/// Non-zero codes with the given probability.
inline void fill_random(CodeMatrix& matrix, double density, unsigned code_width, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const unsigned codes = (1u << code_width) - 1;
  for (std::size_t j = 0; j < matrix.columns(); ++j) {
    for (std::size_t i = 0; i < matrix.rows(); ++i) {
      if (static_cast<double>(random() % 10000) < density * 10000) {
        matrix.at(i, j) = static_cast<std::uint8_t>(1 + random() % codes);
      }
    }
  }
}

/// Integers from `low` to `high`; each is zero instead with probability 1 - density.
inline std::vector<std::int32_t> random_vector(std::size_t length, std::int32_t low, std::int32_t high, double density,
                                               std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int32_t> values(length, 0);
  for (std::int32_t& v : values) {
    const bool present = static_cast<double>(random() % 10000) < density * 10000;
    const auto span = static_cast<std::uint64_t>(static_cast<std::int64_t>(high) - low + 1);
    const auto drawn = static_cast<std::int32_t>(low + static_cast<std::int64_t>(random() % span));
    if (present) v = drawn;
  }
  return values;
}

/// An ascending codebook with values of both signs up to `magnitude`.
inline std::vector<std::int32_t> test_codebook(unsigned code_width, std::int32_t magnitude) {
  const int codes = 1 << code_width;
  std::vector<std::int32_t> values{0};
  for (int c = 1; c < codes; ++c) {
    values.push_back(codes == 2 ? magnitude : -magnitude + 2 * magnitude / (codes - 2) * (c - 1));
  }
  return values;
}

/// Expects a UserError whose text contains every one of `parts`.
template <class Action>
void expect_user_error(Action action, const std::vector<std::string>& parts) {
  try {
    action();
    ADD_FAILURE() << "expected a UserError with '" << parts.front() << "'";
  } catch (const UserError& error) {
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << "'" << part << "' is not in: " << error.what();
    }
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

}  // namespace eie::tb
