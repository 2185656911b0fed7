// SPDX-License-Identifier: Apache-2.0
// Errors that a user can cause. Every one of them ends the program with status 2 and one line on stderr.
#pragma once

#include <stdexcept>
#include <string>

namespace eie::host {

/// Wrong usage or bad input. what() is one line: file, place, value, what was expected.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whoever read standard output has gone.
class OutputClosed : public UserError {
 public:
  using UserError::UserError;
};

/// A YAML file says something that it must not. what() is `file:line: key 'x' is 3: expected ...`.
class ConfigError : public UserError {
 public:
  using UserError::UserError;
};

}  // namespace eie::host

namespace eie::tb {
using host::ConfigError;
using host::OutputClosed;
using host::UserError;
}  // namespace eie::tb
