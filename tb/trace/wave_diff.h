// SPDX-License-Identifier: Apache-2.0
// Two dumps of waves, compared name by name and cycle by cycle, aligned on the start of the launch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/trace/dump/dump_file.h"

namespace eie::tb {

/// A signal that differs somewhere.
struct SignalDifference {
  std::string scope;
  std::string name;
  std::int64_t cycle = 0;    // the first one in which it differs, of the launch
  std::uint64_t cycles = 0;  // how many cycles it differs in
  std::string a;             // the values there, in hexadecimal where they are bits
  std::string b;

  std::string path() const { return scope + "." + name; }
};

struct BlockDifference {
  std::string scope;
  std::size_t signals = 0;  // compared
  std::size_t differing = 0;
  std::int64_t first = 0;  // cycle
};

struct WaveDifference {
  std::size_t compared = 0;  // signals that both have
  std::size_t only_a = 0;
  std::size_t only_b = 0;
  std::int64_t from = 0;  // cycles that both have, of the launch: those before it are negative
  std::int64_t to = 0;
  std::uint64_t start_a = 0;  // time of the launch's first cycle in A, and the length of a cycle there
  std::uint64_t period_a = 1;
  std::vector<SignalDifference> signals;  // by first cycle, then in the order of A
  std::vector<BlockDifference> blocks;    // those that differ, by first cycle
};

/// Compares all signals that both dumps have, aligned on the start of their first launch; a dump that begins in the middle of
/// one says by launch.launch_cycle where. An unknown bit (x) equals any. Throws UserError when a dump shows no start of a
/// launch, or they have no signal or no cycle in common.
/// Cycles of the launch before `not_before` do not count.
WaveDifference compare_waves(DumpFile& a, const std::string& name_a, DumpFile& b, const std::string& name_b,
                             std::int64_t not_before = INT64_MIN);

}  // namespace eie::tb
