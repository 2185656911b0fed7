// SPDX-License-Identifier: Apache-2.0
// How a layer is split into launches (docs/encoding.md): rows by the register files, columns by the
// memories.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/encoder.h"

namespace eie::tb {

/// One start of the device: columns first_column .. first_column + columns - 1 of one row block.
struct Launch {
  std::size_t block = 0;
  std::size_t first_column = 0;
  std::size_t columns = 0;
  bool first = false;  // of its row block: starts new sums
  bool last = false;   // of its row block: ends and stores them
};

/// The launches of a layer, row blocks outer, columns ascending inner.
struct Plan {
  std::vector<Launch> launches;
  /// Inputs, outputs and the biases of a row block fit the activation SRAM together, so that activations can
  /// stay on the device. Otherwise the host writes the inputs of each launch and reads the outputs of each
  /// row block.
  bool act_resident = false;
};

/// Splits the columns of each row block into the fewest launches that fit Spmat (max_entries), Ptr (columns +
/// 1 pointers) and, unless all activations fit, Act (inputs of the launch, outputs and biases of the row
/// block). Boundaries are those of batches; a batch that does not fit alone is cut at a multiple of n_pe *
/// lanes columns, so that inputs start on a word. Throws UserError, starting with `label`, when even so many
/// columns do not fit.
Plan plan_launches(const EncodedLayer& layer, const HwConfig& config, bool has_bias, const std::string& label);

}  // namespace eie::tb
