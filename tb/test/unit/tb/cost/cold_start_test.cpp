// SPDX-License-Identifier: Apache-2.0
// Cold start: sums, what moves with what, thresholds against a count one by one, faults of a memory's file. Against the DMA
// engine itself: tb/test/unit/tlm/cold_start_dma_test.cpp.
#include "tb/cost/cold_start.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tb/support/error.h"
#include "tb/support/random.h"
#include "tb/test/support/test_support.h"

namespace eie::tb {
namespace {

std::string shipped(const std::string& name) { return std::string(EIE_SOURCE_DIR) + "/configs/memory/" + name + ".yaml"; }
HwConfig eie64() { return load_config(std::string(EIE_SOURCE_DIR) + "/configs/eie64.yaml"); }

LayerTraffic random_traffic(std::uint64_t seed) {
  Random random(seed);
  LayerTraffic t;
  for (auto* regions : {&t.spmat, &t.pointers, &t.biases, &t.codebook, &t.registers, &t.inputs, &t.outputs}) {
    for (std::uint64_t k = random.below(6); k > 0; --k) regions->push_back({8 * random.below(10000), 1 + random.below(5000)});
  }
  t.spmat.push_back({0, 1 + random.below(5000)});
  t.images_stay = random.below(2) == 0;
  t.biases_stay = random.below(2) == 0;
  t.codebook_stays = random.below(2) == 0;
  for (const Region& region : t.spmat) t.entries += 8 * region.beats;
  t.padding = random.below(t.entries);
  return t;
}

ColdStart random_cold(std::uint64_t seed, const HwConfig& config, const Memory& memory) {
  Random random(seed, 1, 0);
  const double frames = 1 + static_cast<double>(random.below(100));
  return cold_start(random_traffic(seed), 4096, 1024, config, memory, frames, frames * (1 + 100 * random.uniform()),
                    frames * 10 * random.uniform());
}

TEST(ColdStart, PartsAreTheTotalInRandomRuns) {
  const HwConfig config = eie64();
  for (const char* name : {"lpddr2", "ddr4"}) {
    const Memory memory = Memory::load(shipped(name));
    const std::uint64_t fetch = dma_chain({{0, 0}}, true, memory, config.clock_mhz).cycles;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
      const ColdStart cold = random_cold(seed, config, memory);
      double us = cold.compute.us;
      double uj = *cold.compute.uj;
      double once_uj = 0;
      for (const ColdPart& part : cold.parts) {
        us += static_cast<double>(part.chain.cycles) / config.clock_mhz;
        uj += part.uj;
        once_uj += part.stays ? part.uj : 0;
        ASSERT_NEAR(part.uj, 64.0 * static_cast<double>(part.chain.beats + 8 * part.chain.descriptors) * memory.energy * 1e-6,
                    1e-9);
        ASSERT_GE(part.chain.cycles, std::max(part.chain.dram_cycles, part.chain.port_cycles));
        ASSERT_LE(part.chain.cycles, part.chain.dram_cycles + part.chain.port_cycles + part.chain.descriptors * fetch);
      }
      ASSERT_NEAR(cold.cold().us, us, 1e-9 * us) << seed;
      ASSERT_NEAR(*cold.cold().uj, uj, 1e-9 * uj) << seed;
      ASSERT_NEAR(*cold.once.uj, once_uj, 1e-9 * uj) << seed;
      ASSERT_NEAR(cold.amortised().us * cold.frames, cold.once.us + cold.frames * cold.warm().us, 1e-9 * us * cold.frames);
      ASSERT_LE(cold.amortised().us, cold.cold().us * (1 + 1e-12));
    }
  }
}

// The least number of frames is found by counting.
TEST(ColdStart, FramesUntilLoadingIsAShare) {
  const Memory memory = Memory::load(shipped("lpddr2"));
  unsigned never = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const ColdStart cold = random_cold(seed, eie64(), memory);
    for (const double share : {0.5, 0.1}) {
      const auto small = [&](double m) {
        return cold.once.us + m * cold.every.us <= share * (cold.once.us + m * cold.warm().us) * (1 + 1e-12);
      };
      const std::optional<double> frames = cold.frames_for_time(share);
      if (!frames) {
        ++never;
        EXPECT_FALSE(small(1e12));
        continue;
      }
      EXPECT_TRUE(small(*frames)) << seed;
      EXPECT_TRUE(*frames == 1 || !small(*frames - 1)) << seed;
    }
  }
  EXPECT_GT(never, 10u);
  EXPECT_LT(never, 590u);
}

TEST(ColdStart, WhatMovesWithWhat) {
  const HwConfig config = eie64();
  const Memory slow = Memory::load(shipped("lpddr2"));
  Memory fast = slow;
  fast.bandwidth *= 3;
  Memory dear = slow;
  dear.energy *= 2;
  HwConfig quick = config;
  quick.clock_mhz *= 2;
  const std::vector<Region> regions(64, Region{0, 4096});
  const DmaChain base = dma_chain(regions, true, slow, config.clock_mhz);
  EXPECT_GT(base.dram_cycles, base.port_cycles);  // 4.3 GB/s against 6.4
  const DmaChain wider = dma_chain(regions, true, fast, config.clock_mhz);
  EXPECT_LT(wider.dram_cycles, wider.port_cycles);
  EXPECT_LT(wider.cycles, 0.75 * static_cast<double>(base.cycles));
  EXPECT_EQ(wider.port_cycles, base.port_cycles);
  // Twice the clock: DRAM takes as long, in twice the cycles.
  const DmaChain clocked = dma_chain(regions, true, slow, quick.clock_mhz);
  EXPECT_NEAR(static_cast<double>(clocked.dram_cycles), 2.0 * static_cast<double>(base.dram_cycles),
              0.01 * static_cast<double>(base.dram_cycles));
  const ColdStart a = random_cold(7, config, slow);
  const ColdStart b = random_cold(7, config, dear);
  EXPECT_DOUBLE_EQ(*b.dense.uj, 2 * *a.dense.uj);
  EXPECT_NEAR(*b.cold().uj - *b.compute.uj, 2 * (*a.cold().uj - *a.compute.uj), 1e-9 * *b.cold().uj);
  EXPECT_EQ(a.cold().us, b.cold().us);
}

// At the break-even density a first frame takes what dense weights take.
TEST(ColdStart, BreakEven) {
  const Memory memory = Memory::load(shipped("ddr4"));
  unsigned found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const ColdStart cold = random_cold(seed, eie64(), memory);
    const std::optional<double> density = cold.break_even_time();
    if (!density || *density == 1) continue;
    ++found;
    const double scaled = cold.cold().us - cold.spmat.us + cold.spmat.us * *density / cold.density();
    EXPECT_NEAR(scaled, cold.dense.us, 1e-9 * cold.dense.us);
  }
  EXPECT_GT(found, 10u);
}

TEST(Memory, FaultsOfAFileAreNamed) {
  TempFolder folder;
  std::ifstream file(shipped("ddr4"));
  const std::string good((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const auto& [from, to, part] : {std::tuple("name: energy", "name: enrgy", "expected one of bandwidth"),
                                       {"name: energy", "name: burst", "pJ/bit"},
                                       {"\"GB/s\"", "\"GiB/s\"", "expected GB/s"},
                                       {"value: 19.2,", "value: -19.2,", "value"},
                                       {"value: 256,", "value: 2.5,", "whole number"},
                                       {"value: 256,", "value: 257,", "value"},
                                       {"  - {name: refresh,", "  - {name: first_beat,", "first_beat"}}) {
    std::string text = good;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, std::string(from).size(), to);
    try {
      Memory::load(folder.write("m.yaml", text));
      ADD_FAILURE() << to << " was read";
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("m.yaml"), std::string::npos) << error.what();
      if (part != std::string("pJ/bit") && part != std::string("first_beat")) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace eie::tb
