// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/device_fit.h"

#include <algorithm>

#include "tb/compress/code_columns.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/support/error.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

constexpr std::size_t kAtATime = std::size_t{1} << 24;       // weights, zeros included
constexpr std::size_t kMostPointers = std::size_t{1} << 28;  // of all PEs: 1 GB

}  // namespace

DeviceFit device_fit(const CompressedLayer& layer, unsigned code_width, const HwConfig& config) {
  DeviceFit fit;
  if (code_width > config.code_width) {
    fit.obstacle =
        "codes of " + std::to_string(code_width) + " bits: expected at most code_width = " + std::to_string(config.code_width);
    return fit;
  }
  const CodeColumns source(layer);
  const std::vector<RowBlock> blocks = split_rows(layer.rows, config);
  if (layer.columns > kMostPointers / blocks.size() / config.n_pe) {
    fit.obstacle = counted(layer.columns, "column") + " in " + counted(blocks.size(), "row block") + " of " +
                   counted(config.n_pe, "PE") + ": expected at most 2^28 pointers to plan with";
    return fit;
  }
  // The plan needs no entries but their number: each part goes once it is counted.
  EncodedLayer image;
  std::vector<std::uint64_t> entries(config.n_pe, 0);
  const std::size_t step = std::max<std::size_t>(1, kAtATime / layer.rows);
  for (std::size_t first = 0; first < layer.columns; first += step) {
    EncodedLayer part = encode_columns(source, config, blocks, first, std::min(layer.columns, first + step));
    const Work work = count_work(part, {});
    for (unsigned k = 0; k < config.n_pe; ++k) entries[k] += work.entries[k];
    fit.padding += work.padding;
    for (auto& block : part.code) {
      for (PeCode& pe : block) pe.entries = {};
    }
    if (first == 0) {
      image = std::move(part);
    } else {
      append_columns(image, part);
    }
  }
  for (const std::uint64_t some : entries) fit.entries += some;
  fit.per_pe_min = *std::min_element(entries.begin(), entries.end());
  fit.per_pe_max = *std::max_element(entries.begin(), entries.end());
  if (fit.per_pe_max != 0) {
    fit.balance = static_cast<double>(fit.entries) / (static_cast<double>(config.n_pe) * static_cast<double>(fit.per_pe_max));
  }
  try {
    const Plan plan = plan_launches(image, config, !layer.bias.empty(), "");
    fit.launches = plan.launches.size();
    fit.act_resident = plan.act_resident;
  } catch (const UserError& error) {
    fit.obstacle = error.what();
    fit.obstacle.erase(0, fit.obstacle.find_first_not_of(": "));
  }
  return fit;
}

}  // namespace eie::tb
