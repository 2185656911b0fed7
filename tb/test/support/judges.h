// SPDX-License-Identifier: Apache-2.0
// Judges that share no code with what they judge: a decoder for the encoder, the rules of a plan, a slow
// golden model.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/encoding/code_matrix.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"

namespace eie::tb {

/// Undoes the encoding: codes of the rows of one PE in one column of a block. Throws std::out_of_range when
/// an entry lies past the last row.
inline std::vector<std::uint8_t> decode(const PeCode& pe, std::size_t j, std::size_t locals, const HwConfig& c) {
  std::vector<std::uint8_t> codes(locals, 0);
  std::size_t row = 0;
  for (std::size_t e = pe.pointers[j]; e < pe.pointers[j + 1]; ++e) {
    row += pe.entries[e] >> c.code_width;
    const unsigned code = pe.entries[e] & (c.codes() - 1);
    if (code != 0) codes.at(row) = static_cast<std::uint8_t>(code);
    ++row;
  }
  return codes;
}

/// Where decoding does not give the matrix back, or an empty string.
inline std::string decoding_fault(const CodeMatrix& m, const EncodedLayer& layer, const HwConfig& c) {
  for (std::size_t b = 0; b < layer.blocks.size(); ++b) {
    const RowBlock& block = layer.blocks[b];
    for (unsigned k = 0; k < c.n_pe; ++k) {
      const PeCode& pe = layer.pe(b, k);
      if (pe.pointers.size() != m.columns() + 1) return "number of pointers";
      if (pe.pointers.back() != pe.entries.size()) return "last pointer";
      for (std::size_t j = 0; j < m.columns(); ++j) {
        const auto codes = decode(pe, j, block.local_rows, c);
        for (std::size_t l = 0; l < codes.size(); ++l) {
          const std::size_t i = (block.first_local + l) * c.n_pe + k;
          const unsigned expected = i < m.rows() ? m.at(i, j) : 0;
          if (codes[l] != expected) {
            return "row " + std::to_string(i) + ", column " + std::to_string(j) + ", PE " + std::to_string(k) + ": expected " +
                   std::to_string(expected) + ", seen " + std::to_string(codes[l]);
          }
        }
      }
    }
  }
  return "";
}

/// The first rule that a plan breaks, or an empty string: it covers every column of every row block once and
/// in order, and each launch fits the memories.
inline std::string plan_fault(const Plan& plan, const EncodedLayer& layer, const HwConfig& c, bool has_bias) {
  std::size_t block = 0;
  std::size_t column = 0;
  for (std::size_t n = 0; n < plan.launches.size(); ++n) {
    const Launch& launch = plan.launches[n];
    const std::string where = "launch " + std::to_string(n) + ": ";
    if (block >= layer.blocks.size()) return where + "past the last row block";
    if (launch.block != block) return where + "row block out of order";
    if (launch.first_column != column) return where + "columns out of order";
    if (launch.columns == 0) return where + "no columns";
    if (launch.first != (column == 0)) return where + "first";
    if (column % (c.n_pe * c.lanes()) != 0) return where + "inputs do not start on a word";
    if (launch.columns + 1 > c.pointer_depth) return where + "pointers";
    column += launch.columns;
    if (column > layer.columns) return where + "past the last column";
    if (launch.last != (column == layer.columns)) return where + "last";
    for (unsigned k = 0; k < c.n_pe; ++k) {
      const auto& pointers = layer.pe(block, k).pointers;
      const std::size_t entries = pointers[column] - pointers[launch.first_column];
      if (entries > c.max_entries()) return where + "entries of PE " + std::to_string(k);
    }
    auto words = [&c](std::size_t length) { return c.act_words(c.local_length(length)); };
    const std::size_t block_words = c.act_words(layer.blocks[block].local_rows);
    const std::size_t bias_words = has_bias ? block_words : 0;
    if (plan.act_resident ? words(layer.columns) + words(layer.rows) + bias_words > c.act_depth
                          : words(launch.columns) + block_words + bias_words > c.act_depth) {
      return where + "activations";
    }
    if (launch.last) {
      ++block;
      column = 0;
    }
  }
  return block == layer.blocks.size() ? "" : "row blocks are missing";
}

/// golden_layer() another way: row by row, in long double, with floor and comparisons.
inline std::vector<std::int32_t> slow_golden(const CodeMatrix& m, const std::vector<std::int32_t>& a,
                                             const std::vector<std::int32_t>& bias, int shift, bool relu, int d, int acc,
                                             bool& saturated) {
  std::vector<std::int32_t> y;
  for (std::size_t i = 0; i < m.rows(); ++i) {
    long double sum = bias.empty() ? 0.0L : static_cast<long double>(bias[i]);
    for (std::size_t j = 0; j < m.columns(); ++j) {
      const std::uint8_t code = m.at(i, j);
      if (code == 0 || a[j] == 0) continue;
      const long double p = static_cast<long double>(m.codebook()[code]) * static_cast<long double>(a[j]);
      sum += floorl(ldexpl(p, -shift) + (shift > 0 ? 0.5L : 0.0L));
      const long double limit = ldexpl(1, acc - 1);
      saturated = saturated || sum >= limit || sum < -limit;
      sum = fminl(fmaxl(sum, -limit), limit - 1);
    }
    if (relu) sum = fmaxl(sum, 0);
    const long double limit = ldexpl(1, d - 1);
    y.push_back(static_cast<std::int32_t>(fminl(fmaxl(sum, -limit), limit - 1)));
  }
  return y;
}

}  // namespace eie::tb
