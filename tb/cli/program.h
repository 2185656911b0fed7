// SPDX-License-Identifier: Apache-2.0
// The `eie` program without its main(): parsing, commands, exit status.
#pragma once

namespace eie::tb {

constexpr int kExitDone = 0;      // done, and every result matched the golden model
constexpr int kExitMismatch = 1;  // a result did not match, or the device failed
constexpr int kExitUsage = 2;     // wrong usage or bad input

/// Runs `eie <command> ...` and returns its exit status. Errors are one line on stderr.
int program(int argc, const char* const* argv);

}  // namespace eie::tb
