// SPDX-License-Identifier: Apache-2.0
// From entries back to codes, written from docs/encoding.md and not from the encoder: the golden model takes the codes.
#include <algorithm>
#include <string>
#include <utility>

#include "tb/formats/container/hdf5_file.h"
#include "tb/formats/container/stored_network.h"
#include "tb/support/parallel.h"
#include "tb/support/sha256.h"

namespace eie::tb {
namespace {

/// The rows of one column that have a code.
class ColumnOfCodes {
 public:
  explicit ColumnOfCodes(std::size_t rows) : code_(rows), present_((rows + 63) / 64) {}

  void set(std::size_t row, std::uint8_t code) {
    code_[row] = code;
    present_[row / 64] |= std::uint64_t{1} << (row % 64);
  }

  /// Writes them in ascending order and forgets them; how many there were.
  std::size_t take(std::uint32_t* rows, std::uint8_t* codes) {
    std::size_t count = 0;
    for (std::size_t word = 0; word < present_.size(); ++word) {
      for (std::uint64_t bits = present_[word]; bits != 0; bits &= bits - 1) {
        const std::size_t row = word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits));
        rows[count] = static_cast<std::uint32_t>(row);
        codes[count] = code_[row];
        ++count;
      }
      present_[word] = 0;
    }
    return count;
  }

 private:
  std::vector<std::uint8_t> code_;
  std::vector<std::uint64_t> present_;
};

/// Columns first .. last - 1; offsets count from `first`.
template <class Entry>
SparseCodes decode_columns(const StoredImage& image, const std::vector<Entry>& entries, std::size_t rows, std::size_t columns,
                           std::size_t first, std::size_t last) {
  const std::size_t n_pe = image.n_pe;
  const std::size_t lists = image.local_rows.size() * n_pe;
  // Where each list of entries is for the column to come.
  std::vector<std::size_t> at(lists);
  std::size_t total = 0;
  std::size_t here = 0;
  for (std::size_t list = 0; list < lists; ++list) {
    at[list] = total;
    for (std::size_t j = 0; j < columns; ++j) {
      const std::uint32_t count = image.column_entries[list * columns + j];
      if (j < first) at[list] += count;
      if (j >= first && j < last) here += count;
      total += count;
    }
  }
  SparseCodes codes;
  codes.offset.reserve(last - first + 1);
  codes.offset.push_back(0);
  codes.row.resize(here);
  codes.code.resize(here);
  ColumnOfCodes column(rows);
  const unsigned mask = (1u << image.code_width) - 1;
  for (std::size_t j = first; j < last; ++j) {
    std::size_t first_local = 0;
    std::size_t list = 0;
    for (const std::uint32_t local_rows : image.local_rows) {
      for (std::size_t pe = 0; pe < n_pe; ++pe, ++list) {
        std::size_t local = 0;
        const Entry* const begin = entries.data() + at[list];
        const Entry* const end = begin + image.column_entries[list * columns + j];
        at[list] += static_cast<std::size_t>(end - begin);
        for (const Entry* at_entry = begin; at_entry != end; ++at_entry) {
          const unsigned entry = *at_entry;
          local += entry >> image.code_width;
          const std::size_t row = (first_local + local) * n_pe + pe;
          if (local >= local_rows || row >= rows) {
            throw Hdf5Error("has an entry of column " + std::to_string(j) + " beyond the last row");
          }
          if ((entry & mask) != 0) column.set(row, static_cast<std::uint8_t>(entry & mask));
          ++local;
        }
      }
      first_local += local_rows;
    }
    const std::size_t before = codes.offset.back();
    codes.offset.push_back(before + column.take(codes.row.data() + before, codes.code.data() + before));
  }
  codes.row.resize(codes.offset.back());
  codes.code.resize(codes.offset.back());
  return codes;
}

}  // namespace

SparseCodes decode_image(const StoredImage& image, std::size_t rows, std::size_t columns) {
  const std::size_t parts =
      std::min(columns, threads_for(image.entry_count() + image.column_entries.size(), std::size_t{1} << 18));
  std::vector<SparseCodes> decoded(parts);
  in_parallel(parts, [&](std::size_t part) {
    decoded[part] = image.with_entries([&](const auto& entries) {
      return decode_columns(image, entries, rows, columns, columns * part / parts, columns * (part + 1) / parts);
    });
  });
  SparseCodes codes = std::move(decoded.front());
  for (std::size_t part = 1; part < parts; ++part) {
    const SparseCodes& more = decoded[part];
    const std::size_t base = codes.offset.back();
    for (std::size_t j = 1; j < more.offset.size(); ++j) codes.offset.push_back(base + more.offset[j]);
    codes.row.insert(codes.row.end(), more.row.begin(), more.row.end());
    codes.code.insert(codes.code.end(), more.code.begin(), more.code.end());
    decoded[part] = SparseCodes{};
  }
  return codes;
}

std::string digest_of(const SparseCodes& codes, std::size_t rows, std::size_t columns) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers go into the digest as they are in memory");
  Sha256 digest;
  const std::uint64_t sides[] = {rows, columns};
  digest.add(sides, sizeof sides);
  for (std::size_t j = 0; j < columns; ++j) {
    const std::size_t first = codes.offset[j];
    const auto count = static_cast<std::uint32_t>(codes.offset[j + 1] - first);
    digest.add(&count, sizeof count);
    digest.add(codes.row.data() + first, count * sizeof(std::uint32_t));
    digest.add(codes.code.data() + first, count);
  }
  return digest.text();
}

}  // namespace eie::tb
