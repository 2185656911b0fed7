// SPDX-License-Identifier: Apache-2.0
// Sweeps in files: what they say, what is refused, what the digest covers; and the numbers of their points.
#include "tb/sweep/sweep_file.h"

#include <gtest/gtest.h>
#include <set>

#include "tb/sweep/points.h"
#include "tb/test/unit/tb/sweep/sweep_files.h"

namespace eie::tb {
namespace {

std::string fault_of(const SweepFolder& folder, const std::string& more) {
  try {
    folder.sweep(more);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(SweepFile, ListsAndRangesGiveTheValues) {
  const SweepFolder folder;
  const SweepFile sweep = folder.sweep(
      "layers: all\nbalance: [none, rows]\nseed: {from: 3, to: 5, step: 1}\nkeys:\n  n_pe: {from: 1, to: 20, times: 2}\n"
      "  clock_mhz: {from: 100, to: 800, step: 350}\n  skip_padding: [true, false]\n  queue_depth: 7\n");
  ASSERT_EQ(sweep.subjects.size(), 2u);
  EXPECT_EQ(sweep.subjects[1].name, "b");
  EXPECT_EQ(sweep.seeds, (std::vector<std::uint64_t>{3, 4, 5}));
  ASSERT_EQ(sweep.keys.size(), 4u);
  EXPECT_EQ(sweep.keys[0].values, (std::vector<std::string>{"1", "2", "4", "8", "16"}));
  EXPECT_EQ(sweep.keys[1].values, (std::vector<std::string>{"100", "450", "800"}));
  EXPECT_EQ(sweep.keys[2].values, (std::vector<std::string>{"true", "false"}));
  EXPECT_EQ(sweep.keys[3].values, (std::vector<std::string>{"7"}));
}

TEST(SweepFile, LargeNumbersOfARangeAreWhole) {
  const SweepFolder folder;
  const SweepFile sweep = folder.sweep(
      "layers: a\nseed: {from: 100000, to: 300000, step: 100000}\nkeys:\n  clock_mhz: {from: 0.5, to: 100000, step: 99999.5}\n");
  EXPECT_EQ(sweep.seeds, (std::vector<std::uint64_t>{100000, 200000, 300000}));
  EXPECT_EQ(sweep.keys[0].values, (std::vector<std::string>{"0.5", "1e+05"}));
}

TEST(SweepFile, WhatIsWrongIsNamedWithPlaceAndRange) {
  const SweepFolder folder;
  const std::string at = folder.path("sweep.yaml") + ":";
  EXPECT_EQ(fault_of(folder, "seed: 1\n"),
            folder.path("sweep.yaml") + ": has neither layers nor networks: expected `layers: [...]` or `networks: [...]`");
  EXPECT_EQ(fault_of(folder, "layers: a\nkeys:\n  queue_depth: [1, 0]\n"),
            at + "5: key 'queue_depth' holds 0: expected an integer from 1 to 256");
  EXPECT_EQ(fault_of(folder, "layers: a\nkeys:\n  n_pe: {from: 16, to: 64, step: 16}\n"),
            at + "5: key 'n_pe' holds 48: expected a power of two from 1 to 1024");
  EXPECT_EQ(fault_of(folder, "layers: a\nkeys:\n  ecc: [yes]\n"), at + "5: key 'ecc' holds yes: expected true or false");
  EXPECT_EQ(fault_of(folder, "layers: a\nkeys:\n  queue_depth: [7, 7]\n"),
            at + "5: key 'queue_depth' holds 7 twice: expected different values");
  EXPECT_EQ(fault_of(folder, "layers: [a, c]\n"),
            at + "3: key 'layers' holds c: expected layers of " + folder.path("small.yaml") + ": all, a, b");
  EXPECT_EQ(fault_of(folder, "layers: a\nbalance: even\n"), at + "4: key 'balance' holds even: expected none, rows or windows");
  EXPECT_NE(
      fault_of(folder, "layers: a\nkeys:\n  queue_depht: [1]\n").find(":5: unknown key 'queue_depht': expected one of n_pe, "),
      std::string::npos);
  EXPECT_NE(fault_of(folder, "layers: a\nconstraints: {volume: 1}\n").find("unknown key 'volume': expected one of cycles, "),
            std::string::npos);
  EXPECT_NE(fault_of(folder, "layers: a\nkeys:\n  queue_depth: {from: 1, to: 4}\n").find("a range has no step: expected "),
            std::string::npos);
  EXPECT_NE(fault_of(folder, "layers: a\nseed: [1, 2]\nnetworks: digits\n").find("expected one seed with networks"),
            std::string::npos);
}

TEST(SweepFile, TheDigestCoversWhatPointsDependOnAndNothingElse) {
  const SweepFolder folder;
  const std::string text = "layers: a\nkeys:\n  queue_depth: [1, 7]\n";
  const std::string digest = folder.sweep(text).digest;
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(folder.sweep("# a comment\n" + text).digest, digest);
  EXPECT_EQ(folder.sweep("layers: a\nkeys:\n  queue_depth: {from: 1, to: 7, step: 6}\n").digest, digest);
  std::set<std::string> others = {digest};
  for (const char* const other :
       {"layers: b\nkeys:\n  queue_depth: [1, 7]\n", "layers: a\nkeys:\n  queue_depth: [7, 1]\n",
        "layers: a\nseed: 2\nkeys:\n  queue_depth: [1, 7]\n", "layers: a\nbalance: rows\nkeys:\n  queue_depth: [1, 7]\n",
        "layers: a\ntechnology: ours45\nkeys:\n  queue_depth: [1, 7]\n",
        "layers: a\nconstraints: {area_mm2: 5}\nkeys:\n  queue_depth: [1, 7]\n"}) {
    EXPECT_TRUE(others.insert(folder.sweep(other).digest).second) << other;
  }
  std::ofstream(folder.path("small.yaml"), std::ios::app) << "# another workload\n";
  EXPECT_TRUE(others.insert(folder.sweep(text).digest).second);
}

TEST(SweepPoints, TheLastAxisIsFastest) {
  const SweepFolder folder;
  const SweepFile sweep = folder.sweep("layers: [b, a]\nkeys:\n  queue_depth: [1, 7]\n  n_pe: [2, 4, 8]\n");
  const SweepPoints points(sweep);
  ASSERT_EQ(points.size(), 12u);
  const SweepPoint point = points.point(9);  // 1 * 6 + 1 * 3 + 0
  EXPECT_EQ(sweep.subjects[point.subject].name, "a");
  EXPECT_EQ(points.config(point).queue_depth, 7u);
  EXPECT_EQ(points.config(point).n_pe, 2u);
}

TEST(SweepPoints, RunsHaveEveryPointOnceAndGroupsOneEncoding) {
  const SweepFolder folder;
  const SweepFile sweep = folder.sweep(
      "layers: [a, b]\nbalance: [none, rows]\nseed: [1, 2]\nkeys:\n  clock_mhz: [400, 800]\n  n_pe: [2, 4, 8]\n  queue_depth: "
      "[1, 7]\n"
      "  registers: [8, 16]\n  spmat_depth: [64, 128]\ntechnology: [paper45, ours45]\n");
  const SweepPoints points(sweep);
  ASSERT_EQ(points.size(), 2u * 2 * 2 * 2 * 3 * 2 * 2 * 2 * 2);
  EXPECT_EQ(points.groups(), 2u * 2 * 2 * 3 * 2);
  std::set<std::uint64_t> seen;
  std::set<std::size_t> groups;
  std::size_t last = 0;
  for (std::uint64_t number = 0; number < points.runs(); ++number) {
    const SweepRun run = points.run(number);
    ASSERT_EQ(run.points.size(), 4u);       // clocks and technologies
    if (number > 0 && run.group != last) {  // the runs of a group are neighbours
      EXPECT_TRUE(groups.insert(last).second);
    }
    last = run.group;
    const SweepPoint first = points.point(run.points.front());
    for (const std::uint64_t index : run.points) {
      EXPECT_TRUE(seen.insert(index).second) << index;
      const SweepPoint point = points.point(index);
      HwConfig config = points.config(point);
      config.clock_mhz = points.config(first).clock_mhz;
      EXPECT_EQ(config_yaml(config), config_yaml(points.config(first)));
      EXPECT_EQ(std::tie(point.subject, point.balance, point.seed), std::tie(first.subject, first.balance, first.seed));
      EXPECT_EQ(config_yaml(points.encoding_config(point)).find("pointer_depth: 64\n"), std::string::npos);
    }
    const SweepRun same = points.run_of(run.points[2]);
    EXPECT_EQ(same.points, run.points);
    EXPECT_EQ(same.group, run.group);
  }
  EXPECT_EQ(seen.size(), points.size());
}

TEST(SweepPoints, BasesOfOneEncodingShareAGroup) {
  const SweepFolder folder;
  const SweepFile sweep =
      load_sweep(folder.write("bases.yaml",
                              "base: [eie4, eie4-plus, eie16]\nworkload: small.yaml\nlayers: a\nkeys:\n  queue_depth: [1, 7]\n"),
                 SweepFolder::find);
  const SweepPoints points(sweep);
  EXPECT_EQ(points.groups(), 2u);  // eie4 and eie4-plus differ in look-ahead and padding
  EXPECT_EQ(points.runs(), 6u);
  EXPECT_EQ(points.run(3).group, 0u);
  EXPECT_EQ(points.run(4).group, 1u);
}

TEST(SweepPoints, ThePointsDigestKnowsItsConfigurationAlone) {
  const SweepFolder folder;
  const SweepFile one = folder.sweep("layers: a\nkeys:\n  queue_depth: [1, 7]\n");
  const SweepFile other = folder.sweep("layers: [b, a]\nkeys:\n  queue_depth: [7]\n");
  const SweepPoints points(one), others(other);
  EXPECT_EQ(points.digest(points.point(1)), others.digest(others.point(1)));
  EXPECT_NE(points.digest(points.point(0)), points.digest(points.point(1)));
  EXPECT_NE(others.digest(others.point(0)), others.digest(others.point(1)));
}

TEST(SweepPoints, MoreThanTenMillionAreRefused) {
  const SweepFolder folder;
  const SweepFile sweep =
      folder.sweep("layers: a\nseed: {from: 1, to: 50000, step: 1}\nkeys:\n  queue_depth: {from: 1, to: 256, step: 1}\n");
  EXPECT_THROW(SweepPoints{sweep}, UserError);
}

}  // namespace
}  // namespace eie::tb
