// SPDX-License-Identifier: Apache-2.0
// The picture of `eie inspect --plot`.
#pragma once

#include <string>
#include <vector>

#include "tb/layers/inspect/inspection.h"

namespace eie::tb {

/// What is drawn of one layer.
struct InspectedPicture {
  std::string title;
  const Inspection* inspection = nullptr;
  const Codebook* codebook = nullptr;
  Bins weights;
};

/// A row a layer: weights before sharing with the shared values, runs, entries of each PE, map of densities. Throws UserError.
void draw_inspection(const std::vector<InspectedPicture>& layers, const std::string& path);

}  // namespace eie::tb
