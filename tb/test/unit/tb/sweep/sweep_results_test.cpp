// SPDX-License-Identifier: Apache-2.0
// Journals of sweeps, cut anywhere and damaged anywhere; fronts against brute force; rows of points.
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "tb/encoding/plan.h"
#include "tb/engines/model_device.h"
#include "tb/support/random.h"
#include "tb/sweep/evaluate.h"
#include "tb/sweep/results/journal.h"
#include "tb/sweep/results/pareto.h"
#include "tb/sweep/results/table.h"
#include "tb/test/support/test_seed.h"
#include "tb/test/unit/tb/sweep/sweep_files.h"
#include "tlm/config/config_keys.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

const JournalHead kHead{std::string(64, 'a'), 40};

SweepRow row_of(std::uint64_t index) {
  SweepRow row;
  row.index = index;
  row.digest = "0123456789abcdef";
  if (index % 3 == 0) {
    row.status = SweepStatus::kRefused;
    row.reason = "a\treason\nwith breaks, commas and \"quotes\"";
  } else {
    row.cycles = 1000 + index;
    row.time_us = 0.1 * static_cast<double>(index);
    row.energy_uj = 1.0 / 3;
  }
  return row;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SweepRow, ReadsWhatItWrote) {
  for (std::uint64_t index = 0; index < 6; ++index) {
    const SweepRow row = row_of(index);
    std::string line = row_line(row);
    ASSERT_EQ(line.back(), '\n');
    line.pop_back();
    const auto read = row_of_line(line);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->index, row.index);
    EXPECT_EQ(read->status, row.status);
    EXPECT_EQ(read->cycles, row.cycles);
    EXPECT_EQ(read->time_us, row.time_us);
    EXPECT_EQ(read->energy_uj, row.energy_uj);
    EXPECT_EQ(read->area_mm2, row.area_mm2);
    if (row.status == SweepStatus::kRefused) {
      EXPECT_EQ(read->reason, "a reason with breaks, commas and \"quotes\"");
    }
    for (std::size_t at = 0; at < line.size(); ++at) {
      std::string wrong = line;
      wrong[at] = static_cast<char>(wrong[at] ^ 1);
      EXPECT_FALSE(row_of_line(wrong).has_value()) << at;
    }
  }
}

TEST(SweepJournal, CutAnywhereItKeepsTheWholeLinesAndGoesOn) {
  const SweepFolder folder;
  const std::string path = folder.path("journal");
  std::vector<std::size_t> ends;  // of the file with so many rows
  {
    Journal journal(path, kHead);
    ends.push_back(text_of(path).size());
    for (std::uint64_t index = 0; index < 8; ++index) {
      journal.add({row_of(index)});
      ends.push_back(text_of(path).size());
    }
    EXPECT_EQ(journal.count(), 8u);
  }
  const std::string whole = text_of(path);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    folder.write("journal", whole.substr(0, cut));
    std::size_t rows = 0;
    while (rows + 1 < ends.size() && ends[rows + 1] <= cut) ++rows;
    {
      Journal journal(path, kHead);
      ASSERT_EQ(journal.found(), rows) << cut;
      ASSERT_EQ(journal.damaged(), 0u) << cut;
      for (std::uint64_t index = 0; index < 8; ++index) {
        ASSERT_EQ(journal.has(index), index < rows) << cut;
        if (index >= rows) journal.add({row_of(index)});
      }
    }
    ASSERT_EQ(text_of(path), whole) << cut;
  }
}

TEST(SweepJournal, ADamagedLineIsDoneAgain) {
  const SweepFolder folder;
  const std::string path = folder.path("journal");
  {
    Journal journal(path, kHead);
    for (std::uint64_t index = 0; index < 4; ++index) journal.add({row_of(index)});
  }
  std::string text = text_of(path);
  text[text.find("1002")] = '9';  // the cycles of point 2: another number, the old check
  folder.write("journal", text);
  {
    Journal journal(path, kHead);
    EXPECT_EQ(journal.found(), 3u);
    EXPECT_EQ(journal.damaged(), 1u);
    EXPECT_FALSE(journal.has(2));
    journal.add({row_of(2)});
  }
  const RowStore store({path}, kHead);
  EXPECT_EQ(store.count(), 4u);
  EXPECT_EQ(store.row(2).cycles, 1002u);
  EXPECT_EQ(store.row(0).status, SweepStatus::kRefused);
  EXPECT_FALSE(store.has(4));
}

std::string refusal(const std::string& path, const JournalHead& head) {
  try {
    const Journal journal(path, head);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(SweepJournal, AnotherSweepAnotherFileAndASecondProcessAreRefused) {
  const SweepFolder folder;
  const std::string path = folder.path("journal");
  const Journal journal(path, kHead);
  EXPECT_EQ(refusal(path, kHead), path + ": is in use by another process: expected one sweep at a time in a folder");
  const std::string other = folder.write("other", text_of(path));
  EXPECT_NE(refusal(other, {std::string(64, 'b'), 40})
                .find("is of another sweep: its file, or one that it names, has changed: expected "),
            std::string::npos);
  EXPECT_NE(refusal(folder.write("text", "not a journal\n"), kHead).find("is no journal of a sweep: expected "),
            std::string::npos);
  EXPECT_NE(refusal(folder.write("old", sealed_line("eie-sweep-journal/1\t0.0.1\t" + kHead.sweep + "\t40")), kHead)
                .find("is of another version of the program: expected "),
            std::string::npos);
  EXPECT_NE(refusal(folder.path("none/journal"), kHead).find("cannot be opened: "), std::string::npos);
}

TEST(SweepPareto, IsWhatBruteForceFinds) {
  Random random(test_seed(), 1, 0);
  for (int round = 0; round < 200; ++round) {
    std::vector<ParetoPoint> points;
    const std::uint64_t count = 1 + random.below(60);
    for (std::uint32_t index = 0; index < count; ++index) {
      const auto draw = [&] { return static_cast<double>(random.below(round % 2 == 0 ? 4 : 1000)); };  // ties, or few
      points.push_back({draw(), draw(), draw(), static_cast<std::uint32_t>(random.below(2)), index});
    }
    std::vector<std::uint32_t> expected;
    for (const ParetoPoint& p : points) {
      bool dominated = false;
      for (const ParetoPoint& q : points) {
        dominated = dominated || (q.kind == p.kind && q.time <= p.time && q.energy <= p.energy && q.area <= p.area &&
                                  (q.time < p.time || q.energy < p.energy || q.area < p.area));
      }
      if (!dominated) expected.push_back(p.index);
    }
    ASSERT_EQ(pareto_front(points), expected) << "seed " << test_seed() << ", round " << round;
  }
}

TEST(SweepEvaluate, IsWhatTheDeviceDoesAndImpossiblePointsAreRows) {
  const SweepFolder folder;
  const SweepFile sweep = folder.sweep(
      "layers: [a, b]\nbalance: [none, rows]\nkeys:\n  clock_mhz: [400, 800]\n  registers: [4, 16]\n  data_width: [8, 16, 32]\n  "
      "queue_depth: [1, 7]\n"
      "  look_ahead: [0, 3]\n"
      "  spmat_depth: [2, 1024]\n");
  const SweepPoints points(sweep);
  SubjectCache subjects(points, 1);
  SweepDevice device;
  std::set<SweepStatus> seen;
  for (std::uint64_t number = 0; number < points.runs(); ++number) {
    const SweepRun run = points.run(number);
    const std::vector<SweepRow> rows = evaluate(points, run, subjects, device);
    ASSERT_EQ(rows.size(), run.points.size());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const SweepRow& row = rows[k];
      const SweepPoint point = points.point(run.points[k]);
      const HwConfig config = points.config(point);
      seen.insert(row.status);
      EXPECT_EQ(row.index, run.points[k]);
      EXPECT_EQ(row.reason.empty(), row.status == SweepStatus::kOk);
      if (config.registers < 64 / config.data_width) {
        EXPECT_EQ(row.status, SweepStatus::kRefused);
        EXPECT_FALSE(row.cycles.has_value());
        EXPECT_EQ(row.reason.rfind("key 'registers' is 4: expected ", 0), 0u) << row.reason;
      }
      if (row.status != SweepStatus::kOk) continue;
      ModelDevice fresh(config);
      const SubjectRun alone = run_subject(*prepare_subject(points, point), config, fresh);
      EXPECT_EQ(alone.mismatch, "");
      EXPECT_EQ(row.cycles, alone.counters.cycles);
      EXPECT_DOUBLE_EQ(*row.time_us, static_cast<double>(*row.cycles) / config.clock_mhz);
      EXPECT_NEAR(*row.power_mw, *row.energy_uj / *row.time_us * 1e3, 1e-9 * *row.power_mw);
    }
  }
  EXPECT_TRUE(seen.count(SweepStatus::kOk) == 1 && seen.count(SweepStatus::kRefused) == 1 && seen.size() == 2);
}

TEST(SweepDevice, OnlyQueuesLookAheadAndClockChangeInADevice) {
  const HwConfig config = load_config(SweepFolder::find(SweepData::kConfig, "", "eie4"));
  ModelDevice device(config);
  HwConfig other = config;
  other.name = "other";
  other.queue_depth = 1;
  other.look_ahead = 5;
  other.clock_mhz = 100;
  device.retime(other);
  const CapField field = cap_field("queue_depth");
  EXPECT_EQ(device.read(reg::kCap0 + 8 * field.index) >> field.lsb & ((1u << field.bits) - 1), 1u);
  other.registers *= 2;
  EXPECT_THROW(device.retime(other), std::invalid_argument);
  other.registers = 5;
  EXPECT_THROW(device.retime(other), InvalidConfig);
}

TEST(SweepEvaluate, ConstraintsAreRows) {
  const SweepFolder folder;
  const SweepFile sweep = folder.sweep("layers: a\nkeys:\n  n_pe: [1, 2, 4, 8]\nconstraints: {area_mm2: 2, time_us: 0.08}\n");
  const SweepPoints points(sweep);
  SubjectCache subjects(points, 1);
  SweepDevice device;
  std::string statuses;
  for (std::uint64_t number = 0; number < points.runs(); ++number) {
    for (const SweepRow& row : evaluate(points, points.run(number), subjects, device)) {
      statuses += row.status == SweepStatus::kOver ? row.reason.substr(0, row.reason.find(' ')) + " " : "ok ";
      if (row.status == SweepStatus::kOver) {
        EXPECT_NE(row.reason.find(": expected at most "), std::string::npos);
      }
    }
  }
  EXPECT_NE(statuses.find("area_mm2"), std::string::npos) << statuses;
  EXPECT_NE(statuses.find("time_us"), std::string::npos) << statuses;
}

}  // namespace
}  // namespace eie::tb
