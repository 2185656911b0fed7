// SPDX-License-Identifier: Apache-2.0
// A GTKWave save file that explains a dump: launch and broadcasts first, then the PEs that matter, the tree last; and how
// such a file is written without losing what somebody changed in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/trace/dump/dump_facts.h"
#include "tb/trace/dump/dump_file.h"

namespace eie::tb {

/// A cycle that the view must show, and what is there. The first one is where it opens.
struct ViewPlace {
  LaunchCycle at;
  std::string text;  // "first mismatch"
  std::optional<unsigned> pe;
  bool must = true;  // it is an error when the dump does not show it
};

struct ViewRequest {
  std::vector<ViewPlace> places;
  std::vector<unsigned> pes;  // open groups; none: those that explain the run
};

/// The save file of a dump, but for the names of the files. Throws UserError when a PE or a cycle is not in the dump.
std::string view_text(DumpFile& dump, const ViewRequest& request);

/// What write_view() did.
struct WrittenView {
  std::string file;
  std::string note;  // why it is another file than the one that was asked for; empty: it is that one
};

/// Writes the view of `dump` (its path) as `view`. A file that is there is replaced only if it is as this function wrote it;
/// otherwise, with `beside`, the next free name of FILE.2.gtkw, FILE.3.gtkw ... is taken. Throws UserError without `beside`, and
/// when the file cannot be written.
WrittenView write_view(const std::string& text, const std::string& dump, const std::string& view, bool beside);

/// The view of a dump beside it, with its name; what somebody changed there stays. Throws UserError.
WrittenView leave_view(const std::string& dump, const ViewRequest& request);

/// dump.fst -> dump.gtkw
std::string view_name(const std::string& dump);

}  // namespace eie::tb
