// SPDX-License-Identifier: Apache-2.0
// Weight sharing of what pruning left (Deep Compression, section 3): codes and their codebook, in two passes over the file.
#pragma once

#include <cstdint>

#include "tb/compress/weights/selection.h"
#include "tb/encoding/code_matrix.h"
#include "tb/encoding/codebook.h"

namespace eie::tb {

/// Up to so many weights are clustered one by one, as tb/encoding/codebook.h does. More are counted first, in 8,192 bins an
/// octave of magnitude, each of the mean of its weights; of a few distinct values the codebook is exact anyway.
constexpr std::uint64_t kSharedOneByOne = std::uint64_t{1} << 22;

struct SharedSelection {
  CodeMatrix::Sparse codes;
  Codebook codebook;  // its errors are those of the weights that stay; `distinct` counts bins where there are many weights
};

/// `bits` from 1 to 8. Memory: five bytes a weight that stays, and some tens of MB.
SharedSelection share(const MatrixFile& file, const Selection& selection, double largest, unsigned bits,
                      const ClusterStart& start, const CompressProgress& progress, std::uint64_t one_by_one = kSharedOneByOne);

}  // namespace eie::tb
