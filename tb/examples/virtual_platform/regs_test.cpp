// SPDX-License-Identifier: Apache-2.0
// The generated C header has every constant of the C++ headers, with its value. The values are worked out here from the
// text of the headers, so that the generator is not judged by itself.
#include <cctype>
#include <cstdint>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <string>

namespace {

/// kIrqStatus -> prefix + IRQ_STATUS
std::string define_name(const std::string& prefix, const std::string& constant) {
  std::string name = prefix + std::regex_replace(constant.substr(1), std::regex("(.)(?=[A-Z])"), "$1_");
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// A number, or `1u << n` and its wider form.
std::uint64_t value_of(const std::string& text) {
  std::smatch match;
  if (std::regex_match(text, match, std::regex("(?:1u|std::uint64_t\\{1\\}) << ([0-9]+)")))
    return std::uint64_t{1} << std::stoul(match[1]);
  std::size_t used = 0;
  const std::uint64_t value = std::stoull(text, &used, 0);
  EXPECT_EQ(used, text.size()) << "an expression that this test does not know: " << text;
  return value;
}

/// The constants of a C++ header, under their C names; those before the table that describes them.
std::map<std::string, std::uint64_t> constants(const std::string& file, const std::string& prefix) {
  std::ifstream stream(std::string(EIE_SOURCE_DIR) + "/" + file);
  EXPECT_TRUE(stream) << file;
  std::map<std::string, std::uint64_t> found;
  const std::regex pattern("^constexpr (?:unsigned|std::uint32_t|std::uint64_t) (k[A-Za-z0-9]+) = ([^;]+);.*");
  std::smatch match;
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("// --- The table ", 0) == 0) break;  // words about the constants above
    const bool constant = line.rfind("constexpr ", 0) == 0 && line.find('(') >= line.find("//");  // no function
    EXPECT_EQ(std::regex_match(line, match, pattern), constant) << line;
    if (!match.empty()) found[define_name(prefix, match[1])] = value_of(match[2]);
  }
  return found;
}

std::map<std::string, std::uint64_t> generated() {
  std::ifstream stream(EIE_REGS_HEADER);
  EXPECT_TRUE(stream) << EIE_REGS_HEADER;
  std::map<std::string, std::uint64_t> found;
  std::smatch match;
  const std::regex pattern("#define ([A-Z0-9_]+) UINT64_C\\((0x[0-9a-fA-F]+)\\)(?: /\\* .* \\*/)?");
  for (std::string line; std::getline(stream, line);) {
    if (!std::regex_match(line, match, pattern)) continue;
    EXPECT_TRUE(found.emplace(match[1], std::stoull(match[2], nullptr, 0)).second) << "twice: " << line;
  }
  return found;
}

TEST(RegsHeader, HasEveryConstant) {
  auto expected = constants("hw/register_map.h", "EIE_");
  const auto dma = constants("tlm/dma/dma_registers.h", "EIE_DMA_");
  EXPECT_GT(expected.size(), 90u);
  EXPECT_GT(dma.size(), 40u);
  expected.insert(dma.begin(), dma.end());
  EXPECT_EQ(expected.at("EIE_CODEBOOK"), 0x1000u);
  EXPECT_EQ(expected.at("EIE_CAP_N_PE_MASK"), 0xFFFFu);
  EXPECT_EQ(expected.at("EIE_CAP_PE_COUNTERS"), std::uint64_t{1} << 42);
  EXPECT_EQ(expected.at("EIE_LAYER_SRC_RESIDENT"), 0x1000u);
  EXPECT_EQ(expected.at("EIE_DMA_DESC_BYTES"), 64u);
  const auto seen = generated();
  for (const auto& [name, value] : expected) {
    const auto at = seen.find(name);
    ASSERT_NE(at, seen.end()) << name << " is missing";
    EXPECT_EQ(at->second, value) << name;
  }
  EXPECT_EQ(seen.size(), expected.size());
}

}  // namespace
