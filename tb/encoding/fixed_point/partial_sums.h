// SPDX-License-Identifier: Apache-2.0
// The sums of a layer as they grow, column after column in broadcast order: what a choice of formats must hold.
//
// The golden model has no part in this, and this has none in the golden model: it walks the encoded entries PE after
// PE, so that all sums of a PE stay in the cache.
#pragma once

#include <cstdint>
#include <vector>

#include "tb/encoding/encoder.h"
#include "tb/encoding/quantise.h"

namespace eie::tb {

/// Sums in double precision of one or several samples.
struct RealSums {
  ValueRange partial;           // every partial sum of the rounded operands, the biases they start from included
  ValueRange outputs;           // the last ones, ReLU applied
  std::vector<double> exact;    // last sums of the operands as they are, before ReLU: sample after sample
  std::vector<double> largest;  // largest magnitude of a partial sum of each of them
};

/// Values of one operand as they are and as their integers say.
struct RealOperand {
  std::vector<double> exact;
  std::vector<double> rounded;
};

/// Adds one sample. `weights` has a value for each code, `activations` one for each column, `bias` one for each row,
/// or none.
void add_real_sums(const EncodedLayer& layer, const RealOperand& weights, const RealOperand& activations,
                   const std::vector<double>& bias, bool relu, RealSums& sums);

/// The arithmetic of the device (docs/numerics.md).
struct SumRules {
  int shift = 0;
  bool relu = false;
  unsigned data_width = 16;
  unsigned acc_width = 16;
};

/// Sums in integers of one sample.
struct IntegerSums {
  std::vector<std::int64_t> last;  // before ReLU
  std::uint64_t clamped = 0;       // additions whose sum left acc_width bits, and outputs that leave data_width bits

  /// ReLU if asked for, and data_width bits.
  std::vector<std::int32_t> outputs(const SumRules& rules) const;
};

/// Exactly what the device adds up. `stop_at_clamp`: returns at the first clamp; then only `clamped` says something.
IntegerSums integer_sums(const EncodedLayer& layer, const std::vector<std::int32_t>& codebook,
                         const std::vector<std::int32_t>& activations, const std::vector<std::int32_t>& bias,
                         const SumRules& rules, bool stop_at_clamp);

}  // namespace eie::tb
