// SPDX-License-Identifier: Apache-2.0
// Energy and area: sums, what moves with what, the rule of SRAMs, and the published figures that were not fitted.
#include "tb/cost/cost.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <tuple>
#include <utility>

#include "tb/support/error.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

std::string shipped(const std::string& name) { return std::string(EIE_SOURCE_DIR) + "/configs/technology/" + name + ".yaml"; }
HwConfig shipped_config(const std::string& name) {
  return load_config(std::string(EIE_SOURCE_DIR) + "/configs/" + name + ".yaml");
}

Counters random_counters(const HwConfig& config, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Counters c;
  c.cycles = 1 + random() % 1000000;
  c.broadcasts = random() % (c.cycles + 1);
  c.act_transfer_cycles = random() % 1000;
  for (unsigned k = 0; k < config.n_pe; ++k) {
    PeCounts pe;
    pe.entries = random() % (c.cycles + 1);
    pe.padding = random() % (pe.entries + 1);
    pe.padding_skipped = random() % (pe.padding + 1);
    pe.spmat_reads = random() % (pe.entries + 1);
    pe.ptr_reads = random() % (2 * c.broadcasts + 1);
    c.pe.push_back(pe);
  }
  return c;
}

TEST(Cost, PartsAreTheTotalToTheLastBit) {
  for (const char* name : {"paper45", "ours45", "scaled28"}) {
    const Technology technology = Technology::load(shipped(name));
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
      const HwConfig config = shipped_config(seed % 2 == 0 ? "eie64" : "eie16");
      const Cost cost = cost_of(random_counters(config, seed), config, technology);
      ASSERT_TRUE(cost.energy) << cost.refused;
      double sum = 0;
      double by_block = 0;
      for (const EnergyPart& part : cost.energy->parts) {
        sum += part.uj;
        ASSERT_GE(part.uj, 0) << part.block << ' ' << part.event;
      }
      ASSERT_EQ(sum, cost.energy->uj);
      for (const char* block : {"ActQueue", "PtrRead", "SpmatRead", "ArithUnit", "ActRw", "PE", "LnzdTree"})
        by_block += cost.energy->of_block(block);
      ASSERT_NEAR(by_block, sum, 1e-9 * sum);
    }
  }
}

// Twice the clock: an event costs what it cost, standby and leakage half of it.
TEST(Cost, TwiceTheClock) {
  for (const char* name : {"paper45", "ours45"}) {
    const Technology technology = Technology::load(shipped(name));
    HwConfig config = shipped_config("eie64");
    const Counters counters = random_counters(config, 3);
    const Energy slow = *cost_of(counters, config, technology).energy;
    config.clock_mhz *= 2;
    const Energy fast = *cost_of(counters, config, technology).energy;
    ASSERT_EQ(slow.parts.size(), fast.parts.size());
    double standby = 0;
    for (std::size_t k = 0; k < slow.parts.size(); ++k) {
      EXPECT_DOUBLE_EQ(fast.parts[k].uj, slow.parts[k].uj / (slow.parts[k].is_power ? 2 : 1)) << slow.parts[k].event;
      standby += slow.parts[k].is_power ? slow.parts[k].uj : 0;
    }
    EXPECT_GT(standby, 0);
    EXPECT_DOUBLE_EQ(fast.power_mw, (slow.uj - standby / 2) / slow.uj * 2 * slow.power_mw);
    EXPECT_DOUBLE_EQ(fast.gops, 2 * slow.gops);
  }
}

// Table V's assumption: nothing but time and PEs counts.
TEST(Cost, PowerOfAPeIsOneNumber) {
  const Technology technology = Technology::load(shipped("scaled28"));
  ASSERT_TRUE(technology.pe_power());
  HwConfig config = shipped_config("eie256");
  const Energy one = *cost_of(random_counters(config, 3), config, technology).energy;
  EXPECT_NEAR(one.power_mw, 2360, 1e-6);
  EXPECT_EQ(one.parts.size(), 1u);
  EXPECT_NEAR(cost_of(random_counters(config, 4), config, technology).energy->power_mw, 2360, 1e-6);
  config.clock_mhz *= 2;
  const Energy fast = *cost_of(random_counters(config, 3), config, technology).energy;
  EXPECT_NEAR(fast.power_mw, 2360, 1e-6);
  EXPECT_DOUBLE_EQ(2 * fast.uj, one.uj);
  EXPECT_FALSE(Technology::load(shipped("paper45")).pe_power());
}

TEST(Cost, TwiceThePes) {
  const Technology technology = Technology::load(shipped("paper45"));
  HwConfig config = shipped_config("eie64");
  const Counters counters = random_counters(config, 4);
  Counters twice = counters;
  twice.pe.insert(twice.pe.end(), counters.pe.begin(), counters.pe.end());
  const Energy one = *cost_of(counters, config, technology).energy;
  const Area small = area_of(config, technology);
  config.n_pe *= 2;
  const Energy two = *cost_of(twice, config, technology).energy;
  const double nodes = one.of_block("LnzdTree");
  EXPECT_NEAR(two.uj - two.of_block("LnzdTree"), 2 * (one.uj - nodes), 1e-9 * two.uj);
  EXPECT_DOUBLE_EQ(two.of_block("LnzdTree"), nodes * lnzd_nodes(config) / 21);
  EXPECT_NEAR(area_of(config, technology).mm2, 2 * small.mm2, 0.01);
}

TEST(Cost, NodesOfTheTree) {
  HwConfig config = shipped_config("eie64");
  EXPECT_EQ(lnzd_nodes(config), 21u);  // the paper, section VI: 16 + 4 + 1
  config.n_pe = 1;
  EXPECT_EQ(lnzd_nodes(config), 0u);
  config.n_pe = 2;
  EXPECT_EQ(lnzd_nodes(config), 1u);
  config.n_pe = 128;
  EXPECT_EQ(lnzd_nodes(config), 32u + 8u + 2u + 1u);
}

TEST(Cost, NothingRan) {
  const Technology technology = Technology::load(shipped("paper45"));
  const HwConfig config = shipped_config("eie4");
  Counters counters;
  counters.pe.resize(4);
  const Cost cost = cost_of(counters, config, technology);
  ASSERT_TRUE(cost.energy);
  EXPECT_EQ(cost.energy->uj, 0);
  EXPECT_EQ(cost.energy->power_mw, 0);
  EXPECT_EQ(cost.energy->gops, 0);
}

TEST(Cost, WhatIsNotKnownIsRefused) {
  const Technology technology = Technology::load(shipped("paper45"));
  HwConfig config = shipped_config("eie4");
  EXPECT_NE(cost_of(Counters{}, config, technology).refused.find("no counters in its PEs"), std::string::npos);
  const Counters counters = random_counters(config, 1);
  config.spmat_depth *= 8;  // 1 MB
  EXPECT_NE(cost_of(counters, config, technology).refused.find("Spmat of 1024 KB: the rule of paper45 is for 2 to 512 KB"),
            std::string::npos);
  EXPECT_THROW(area_of(config, technology), UserError);
  config = shipped_config("eie4");
  config.act_depth = 64;
  EXPECT_NE(cost_of(counters, config, technology).refused.find("Act of 0.5 KB"), std::string::npos);
  config = shipped_config("eie4");
  config.pointer_width = 8;
  EXPECT_NE(cost_of(counters, config, technology).refused.find("Ptr of 16 bits a read"), std::string::npos);
}

TEST(Cost, OptionsWithoutValuesAreNamed) {
  const Technology technology = Technology::load(shipped("paper45"));
  const HwConfig plus = shipped_config("eie64-plus");
  EXPECT_EQ(cost_of(random_counters(plus, 1), plus, technology).without,
            (std::vector<std::string>{"look_ahead", "skip_padding"}));
  EXPECT_TRUE(uncounted_options(shipped_config("eie64")).empty());
}

// Check bits are read and stored too.
TEST(Cost, EccReadsMoreBits) {
  const Technology technology = Technology::load(shipped("paper45"));
  const HwConfig with = shipped_config("eie4-ecc");
  HwConfig without = with;
  without.ecc = false;
  const Counters counters = random_counters(with, 5);
  const auto reads = [&](const HwConfig& config) {
    double uj = 0;
    const Cost cost = cost_of(counters, config, technology);
    for (const EnergyPart& part : cost.energy->parts) uj += part.event == "SRAM read" ? part.uj : 0;
    return uj;
  };
  EXPECT_GT(reads(with), 1.1 * reads(without));
  EXPECT_GT(area_of(with, technology).mm2, 1.1 * area_of(without, technology).mm2);
}

// Figure 9: what was published comes out as it was, at every width; between and beyond as docs/energy.md says.
TEST(Technology, SramRule) {
  const Technology technology = Technology::load(shipped("paper45"));
  for (const auto& [bits, pj] : {std::pair(32, 9.6), {64, 14.6}, {128, 28.6}, {256, 62.9}, {512, 178.6}}) {
    EXPECT_DOUBLE_EQ(technology.sram_read_pj(128, bits), pj);
  }
  EXPECT_DOUBLE_EQ(technology.sram_read_pj(32, 32), 5);  // Table I
  EXPECT_GT(technology.sram_read_pj(128, 78), 14.6);
  EXPECT_LT(technology.sram_read_pj(128, 78), 28.6);
  EXPECT_THROW(technology.sram_read_pj(1, 32), UserError);
  EXPECT_THROW(technology.sram_read_pj(513, 32), UserError);
  EXPECT_THROW(technology.sram_read_pj(128, 31), UserError);
  EXPECT_THROW(technology.sram_read_pj(128, 513), UserError);
}

// Table II's areas, and 40.8 mm2 for 64 PEs (section VI). The five modules and the filler were put in; their sum with the tree
// was not.
TEST(Cost, AreaOfThePaper) {
  const Technology technology = Technology::load(shipped("paper45"));
  const Area area = area_of(shipped_config("eie64"), technology);
  EXPECT_NEAR(area.mm2, 40.8, 0.02 * 40.8);
  double pe = 0;
  for (const AreaPart& part : area.parts) pe += part.block == "LnzdTree" ? 0 : part.um2;
  EXPECT_NEAR(pe, 638024, 0.001 * 638024);
  EXPECT_NEAR(area_of(shipped_config("eie256"), Technology::load(shipped("scaled28"))).mm2, 63.8, 0.05 * 63.8);
}

TEST(Technology, FaultsOfAFileAreNamed) {
  TempFolder folder;
  std::ifstream file(shipped("paper45"));
  const std::string good((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto fault = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return "no " + from;
    text.replace(at, from.size(), to);
    try {
      Technology::load(folder.write("t.yaml", text));
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("read");
  };
  EXPECT_EQ(fault("name: paper45", "name: paper45"), "read");
  for (const auto& [from, to, part] : {std::tuple("name: multiply_16", "name: multiply_17", "expected one of act_rw_area"),
                                       {"name: multiply_16", "name: multiply_8", "each value once"},
                                       {"unit: \"pJ\"", "unit: \"nJ\"", "expected pJ"},
                                       {"value: 0.6,", "value: -0.6,", "value"},
                                       {"value: 0.6,", "value: .nan,", "value"},
                                       {"value: 0.6,", "value: x,", "value"},
                                       {"bits: 64,", "bits: 32,", "ascending widths"},
                                       {"kb: 128, bits: 64", "kb: 64, bits: 64", "one size of all"},
                                       {"kb: 32, bits: 32", "kb: 32, bits: 48", "of a width in sram_reads"},
                                       {"sram_least_kb: 2 ", "sram_least_kb: 600 ", "sram_most_kb"},
                                       {"about:", "abuot:", "abuot"}}) {
    const std::string said = fault(from, to);
    EXPECT_NE(said.find(part), std::string::npos) << from << " -> " << to << ": " << said;
    EXPECT_NE(said.find("t.yaml"), std::string::npos) << said;
  }
  EXPECT_NE(fault("values:\n", "values:\n  - {name: pe_power, value: 9, unit: \"mW\", source: \"x\"}\n").find("beside pe_power"),
            std::string::npos);
  // Without one of its values.
  for (const auto& value : technology_values()) {
    if (value.first == "pe_power") continue;  // instead of events
    const std::string said = fault("  - {name: " + value.first + ",", "  - {name: gone,");
    EXPECT_NE(said, "read") << value.first;
  }
}

}  // namespace
}  // namespace eie::tb
