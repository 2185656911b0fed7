// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/dump/dump_names.h"

#include <algorithm>
#include <cctype>

namespace eie::tb {
namespace {

/// Where "pe_<number>" stands in a path of scopes as a whole word; npos when it does not.
std::size_t find_pe(const std::string& path, unsigned& number) {
  for (std::size_t at = path.find("pe_"); at != std::string::npos; at = path.find("pe_", at + 1)) {
    if (at != 0 && path[at - 1] != '.') continue;
    std::size_t end = at + 3;
    unsigned value = 0;
    while (end < path.size() && std::isdigit(static_cast<unsigned char>(path[end])) != 0 && end < at + 9) {
      value = 10 * value + static_cast<unsigned>(path[end++] - '0');
    }
    if (end == at + 3 || (end < path.size() && path[end] != '.')) continue;
    number = value;
    return at;
  }
  return std::string::npos;
}

/// The path below `scope`, if it is there.
bool below(const std::string& path, const std::string& scope, std::string& rest) {
  if (scope.empty()) {
    rest = path;
    return true;
  }
  if (path.size() <= scope.size() || path.compare(0, scope.size(), scope) != 0 || path[scope.size()] != '.') return false;
  rest = path.substr(scope.size() + 1);
  return true;
}

/// The device's scope: that of its PEs, the longest one, as derived signals of PEs lie further up; or else that of a block which
/// the device has once.
std::string find_root(const DumpHeader& header) {
  unsigned ignored = 0;
  bool found = false;
  std::string root;
  for (const DumpVariable& v : header.variables) {
    const std::size_t at = find_pe(v.scope, ignored);
    if (at == std::string::npos) continue;
    if (!found || at > root.size() + 1) root = v.scope.substr(0, at == 0 ? 0 : at - 1);
    found = true;
  }
  if (found) return root;
  for (const DumpVariable& v : header.variables) {
    for (const char* block : {"ccu", "lnzd_tree", "host_port", "launch"}) {
      const std::string path = "." + v.scope + ".";
      const std::size_t at = path.find(std::string(".") + block + ".");
      if (at != std::string::npos) return at == 0 ? "" : path.substr(1, at - 1);
    }
  }
  return "";
}

}  // namespace

DumpGroups group_variables(const DumpHeader& header) {
  DumpGroups groups;
  groups.root = find_root(header);
  const std::size_t dot = groups.root.rfind('.');
  const std::string above = dot == std::string::npos ? "" : groups.root.substr(0, dot);
  for (std::size_t k = 0; k < header.variables.size(); ++k) {
    const std::string path = header.variables[k].path();
    std::string name;
    std::vector<NamedVariable>* group = nullptr;
    // Derived signals lie in the device or beside it.
    for (const std::string& scope : {groups.root, above}) {
      if (group != nullptr || !below(path, scope, name)) continue;
      const std::size_t end = std::min(name.find('.'), name.size());
      const std::string first = name.substr(0, end);
      unsigned pe = 0;
      if (first == "launch") group = &groups.launch;
      if (first == "broadcast") group = &groups.broadcast;
      if (find_pe(first, pe) == 0) group = &groups.pe[pe];
      if (first == "ccu") group = &groups.ccu;
      if (first == "lnzd_tree") group = &groups.lnzd_tree;
      if (first == "host_port") group = &groups.host_port;
      if (end == name.size()) group = nullptr;  // a variable of that name
      if (group != nullptr) name.erase(0, end + 1);
    }
    if (group == nullptr) {
      group = &groups.rest;
      name = path;
    }
    group->push_back({name, k});
  }
  return groups;
}

std::optional<std::size_t> find_variable(const std::vector<NamedVariable>& group, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    for (const NamedVariable& v : group) {
      if (v.name == name) return v.index;
    }
  }
  return std::nullopt;
}

}  // namespace eie::tb
