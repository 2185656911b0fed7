// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/inspect/inspection.h"

#include <algorithm>
#include <cmath>

#include "tb/encoding/nonzero_bytes.h"
#include "tb/formats/matrix_file.h"

namespace eie::tb {
namespace {

/// How many of `count` things are in part p of `parts`.
std::size_t part_size(std::size_t count, std::size_t parts, std::size_t p) { return (p + 1) * count / parts - p * count / parts; }

/// Which of `parts` parts thing i of `count` is in: the inverse of where they begin.
std::size_t part_of(std::size_t i, std::size_t count, std::size_t parts) { return ((i + 1) * parts - 1) / count; }

void look_at_codes(const ColumnSource& codes, Inspection& out) {
  out.map.rows = std::min(out.rows, kMapParts);
  out.map.columns = std::min(out.columns, kMapParts);
  std::vector<std::uint64_t> counts(out.map.rows * out.map.columns, 0);
  std::vector<std::size_t> row_part(out.rows);
  for (std::size_t i = 0; i < out.rows; ++i) row_part[i] = part_of(i, out.rows, out.map.rows) * out.map.columns;
  std::vector<std::uint8_t> column;
  for (std::size_t j = 0; j < out.columns; ++j) {
    codes.column(j, column);
    const std::size_t column_part = part_of(j, out.columns, out.map.columns);
    for_each_nonzero(column.data(), column.size(), [&](std::size_t i, std::uint8_t code) {
      ++out.code_counts[code];
      ++counts[row_part[i] + column_part];
      ++out.nonzeros;
    });
  }
  for (std::size_t p = 0; p < counts.size(); ++p) {
    const std::size_t size =
        part_size(out.rows, out.map.rows, p / out.map.columns) * part_size(out.columns, out.map.columns, p % out.map.columns);
    out.map.share.push_back(static_cast<double>(counts[p]) / static_cast<double>(size));
  }
}

void look_at_entries(const EncodedLayer& image, const HwConfig& config, Inspection& out) {
  const unsigned mask = (1u << image.code_width) - 1;
  out.runs.assign(std::size_t{1} << config.run_width, 0);
  for (const auto& block : image.code) {
    for (const PeCode& pe : block) {
      for (const std::uint16_t entry : pe.entries) {
        if ((entry & mask) != 0) ++out.runs[entry >> image.code_width];
      }
      for (std::size_t j = 0; j < image.columns; ++j) out.empty_pe_columns += pe.pointers[j] == pe.pointers[j + 1] ? 1 : 0;
    }
  }
}

Fill fill_of(const EncodedLayer& image, const Plan& plan, const HwConfig& config) {
  Fill fill;
  for (const Launch& launch : plan.launches) {
    const std::size_t last = launch.first_column + launch.columns;
    for (const PeCode& pe : image.code[launch.block]) {
      const double entries = pe.pointers[last] - pe.pointers[launch.first_column];
      fill.spmat = std::max(fill.spmat, entries / static_cast<double>(config.max_entries()));
    }
    fill.pointers = std::max(fill.pointers, static_cast<double>(launch.columns + 1) / config.pointer_depth);
    fill.rows = std::max(fill.rows, static_cast<double>(image.blocks[launch.block].local_rows) / config.registers);
  }
  return fill;
}

/// Calls visit(value) for every non-zero element.
template <class Visit>
void for_each_weight(const MatrixFile& file, Visit&& visit) {
  if (const SparseRows* elements = file.sparse()) {
    for (const double x : elements->value) visit(x);
    return;
  }
  const std::size_t at_a_time = std::max<std::size_t>(1, (std::size_t{1} << 18) / file.columns());
  std::vector<double> values;
  for (std::size_t first = 0; first < file.rows(); first += at_a_time) {
    const std::size_t count = std::min(at_a_time, file.rows() - first);
    values.resize(count * file.columns());
    file.read_rows(first, count, values.data());
    for (const double x : values) {
      if (x != 0) visit(x);
    }
  }
}

}  // namespace

double DensityMap::largest() const { return share.empty() ? 0 : *std::max_element(share.begin(), share.end()); }

Inspection inspect(const ColumnSource& codes, const EncodedLayer& image, const Plan& plan, const HwConfig& config) {
  Inspection out;
  out.rows = codes.rows();
  out.columns = codes.columns();
  out.code_counts.assign(std::size_t{1} << image.code_width, 0);
  out.launches = plan.launches.size();
  look_at_codes(codes, out);
  look_at_entries(image, config, out);
  out.work = count_work(image, {});
  out.fill = fill_of(image, plan, config);
  return out;
}

Bins weight_bins(const std::string& path, std::size_t bins) {
  const std::unique_ptr<MatrixFile> file = open_matrix(path);
  Bins out;
  bool any = false;
  for_each_weight(*file, [&](double x) {
    out.low = any ? std::min(out.low, x) : x;
    out.high = any ? std::max(out.high, x) : x;
    any = true;
  });
  if (!any) return out;
  out.counts.assign(out.low < out.high ? bins : 1, 0);
  if (out.counts.size() == 1) {
    for_each_weight(*file, [&](double) { ++out.counts.front(); });
    return out;
  }
  const double range = out.high - out.low;
  for_each_weight(*file, [&](double x) {
    const double at = (x - out.low) / range * static_cast<double>(bins);
    ++out.counts[std::min(bins - 1, static_cast<std::size_t>(at))];
  });
  return out;
}

}  // namespace eie::tb
