// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/capacity.h"

#include <algorithm>

namespace eie::tb {

Capacity capacity_of(const HwConfig& c) {
  Capacity k;
  k.spmat_bits = std::uint64_t{c.spmat_depth} * c.spmat_width;
  k.ptr_bits = std::uint64_t{c.pointer_depth} * c.pointer_width;
  k.act_bits = std::uint64_t{c.act_depth} * 64;
  k.entries = c.max_entries();
  k.pointers = c.pointer_depth;
  k.activations = std::uint64_t{c.act_depth} * c.lanes();
  // Rows by the registers; inputs and outputs share the activation SRAM, at least a word for the inputs
  // (plan.h).
  const std::uint64_t local_rows = std::min<std::uint64_t>(c.registers, (std::uint64_t{c.act_depth} - 1) * c.lanes());
  k.rows = local_rows * c.n_pe;
  const std::uint64_t input_words = c.act_depth - c.act_words(local_rows);
  k.columns = std::min<std::uint64_t>(c.pointer_depth - 1, input_words * c.lanes() * c.n_pe);
  k.nonzeros = k.entries * c.n_pe;
  return k;
}

}  // namespace eie::tb
