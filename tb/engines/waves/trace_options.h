// SPDX-License-Identifier: Apache-2.0
// What waves a run writes: which signals, in which cycles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eie::tb {

/// An empty file name: no waves.
struct TraceOptions {
  std::string file;                 // .fst or .vcd
  std::vector<std::string> scopes;  // globs over names of blocks and signals; empty, and no PEs: everything
  std::vector<unsigned> pes;        // these PEs, with the CCU and what is derived
  std::uint64_t from = 0;           // first clock cycle
  std::uint64_t to = UINT64_MAX;    // last clock cycle
  std::uint64_t launch = 0;         // only this launch, counted from 1; 0: all
  std::uint64_t batch = 0;          // only this batch of it, counted from 1; 0: all
  // With `launch`: only these cycles of it, counted from 0
  std::uint64_t launch_from = 0;
  std::uint64_t launch_to = UINT64_MAX;
};

}  // namespace eie::tb
