// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/parallel_encode.h"

#include <algorithm>

#include "tb/support/parallel.h"

namespace eie::tb {

EncodedLayer encode_parallel(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks,
                             std::size_t threads) {
  const std::size_t columns = source.columns();
  if (threads == 0) threads = threads_for(source.rows() * columns, std::size_t{1} << 20);
  threads = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, columns));
  std::vector<EncodedLayer> parts(threads);
  in_parallel(threads, [&](std::size_t part) {
    parts[part] = encode_columns(source, config, blocks, columns * part / threads, columns * (part + 1) / threads);
  });
  for (std::size_t part = 1; part < threads; ++part) {
    append_columns(parts.front(), parts[part]);
    parts[part] = EncodedLayer{};
  }
  return std::move(parts.front());
}

}  // namespace eie::tb
