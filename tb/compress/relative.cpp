// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/relative.h"

#include <utility>

#include "tb/support/error.h"
#include "tb/support/thousands.h"

namespace eie::tb {

RelativeCodes relative_codes(const CodeMatrix::Sparse& codes, std::size_t rows, unsigned index_bits) {
  RelativeCodes entries;
  entries.code.reserve(codes.code.size() + codes.code.size() / 8);
  entries.run.reserve(codes.code.size() + codes.code.size() / 8);
  for_each_entry(codes, rows, index_bits, [&entries](std::uint8_t code, std::uint8_t run) {
    entries.code.push_back(code);
    entries.run.push_back(run);
    entries.padding += code == 0 ? 1 : 0;
  });
  return entries;
}

CodeMatrix::Sparse absolute_codes(const RelativeCodes& entries, std::size_t rows, std::size_t columns, unsigned index_bits,
                                  const std::string& label) {
  const std::size_t longest = (std::size_t{1} << index_bits) - 1;
  auto fail = [&label](std::size_t entry, const std::string& text) {
    throw UserError(label + ": entry " + std::to_string(entry) + " " + text);
  };
  if (entries.code.size() != entries.run.size()) {
    throw UserError(label + ": " + counted(entries.code.size(), "code") + " and " + counted(entries.run.size(), "run") +
                    ": expected as many");
  }
  CodeMatrix::Sparse codes;
  codes.offset.assign(columns + 1, 0);
  codes.row.reserve(entries.code.size());
  codes.code.reserve(entries.code.size());
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t e = 0; e < entries.code.size(); ++e) {
    if (entries.run[e] > longest) {
      fail(e, "has a run of " + std::to_string(entries.run[e]) + ": expected up to " + std::to_string(longest));
    }
    row += entries.run[e];
    while (row >= rows && column < columns) {
      row -= rows;
      codes.offset[++column] = codes.row.size();
    }
    if (column == columns) fail(e, "is behind the last column: expected as many zeros as there are places");
    if (entries.code[e] != 0) {
      codes.row.push_back(static_cast<std::uint32_t>(row));
      codes.code.push_back(entries.code[e]);
    } else if (entries.run[e] != longest || e + 1 == entries.code.size()) {
      fail(e, "is padding with a run of " + std::to_string(entries.run[e]) + ": expected the largest run and an entry after it");
    }
    ++row;
  }
  while (column < columns) codes.offset[++column] = codes.row.size();
  return codes;
}

}  // namespace eie::tb
