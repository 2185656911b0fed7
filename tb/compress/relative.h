// SPDX-License-Identifier: Apache-2.0
// Relative indices for storage (Deep Compression, section 2, Figure 2; docs/compression.md): a sparse matrix as pairs of a
// code and the zeros before it, whatever device it is for.
//
// The matrix is one sequence, column after column. A run goes on over the end of a column, as in that paper; the device's
// own format (tb/encoding/encoder.h) starts anew in each column and PE. A gap over 2^index_bits - 1 takes padding entries:
// code 0 with the largest run, one more zero themselves. Zeros after the last code are not stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tb/encoding/code_matrix.h"

namespace eie::tb {

struct RelativeCodes {
  std::vector<std::uint8_t> code;  // 0: padding
  std::vector<std::uint8_t> run;   // zeros before it, below 2^index_bits
  std::uint64_t padding = 0;       // entries with code 0
};

/// visit(code, run) for each entry, padding included, of codes of a matrix of so many rows.
template <class Visit>
void for_each_entry(const CodeMatrix::Sparse& codes, std::size_t rows, unsigned index_bits, Visit&& visit) {
  const std::size_t longest = (std::size_t{1} << index_bits) - 1;
  std::size_t next = 0;  // place in the sequence
  for (std::size_t j = 0; j + 1 < codes.offset.size(); ++j) {
    for (std::size_t e = codes.offset[j]; e < codes.offset[j + 1]; ++e) {
      const std::size_t at = j * rows + codes.row[e];
      for (; at - next > longest; next += longest + 1) visit(std::uint8_t{0}, static_cast<std::uint8_t>(longest));
      visit(codes.code[e], static_cast<std::uint8_t>(at - next));
      next = at + 1;
    }
  }
}

/// Entries of `codes`, of a matrix of so many rows, none of them 0; index_bits from 1 to 8.
RelativeCodes relative_codes(const CodeMatrix::Sparse& codes, std::size_t rows, unsigned index_bits);

/// The matrix of such entries. Throws the UserError `label: ...` when they leave the matrix, when padding has another run than
/// the largest or nothing after it, or when the two lists differ in length.
CodeMatrix::Sparse absolute_codes(const RelativeCodes& entries, std::size_t rows, std::size_t columns, unsigned index_bits,
                                  const std::string& label);

}  // namespace eie::tb
