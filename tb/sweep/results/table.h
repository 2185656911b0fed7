// SPDX-License-Identifier: Apache-2.0
// The table of a sweep: a row a point, in the order of their numbers, whoever worked on them in whatever order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tb/sweep/points.h"
#include "tb/sweep/results/journal.h"
#include "tb/sweep/results/pareto.h"
#include "tb/sweep/results/row.h"

namespace eie::tb {

/// A value of a row.
struct SweepCell {
  enum class Kind { kText, kNumber, kFlag };
  std::string column;
  Kind kind = Kind::kText;
  std::string text;  // "" of a number, or of a text that there is not: nothing; flags are "true" and "false"
};

class SweepTable {
 public:
  /// Both must outlive this. Reads every row once.
  SweepTable(const SweepPoints& points, const RowStore& store);

  /// Numbers of the points on the fronts of time, energy and area, ascending: one front for each subject, seed and technology.
  const std::vector<std::uint32_t>& front() const { return front_; }
  /// Rows with a status.
  std::uint64_t count(SweepStatus status) const { return counts_[static_cast<unsigned>(status)]; }

  /// The names of the columns, and a row of them.
  std::vector<std::string> columns() const;
  std::vector<SweepCell> cells(std::uint64_t index) const;
  /// Calls visit(index) for every point that is there, in order.
  void for_each(const std::function<void(std::uint64_t index)>& visit) const;

  /// The front that a point would be on.
  std::uint32_t kind_of(const SweepPoint& point) const;
  /// "layer alex7", with seed and technology where there are several.
  std::string kind_text(const SweepPoint& point) const;

  const SweepPoints& points() const { return points_; }
  const RowStore& store() const { return store_; }

 private:
  std::vector<SweepCell> cells_of(const SweepPoint& point, const SweepRow& row, bool front) const;

  const SweepPoints& points_;
  const RowStore& store_;
  std::vector<std::uint32_t> front_;
  std::uint64_t counts_[kSweepStatuses] = {};
};

/// Writes the table; the same rows give the same bytes. Throw UserError.
void write_sweep_csv(const SweepTable& table, const std::string& path);
/// HDF5: group `columns`, a vector of doubles a column, NaN for nothing, texts as numbers of the names in group `names`; without
/// the digest and the reason.
void write_sweep_hdf5(const SweepTable& table, const std::string& path);

}  // namespace eie::tb
