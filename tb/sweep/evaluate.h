// SPDX-License-Identifier: Apache-2.0
// Points of a sweep, run on the model: one run of the device for those that differ in clock and technology alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "tb/engines/model_device.h"
#include "tb/sweep/points.h"
#include "tb/sweep/results/row.h"
#include "tb/sweep/subject.h"

namespace eie::tb {

/// The matrices in use: one a group, made when its first point asks for it. It goes when nobody has it and another group was
/// asked for since.
class SubjectCache {
 public:
  /// `kept`: groups that stay even when nobody has them.
  SubjectCache(const SweepPoints& points, std::size_t kept) : points_(points), kept_(kept) {}
  /// Any thread may ask. Throws what prepare_subject() throws, for each point of the group.
  std::shared_ptr<const PreparedSubject> get(std::size_t group, const SweepPoint& point);

 private:
  struct Entry {
    explicit Entry(std::size_t number) : group(number) {}
    std::size_t group;
    std::mutex making;
    std::shared_ptr<const PreparedSubject> subject;
  };
  std::shared_ptr<Entry> entry_of(std::size_t group);

  const SweepPoints& points_;
  std::size_t kept_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;  // the latest last
};

/// A worker's device, with what it ran last: a machine that differs in queues and look-ahead alone need not be loaded again.
class SweepDevice {
 public:
  /// As run_subject() on a new device.
  SubjectRun run(const std::shared_ptr<const PreparedSubject>& subject, const HwConfig& config);

 private:
  std::shared_ptr<const PreparedSubject> subject_;
  HwConfig config_;
  std::unique_ptr<ModelDevice> device_;
};

/// The rows of a run's points. A point that is not possible is a row, too.
std::vector<SweepRow> evaluate(const SweepPoints& points, const SweepRun& run, SubjectCache& subjects, SweepDevice& device);

/// Calls work(k, worker) for first <= k < last on `jobs` threads, worker 0 to jobs - 1, each next number to the thread that is
/// free first. What one throws ends all, and is thrown.
void share_out(std::uint64_t first, std::uint64_t last, std::size_t jobs,
               const std::function<void(std::uint64_t, std::size_t)>& work);

}  // namespace eie::tb
