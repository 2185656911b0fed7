// SPDX-License-Identifier: Apache-2.0
// What a dump of a device tells of its run: launches, batches, the first stall, the PEs that matter. Read from the values,
// so that it holds for any dump, also one that is a window of a run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tb/trace/dump/dump_file.h"
#include "tb/trace/dump/dump_names.h"

namespace eie::tb {

/// A time in a dump that is worth looking at.
struct DumpMoment {
  std::uint64_t time = 0;
  std::string text;           // "launch 1"
  std::vector<unsigned> pes;  // that it is about
};

struct DumpFacts {
  std::uint64_t period = 0;  // of the clock, in units of the dump; 0 where no value changes twice
  std::vector<DumpMoment> launches;
  std::vector<DumpMoment> batches;  // but the first one of each launch
  std::optional<DumpMoment> first_broadcast;
  std::optional<DumpMoment> first_stall;
  std::optional<DumpMoment> first_saturation;
  std::optional<DumpMoment> first_error;
  std::map<unsigned, std::uint64_t> entries;  // of each PE: the cycles in which it had one
  std::optional<unsigned> slowest;            // the PE with most of them
};

/// A cycle of a launch.
struct LaunchCycle {
  std::uint64_t launch = 1;
  std::uint64_t cycle = 0;
};

/// Reads the dump once. Where it lacks a signal, the facts that need it are not there.
DumpFacts read_facts(DumpFile& dump, const DumpGroups& groups);

/// When that cycle is; none where the dump does not show it.
std::optional<std::uint64_t> time_of(DumpFile& dump, const DumpGroups& groups, const LaunchCycle& cycle);

}  // namespace eie::tb
