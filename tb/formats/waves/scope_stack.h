// SPDX-License-Identifier: Apache-2.0
// From full scope names to the steps up and down that a wave file is made of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

namespace eie::tb {

/// The parts between the dots.
inline std::vector<std::string> scope_parts(const std::string& scope) {
  std::vector<std::string> parts;
  std::istringstream in(scope);
  for (std::string part; std::getline(in, part, '.');) parts.push_back(part);
  return parts;
}

class ScopeStack {
 public:
  /// Calls up() and down(part) for the way from the scope before to this one.
  template <class Up, class Down>
  void go(const std::string& scope, Up up, Down down) {
    const std::vector<std::string> to = scope_parts(scope);
    const auto differ = std::mismatch(open_.begin(), open_.end(), to.begin(), to.end());
    const auto common = static_cast<std::size_t>(differ.first - open_.begin());
    for (std::size_t k = open_.size(); k > common; --k) up();
    for (std::size_t k = common; k < to.size(); ++k) down(to[k]);
    open_ = to;
  }

 private:
  std::vector<std::string> open_;
};

}  // namespace eie::tb
