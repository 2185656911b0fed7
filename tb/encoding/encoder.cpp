// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/encoder.h"

#include <algorithm>
#include <numeric>

#include "tb/encoding/nonzero_bytes.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

std::vector<RowBlock> blocks_of(std::size_t rows, std::size_t count, const HwConfig& config) {
  const auto locals = static_cast<std::size_t>(config.local_length(rows));
  std::vector<RowBlock> blocks;
  std::size_t first = 0;
  for (std::size_t b = 0; b < count; ++b) {
    RowBlock block;
    block.first_local = first;
    block.local_rows = locals / count + (b < locals % count ? 1 : 0);
    block.first_row = first * config.n_pe;
    first += block.local_rows;
    block.rows = std::min(rows, first * config.n_pe) - block.first_row;
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace

std::vector<RowBlock> split_rows(std::size_t rows, const HwConfig& config) {
  check_ranges(config);
  const auto locals = static_cast<std::size_t>(config.local_length(rows));
  return blocks_of(rows, (locals + config.registers - 1) / config.registers, config);
}

std::vector<RowBlock> one_block(std::size_t rows, const HwConfig& config) { return blocks_of(rows, 1, check_ranges(config)); }

EncodedLayer encode(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks) {
  return encode_columns(source, config, blocks, 0, source.columns());
}

EncodedLayer encode_columns(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks,
                            std::size_t first, std::size_t last) {
  check_ranges(config);
  EncodedLayer layer;
  layer.rows = source.rows();
  layer.columns = last - first;
  layer.code_width = config.code_width;
  layer.blocks = blocks;
  layer.code.assign(blocks.size(), std::vector<PeCode>(config.n_pe));
  for (auto& block : layer.code) {
    for (PeCode& pe : block) {
      pe.pointers.reserve(layer.columns + 1);
      pe.pointers.push_back(0);
    }
  }

  const std::size_t max_run = (std::size_t{1} << config.run_width) - 1;
  const auto padding = static_cast<std::uint16_t>(max_run << config.code_width);
  unsigned log2_pe = 0;  // n_pe is a power of two
  while (std::size_t{1} << log2_pe < config.n_pe) ++log2_pe;
  // Where a PE's next entry goes. Every entry stands for a local row at least, so that a column has at most local_rows of
  // them: the lists are long enough before it begins.
  struct Cursor {
    std::uint16_t* to;
    std::size_t next;  // local row after the last entry
  };
  std::vector<Cursor> cursors(config.n_pe);
  std::vector<std::uint8_t> codes;
  for (std::size_t j = first; j < last; ++j) {
    source.column(j, codes);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const RowBlock& rows = blocks[b];
      std::vector<PeCode>& block = layer.code[b];
      for (std::size_t k = 0; k < block.size(); ++k) {
        std::vector<std::uint16_t>& entries = block[k].entries;
        const std::size_t used = block[k].pointers.back();
        if (entries.size() < used + rows.local_rows) entries.resize(std::max(2 * used, used + rows.local_rows));
        cursors[k] = {entries.data() + used, 0};
      }
      for_each_nonzero(codes.data() + rows.first_row, rows.rows, [&](std::size_t i, std::uint8_t code) {
        Cursor& at = cursors[i & (config.n_pe - 1)];
        const std::size_t local = i >> log2_pe;
        std::size_t run = local - at.next;
        for (; run > max_run; run -= max_run + 1) *at.to++ = padding;
        *at.to++ = static_cast<std::uint16_t>(run << config.code_width | code);
        at.next = local + 1;
      });
      for (std::size_t k = 0; k < block.size(); ++k) {
        block[k].pointers.push_back(static_cast<std::uint32_t>(cursors[k].to - block[k].entries.data()));
      }
    }
  }
  for (auto& block : layer.code) {
    for (PeCode& pe : block) pe.entries.resize(pe.pointers.back());
  }
  return layer;
}

void append_columns(EncodedLayer& layer, const EncodedLayer& more) {
  layer.columns += more.columns;
  for (std::size_t b = 0; b < layer.code.size(); ++b) {
    for (std::size_t k = 0; k < layer.code[b].size(); ++k) {
      PeCode& to = layer.code[b][k];
      const PeCode& from = more.code[b][k];
      const std::uint32_t base = to.pointers.back();
      to.entries.insert(to.entries.end(), from.entries.begin(), from.entries.end());
      to.pointers.reserve(to.pointers.size() + from.pointers.size() - 1);
      for (std::size_t j = 1; j < from.pointers.size(); ++j) to.pointers.push_back(base + from.pointers[j]);
    }
  }
}

std::uint64_t Work::total() const { return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0}); }

Work count_work(const EncodedLayer& layer, const std::vector<std::int32_t>& activations) {
  Work work;
  work.entries.assign(layer.code.empty() ? 0 : layer.code.front().size(), 0);
  const unsigned mask = (1u << layer.code_width) - 1;
  for (const auto& block : layer.code) {
    for (std::size_t k = 0; k < block.size(); ++k) {
      const PeCode& pe = block[k];
      for (std::size_t j = 0; j < layer.columns; ++j) {
        if (!activations.empty() && activations[j] == 0) continue;
        work.entries[k] += pe.pointers[j + 1] - pe.pointers[j];
        for (std::size_t e = pe.pointers[j]; e < pe.pointers[j + 1]; ++e) {
          work.padding += (pe.entries[e] & mask) == 0 ? 1 : 0;
        }
      }
    }
  }
  return work;
}

std::vector<std::uint64_t> pack_entries(const PeCode& code, std::size_t first, std::size_t last, unsigned entry_bits) {
  const std::size_t per_word = 64 / entry_bits;
  std::vector<std::uint64_t> words((last - first + per_word - 1) / per_word, 0);
  for (std::size_t e = first; e < last; ++e) {
    const std::size_t k = e - first;
    words[k / per_word] |= std::uint64_t{code.entries[e]} << (k % per_word * entry_bits);
  }
  return words;
}

}  // namespace eie::tb
