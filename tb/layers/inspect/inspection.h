// SPDX-License-Identifier: Apache-2.0
// What can be said of a layer's weights before anything is run with them: how full they are, how they are shared, what they
// become in the device's format and how the work spreads over the PEs. One pass over the codes, one over the entries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/codebook.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/matrix_source.h"
#include "tb/encoding/plan.h"

namespace eie::tb {

/// Numbers in bins of one width, from `low` to `high`; the last bin has `high` in it.
struct Bins {
  double low = 0;
  double high = 0;
  std::vector<std::uint64_t> counts;
  double width() const { return (high - low) / static_cast<double>(counts.size()); }
};

/// The shares of non-zeros in the parts of a matrix: rows of parts from the top, each from the left.
struct DensityMap {
  std::size_t rows = 0;     // of parts; at most kMapParts, and no more than the matrix has
  std::size_t columns = 0;  // of parts
  std::vector<double> share;
  double largest() const;
};
constexpr std::size_t kMapParts = 64;

/// The fullest launch, as shares of what a PE's memories hold.
struct Fill {
  double spmat = 0;     // entries of the fullest PE / the most it takes
  double pointers = 0;  // pointers / those of the memory
  double rows = 0;      // local rows / registers
};

struct Inspection {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::uint64_t nonzeros = 0;
  double density() const { return static_cast<double>(nonzeros) / (static_cast<double>(rows) * static_cast<double>(columns)); }
  std::vector<std::uint64_t> code_counts;  // non-zeros of each code; entry 0 is 0
  DensityMap map;
  std::vector<std::uint64_t> runs;     // entries that are not padding, by their run
  Work work;                           // of all columns
  std::uint64_t empty_pe_columns = 0;  // columns of a PE without an entry: each takes a cycle all the same
  std::size_t launches = 0;
  Fill fill;
};

/// `image` and `plan` are of `codes`, whose rows and columns may lie at other places there (tb/compress/balance).
Inspection inspect(const ColumnSource& codes, const EncodedLayer& image, const Plan& plan, const HwConfig& config);

/// The non-zero weights of a file (tb/formats/matrix_file.h) as they are before sharing. Reads it twice. Throws UserError.
Bins weight_bins(const std::string& path, std::size_t bins);

}  // namespace eie::tb
