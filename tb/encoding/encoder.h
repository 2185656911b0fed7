// SPDX-License-Identifier: Apache-2.0
// The paper's interleaved, relative-indexed CSC (EIE, section III-B, Figures 2 and 3; docs/encoding.md).
//
// Row i lives in PE i mod N at local row i / N. Each PE has its own entries, column after column, and its own
// column pointers. An entry is `run << code_width | code`; the run counts this PE's zero rows skipped before
// the entry and restarts in each column and row block. A gap over 2^run_width - 1 inserts padding entries
// (code 0, largest run); a padding entry stands for one more zero row itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/matrix_source.h"

namespace eie::tb {

/// Consecutive rows that one launch computes: local rows first_local .. first_local + local_rows - 1 of every
/// PE.
struct RowBlock {
  std::size_t first_local = 0;
  std::size_t local_rows = 0;
  std::size_t first_row = 0;  // first_local * n_pe
  std::size_t rows = 0;       // of the matrix; the last block may end inside a local row
};

/// The fewest row blocks of at most `registers` local rows, equal but for one local row.
std::vector<RowBlock> split_rows(std::size_t rows, const HwConfig& config);

/// All rows in one block, whatever the register files hold: the form in which a matrix is stored in files.
std::vector<RowBlock> one_block(std::size_t rows, const HwConfig& config);

/// The part of one PE in one row block.
struct PeCode {
  std::vector<std::uint16_t> entries;
  std::vector<std::uint32_t> pointers;  // columns + 1: index of the first entry of each column, end exclusive
};

/// A layer in the device's format. Column ranges of it are launches: no entry depends on another column.
struct EncodedLayer {
  std::size_t rows = 0;
  std::size_t columns = 0;
  unsigned code_width = 0;
  std::vector<RowBlock> blocks;
  std::vector<std::vector<PeCode>> code;  // [block][pe]

  const PeCode& pe(std::size_t block, unsigned k) const { return code[block][k]; }
};

/// Encodes all columns in one pass over the source. Memory: two bytes an entry and four a pointer.
EncodedLayer encode(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks);

/// Columns first .. last - 1 alone: runs restart in each column, so that parts of a layer encoded on their own, by several
/// threads say, make the whole (append_columns).
EncodedLayer encode_columns(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks,
                            std::size_t first, std::size_t last);

/// Puts the columns of `more` behind those of `layer`: the same rows and blocks.
void append_columns(EncodedLayer& layer, const EncodedLayer& more);

/// Entries that the device must process.
struct Work {
  std::vector<std::uint64_t> entries;  // per PE, padding included
  std::uint64_t padding = 0;
  std::uint64_t total() const;
};

/// The work of the columns whose activation is not zero (`activations`: one a column; empty: all columns).
Work count_work(const EncodedLayer& layer, const std::vector<std::int32_t>& activations);

/// Entries first .. last-1 as 64-bit words of the Spmat region: entry k in bits [b*k, b*k + b), b =
/// entry_bits.
std::vector<std::uint64_t> pack_entries(const PeCode& code, std::size_t first, std::size_t last, unsigned entry_bits);

}  // namespace eie::tb
