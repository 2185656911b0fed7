// SPDX-License-Identifier: Apache-2.0
// Work in processes of its own: a SystemC kernel elaborates once in a process.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace eie::tb {

/// Does each work in a child process, up to `jobs` at a time, and returns what they returned, in order. A
/// child that throws has this function throw the same (UserError, DeviceError, std::bad_alloc; anything else
/// std::runtime_error), whichever does so first; the others are ended. A child whose parent ends ends too.
std::vector<std::string> in_children(const std::vector<std::function<std::string()>>& works, std::size_t jobs);

}  // namespace eie::tb
