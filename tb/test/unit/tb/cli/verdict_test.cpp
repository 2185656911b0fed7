// SPDX-License-Identifier: Apache-2.0
// Which of several configurations to build: runs made by hand, and the sentences that follow from their numbers.
#include "tb/cli/html/verdict.h"

#include <gtest/gtest.h>

namespace eie::tb {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool has(const std::vector<std::string>& lines, const std::string& part) {
  for (const std::string& line : lines) {
    if (has(line, part)) return true;
  }
  return false;
}

RunData run_of(const std::string& name, double us, double uj, double mm2) {
  RunData run;
  run.label = run.config = name;
  run.n_pe = 4;
  run.clock_mhz = 100;
  run.configuration = {{"name", name}, {"n_pe", "4"}};
  run.inputs = {{"weights", "", "w.npy", "8 x 8", "float32", std::string(64, 'a')}};
  run.all.cycles = 100 * us;
  run.all.time_us = us;
  run.all.rows = run.all.columns = 8;
  run.all.golden_match = true;
  run.all.pe_cycles.emplace();
  (*run.all.pe_cycles)[0] = 4 * 100 * us;
  EnergyData energy;
  energy.technology = "tech";
  energy.uj = uj;
  energy.power_mw = 1e3 * uj / us;
  energy.parts = {{"SpmatRead", "SRAM read", "pJ", 1, uj * 1e6, uj}};
  run.all.energy = energy;
  AreaData area;
  area.technology = "tech";
  area.mm2 = mm2;
  area.parts = {{"SpmatRead", "SRAM", 4, mm2 * 1e6 / 4}};
  run.area = area;
  run.layers = {run.all};
  return run;
}

TEST(Verdict, BetterIsByMoreThanOnePercent) {
  EXPECT_EQ(better(100, 101), 0);
  EXPECT_EQ(better(101, 100), 0);
  EXPECT_EQ(better(100, 101.1), -1);
  EXPECT_EQ(better(101.1, 100), 1);
  EXPECT_EQ(better(0, 0), 0);
}

TEST(Verdict, OneIsNowhereWorse) {
  const ReportVerdict v = verdict_of({run_of("a", 100, 10, 5), run_of("b", 75, 10.05, 4)});
  EXPECT_EQ(v.headline,
            "Build b rather than a: it has 25.0 % less time and 20.0 % less area; it is equal in energy (less than 1 % apart).");
  ASSERT_EQ(v.pairs.size(), 1u);
  const auto& lines = v.pairs[0].lines;
  EXPECT_TRUE(has(lines, "Time: b 75 us, a 100 us: b has 25.0 % less time, it is 1.333 times as fast."));
  EXPECT_TRUE(has(lines, "Energy: b 10.05 uJ, a 10 uJ: equal, less than 1 % apart."));
  EXPECT_TRUE(has(
      lines,
      "Cycles: b 7,500, a 10,000, that is 2,500 fewer. In the mean of its PEs, the largest changes first: work 2,500 fewer."));
  EXPECT_TRUE(has(lines, "Energy times time, which weighs both alike: b has 0.754 of that of a."));
  EXPECT_TRUE(has(lines, "b stays the faster one down to 75 MHz"));
  // The other way round it is the same machine.
  EXPECT_TRUE(has(verdict_of({run_of("b", 75, 10.05, 4), run_of("a", 100, 10, 5)}).headline, "Build b rather than a: "));
}

TEST(Verdict, ATradeNamesWhatDecides) {
  EXPECT_EQ(
      verdict_of({run_of("a", 100, 10, 5), run_of("b", 50, 12, 10)}).headline,
      "It is a trade: build a where energy and area decide (it has 16.7 % less energy and 50.0 % less area), and b where time "
      "decides (it has 50.0 % less time).");
}

TEST(Verdict, LessThanOnePercentIsEqual) {
  EXPECT_EQ(verdict_of({run_of("a", 100, 10, 5), run_of("b", 100.9, 9.95, 5)}).headline,
            "Either: a and b are equal in time, energy and area, less than 1 % apart.");
}

TEST(Verdict, WhatIsNotCountedIsSaidWithItsMargin) {
  RunData b = run_of("b", 80, 8, 5);
  b.all.energy->without = b.area->without = {"look_ahead"};
  const ReportVerdict v = verdict_of({run_of("a", 100, 10, 5), b});
  EXPECT_TRUE(has(v.headline, "as far as the technology counts (see Not counted)"));
  EXPECT_TRUE(has(v.pairs[0].lines, "Not counted: what the logic of look_ahead in b costs"));
  EXPECT_TRUE(has(v.pairs[0].lines, "b stays ahead as long as that logic takes less than 2 uJ, a power of 25 mW"));
}

TEST(Verdict, WrongResultsAndOtherWorkAreLeftOut) {
  RunData wrong = run_of("wrong", 1, 1, 1);
  wrong.all.golden_match = false;
  wrong.all.mismatches = 7;
  ReportVerdict v = verdict_of({run_of("a", 100, 10, 5), wrong});
  EXPECT_TRUE(has(v.headline, "No verdict"));
  EXPECT_TRUE(has(v.lines, "wrong does not match the golden model (7 wrong outputs)"));

  RunData other = run_of("other", 50, 5, 5);
  other.inputs[0].sha256 = std::string(64, 'b');
  v = verdict_of({run_of("a", 100, 10, 5), other});
  EXPECT_TRUE(has(v.headline, "No verdict"));
  EXPECT_TRUE(has(v.lines,
                  "other did other work than a, and is left out of the verdict: the files of weights differ (w.npy and w.npy)."));

  RunData smaller = run_of("smaller", 50, 5, 5);
  smaller.layers[0].rows = 4;
  EXPECT_EQ(other_work(run_of("a", 1, 1, 1), smaller), "layer 1 is 8 x 8 for a, 4 x 8 for smaller");
  RunData seeded = run_of("seeded", 50, 5, 5);
  seeded.seed = 2;
  EXPECT_TRUE(has(other_work(run_of("a", 1, 1, 1), seeded), "the seed is"));
  // Another configuration file is what one compares.
  RunData configured = run_of("c", 50, 5, 5);
  configured.inputs.push_back({"config", "", "c.yaml", "", "", std::string(64, 'c')});
  EXPECT_EQ(other_work(run_of("a", 1, 1, 1), configured), "");
}

TEST(Verdict, WithoutEnergyTheRestDecides) {
  RunData b = run_of("b", 80, 8, 5);
  b.all.energy->refused = "b has no counters in its PEs";
  const ReportVerdict v = verdict_of({run_of("a", 100, 10, 5), b});
  EXPECT_EQ(v.headline, "Build b rather than a: it has 20.0 % less time; it is equal in area (less than 1 % apart).");
  EXPECT_TRUE(has(v.limits, "b has no energy, so that it is no part of the verdict: b has no counters in its PEs."));
}

TEST(Verdict, OtherTechnologiesAreSaid) {
  RunData b = run_of("b", 80, 8, 5);
  b.all.energy->technology = b.area->technology = "other";
  EXPECT_TRUE(has(verdict_of({run_of("a", 100, 10, 5), b}).limits, "reckoned with different technologies"));
}

TEST(Verdict, OfThreeTheFrontIsNamed) {
  const ReportVerdict v = verdict_of({run_of("a", 100, 10, 5), run_of("b", 80, 9, 5), run_of("c", 200, 8, 2)});
  EXPECT_EQ(v.headline, "It is a trade between b and c. Best in time: b (80 us); energy: c (8 uJ); area: c (2 mm2).");
  EXPECT_TRUE(has(v.lines, "Not a: b is nowhere worse (time, energy and area), and better in one at least."));
  ASSERT_EQ(v.pairs.size(), 3u);
  EXPECT_EQ(v.pairs[2].title, "c against b");
  EXPECT_TRUE(has(verdict_of({run_of("a", 100, 10, 5), run_of("b", 80, 9, 5), run_of("c", 70, 8, 2)}).headline,
                  "Build c: nothing else is better in time, energy and area."));
}

TEST(Verdict, AccuracyCounts) {
  RunData a = run_of("a", 100, 10, 5), b = run_of("b", 80, 8, 5);
  a.accuracy = 0.98;
  b.accuracy = 0.95;
  EXPECT_EQ(verdict_of({a, b}).headline,
            "It is a trade: build a where accuracy decides (it has 3.0 points more accuracy), and b where time and energy decide "
            "(it has "
            "20.0 % less time and 20.0 % less energy); it is equal in area (less than 1 % apart).");
}

TEST(Verdict, LayersThatGoTheOtherWayAreNamed) {
  RunData a = run_of("a", 100, 10, 5), b = run_of("b", 80, 8, 5);
  a.layers = {run_of("", 50, 5, 5).all, run_of("", 50, 5, 5).all};
  b.layers = {run_of("", 20, 4, 5).all, run_of("", 60, 4, 5).all};
  for (RunData* run : {&a, &b}) {
    run->list = true;
    run->layers[0].name = "one";
    run->layers[1].name = "two";
  }
  EXPECT_TRUE(has(verdict_of({a, b}).pairs[0].lines,
                  "By layer: b is faster in 1 of 2, its time from 0.400 (one) to 1.200 (two) of that of a; slower in two."));
}

TEST(Verdict, ASingleRunIsSummedUp) {
  RunData run = run_of("a", 100, 10, 5);
  run.all.floor_nonzeros = 5000;
  run.all.floor_broadcasts = 8000;
  run.all.floor_distance = 0.25;
  (*run.all.pe_cycles)[3] = 4000;
  const std::vector<std::string> lines = summary_of(run);
  EXPECT_TRUE(has(lines, "a took 10,000 cycles, 100 us at 100 MHz, for a layer of 8 x 8; 10 uJ at 100 mW; 5 mm2."));
  EXPECT_TRUE(has(lines, "below 8,000 cycles (broadcasts, one a cycle): 25.0 % more were taken."));
  EXPECT_TRUE(has(lines, "PEs work in 90.9 % of their cycles; most of the others go to waiting for a full queue, 9.1 %."));
  EXPECT_TRUE(has(lines, "Most energy goes to SpmatRead, 100.0 %."));
}

}  // namespace
}  // namespace eie::tb
