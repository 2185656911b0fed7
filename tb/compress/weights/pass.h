// SPDX-License-Identifier: Apache-2.0
// Passes over the weights of a file: row by row, several parts of the rows side by side. Nothing of the matrix is kept.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"
#include "tb/support/parallel.h"

namespace eie::tb {

/// What goes on, and how much of it is over; called from the thread that compresses. What it throws ends the work.
using CompressProgress = std::function<void(const std::string& what, std::size_t done, std::size_t count)>;

/// The non-zero weights of rows first .. last - 1: visit(row, column, weight), in the order of rows and columns; after each
/// few rows `after(rows so far)`. Throws UserError for NaN and infinity.
template <class Visit, class After>
void for_each_weight(const MatrixFile& file, std::size_t first, std::size_t last, Visit&& visit, After&& after) {
  const std::size_t columns = file.columns();
  const std::size_t tile = std::max<std::size_t>(1, (std::size_t{1} << 15) / columns);  // rows: they stay in the cache
  if (const SparseRows* elements = file.sparse()) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t e = elements->offset[i]; e < elements->offset[i + 1]; ++e) {
        visit(i, static_cast<std::size_t>(elements->column[e]), elements->value[e]);
      }
      if (i % tile == 0) after(i - first);
    }
    return;
  }
  std::vector<double> values(std::min(tile, std::max<std::size_t>(1, last - first)) * columns);
  for (std::size_t i0 = first; i0 < last; i0 += tile) {
    const std::size_t count = std::min(tile, last - i0);
    file.read_rows(i0, count, values.data());
    for (std::size_t i = 0; i < count; ++i) {
      const double* const row = values.data() + i * columns;
      for (std::size_t j = 0; j < columns; ++j) {
        if (row[j] != 0) visit(i0 + i, j, row[j]);
      }
    }
    after(i0 - first);
  }
}

template <class Visit>
void for_each_weight(const MatrixFile& file, std::size_t first, std::size_t last, Visit&& visit) {
  for_each_weight(file, first, last, visit, [](std::size_t) {});
}

/// Rows in parts that depend on the matrix's shape alone: what is added up in each, and then over all in their order, does not
/// depend on how many processors there are.
class RowParts {
 public:
  RowParts(std::size_t rows, std::size_t columns)
      : rows_(rows),
        parts_(std::clamp<std::size_t>(std::min({rows * columns >> 18, (std::size_t{1} << 22) / columns, rows}), 1, 32)) {}
  std::size_t count() const { return parts_; }
  std::size_t first(std::size_t part) const { return rows_ * part / parts_; }
  std::size_t last(std::size_t part) const { return first(part + 1); }

 private:
  std::size_t rows_;
  std::size_t parts_;
};

/// Calls run(part, worker) for each part, on as many threads as are worth while; `worker` numbers them from 0. Memory is
/// worker_count() times what a worker has.
inline std::size_t worker_count(std::size_t parts) { return std::min(parts, threads_for(parts, 1)); }

template <class Run>
void for_each_part(std::size_t parts, const std::string& what, const CompressProgress& progress, const Run& run) {
  std::atomic<std::size_t> next{0};
  in_parallel(worker_count(parts), [&](std::size_t worker) {
    for (std::size_t part = next++; part < parts; part = next++) {
      if (worker == 0 && progress) progress(what, part, parts);
      run(part, worker);
    }
  });
}

}  // namespace eie::tb
