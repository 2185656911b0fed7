// SPDX-License-Identifier: Apache-2.0
// Pointer read with all its ports, and what is in its memory.
#pragma once

#include <cstdint>
#include <vector>

#include "hw/ptr_read.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {

template <class Cfg>
struct PtrReadBench : Bench {
  static constexpr unsigned kPe = Cfg::kPes - 1;
  static constexpr unsigned kColumns = Cfg::kPointerDepth - 1;
  using Block = PtrRead<Cfg>;
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::drain)> drain{"drain"};
  Wire<decltype(Block::head)> head{"head"};
  Wire<decltype(Block::head_ready)> head_ready{"head_ready"};
  Wire<decltype(Block::entry_address)> entry_address{"entry_address"};
  Wire<decltype(Block::column_ready)> column_ready{"column_ready"};
  Wire<decltype(Block::drained)> drained{"drained"};
  Wire<decltype(Block::error)> error{"error"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"ptr_read"};

  std::vector<std::uint64_t> pointers = std::vector<std::uint64_t>(Cfg::kPointerDepth);
  // Of the model of a test: an error on its way, what is seen in this cycle, the accepted columns
  bool error_next = false;
  bool error_now = false;
  bool drained_now = false;
  std::uint64_t columns = 0;

  PtrReadBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.drain(drain);
    block.head(head);
    block.head_ready(head_ready);
    block.entry_address(entry_address);
    block.column_ready(column_ready);
    block.drained(drained);
    block.error(error);
    block.host(host);
    block.host_q(host_q);
    pe.write(kPe);
    reset();
  }

  void load() {
    for (unsigned k = 0; k < Cfg::kPointerDepth; ++k) (k % 2 == 0 ? block.even : block.odd).poke(k / 2, pointers[k]);
  }
  Activation<Cfg> activation(unsigned column) {
    Activation<Cfg> a;
    a.valid = true;
    a.column = column;
    a.value = signed_value(Cfg::kDataWidth);
    return a;
  }
  Activation<Cfg> no_activation() {
    Activation<Cfg> a = activation(below(kColumns));
    a.valid = false;
    return a;
  }
};

}  // namespace eie::tb
