// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/sweep/hw_sample.h"

#include <algorithm>

#include "tb/cli/compiled_configs.h"
#include "tb/cli/in_child.h"
#include "tb/engines/compiled.h"
#include "tb/engines/engines.h"
#include "tb/engines/model_device.h"
#include "tb/support/random.h"
#include "tb/sweep/subject.h"

namespace eie::tb {
namespace {

/// The compiled configuration with these values, clock apart: cycles do not know of it. Null for none.
const HwConfig* compiled_as(HwConfig config) {
  for (const HwConfig& other : compiled_for_hw()) {
    config.clock_mhz = other.clock_mhz;
    if (first_difference(config, other).empty()) return &other;
  }
  return nullptr;
}

/// The first counter that differs, in words; empty: none.
std::string difference(const Counters& hw, const Counters& tlm) {
  struct Pair {
    const char* name;
    std::uint64_t hw, tlm;
  };
  std::vector<Pair> pairs = {{"cycles", hw.cycles, tlm.cycles},
                             {"launches", hw.launches, tlm.launches},
                             {"batches", hw.batches, tlm.batches},
                             {"broadcasts", hw.broadcasts, tlm.broadcasts},
                             {"cycles with a full queue", hw.queue_full_cycles, tlm.queue_full_cycles},
                             {"cycles of activation transfers", hw.act_transfer_cycles, tlm.act_transfer_cycles},
                             {"PEs with counters", hw.pe.size(), tlm.pe.size()}};
  std::string where;
  for (std::size_t k = 0; k < std::min(hw.pe.size(), tlm.pe.size()); ++k) {
    const PeCounts &a = hw.pe[k], &b = tlm.pe[k];
    for (const Pair& pair : {Pair{"entries", a.entries, b.entries}, Pair{"padding", a.padding, b.padding},
                             Pair{"skipped padding", a.padding_skipped, b.padding_skipped}, Pair{"starved", a.starved, b.starved},
                             Pair{"Spmat reads", a.spmat_reads, b.spmat_reads}, Pair{"Ptr reads", a.ptr_reads, b.ptr_reads},
                             Pair{"Act reads", a.act_reads, b.act_reads}}) {
      if (where.empty() && pair.hw != pair.tlm) where = "PE " + std::to_string(k) + ", ";
      pairs.push_back(pair);
    }
  }
  for (const Pair& pair : pairs) {
    if (pair.hw == pair.tlm) continue;
    const bool of_pe = &pair >= pairs.data() + 7;
    return (of_pe ? where : "") + pair.name + ": hw has " + std::to_string(pair.hw) + ", tlm " + std::to_string(pair.tlm);
  }
  return "";
}

/// In a child: empty when both engines do the same at a point.
std::string compare(const SweepTable& table, std::uint64_t index) {
  const SweepPoints& points = table.points();
  const SweepPoint point = points.point(index);
  const HwConfig config = points.config(point);
  const HwConfig& compiled = *compiled_as(config);
  const auto subject = prepare_subject(points, point);
  ModelDevice model(config);
  const SubjectRun tlm = run_subject(*subject, config, model);
  const std::unique_ptr<Device> device = make_engine("hw", compiled, {});
  const SubjectRun hw = run_subject(*subject, compiled, *device);
  std::string found = difference(hw.counters, tlm.counters);
  if (found.empty() && !hw.mismatch.empty()) found = "hw: " + hw.mismatch;
  const SweepRow row = table.store().row(index);
  if (found.empty() && row.cycles != tlm.counters.cycles) {
    found = "the table has other cycles than tlm: " + std::to_string(row.cycles.value_or(0)) + ", not " +
            std::to_string(tlm.counters.cycles);
  }
  return found;
}

}  // namespace

HwSample sample_on_hw(const SweepTable& table, std::uint64_t count, std::size_t jobs,
                      const std::function<void(std::size_t done, std::size_t all)>& progress) {
  HwSample sample;
  sample.asked = count;
  // Every point is as likely as another (Algorithm R, Vitter 1985).
  Random random(table.points().file().seeds.front(), hash_text("hw sample"), 0);
  table.for_each([&](std::uint64_t index) {
    if (!table.store().row(index).cycles) return;  // a point without a cost has run as well
    if (compiled_as(table.points().config(table.points().point(index))) == nullptr) return;
    ++sample.compiled;
    if (sample.points.size() < count) {
      sample.points.push_back(index);
    } else if (const std::uint64_t at = random.below(sample.compiled); at < count) {
      sample.points[at] = index;
    }
  });
  std::sort(sample.points.begin(), sample.points.end());
  const std::size_t together = std::max<std::size_t>(1, jobs) * 8;  // so that progress can be shown in between
  for (std::size_t begin = 0; begin < sample.points.size(); begin += together) {
    progress(begin, sample.points.size());
    const std::size_t end = std::min(begin + together, sample.points.size());
    std::vector<std::function<std::string()>> works;
    for (std::size_t k = begin; k < end; ++k)
      works.emplace_back([&table, index = sample.points[k]] { return compare(table, index); });
    const std::vector<std::string> answers = in_children(works, jobs);
    for (std::size_t k = begin; k < end; ++k) {
      if (!answers[k - begin].empty()) {
        sample.differences.push_back("point " + std::to_string(sample.points[k]) + ": " + answers[k - begin]);
      }
    }
  }
  return sample;
}

}  // namespace eie::tb
