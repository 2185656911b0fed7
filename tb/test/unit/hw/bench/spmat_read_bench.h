// SPDX-License-Identifier: Apache-2.0
// Spmat read with all its ports, and what is in its memory.
#pragma once

#include <cstdint>
#include <vector>

#include "hw/spmat_read.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {

template <class Cfg>
struct SpmatReadBench : Bench {
  using P = Params<Cfg>;
  static constexpr unsigned kPe = Cfg::kPes / 2;
  static constexpr unsigned kPerRow = P::kEntriesPerRow;
  static constexpr unsigned kPerBeat = 64 / P::kEntryWidth;
  static constexpr unsigned kEntries = smaller(Cfg::kSpmatDepth * kPerRow, (1u << Cfg::kPointerWidth) - 1);
  using Block = SpmatRead<Cfg>;
  Wire<decltype(Block::pe)> pe{"pe"};
  Wire<decltype(Block::busy)> busy{"busy"};
  Wire<decltype(Block::entry_address)> entry_address{"entry_address"};
  Wire<decltype(Block::column_ready)> column_ready{"column_ready"};
  Wire<decltype(Block::entry)> entry{"entry"};
  Wire<decltype(Block::host)> host{"host"};
  Wire<decltype(Block::host_q)> host_q{"host_q"};
  Block block{"spmat_read"};

  std::vector<unsigned> stored = std::vector<unsigned>(Cfg::kSpmatDepth * kPerRow);  // entry words in the SRAM
  std::uint64_t fetches = 0;

  SpmatReadBench() {
    block.clk(clk);
    block.rst_n(rst_n);
    block.pe(pe);
    block.busy(busy);
    block.entry_address(entry_address);
    block.column_ready(column_ready);
    block.entry(entry);
    block.host(host);
    block.host_q(host_q);
    pe.write(kPe);
    reset();
  }

  /// 64-bit beat `beat` of all entries, the first entry lowest.
  std::uint64_t beat_of(std::size_t beat) const {
    std::uint64_t value = 0;
    for (unsigned k = 0; k < kPerBeat; ++k) {
      value |= std::uint64_t{stored[beat * kPerBeat + k]} << (k * P::kEntryWidth);
    }
    return value;
  }
  /// Puts what is stored into the SRAM, through the back door.
  void poke(std::size_t first_beat, std::size_t last_beat) {
    for (std::size_t beat = first_beat; beat <= last_beat; ++beat) block.poke(beat, beat_of(beat));
  }
  void poke_all() { poke(0, stored.size() / kPerBeat - 1); }
};

}  // namespace eie::tb
