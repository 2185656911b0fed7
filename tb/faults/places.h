// SPDX-License-Identifier: Apache-2.0
// Where something went wrong in a run, found by running the sample again on the fast model, which has the same cycles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "tb/encoding/matrix_source.h"
#include "tb/faults/flip.h"
#include "tb/layers/network.h"

namespace eie::tb {

/// A chain of layers as it ran.
struct ChainThatRan {
  std::vector<DeviceLayer> layers;
  /// The codes of the first layer by place; asked for where a mismatch is followed to its entry.
  std::function<const ColumnSource&()> codes;
  std::function<const std::vector<std::int32_t>&(std::size_t sample)> inputs;
  std::uint64_t launches_before = 0;  // of other chains of the run
};

/// Fills mismatch_at and saturated_at of the reports (one a layer) whose verdicts say that there is such a place. `flips`: of
/// the run.
///
/// A mismatch of the first layer is followed to the entry: outputs of ever shorter inputs, the golden model's and the device's,
/// are compared until one column makes the difference. Of a fault that the model does not have - one of the hardware alone -
/// the output, its PE and its last launch are known.
void find_places(const ChainThatRan& chain, const HwConfig& config, const std::vector<Flip>& flips,
                 std::vector<LayerReport>& reports);

/// The same for layers from files.
void find_places(const std::vector<PreparedLayer>& layers, const HwConfig& config, const std::vector<Flip>& flips,
                 std::vector<LayerReport>& reports);

}  // namespace eie::tb
