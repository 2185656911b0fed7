// SPDX-License-Identifier: Apache-2.0
// What a refusal says.
#pragma once

#include <functional>
#include <string>

#include "tb/support/error.h"

namespace eie::tb {

/// The UserError of an action; `none` where it throws none.
inline std::string message_of(const std::function<void()>& action, const std::string& none = "no error") {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return none;
}

}  // namespace eie::tb
