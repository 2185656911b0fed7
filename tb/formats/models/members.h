// SPDX-License-Identifier: Apache-2.0
// Which array of a file of several is meant.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tb/formats/matrix_file.h"

namespace eie::tb {

struct Member {
  std::string name;
  std::vector<std::size_t> shape;
};

/// The index of the one named, of the only one, or of the only one that fits. Throws UserError with the names and shapes
/// of those there are. At least one member.
std::size_t choose_member(const std::string& path, const std::string& named, const std::vector<Member>& members,
                          const Wanted& wanted);

}  // namespace eie::tb
