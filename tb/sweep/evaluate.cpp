// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/evaluate.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <utility>

#include "tb/cost/cost.h"
#include "tb/layers/layer_result.h"
#include "tb/support/error.h"
#include "tb/support/parallel.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

void refuse(SweepRow& row, const std::string& reason) {
  row.status = SweepStatus::kRefused;
  row.reason = reason;
}

/// A limit that the row is over; nothing while its number is not known.
void check_limits(const SweepFile& file, SweepRow& row) {
  std::optional<double> cycles;
  if (row.cycles) cycles = static_cast<double>(*row.cycles);
  const std::map<std::string, std::optional<double>> values = {{"cycles", cycles},
                                                               {"time_us", row.time_us},
                                                               {"energy_uj", row.energy_uj},
                                                               {"power_mw", row.power_mw},
                                                               {"area_mm2", row.area_mm2}};
  for (const SweepLimit& limit : file.limits) {
    const std::optional<double>& value = values.at(limit.column);
    if (!value || *value <= limit.most) continue;
    row.status = SweepStatus::kOver;
    row.reason = limit.column + " is " + row_number(*value) + ": expected at most " + row_number(limit.most);
    return;
  }
}

/// What is known before anything runs. True: the point need not run.
bool settle(const SweepPoints& points, const SweepPoint& point, const HwConfig& config, SweepRow& row) {
  row.index = point.index;
  row.digest = points.digest(point);
  if (const auto fault = find_fault(config)) {
    refuse(row, "key '" + fault->key + "' is " + fault->value + ": expected " + fault->expected);
    return true;
  }
  try {
    row.area_mm2 = area_of(config, points.file().technologies[point.technology].technology).mm2;
  } catch (const UserError& error) {
    refuse(row, error.what());  // but it can run
    return false;
  }
  check_limits(points.file(), row);
  return row.status == SweepStatus::kOver;
}

void fill_in(const SweepPoints& points, const SweepPoint& point, const HwConfig& config, const SubjectRun& run, SweepRow& row) {
  LayerReport report;
  report.counters = run.counters;
  row.cycles = run.counters.cycles;
  row.time_us = report.time_us(config.clock_mhz);
  row.load_balance = report.load_balance();
  if (!run.mismatch.empty()) {
    row.status = SweepStatus::kMismatch;
    row.reason = run.mismatch;
    return;
  }
  if (row.status == SweepStatus::kRefused) return;  // by the technology
  const Cost cost = cost_of(run.counters, config, points.file().technologies[point.technology].technology);
  if (!cost.energy) {
    refuse(row, cost.refused);
    return;
  }
  row.energy_uj = cost.energy->uj;
  row.power_mw = cost.energy->power_mw;
  check_limits(points.file(), row);
}

}  // namespace

std::shared_ptr<SubjectCache::Entry> SubjectCache::entry_of(std::size_t group) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [group](const auto& entry) { return entry->group == group; });
  std::shared_ptr<Entry> entry = found != entries_.end() ? *found : std::make_shared<Entry>(group);
  if (found != entries_.end()) entries_.erase(found);
  entries_.push_back(entry);
  // Those that are in use live on with those who use them.
  while (entries_.size() > kept_) entries_.erase(entries_.begin());
  return entry;
}

std::shared_ptr<const PreparedSubject> SubjectCache::get(std::size_t group, const SweepPoint& point) {
  const std::shared_ptr<Entry> entry = entry_of(group);
  const std::lock_guard<std::mutex> lock(entry->making);
  if (entry->subject == nullptr) entry->subject = prepare_subject(points_, point);
  return entry->subject;
}

SubjectRun SweepDevice::run(const std::shared_ptr<const PreparedSubject>& subject, const HwConfig& config) {
  const bool there = device_ != nullptr && subject == subject_ && same_memories(config, config_);
  std::unique_ptr<ModelDevice> device = std::move(device_);  // one that fails is not used again
  if (there) {
    device->retime(config);
  } else {
    device.reset();  // before the next one is made
    device = std::make_unique<ModelDevice>(config);
  }
  SubjectRun run = run_subject(*subject, config, *device, there);
  device_ = std::move(device);
  subject_ = subject;
  config_ = config;
  return run;
}

std::vector<SweepRow> evaluate(const SweepPoints& points, const SweepRun& run, SubjectCache& subjects, SweepDevice& device) {
  std::vector<SweepRow> rows(run.points.size());
  std::optional<SubjectRun> result;
  std::string refused, failed;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const SweepPoint point = points.point(run.points[k]);
    const HwConfig config = points.config(point);
    if (settle(points, point, config, rows[k])) continue;
    if (!result && refused.empty() && failed.empty()) {
      try {
        const std::shared_ptr<const PreparedSubject> subject = subjects.get(run.group, point);
        result = device.run(subject, config);
      } catch (const UserError& error) {
        refused = error.what();
      } catch (const DeviceError& error) {
        failed = error.what();
      }
    }
    if (result) {
      fill_in(points, point, config, *result, rows[k]);
    } else if (!failed.empty()) {
      rows[k].status = SweepStatus::kFailed;
      rows[k].reason = failed;
    } else {
      refuse(rows[k], refused);
    }
  }
  return rows;
}

void share_out(std::uint64_t first, std::uint64_t last, std::size_t jobs,
               const std::function<void(std::uint64_t, std::size_t)>& work) {
  std::atomic<std::uint64_t> next{first};
  std::atomic<bool> over{false};
  in_parallel(std::max<std::size_t>(1, jobs), [&](std::size_t worker) {
    try {
      for (std::uint64_t k = next++; k < last && !over; k = next++) work(k, worker);
    } catch (...) {
      over = true;
      throw;
    }
  });
}

}  // namespace eie::tb
