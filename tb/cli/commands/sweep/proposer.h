// SPDX-License-Identifier: Apache-2.0
// A process that proposes: lines to it and from it.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace eie::tb {

class Proposer {
 public:
  /// Starts a program of PATH, or of this path.
  explicit Proposer(const std::vector<std::string>& command);
  /// Ends it.
  ~Proposer();
  Proposer(const Proposer&) = delete;
  Proposer& operator=(const Proposer&) = delete;

  /// The next line without its break; nothing when it has ended.
  std::optional<std::string> line();
  void answer(const std::string& line);
  /// Its exit status, once it has ended by itself; 127 where it could not be started.
  int status();

 private:
  pid_t child_ = -1;
  std::FILE* in_ = nullptr;   // from it
  std::FILE* out_ = nullptr;  // to it
};

}  // namespace eie::tb
