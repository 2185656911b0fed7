// SPDX-License-Identifier: Apache-2.0
// A layer encoded by several threads.
#pragma once

#include <cstddef>
#include <vector>

#include "tb/encoding/encoder.h"

namespace eie::tb {

/// What encode() gives, on as many threads as there are processors and columns to make it worth while; `threads` other than 0
/// says how many. Throws what the source throws.
EncodedLayer encode_parallel(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks,
                             std::size_t threads = 0);

}  // namespace eie::tb
