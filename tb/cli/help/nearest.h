// SPDX-License-Identifier: Apache-2.0
// Suggestions for a misspelt name.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace eie::tb {

/// Edits that turn one text into the other: a letter put in, left out or replaced, or two neighbours swapped.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The names that a misspelt one may stand for, nearest first: those that it begins or that few edits lead
/// to. At most three; none when nothing is near.
std::vector<std::string> nearest(const std::string& wrong, const std::vector<std::string>& names);

/// "; nearest: a, b", or nothing.
std::string nearest_text(const std::string& wrong, const std::vector<std::string>& names);

/// "a, b, c"
std::string listed(const std::vector<std::string>& names);

}  // namespace eie::tb
