// SPDX-License-Identifier: Apache-2.0
// Next-state functions of generated RTL, written where they are called.
#pragma once

#include <string>

namespace eie::tb {

/// ICSC puts the next-state logic of a clocked process P into a void function without arguments, `P_func`,
/// and calls it in an `always_comb`. Here each such function's body becomes that block's body, which is the
/// same by the meaning of always_comb. Verilator 5.006 numbers a function's variables by instance, and would
/// compile as many copies of a module as it has instances. Throws std::runtime_error if a function stays.
std::string inline_next_state_functions(const std::string& rtl);

}  // namespace eie::tb
