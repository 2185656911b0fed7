// SPDX-License-Identifier: Apache-2.0
// Work on all processors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace eie::tb {

/// How many threads are worth while for `work` steps when one should have `least` of them: between 1 and the processors.
inline std::size_t threads_for(std::size_t work, std::size_t least) {
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  return std::clamp<std::size_t>(work / least, 1, processors);
}

/// Calls run(part) for each of `parts` parts, part 0 on the calling thread. All are over when it returns. Throws what the
/// first of them in order has thrown.
template <class Run>
void in_parallel(std::size_t parts, const Run& run) {
  std::vector<std::exception_ptr> failed(parts);
  auto guarded = [&](std::size_t part) {
    try {
      run(part);
    } catch (...) {
      failed[part] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  std::size_t started = 1;
  try {
    for (; started < parts; ++started) threads.emplace_back(guarded, started);
  } catch (const std::system_error&) {  // no more threads to be had
  }
  guarded(0);
  for (std::size_t part = started; part < parts; ++part) guarded(part);
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failed) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace eie::tb
