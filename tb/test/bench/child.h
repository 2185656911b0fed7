// SPDX-License-Identifier: Apache-2.0
// A measurement in a process of its own: a SystemC kernel elaborates once per process.
#pragma once

#include <sys/wait.h>
#include <type_traits>
#include <unistd.h>

namespace eie::tb {

/// Runs `work` in a child process and returns what it measured; a default Result when it failed.
template <class Result, class Work>
Result in_child(const Work& work) {
  static_assert(std::is_trivially_copyable_v<Result>, "it goes through a pipe");
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    const Result result = work();
    const bool written = write(ends[1], &result, sizeof result) == static_cast<ssize_t>(sizeof result);
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Result result;
  if (read(ends[0], &result, sizeof result) != static_cast<ssize_t>(sizeof result)) result = {};
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return result;
}

}  // namespace eie::tb
