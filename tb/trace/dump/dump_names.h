// SPDX-License-Identifier: Apache-2.0
// What the names in a dump of a device stand for: which scope is which PE, and where the derived signals are
// (docs/waves.md has the rule of names).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tb/trace/dump/dump_file.h"

namespace eie::tb {

/// A variable by its name below its group: "act_queue.count" in PE 3.
struct NamedVariable {
  std::string name;
  std::size_t index = 0;  // in DumpHeader::variables
};

/// The variables of a dump, sorted into the groups that a person looks at. Each is in one group, in the dump's order.
struct DumpGroups {
  std::string root;  // the scope of the device: it has the PEs
  std::vector<NamedVariable> launch;
  std::vector<NamedVariable> broadcast;
  std::map<unsigned, std::vector<NamedVariable>> pe;
  std::vector<NamedVariable> ccu;
  std::vector<NamedVariable> lnzd_tree;
  std::vector<NamedVariable> host_port;
  std::vector<NamedVariable> rest;  // by their whole path
};

DumpGroups group_variables(const DumpHeader& header);

/// The first of these names that is there.
std::optional<std::size_t> find_variable(const std::vector<NamedVariable>& group, const std::vector<std::string>& names);

}  // namespace eie::tb
