#include "encoder.h"

#include <algorithm>
#include <cstring>
#include <numeric>

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

// Visits the non-zero codes of a column in ascending row order; eight zeros at a time are skipped.
template <class Visit>
void for_each_code(const std::vector<std::uint8_t>& codes, Visit visit) {
  std::size_t i = 0;
  while (i < codes.size()) {
    std::uint64_t eight = 1;
    if (i + 8 <= codes.size()) std::memcpy(&eight, codes.data() + i, 8);
    if (eight == 0) {
      i += 8;
      continue;
    }
    const std::size_t end = std::min(i + 8, codes.size());
    for (; i < end; ++i) {
      if (codes[i] != 0) visit(i, codes[i]);
    }
  }
}

}  // namespace

std::vector<RowBlock> split_rows(std::size_t rows, const HwConfig& config) {
  check_ranges(config);
  const auto locals = static_cast<std::size_t>(config.local_length(rows));
  return blocks_of(rows, (locals + config.registers - 1) / config.registers, config);
}

std::vector<RowBlock> one_block(std::size_t rows, const HwConfig& config) {
  return blocks_of(rows, 1, check_ranges(config));
}

EncodedLayer encode(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks) {
  check_ranges(config);
  EncodedLayer layer;
  layer.rows = source.rows();
  layer.columns = source.columns();
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
  std::vector<std::uint8_t> codes;
  std::vector<std::size_t> next(config.n_pe);  // local row after the last entry of each PE
  for (std::size_t j = 0; j < layer.columns; ++j) {
    source.column(j, codes);
    std::size_t b = 0;
    std::fill(next.begin(), next.end(), std::size_t{0});
    for_each_code(codes, [&](std::size_t i, std::uint8_t code) {
      const std::size_t k = i % config.n_pe;
      const std::size_t local = i / config.n_pe;
      while (i >= blocks[b].first_row + blocks[b].rows) {
        ++b;
        std::fill(next.begin(), next.end(), blocks[b].first_local);
      }
      std::vector<std::uint16_t>& entries = layer.code[b][k].entries;
      std::size_t run = local - next[k];
      for (; run > max_run; run -= max_run + 1) entries.push_back(padding);
      entries.push_back(static_cast<std::uint16_t>(run << config.code_width | code));
      next[k] = local + 1;
    });
    for (auto& block : layer.code) {
      for (PeCode& pe : block) pe.pointers.push_back(static_cast<std::uint32_t>(pe.entries.size()));
    }
  }
  return layer;
}

std::uint64_t Work::total() const {
  return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0});
}

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

std::vector<std::uint64_t> pack_entries(const PeCode& code, std::size_t first, std::size_t last,
                                        unsigned entry_bits) {
  const std::size_t per_word = 64 / entry_bits;
  std::vector<std::uint64_t> words((last - first + per_word - 1) / per_word, 0);
  for (std::size_t e = first; e < last; ++e) {
    const std::size_t k = e - first;
    words[k / per_word] |= std::uint64_t{code.entries[e]} << (k % per_word * entry_bits);
  }
  return words;
}

}  // namespace eie::tb
