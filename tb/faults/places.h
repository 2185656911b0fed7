// Where something went wrong in a run, found by running the sample again on the fast model, which has the same cycles.
#pragma once

#include <cstddef>
#include <vector>

#include "tb/faults/flip.h"
#include "tb/network.h"

namespace eie::tb {

/// Fills mismatch_at and saturated_at of the reports whose verdicts say that there is such a place. `flips`: of the run.
///
/// A mismatch of the first layer is followed to the entry: outputs of ever shorter inputs, the golden model's and the device's,
/// are compared until one column makes the difference. Of a fault that the model does not have - one of the hardware alone -
/// the output, its PE and its last launch are known.
void find_places(const std::vector<PreparedLayer>& layers, const HwConfig& config, const std::vector<Flip>& flips,
                 std::vector<LayerReport>& reports);

}  // namespace eie::tb
