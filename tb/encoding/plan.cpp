// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/plan.h"

#include <algorithm>

#include "tb/support/error.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

// What keeps a column range out of the device: empty when it fits.
class Fit {
 public:
  Fit(const EncodedLayer& layer, const HwConfig& config, bool has_bias, bool act_resident)
      : layer_(layer), config_(config), has_bias_(has_bias), act_resident_(act_resident) {}

  bool fits(std::size_t block, std::size_t first, std::size_t last) const { return obstacle(block, first, last, false).empty(); }

  std::string obstacle(std::size_t block, std::size_t first, std::size_t last, bool text = true) const {
    if (last - first + 1 > config_.pointer_depth) {
      return text ? std::to_string(last - first + 1) +
                        " pointers: expected at most pointer_depth = " + std::to_string(config_.pointer_depth)
                  : "pointers";
    }
    if (!act_resident_) {
      const RowBlock& rows = layer_.blocks[block];
      const std::uint64_t words =
          config_.act_words(config_.local_length(last - first)) + config_.act_words(rows.local_rows) * (has_bias_ ? 2 : 1);
      if (words > config_.act_depth) {
        return text ? std::to_string(words) +
                          " activation words: expected at most act_depth = " + std::to_string(config_.act_depth)
                    : "activations";
      }
    }
    for (unsigned k = 0; k < config_.n_pe; ++k) {
      const auto& pointers = layer_.pe(block, k).pointers;
      const std::uint64_t entries = pointers[last] - pointers[first];
      if (entries > config_.max_entries()) {
        return text ? std::to_string(entries) + " entries in PE " + std::to_string(k) + ": expected at most " +
                          std::to_string(config_.max_entries()) + " (spmat_depth, pointer_width)"
                    : "entries";
      }
    }
    return {};
  }

 private:
  const EncodedLayer& layer_;
  const HwConfig& config_;
  bool has_bias_;
  bool act_resident_;
};

// The end of the longest range from `first` in steps of `step` columns that fits; `first` when none does.
std::size_t longest(const Fit& fit, std::size_t block, std::size_t first, std::size_t columns, std::size_t step) {
  std::size_t end = first;
  while (end < columns && fit.fits(block, first, std::min(columns, end + step))) end = std::min(columns, end + step);
  return end;
}

}  // namespace

Plan plan_launches(const EncodedLayer& layer, const HwConfig& config, bool has_bias, const std::string& label) {
  check_ranges(config);
  Plan plan;
  std::uint64_t bias_words = 0;
  for (const RowBlock& block : layer.blocks) bias_words = std::max(bias_words, config.act_words(block.local_rows));
  plan.act_resident = config.act_words(config.local_length(layer.columns)) + config.act_words(config.local_length(layer.rows)) +
                          (has_bias ? bias_words : 0) <=
                      config.act_depth;

  const Fit fit(layer, config, has_bias, plan.act_resident);
  const auto batch = static_cast<std::size_t>(config.batch_columns());
  const std::size_t granule = std::size_t{config.n_pe} * config.lanes();
  for (std::size_t b = 0; b < layer.blocks.size(); ++b) {
    for (std::size_t first = 0; first < layer.columns;) {
      std::size_t end = longest(fit, b, first, layer.columns, batch);
      if (end == first) end = longest(fit, b, first, layer.columns, granule);
      if (end == first) {
        const std::size_t last = std::min(layer.columns, first + granule);
        throw UserError(label + ": columns " + std::to_string(first) + " to " + std::to_string(last - 1) + " of rows " +
                        std::to_string(layer.blocks[b].first_row) + " to " +
                        std::to_string(layer.blocks[b].first_row + layer.blocks[b].rows - 1) + " need " +
                        fit.obstacle(b, first, last));
      }
      plan.launches.push_back({b, first, end - first, first == 0, end == layer.columns});
      first = end;
    }
  }
  return plan;
}

}  // namespace eie::tb
